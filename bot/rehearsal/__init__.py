"""Rehearsing: a server that is only simulated, with the same bot on it, in time that can be moved.

`main` is behind `python -m bot rehearse`: a page in the browser, or a play with its transcript. Needs the
extra `rehearse`.
"""

from __future__ import annotations

import importlib.util
import sys

FINE, FAILED, BAD_USE = 0, 1, 2
NEEDS_EXTRA = "Rehearsing needs the extra `rehearse`: run `make setup`, or pip install '.[rehearse]'."


def main(*, play: str | None = None, open_browser: bool = True, port: int | None = None) -> int:
    """Show the page until Ctrl-C or SIGTERM, or play an example and print its transcript; returns the exit code."""
    if importlib.util.find_spec("simcord") is None or importlib.util.find_spec("PIL") is None:
        print(NEEDS_EXTRA, file=sys.stderr)
        return BAD_USE
    # Only now, so that the bot itself starts without the extra.
    from bot.rehearsal import show

    return show.play(play) if play is not None else show.page(open_browser=open_browser, port=port)
