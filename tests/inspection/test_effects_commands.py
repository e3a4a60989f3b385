"""`effects list`, `retry` and `give-up` beside processes that run, on both stores."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.effects import Effect, State, record
from bot.inspection import commands
from bot.kernel.clock import SystemClock
from bot.settings import Settings, load_settings
from bot.storage import UnitOfWork, open_engines
from bot.storage.peers import peers_of

GUILD = 4_100_000_000_000_000_001


class Store:
    """A store with effects on it; `say` runs a command."""

    def __init__(self, url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings: Settings = load_settings({"VIGIL_DATABASE__URL": url}, folder)
        self.uow = UnitOfWork(open_engines(url), SystemClock())
        self._capsys = capsys

    async def put(self, state: State, **more: Any) -> int:
        """An effect of something that nobody else may know of."""
        async with self.uow() as tx:
            made = await record(tx, "incident.line", guild_id=GUILD, subject="incident:7", key=f"{state}:{more}")
            effect = await tx.session.get_one(Effect, made)
            effect.state, effect.attempts = state, 2
            effect.ended_at = None if state in (State.PENDING, State.RUNNING) else tx.now
            for name, value in more.items():
                setattr(effect, name, tx.now + value if isinstance(value, timedelta) else value)
            return made

    async def state(self, effect_id: int) -> str:
        async with self.uow.read() as tx:
            return (await tx.session.get_one(Effect, effect_id)).state

    async def say(self, act: Any) -> tuple[int, str]:
        self._capsys.readouterr()
        code = await act
        return code, self._capsys.readouterr().out


@pytest.fixture
async def store(store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made = Store(store_url, tmp_path, capsys)
    yield made
    await made.uow.engines.close()


async def test_one_is_tried_again_unless_it_is_under_way_or_over(store: Store) -> None:
    failed = await store.put(State.FAILED)
    later = await store.put(State.PENDING, not_before=timedelta(minutes=2))
    abandoned = await store.put(State.RUNNING, lease_until=-timedelta(seconds=1), lease_token="gone")
    busy = await store.put(State.RUNNING, lease_until=timedelta(seconds=60), lease_token="theirs")
    done = await store.put(State.DONE)
    for one in (failed, later, abandoned):
        assert (await store.say(commands.retry(store.settings, one)))[0] == 0
        async with store.uow.read() as tx:
            effect = await tx.session.get_one(Effect, one)
            assert effect.state == State.PENDING and effect.not_before <= tx.now and effect.lease_token is None
            assert effect.ended_at is None
    assert await store.say(commands.retry(store.settings, busy)) == (1, commands.UNDER_WAY.format(id=busy) + "\n")
    assert await store.say(commands.retry(store.settings, done)) == (1, commands.ENDED.format(id=done) + "\n")
    assert await store.say(commands.retry(store.settings, 999)) == (1, commands.NONE_SUCH.format(id=999) + "\n")
    assert (await store.state(busy), await store.state(done)) == (State.RUNNING, State.DONE)


async def test_all_that_is_listed_is_tried_again_and_no_more(store: Store) -> None:
    failed = await store.put(State.FAILED)
    old = await store.put(State.FAILED, ended_at=-timedelta(days=8))
    busy = await store.put(State.RUNNING, lease_until=timedelta(seconds=60), lease_token="theirs")
    _, listed = await store.say(commands.list_effects(store.settings))
    assert [line.split(" ")[0] for line in listed.splitlines()] == [str(busy), str(failed)]
    assert "incident" not in listed, "it belongs to nothing that may be told"

    code, said = await store.say(commands.retry(store.settings, None))
    assert code == 0 and said.startswith(f"To be tried again: {failed}.")
    assert [await store.state(one) for one in (failed, old, busy)] == [State.PENDING, State.FAILED, State.RUNNING]
    async with store.uow() as tx:
        await tx.session.execute(text("DELETE FROM effect"))
    assert (await store.say(commands.retry(store.settings, None)))[0] == 1


async def test_giving_up_leaves_alone_what_is_under_way(store: Store) -> None:
    busy = await store.put(State.RUNNING, lease_until=timedelta(seconds=60), lease_token="theirs")
    assert await store.say(commands.give_up(store.settings, busy)) == (1, commands.UNDER_WAY.format(id=busy) + "\n")
    assert (await store.say(commands.give_up(store.settings, 999)))[0] == 1
    assert await store.state(busy) == State.RUNNING


async def test_a_process_that_runs_hears_of_it(store: Store) -> None:
    """On PostgreSQL; with a SQLite file it looks for itself."""
    if store.uow.engines.sqlite:
        return
    heard: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    peers = peers_of(store.settings.database.url, heard.put_nowait)
    await peers.join()
    await peers.settle()
    try:
        failed = await store.put(State.FAILED)
        while not heard.empty():
            heard.get_nowait()
        await commands.retry(store.settings, failed)
        assert "effects" in await asyncio.wait_for(heard.get(), 20)
        _, said = await store.say(commands.show_status(store.settings, as_json=True))
        assert json.loads(said)["processes"] == 1
    finally:
        await peers.leave()


async def test_a_store_with_another_schema_is_left_alone(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    async with store.uow() as tx:
        await tx.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (commands.show_status(store.settings, as_json=False), commands.retry(store.settings, None)):
        assert await act == 3
    assert "9999" in capsys.readouterr().err
