"""`python -m tests.wire.commit_points run`: the bot as it is, with a witness at every commit of its database.

Once the file WIRE_ARMED exists, each commit is written to WIRE_TRACE, when it is about to happen ("before") and when it
has happened ("after"), with the tables that it changed, numbered among those that changed the same ones. At the one
that WIRE_KILL_AT names, such as "before 3 effect posted", the process kills itself there and then by SIGKILL; "after 7"
is the seventh of all.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from bot.cli import main

WRITES = re.compile(r"\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+[\"`]?(\w+)", re.IGNORECASE)


class Witness:
    """Counts the commits of this process."""

    def __init__(self, armed: Path, trace: Path, kill_at: str) -> None:
        self.armed = armed
        self.trace = trace
        self.kill_at = kill_at
        self.counts: Counter[str] = Counter()
        self.all = 0
        self.tables = ""
        self.open = False
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "begin", self._begun)
        event.listen(Engine, "commit", self._before)
        event.listen(Session, "after_commit", self._after)

    def _begun(self, connection: Any) -> None:
        connection.info["written"] = set()

    def _statement(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := WRITES.match(statement):
            connection.info.setdefault("written", set()).add(found[1])

    def _before(self, connection: Any) -> None:
        if self.armed.exists():
            self.tables = " ".join(sorted(connection.info.get("written", ()))) or "nothing"
            self.counts[self.tables] += 1
            self.all += 1
            self.open = True
            self._reach("before")

    def _after(self, _session: Session) -> None:
        if self.open:
            self.open = False
            self._reach("after")

    def _reach(self, side: str) -> None:
        point = f"{side} {self.counts[self.tables]} {self.tables}"
        with self.trace.open("a") as file:
            file.write(f"{point}\n")
        if self.kill_at in (point, f"{side} {self.all}"):
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Witness(Path(os.environ["WIRE_ARMED"]), Path(os.environ["WIRE_TRACE"]), os.environ.get("WIRE_KILL_AT", ""))
    sys.exit(main())
