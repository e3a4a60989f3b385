"""`python -m bot backup` and `python -m bot restore`: what they do and what they print."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.backup import postgres, restoring, rules, shelf, words
from bot.backup.words import BackupError
from bot.kernel.clock import SystemClock
from bot.settings import Settings
from bot.storage import schema

FINE, NOT_DONE = 0, 1
Act = Callable[[Settings, Path | None], Awaitable[None]]


async def backup(settings: Settings, path: str | None) -> int:
    """Make one backup, to this path or into the folder of backups. 0, or 1 with the reason."""
    return await _told("backup", _to_file if shelf.of(settings) else _dump, settings, path)


async def restore(settings: Settings, path: str | None) -> int:
    """Put a backup in place; without a path, list what there is. 0, or 1 with the reason."""
    return await _told("restore", _from_file if shelf.of(settings) else _from_dump, settings, path)


async def _told(what: str, act: Act, settings: Settings, path: str | None) -> int:
    try:
        await act(settings, Path(path) if path else None)
    except BackupError as error:
        print(f"{what}: {error}", file=sys.stderr)
        return NOT_DONE
    except (SQLAlchemyError, OSError) as error:
        # Its own words may repeat the address with the password, so only its kind is told.
        print(f"{what}: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return NOT_DONE
    return FINE


def _target(path: Path | None, folder: Path, stem: str, ending: str) -> Path:
    """Where a backup goes: the path, a name of its own in the folder that the path is, or one in `folder`."""
    if path is not None and not path.is_dir():
        return path
    return (path or folder) / rules.name(stem, SystemClock().now(), ending=ending)


async def _to_file(settings: Settings, path: Path | None) -> None:
    place = shelf.of(settings)
    assert place is not None
    if not place.store.is_file():
        raise BackupError(f"There is no database {place.store} yet.")
    made = await asyncio.to_thread(shelf.make, place.store, _target(path, place.folder, place.store.stem, "db"))
    print(f"{made.path}: {words.size(made.size)}, schema {made.revision}, checked: {words.rows(made.rows)}")


async def _dump(settings: Settings, path: Path | None) -> None:
    folder = Path(settings.backup.folder or shelf.FOLDER)
    made = await asyncio.to_thread(postgres.dump, settings.database.url, _target(path, folder, "vigil", "dump"))
    print(f"{made.path}: {words.size(made.size)}, schema {made.revision}, read back")


async def _from_file(settings: Settings, path: Path | None) -> None:
    place = shelf.of(settings)
    assert place is not None
    if path is None:
        _list(place)
        return
    done = await asyncio.to_thread(restoring.restore, path, place.store, SystemClock().now())
    print(f"{place.store}: restored, schema {done.store.revision}, checked: {words.rows(done.store.rows)}")
    if done.aside is not None:
        print(f"What was there before is kept as {done.aside}; delete it when you need it no longer.")
    _then(done.store.revision)


def _list(place: shelf.Shelf) -> None:
    found = place.all()
    if not found:
        raise BackupError(f"There is no backup in {place.folder}. Name one: `python -m bot restore PATH`.")
    for one in found:
        note = f", {one.why.replace('before-', 'before the upgrade to schema ')}" if one.why else ""
        print(f"{one.path}: {one.at:%Y-%m-%d %H:%M} UTC, {words.size(one.path.stat().st_size)}{note}")
    print("Name the one that is to be put in place: `python -m bot restore PATH`.")


async def _from_dump(settings: Settings, path: Path | None) -> None:
    if path is None:
        raise BackupError("Name the dump: `python -m bot restore PATH`.")
    url = settings.database.url
    revision = await asyncio.to_thread(postgres.verify, path)
    restoring.check_revision(revision)
    if await schema.has_tables(url):
        raise BackupError(
            "The database has tables already, and nothing is overwritten. Make an empty one beside it (`createdb`), "
            "put it into database.url, and restore again."
        )
    await asyncio.to_thread(postgres.restore, url, path)
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(restoring.UNCERTAIN))
    finally:
        await engine.dispose()
    print(f"restored from {path}, schema {revision}")
    _then(revision)


def _then(revision: str) -> None:
    if revision != schema.HEAD:
        print(f"This version needs schema {schema.HEAD}: run `python -m bot migrate` before the start.")
