"""Waiting for something to become true, woken by each change rather than by a clock."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable

PATIENCE = 60.0
# How often a predicate is asked again although nothing was heard: it may look at files or databases.
LOOK_AGAIN = 0.25


class Pulse:
    """`beat` says that something changed. `watch` may name a reason to stop waiting; `explain` tells the state."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.watch: list[Callable[[], str | None]] = []
        self.explain: list[Callable[[], str]] = []

    def beat(self) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def until(
        self, predicate: Callable[[], object], what: str = "what the test waits for", timeout: float | None = None
    ) -> None:
        """Wait until `predicate` holds, or what it gives to await.

        Raises AssertionError, with all that is known, after `timeout` seconds.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + (PATIENCE if timeout is None else timeout)
        while True:
            event = self._event
            found = predicate()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return
            trouble = next((words for watch in self.watch if (words := watch())), None)
            left = end - loop.time()
            if trouble or left <= 0:
                known = "\n".join(explain() for explain in self.explain)
                raise AssertionError(f"{trouble or 'waited in vain'}: {what}\n{known}")
            try:
                await asyncio.wait_for(event.wait(), min(left, LOOK_AGAIN))
            except TimeoutError:
                continue
