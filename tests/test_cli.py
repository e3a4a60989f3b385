"""The command line in a process of its own, as an operator meets it: exit codes, and sentences instead of traces."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import FIRST_STEPS
from bot.storage import migrate, schema

ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 120
FINE, BAD_SETTINGS, BAD_SCHEMA = 0, 2, 3


def bot(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` in this folder, with these VIGIL_ variables only."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("VIGIL_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**outside, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
    )


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("environ", [{}, {"VIGIL_DISCORD__TOKEN": ""}], ids=["none", "empty"])
def test_run_without_a_token_prints_three_lines(tmp_path: Path, environ: dict[str, str]):
    found = bot(tmp_path, "run", **environ)
    assert found.returncode == BAD_SETTINGS
    assert lines(found.stdout) == list(FIRST_STEPS)
    assert found.stderr == ""
    where, place, then = FIRST_STEPS
    assert "https://discord.com/developers/applications" in where
    assert "VIGIL_DISCORD__TOKEN" in place
    assert "invite link" in then
    assert list(tmp_path.iterdir()) == [], "nothing is made before there is a token"


@pytest.mark.parametrize("command", ["run", "doctor", "migrate"])
def test_wrong_settings_end_with_two_and_one_line_each(tmp_path: Path, command: str):
    (tmp_path / "config.toml").write_text('[web]\nport = 99999\n[logging]\nlevel = "loud"\n')
    found = bot(tmp_path, command)
    assert found.returncode == BAD_SETTINGS
    assert lines(found.stderr) == [
        "config.toml: web.port: write a number of at most 65535",
        "config.toml: logging.level: write one of 'debug', 'info', 'warning' or 'error'",
    ]
    assert found.stdout == ""


def test_migrate_makes_the_database_in_an_empty_folder_and_twice_is_once(tmp_path: Path):
    first, second = bot(tmp_path, "migrate"), bot(tmp_path, "migrate")
    assert (first.returncode, second.returncode) == (FINE, FINE), first.stderr
    assert lines(first.stdout) == [f"schema: empty → {schema.HEAD}"]
    assert lines(second.stdout) == [f"schema: {schema.HEAD} → {schema.HEAD}"]
    assert first.stderr == ""
    assert (tmp_path / "data" / "vigil.db").is_file()


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_newer_schema_ends_with_three(tmp_path: Path, command: str):
    asyncio.run(migrate.upgrade(f"sqlite+aiosqlite:///{tmp_path}/vigil.db"))
    with sqlite3.connect(tmp_path / "vigil.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    found = bot(tmp_path, command, VIGIL_DATABASE__URL="sqlite+aiosqlite:///vigil.db", VIGIL_DISCORD__TOKEN="x")
    assert found.returncode == BAD_SCHEMA, found.stderr
    (line,) = lines(found.stderr)
    assert line.startswith("database: ")
    assert "9999" in line
    assert "newer" in line


@pytest.mark.parametrize("command", ["run", "migrate"])
@pytest.mark.parametrize(
    "url",
    ["postgresql+asyncpg://vigil:hush-hush@127.0.0.1:1/vigil", "sqlite+aiosqlite:////proc/no/such/vigil.db"],
    ids=["postgresql", "sqlite"],
)
def test_a_database_that_cannot_be_used_ends_with_three_and_no_trace(tmp_path: Path, command: str, url: str):
    found = bot(tmp_path, command, VIGIL_DATABASE__URL=url, VIGIL_DISCORD__TOKEN="x")
    assert found.returncode == BAD_SCHEMA, found.stderr
    (line,) = lines(found.stderr)
    assert line.startswith("database.url: the database cannot be used (")
    assert "hush-hush" not in line


def test_doctor_without_a_token_says_where_it_goes_and_makes_nothing(tmp_path: Path):
    found = bot(tmp_path, "doctor")
    assert found.returncode == BAD_SETTINGS
    assert "FIX   discord.token: there is none." in found.stdout
    assert "VIGIL_DISCORD__TOKEN" in found.stdout
    assert found.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_status_without_a_database_says_so_and_makes_nothing(tmp_path: Path):
    found = bot(tmp_path, "status")
    assert (found.returncode, found.stdout) == (BAD_SCHEMA, "")
    assert lines(found.stderr) == ["database: there is none yet; `python -m bot run` makes it when it starts."]
    assert list(tmp_path.iterdir()) == []


def test_doctor_invite_without_a_token_says_the_same(tmp_path: Path):
    found = bot(tmp_path, "doctor", "--invite")
    assert found.returncode == BAD_SETTINGS
    assert "discord.token: there is none." in found.stdout


def test_a_play_that_does_not_exist_names_those_that_do(tmp_path: Path):
    found = bot(tmp_path, "rehearse", "--play", "nothing")
    assert found.returncode == BAD_SETTINGS
    assert "api-outage" in found.stderr


def test_help_names_every_command(tmp_path: Path):
    found = bot(tmp_path, "--help")
    assert found.returncode == FINE
    assert all(name in found.stdout for name in ("run", "doctor", "migrate", "backup", "restore", "rehearse"))


def test_a_backup_is_made_listed_and_restored(tmp_path: Path):
    (tmp_path / "data").mkdir()
    asyncio.run(migrate.upgrade(f"sqlite+aiosqlite:///{tmp_path}/data/vigil.db"))
    made = bot(tmp_path, "backup")
    assert made.returncode == FINE, made.stderr
    path, _, words = made.stdout.strip().partition(": ")
    assert f"schema {migrate.head()}, checked: 0 incidents" in words
    listed = bot(tmp_path, "restore")
    assert path in listed.stdout
    (tmp_path / "data" / "vigil.db").write_bytes(b"no database any more")
    refused = bot(tmp_path, "run", VIGIL_DISCORD__TOKEN="x")
    assert refused.returncode == BAD_SCHEMA
    (line,) = lines(refused.stderr)
    assert f"`python -m bot restore {path}`" in line
    restored = bot(tmp_path, "restore", path)
    assert restored.returncode == FINE, restored.stderr
    assert "is kept as data/vigil.db.before-restore-" in restored.stdout


def test_a_backup_of_nothing_is_one_line(tmp_path: Path):
    found = bot(tmp_path, "backup")
    assert found.returncode == 1
    assert lines(found.stderr) == ["backup: There is no database data/vigil.db yet."]
    assert list(tmp_path.iterdir()) == []
