"""Backups of a PostgreSQL database by its own tools, which get the password through the environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.backup import copying, rules
from bot.backup.words import BackupError

INSTALL = (
    "{tool} is not installed here. Install PostgreSQL's client tools of the server's version, such as the package "
    "postgresql-client, or run {tool} where they are."
)
_REVISION = re.compile(r"^COPY \S*alembic_version .*?\n(?P<revision>\S+)\n\\\.$", re.MULTILINE | re.DOTALL)
SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


@dataclass(frozen=True)
class Dump:
    """A verified dump."""

    path: Path
    size: int
    revision: str


def dump(url: str, target: Path) -> Dump:
    """Dump the database at `url` to the new file `target` (mode 0600) and read it back. Raises BackupError."""
    if target.exists():
        raise BackupError(f"{target} exists already; name another file.")
    partial = target.with_name(target.name + rules.PARTIAL)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copying.remove(partial)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        run("pg_dump", url, "--format=custom", f"--file={partial}")
        revision = verify(partial)
        copying.rename(partial, target)
    except OSError as error:
        raise BackupError(f"{target.parent} cannot be written to ({error.strerror}).") from error
    finally:
        copying.remove(partial)
    return Dump(target, target.stat().st_size, revision)


def verify(path: Path) -> str:
    """Read a dump through; gives its schema. Raises BackupError for one that is damaged or not Vigil's."""
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    listed = run("pg_restore", None, "--list", str(path))
    if "TABLE DATA public alembic_version" not in listed:
        raise BackupError(f"{path} is a dump, but not of a database of Vigil's.")
    found = _REVISION.search(run("pg_restore", None, "--data-only", "--table=alembic_version", "--file=-", str(path)))
    if found is None:
        raise BackupError(f"{path} is a dump of an empty database.")
    return found["revision"]


def restore(url: str, path: Path) -> None:
    """Fill the empty database at `url` from a dump: all of it or nothing. Raises BackupError."""
    database = make_url(url).database or ""
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--dbname={database}")
    run("pg_restore", url, *options, str(path))


def run(tool: str, url: str | None, *arguments: str) -> str:
    """Run one of PostgreSQL's tools; gives what it prints. Raises BackupError with the last line that it complained."""
    program = shutil.which(tool)
    if program is None:
        raise BackupError(INSTALL.format(tool=tool))
    done = subprocess.run(
        [program, *(("--no-password",) if url else ()), *arguments],
        env={**_outside(), **(environment(url) if url else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise BackupError(f"{tool} could not do it: {last[0][:300]}")
    return done.stdout


def _outside() -> dict[str, str]:
    """What these programs need to run; nothing of Vigil's own settings, the token among them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VIGIL_")}


def environment(url: str) -> Mapping[str, str]:
    """The address as PostgreSQL's tools read it from their environment."""
    place = make_url(url)
    query = {name: value if isinstance(value, str) else value[0] for name, value in place.query.items()}
    host, port = place.host or query.get("host"), place.port or query.get("port")
    ssl = query.get("ssl") or query.get("sslmode")
    given = {
        "PGHOST": host,
        "PGPORT": str(port) if port else None,
        "PGUSER": place.username,
        "PGPASSWORD": str(place.password) if place.password else None,
        "PGDATABASE": place.database,
        "PGSSLMODE": ssl if ssl in SSL_MODES else None,
    }
    return {name: value for name, value in given.items() if value}
