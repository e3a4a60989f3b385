"""One call to Discord, and how its end is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import structlog
from discord.http import HTTPClient, Route

from bot.kernel.outside import Refused, Retry

log = structlog.get_logger(__name__)

TRANSIENT = frozenset({408, 425, 429})


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
    options: dict[str, Any] = {}
    if json is not None:
        options["json"] = json
    if params is not None:
        options["params"] = params
    if reason is not None:
        options["reason"] = reason[:160]
    try:
        return await http.request(Route(method, path, metadata=None, **ids), **options)
    except discord.RateLimited as error:
        raise Retry("rate limited", timedelta(seconds=error.retry_after)) from error
    except discord.HTTPException as error:
        if error.status >= 500 or error.status in TRANSIENT:
            raise Retry(f"Discord answered {error.status}") from error
        raise Refused(error.code, error.text or "", status=error.status) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Retry(f"no answer from Discord ({type(error).__name__})") from error


HttpSource = Callable[[], HTTPClient]
"""Gives the client's current HTTP object: it is replaced when a client logs in."""
