"""One call to Discord, and how its end is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import structlog
from discord.http import HTTPClient, Route

from bot.kernel.observer import NOBODY, Observer
from bot.kernel.outside import Refused, Retry

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 12.0
"""Seconds for one request on the wire. What the library sleeps for a rate limit is not in it."""
UNSURE_STATUS = frozenset({401, 408, 425, 429})
"""Answers that say nothing about the change itself. A refused token ends the process; its work waits for the next."""
TOKEN_RAN_OUT = 50027
"""Of an interaction: also a 401, and final."""
LATER_CODES = frozenset({20016, 20022, 20028, 20029, 30046, 31001, 31002, 40003, 40004, 40006, 130000})
"""Discord's own words for "not so fast": slow mode, write limits, edits of old messages, new direct messages, overload.

Source: Discord's list of JSON error codes.
"""

_ours: ContextVar[bool] = ContextVar("ours", default=False)


class _ServerTrouble(Exception):
    """A 5xx: nobody knows whether the change was made."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Discord answered {status}")


async def _no_blind_repeats(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    if _ours.get() and params.response.status >= 500:
        raise _ServerTrouble(params.response.status)


_FIRST_ANSWER = re.compile(r"/interactions/(\d+)/[^/]+/callback$")


def tracing(observer: Observer = NOBODY) -> aiohttp.TraceConfig:
    """For the client's `http_trace`: `observer` is told of each answer, and a 5xx ends a call of ours at once.

    Left alone, the library would repeat it, a creation too, and a change that was made although the answer failed would
    be made twice. Our runner looks for its mark before it repeats anything.
    """

    async def answered(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        status = params.response.status
        observer.discord(status, params.response.headers.get("X-RateLimit-Scope") if status == 429 else None)
        if status < 300 and (found := _FIRST_ANSWER.search(params.url.path)):
            observer.acknowledged(int(found[1]))

    async def unanswered(_session: object, _context: object, params: aiohttp.TraceRequestExceptionParams) -> None:
        if not isinstance(params.exception, _ServerTrouble):  # that one is an answer
            observer.discord(None, None)

    config = aiohttp.TraceConfig()
    config.on_request_end.append(answered)
    config.on_request_end.append(_no_blind_repeats)
    config.on_request_exception.append(unanswered)
    return config


async def call(
    http: HTTPClient,
    method: str,
    path: str,
    *,
    json: Any = None,
    params: dict[str, Any] | None = None,
    reason: str | None = None,
    **ids: int | str,
) -> Any:
    """Make one REST call. Raises Refused for an answer that would not change, Retry for all that may.

    `reason` goes to the audit log, cut so that its URL-encoded form fits Discord's 512.
    """
    options: dict[str, Any] = {"timeout": aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)}
    if json is not None:
        options["json"] = json
    if params is not None:
        options["params"] = params
    if reason is not None:
        options["reason"] = reason[:160]
    mine = _ours.set(True)
    try:
        return await http.request(Route(method, path, metadata=None, **ids), **options)
    except discord.RateLimited as error:
        raise Retry("rate limited", timedelta(seconds=error.retry_after)) from error
    except discord.HTTPException as error:
        unsure = error.status in UNSURE_STATUS and error.code != TOKEN_RAN_OUT
        if error.status >= 500 or unsure or error.code in LATER_CODES:
            raise Retry(f"Discord answered {error.status}/{error.code}") from error
        raise Refused(error.code, error.text or "", status=error.status) from error
    except _ServerTrouble as error:
        raise Retry(str(error)) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Retry(f"no answer from Discord ({type(error).__name__})") from error
    except ValueError as error:
        raise Retry("Discord's answer cannot be read") from error
    finally:
        _ours.reset(mine)


HttpSource = Callable[[], HTTPClient]
"""Gives the client's current HTTP object: it is replaced when a client logs in."""
