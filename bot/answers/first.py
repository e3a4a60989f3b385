"""First answers go first: no work begins while somebody still waits for a sign of life."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

AT_MOST_S = 0.3
"""A first answer that hangs holds nobody up for longer."""


class FirstAnswers:
    """Counts those that are under way; work waits until there are none, a little while at most."""

    def __init__(self) -> None:
        self._under_way = 0
        self._none = asyncio.Event()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Around one first answer."""
        self._under_way += 1
        self._none.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._none.set()

    async def gone(self) -> None:
        """Wait until all that are under way have left."""
        if self._under_way:
            try:
                async with asyncio.timeout(AT_MOST_S):
                    await self._none.wait()
            except TimeoutError:
                pass
