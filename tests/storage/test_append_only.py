"""The log only grows, whoever writes: the bot's code, or somebody with a database prompt."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.incidents import log
from bot.incidents import store as incidents
from bot.incidents.rules import Entry
from bot.storage import UnitOfWork
from tests.storage.rows import GUILD, a_line, an_incident
from tests.stores import SetClock

ENTRY = (
    "INSERT {verb} INTO log_entry (id, guild_id, incident_id, kind, occurred_at, recorded_at, visibility, params) "
    "VALUES (1, 5, 1, 'forged', '2026-03-02 10:00:00+00', '2026-03-02 10:00:00+00', 'public', '{{}}') {then}"
)
WORDS = (
    "INSERT {verb} INTO words (id, guild_id, subject, field, body, retention, written_at) "
    "VALUES (1, 5, 'incident:1', 'log', 'forged', 'incident', '2026-03-02 10:00:00+00') {then}"
)


@pytest.fixture
async def written(uow: UnitOfWork) -> UnitOfWork:
    """A store with one line in a log."""
    async with uow() as tx:
        await a_line(tx, await an_incident(tx))
    return uow


async def run(uow: UnitOfWork, statement: str, *, plain_sqlite: bool = False) -> None:
    """The statement in a transaction of its own; `plain_sqlite`: as another program's connection would run it."""
    async with uow.engines.write.connect() as connection:
        if plain_sqlite and uow.engines.sqlite:
            await connection.exec_driver_sql("COMMIT")
            await connection.exec_driver_sql("PRAGMA recursive_triggers=OFF")
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            await connection.execute(text(statement))
            await connection.commit()
        finally:
            if plain_sqlite and uow.engines.sqlite:
                await connection.rollback()
                await connection.exec_driver_sql("PRAGMA recursive_triggers=ON")


async def said(uow: UnitOfWork) -> list[tuple[str, str | None]]:
    """Kind and words of the whole log."""
    async with uow.read() as tx:
        return [(one.kind, one.text) for one in await log.entries(tx, 1)]


FORBIDDEN = (
    "UPDATE log_entry SET kind = 'forged'",
    "UPDATE log_entry SET occurred_at = recorded_at",
    "UPDATE log_entry SET person_id = NULL",
    "DELETE FROM log_entry",
    "DELETE FROM log_entry WHERE id = 1",
    "UPDATE words SET body = 'forged'",
    "UPDATE words SET body = NULL, subject = 'incident:2'",
    "UPDATE words SET body = NULL, retention = 'practice'",
    "UPDATE words SET body = NULL, written_at = '2020-01-01 00:00:00+00'",
    "UPDATE words SET subject = 'incident:2'",
    "DELETE FROM words",
    ENTRY.format(verb="", then="ON CONFLICT (id) DO UPDATE SET kind = 'forged'"),
    WORDS.format(verb="", then="ON CONFLICT (id) DO UPDATE SET body = 'forged'"),
)


async def accepted(uow: UnitOfWork, *statements: str, plain_sqlite: bool = False) -> list[str]:
    """Those that the store did not refuse."""
    taken = []
    for statement in statements:
        try:
            await run(uow, statement, plain_sqlite=plain_sqlite)
        except DBAPIError as error:
            assert re.search(r"only grows|never changed|not deleted|never emptied", str(error)), error
        else:
            taken.append(statement)
    return taken


async def test_neither_entries_nor_words_are_changed(written: UnitOfWork) -> None:
    assert await accepted(written, *FORBIDDEN) == []
    assert await said(written) == [("note", "The disk is full")]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("plain", [False, True])
async def test_a_row_is_not_replaced_either(written: UnitOfWork, plain: bool) -> None:
    """Only SQLite has this, and by its defaults it deletes the old row without asking a trigger."""
    replacing = [one.format(verb="OR REPLACE", then="") for one in (ENTRY, WORDS)]
    assert await accepted(written, *replacing, plain_sqlite=plain) == []
    assert await said(written) == [("note", "The disk is full")]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_a_table_is_not_emptied(written: UnitOfWork) -> None:
    """Only PostgreSQL has TRUNCATE."""
    emptying = [f"TRUNCATE {table} CASCADE" for table in ("log_entry", "words", "log_entry, words", "incident")]
    assert await accepted(written, *emptying) == []
    assert await said(written) == [("note", "The disk is full")]


async def test_a_lawful_erasure_blanks_the_words_and_leaves_the_fact(written: UnitOfWork) -> None:
    await run(written, "UPDATE words SET body = NULL, erased_at = '2026-03-03 00:00:00+00'")
    assert await said(written) == [("note", "(removed)")]
    with pytest.raises(DBAPIError, match="never"):
        await run(written, "UPDATE words SET body = 'forged'")
    await run(written, "DELETE FROM words")
    async with written.read() as tx:
        assert len(await log.entries(tx, 1)) == 1


async def test_a_person_is_taken_out_and_their_lines_stay(written: UnitOfWork) -> None:
    await run(written, f"UPDATE person SET user_id = NULL WHERE guild_id = {GUILD}")
    async with written.read() as tx:
        (line,) = await log.entries(tx, 1)
    assert (line.actor, line.text) == (None, "The disk is full")


async def test_a_correction_is_a_new_line_that_names_the_old_one(written: UnitOfWork, clock: SetClock) -> None:
    clock.passes(minutes=5)
    async with written() as tx:
        (old,) = await log.entries(tx, 1)
        incident = await incidents.row(tx, 1)
        await log.note(tx, incident, Entry.CORRECTION, actor=11, text="The disk was nearly full", corrects_id=old.id)
    async with written.read() as tx:
        first, second = await log.entries(tx, 1)
    assert (first.text, second.text) == ("The disk is full", "The disk was nearly full")
    assert second.corrects_id == first.id
