"""PostgreSQL: a dump by its own tools, read back, and put into an empty database only."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.backup import commands, postgres
from bot.backup.words import BackupError
from bot.settings import load_settings
from bot.storage import UnitOfWork, open_engines, schema
from bot.storage.remembered import CommandMemory
from tests.stores import SetClock, copy_on_postgresql, run_alone

PASSWORD = "hush-hush-4711"


@pytest.fixture
async def url(postgres_template: str) -> AsyncIterator[str]:
    async with copy_on_postgresql(postgres_template) as address:
        yield address


async def test_dumped_and_restored_into_an_empty_database(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engines = open_engines(url)
    await CommandMemory(UnitOfWork(engines, SetClock())).save(7, "kept")
    await engines.close()
    dump = tmp_path / "vigil.dump"
    assert await commands.backup(load_settings({"VIGIL_DATABASE__URL": url}, tmp_path), str(dump)) == 0
    assert f"schema {schema.HEAD}, read back" in capsys.readouterr().out
    assert dump.stat().st_mode & 0o777 == 0o600 and [one.name for one in tmp_path.iterdir()] == ["vigil.dump"]

    assert await commands.restore(load_settings({"VIGIL_DATABASE__URL": url}, tmp_path), str(dump)) == 1
    assert "nothing is overwritten" in capsys.readouterr().err

    place = make_url(url)
    name = f"test_{secrets.token_hex(6)}"
    fresh = place.set(database=name).render_as_string(hide_password=False)
    await run_alone(url, f"CREATE DATABASE {name}")
    try:
        assert await commands.restore(load_settings({"VIGIL_DATABASE__URL": fresh}, tmp_path), str(dump)) == 0
        engines = open_engines(fresh)
        assert await CommandMemory(UnitOfWork(engines, SetClock())).load(7) == "kept"
        await engines.close()
    finally:
        await run_alone(url, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_dump_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    if shutil.which("pg_restore") is None:
        assert os.environ.get("CI") != "true", "PostgreSQL's client tools are NOT tested"
        pytest.skip("PostgreSQL's client tools are NOT tested: they are not installed")
    (tmp_path / "vigil.dump").write_bytes(b"PGDMP and nothing more")
    with pytest.raises(BackupError, match="pg_restore could not do it"):
        postgres.verify(tmp_path / "vigil.dump")


def test_without_the_tools_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is not installed here"):
        postgres.dump("postgresql+asyncpg://localhost/vigil", tmp_path / "vigil.dump")
    assert list(tmp_path.iterdir()) == []


def test_the_password_goes_by_the_environment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the tool writes down how it was called."""
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nenv > {tmp_path}/environment\nexit 3\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("VIGIL_DISCORD__TOKEN", "not-for-others")
    url = f"postgresql+asyncpg://vigil:{PASSWORD}@db.example.org:5433/inc?ssl=require"
    with pytest.raises(BackupError, match="pg_dump could not do it") as raised:
        postgres.dump(url, tmp_path / "vigil.dump")

    given = (tmp_path / "environment").read_text().splitlines()
    assert PASSWORD not in (tmp_path / "arguments").read_text() and PASSWORD not in str(raised.value)
    assert {f"PGPASSWORD={PASSWORD}", "PGHOST=db.example.org", "PGPORT=5433", "PGUSER=vigil", "PGDATABASE=inc"} <= set(
        given
    )
    assert "PGSSLMODE=require" in given and not any("not-for-others" in line for line in given)
