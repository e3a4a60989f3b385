"""The schema: up, down, up again with rows in it, no drift from the models, a retention class on every table."""

from __future__ import annotations

import asyncio

import pytest
from alembic import command
from sqlalchemy import BigInteger, Integer, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.deadlines import store as deadlines
from bot.effects import record
from bot.servers import store as servers
from bot.servers import words
from bot.storage import Base, UnitOfWork, migrate, schema
from bot.tables import METADATA
from tests.storage.rows import GUILD, a_line, an_incident

MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda one: str(one.__tablename__))
KEPT = ("record", "technical", "private", "7 days", "each row's own class")


async def populate(uow: UnitOfWork) -> None:
    """A little of everything that refers to something else."""
    async with uow() as tx:
        await servers.change_settings(tx, GUILD, person_id=await words.person(tx, GUILD, 11), zone="Europe/Berlin")
        incident = await an_incident(tx)
        await a_line(tx, incident)
        first = await record(tx, "one", guild_id=GUILD, subject=incident.subject, key="one")
        await record(tx, "two", guild_id=GUILD, subject=incident.subject, key="two", needs=[first])
        await deadlines.put(
            tx, "duty.fix", guild_id=GUILD, subject=incident.subject, due_at=tx.now, rule="a", reason="b"
        )


async def tables(url: str) -> set[str]:
    """The tables that are there."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    finally:
        await engine.dispose()


async def test_down_and_up_again_with_rows_in_it(uow: UnitOfWork, store_url: str) -> None:
    await populate(uow)
    await uow.engines.close()
    await migrate.downgrade(store_url, "base")
    assert await tables(store_url) <= {"alembic_version"}
    await migrate.upgrade(store_url)
    assert await tables(store_url) == {*METADATA.tables, "alembic_version"}
    await populate(uow)
    async with uow.read() as tx:
        assert (await servers.settings(tx, GUILD)).zone.key == "Europe/Berlin"


async def test_several_may_bring_it_up_at_once(uow: UnitOfWork, store_url: str) -> None:
    await uow.engines.close()
    await migrate.downgrade(store_url, "base")
    # On SQLite the threads of one process may not; there one process at a time has the file.
    await asyncio.gather(*(migrate.upgrade(store_url) for _ in range(3 if "postgresql" in store_url else 1)))
    assert await tables(store_url) == {*METADATA.tables, "alembic_version"}


async def test_going_down_leaves_no_trigger_and_no_function(uow: UnitOfWork, store_url: str) -> None:
    await uow.engines.close()
    await migrate.downgrade(store_url, "base")
    async with uow.engines.read.connect() as connection:
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if uow.engines.sqlite
            else "SELECT proname FROM pg_proc WHERE proname LIKE 'vigil%'"
        )
        assert list(await connection.scalars(text(query))) == []


async def test_the_models_and_the_migrations_say_the_same(uow: UnitOfWork, store_url: str) -> None:
    await populate(uow)
    engine = create_async_engine(store_url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(lambda sync: command.check(migrate.config(sync)))
    finally:
        await engine.dispose()


def test_the_schema_that_this_version_asks_for_is_the_newest_that_there_is() -> None:
    assert migrate.head() == schema.HEAD, "set HEAD in bot/storage/schema.py to the new revision"


async def test_a_store_that_was_never_migrated_has_no_revision(store_url: str) -> None:
    assert await schema.current(store_url) == schema.HEAD
    await migrate.downgrade(store_url, "base")
    assert await schema.current(store_url) is None


async def test_a_schema_of_a_newer_version_is_refused_with_the_remedy(uow: UnitOfWork, store_url: str) -> None:
    async with uow.engines.write.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaError, match="newer than this version"):
        await schema.ensure(store_url)


@pytest.mark.parametrize("model", MODELS, ids=lambda one: str(one.__tablename__))
def test_every_table_says_how_long_its_rows_are_kept(model: type[Base]) -> None:
    stated = vars(model).get("__retention__", "")
    assert stated.startswith(KEPT), f"{model.__name__} has no __retention__ of its own that says how long, and why"
    if stated.startswith(("record", "technical")):
        assert ":" in stated, "the class, then for how long"


@pytest.mark.parametrize("model", MODELS, ids=lambda one: str(one.__tablename__))
def test_every_row_knows_its_server(model: type[Base]) -> None:
    alone = {"remembered": "of the process", "seen_request": "an id of Discord", "effect_need": "with its effect"}
    name = str(model.__tablename__)
    assert name in alone or "guild_id" in model.__table__.columns


@pytest.mark.parametrize("model", MODELS, ids=lambda one: str(one.__tablename__))
def test_an_id_of_discord_fits_its_column(model: type[Base]) -> None:
    small = [
        column.name
        for column in model.__table__.columns
        if column.name.endswith(("guild_id", "user_id", "channel_id", "message_id", "declared_by", "lead_id"))
        and isinstance(column.type, Integer)
        and not isinstance(column.type, BigInteger)
    ]
    assert small == []
