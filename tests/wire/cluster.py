"""A PostgreSQL server of one's own, to be killed and started again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.wire.stores import free_port

NOT_TESTED = "a PostgreSQL that crashes is NOT tested: its server's programs are not installed"
PLACES = "/usr/lib/postgresql/*/bin"
USER = "nobody"


class Cluster:
    """One server on a port of its own; nothing of it waits for the disk."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.data, self.port = programs, folder / "data", free_port()
        self.url = f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        """One of its programs, which refuse to run as root."""
        as_user = ["setpriv", f"--reuid={USER}", f"--regid={os.stat(self.data).st_gid}", "--clear-groups"]
        command = [*(as_user if os.geteuid() == 0 else []), str(self.programs / program), "-D", str(self.data)]
        done = subprocess.run([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def crash(self) -> None:
        """Every session ends in the middle of what it does, and nothing is tidied up."""
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running one; skipped where its programs are missing, which fails with CI=true."""
    found = sorted(Path("/").glob(PLACES.removeprefix("/")))
    if not found:
        assert os.environ.get("CI") != "true", NOT_TESTED
        pytest.skip(NOT_TESTED)
    made = Cluster(found[-1], folder)
    made.data.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(made.data, USER)
    made.run("initdb", "-A", "trust", "-U", "postgres", "--no-sync")
    made.start()
    try:
        yield made
    finally:
        made.crash()
