"""A bot process: started as a user starts it, stopped as an operating system stops it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.wire import zygote
from tests.wire.server import Server

ROOT = Path(__file__).resolve().parents[2]
STOPS_WITHIN = 40.0
SHOWN = 4000


class BotProcess:
    """`python -m bot run` against a server of these tests. `starts` counts its lives.

    `forked`: it is forked off a process that has imported everything, which saves a second of each start.
    While it runs, waiting on the server's pulse fails at once, with its output, when the process ends by itself.
    """

    def __init__(
        self,
        server: Server,
        folder: Path,
        database: str,
        *,
        command: Sequence[str] = ("-m", "bot", "run"),
        environment: Mapping[str, str] | None = None,
        forked: bool = False,
    ) -> None:
        self.server = server
        self.folder = folder
        self.starts = 0
        self.web = ""
        self.command = tuple(command)
        self.environment = dict(environment or {})
        self.forked = forked
        self._settings = {
            "VIGIL_DISCORD__API_BASE": server.api_base,
            "VIGIL_DISCORD__TOKEN": server.world.token,
            "VIGIL_DATABASE__URL": database,
            "VIGIL_WEB__PORT": "0",
            "PYTHONPATH": str(ROOT),
        }
        self._process: asyncio.subprocess.Process | zygote.Life | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._expected = False
        server.pulse.watch.append(self._trouble)
        server.pulse.explain.append(lambda: f"the bot said:\n{self.output[-SHOWN:]}")

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Of the life that runs now, or ran last."""
        assert self._process is not None, "it was never started"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the last life ended; negative for a signal, None while it runs."""
        return self._process.returncode if self._process else None

    @property
    def output(self) -> str:
        """All that it wrote to its terminal, in all its lives."""
        file = self.folder / "bot.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def listen(self, port: int) -> None:
        """Let its web side listen on this port from the next start on; `web` is its address."""
        self.web = f"http://127.0.0.1:{port}"
        self._settings["VIGIL_WEB__PORT"] = str(port)

    async def start(self, *, ready: bool = True) -> None:
        """Start it, and wait until its gateway connection is ready. Raises AssertionError when it ends before."""
        assert not self.running, "it runs already"
        outside = {key: value for key, value in os.environ.items() if not key.startswith("VIGIL_")}
        self._expected = False
        self.starts += 1
        environment = {**outside, **self._settings, **self.environment}
        written = self.folder / "bot.log"
        if self.forked:
            self._process = await zygote.begin(self.command, environment, self.folder, written)
        else:
            with written.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *self.command,
                    env=environment,
                    cwd=self.folder,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
        self._watcher = asyncio.create_task(self._watch(self._process))
        if ready:
            await self.server.connected()

    def use(self, database: str) -> None:
        """Let it use another database from the next start on."""
        self._settings["VIGIL_DATABASE__URL"] = database

    def signal(self, number: signal.Signals) -> None:
        """Send a signal and wait for nothing."""
        assert self._process is not None, "it was never started"
        self._process.send_signal(number)

    def may_end(self) -> None:
        """From now on its end is no failure."""
        self._expected = True

    async def ended(self) -> int:
        """Wait until the process is gone and the server knows it. Returns the exit code."""
        assert self._process is not None and self._watcher is not None
        self._expected = True
        await asyncio.wait_for(asyncio.shield(self._watcher), STOPS_WITHIN)
        await self.server.pulse.until(lambda: not self.server.gateway.connected, "the gateway connection to end")
        assert self._process.returncode is not None
        return self._process.returncode

    async def stop(self) -> int:
        """SIGTERM, as a service manager does. Returns the exit code."""
        return await self._signal(signal.SIGTERM)

    async def kill(self) -> None:
        """SIGKILL."""
        await self._signal(signal.SIGKILL)

    async def _signal(self, number: signal.Signals) -> int:
        assert self._process is not None, "it was never started"
        self._expected = True
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended()

    async def _watch(self, process: asyncio.subprocess.Process | zygote.Life) -> None:
        await process.wait()
        self.server.pulse.beat()

    def _trouble(self) -> str | None:
        if self._process is None or self.running or self._expected:
            return None
        return f"the bot ended by itself with exit code {self.exit_code}"
