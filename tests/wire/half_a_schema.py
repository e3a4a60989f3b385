"""`python -m tests.wire.half_a_schema`: the bot as it is, killed by SIGKILL when it has made its tenth table."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from bot.cli import main

TENTH = 10


@event.listens_for(Engine, "after_cursor_execute")
def made(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    """Count the tables."""
    seen.append(statement) if "CREATE TABLE" in statement else None
    if len(seen) == TENTH:
        os.kill(os.getpid(), signal.SIGKILL)


seen: list[str] = []

if __name__ == "__main__":
    sys.exit(main(["run"]))
