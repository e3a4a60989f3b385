"""What `python -m bot rehearse` does: keep the page open until it is ended, or play an example to its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import webbrowser
from datetime import UTC, datetime

from bot.rehearsal import BAD_USE, FAILED, FINE, home
from bot.rehearsal.cast import LUMINOUS
from bot.rehearsal.plays import PLAYS
from bot.rehearsal.plays.stagehand import PlayError, perform
from bot.rehearsal.transcript import printed
from bot.rehearsal.web import opened

# simcord's world begins with 2026; a Wednesday morning is as good as any.
MORNING = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)


def page(*, open_browser: bool, port: int | None) -> int:
    """Serve the page until Ctrl-C or SIGTERM; returns the exit code."""
    home.quiet()
    try:
        asyncio.run(_until_ended(open_browser=open_browser, port=port or 0))
    except OSError as error:
        print(
            f"The rehearsal cannot listen on port {port}: {error.strerror or error}. Try another --port.",
            file=sys.stderr,
        )
        return BAD_USE
    return FINE


def play(name: str) -> int:
    """Play an example and print its transcript; returns the exit code."""
    if name not in PLAYS:
        print(f"There is no play called {name!r}. There is: {', '.join(sorted(PLAYS))}.", file=sys.stderr)
        return BAD_USE
    home.quiet()
    script = PLAYS[name]()
    try:
        told = asyncio.run(perform(script))
    except PlayError as error:
        print(error, file=sys.stderr)
        return FAILED
    for line in printed(script, told):
        print(line)
    return FINE


async def _until_ended(*, open_browser: bool, port: int) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Where signals cannot be handled so, Ctrl-C still ends it.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, ended.set)
    async with home.at_home(LUMINOUS, opens_at=MORNING) as stage, opened(stage, port) as site:
        print(f"Rehearsal: {site.url}  (Ctrl-C ends it)", flush=True)
        if open_browser:
            await asyncio.to_thread(webbrowser.open, site.url)
        await ended.wait()
