"""Bot processes that begin in a tenth of a second: forked off one that has imported everything and does nothing else.

Every life is a process of its own, with its own folder, environment, terminal and end, and runs the very module that
`python -m` would run. Only what importing costs is not paid again.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
# What a running bot imports, some of it only once it works; besides all of its own.
NEEDED = (
    "tests.wire.commit_points",
    "aiosqlite",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "asyncpg",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "alembic.command",
    "apscheduler.executors.asyncio",
    "apscheduler.triggers.interval",
)
OWN = ("bot", "cogs")
NOT_RUNNING = ("bot.__main__", "bot.rehearsal", "bot.doctor")


class Life:
    """A process of the zygote's, as `asyncio.subprocess` would give it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._reader, self._writer = reader, writer

    async def wait(self) -> int:
        """Wait for its end; negative for a signal."""
        if self.returncode is None:
            self.returncode = int(await self._reader.readline())
            self._writer.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """As `kill` does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


async def begin(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Life:
    """Start `python` with `command` ("-m", module, arguments …) in `folder`; what it writes goes to `log`."""
    reader, writer = await asyncio.open_unix_connection(_address())
    order = {"command": list(command), "environment": dict(environment), "folder": str(folder), "log": str(log)}
    writer.write(json.dumps(order).encode() + b"\n")
    return Life(reader, writer, int(await reader.readline()))


@functools.cache
def _address() -> str:
    """Where this test process's zygote listens; started at the first question, ended with this process."""
    address = f"{tempfile.mkdtemp(prefix='wire')}/zygote"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.wire.zygote", address],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdout.readline() == b"ready\n", "the zygote did not start"
    atexit.register(_end, process, address)
    return address


def _end(process: subprocess.Popen[bytes], address: str) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)
    with contextlib.suppress(OSError):
        os.unlink(address)
        os.rmdir(os.path.dirname(address))


class Zygote:
    """Serves orders on a Unix socket until its standard input ends."""

    def __init__(self, address: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen(64)
        self.lives: dict[int, socket.socket] = {}
        self.ended, woken = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(self.ended, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken)
        self.woken = woken

    def serve(self) -> None:
        """Until there is nobody left to order anything."""
        with selectors.DefaultSelector() as selector:
            for one in (self.listener, self.ended, sys.stdin):
                selector.register(one, selectors.EVENT_READ)
            print("ready", flush=True)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self.listener:
                        self._begin(self.listener.accept()[0], selector)
                    elif key.fileobj is sys.stdin:
                        for pid in self.lives:
                            os.kill(pid, signal.SIGKILL)
                        return
                    else:
                        os.read(self.ended, 4096)
                        self._bury()

    def _begin(self, customer: socket.socket, selector: selectors.BaseSelector) -> None:
        with customer.makefile("rb") as words:
            order = json.loads(words.readline())
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            selector.close()
            for one in (self.ended, self.woken):
                os.close(one)
            for held in (self.listener, customer, *self.lives.values()):
                held.close()
            _live(**order)
        self.lives[pid] = customer
        customer.sendall(f"{pid}\n".encode())

    def _bury(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                customer = self.lives.pop(ended[0])
                with contextlib.suppress(OSError):
                    customer.sendall(f"{os.waitstatus_to_exitcode(ended[1])}\n".encode())
                customer.close()


def _live(command: list[str], environment: dict[str, str], folder: str, log: str) -> None:
    """Be the process that was ordered, and end with it."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    terminal = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((nothing, 0), (terminal, 1), (terminal, 2)):
        os.dup2(number, target)
    os.close(terminal)
    os.close(nothing)
    sys.argv = command[1:]
    code: object = 0
    try:
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    _flush(sys.stdout, sys.stderr)
    os._exit(code if isinstance(code, int) else int(code is not None))


def _own() -> list[str]:
    """The bot's own modules, in whatever way they import each other."""
    files = [file.relative_to(ROOT).with_suffix("") for one in OWN for file in sorted((ROOT / one).rglob("*.py"))]
    names = [".".join(file.parts).removesuffix(".__init__") for file in files]
    return [name for name in names if not name.startswith(NOT_RUNNING)]


def _flush(*streams: IO[str]) -> None:
    for one in streams:
        with contextlib.suppress(OSError, ValueError):
            one.flush()


if __name__ == "__main__":
    for needed in (*NEEDED, *_own()):
        importlib.import_module(needed)
    importlib.import_module("sqlalchemy.orm").configure_mappers()
    gc.collect()
    gc.freeze()
    Zygote(sys.argv[1]).serve()
