"""`python -m bot status` and `python -m bot effects …`, beside a bot that runs."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.bootstrap import App, build
from bot.effects import Effect, State
from bot.effects.store import try_again, under_way
from bot.inspection import lines
from bot.inspection.numbers import newest_backup
from bot.inspection.status import status, undone
from bot.kernel import ids
from bot.settings import Settings
from bot.storage import Tx, schema

FINE, STUCK, BAD_SCHEMA = 0, 1, 3
ALL = 1_000
NONE_SUCH = "There is no effect {id}."
UNDER_WAY = "Effect {id} is under way now; look again in a minute and a half."
ENDED = "Effect {id} has ended already; nothing more to do."
LOOKS = "A bot that runs looks at it within 30 s; else it is done at the next start."
HEARS = "A process that runs hears of it now; else it is done at the next start."

Act = Callable[[App], Awaitable[int]]


class Unusable(Exception):
    """The store cannot be used; the sentence says why."""


async def show_status(settings: Settings, *, as_json: bool) -> int:
    """Print it; 0, 1 when something is stuck, 3 for a store that cannot be used."""

    async def act(app: App) -> int:
        url = settings.database.url
        now = await status(app.uow, url, schema=schema.HEAD, newest_backup=await newest_backup(settings))
        print(lines.as_json(now) if as_json else lines.text(now))
        return STUCK if now.stuck else FINE

    return await _on_the_store(settings, act)


async def list_effects(settings: Settings) -> int:
    """Print what is not done, and what failed lately."""

    async def act(app: App) -> int:
        async with app.uow.read() as tx:
            waiting, failed = await undone(tx, limit=ALL)
            found = [*lines.effects(waiting, tx.now), *(f"{one} (failed)" for one in lines.effects(failed, tx.now))]
        print("\n".join(found) if found else "Nothing waits, and nothing failed in the last 7 days.")
        return FINE

    return await _on_the_store(settings, act)


async def retry(settings: Settings, effect_id: int | None) -> int:
    """Let one be tried again now, or (None) all that `list` shows; 1 when there was nothing to try."""

    async def act(app: App) -> int:
        async with app.uow() as tx:
            if effect_id is None:
                waiting, failed = await undone(tx, limit=ALL)
                wanted = [one.id for one in (*waiting, *failed)]
            else:
                wanted = [effect_id]
            said = [(one, await _try_again(tx, one)) for one in wanted]
        tried = [one for one, refusal in said if refusal is None]
        if effect_id is not None or not tried:
            for one, refusal in said:
                print((refusal or f"Effect {{id}} is to be tried again. {_then(app)}").format(id=one))
            if not said:
                print("Nothing waits, and nothing failed in the last 7 days.")
        else:
            print(f"To be tried again: {', '.join(map(str, tried))}. {_then(app)}")
        return FINE if tried else STUCK

    return await _on_the_store(settings, act)


async def _try_again(tx: Tx, effect_id: int) -> str | None:
    """Returns the sentence for one that was left alone."""
    effect = await tx.session.get(Effect, effect_id, with_for_update=True)
    if effect is None:
        return NONE_SUCH
    if under_way(effect, tx.now):
        return UNDER_WAY
    if effect.state in (State.DONE, State.DROPPED):
        return ENDED
    try_again(tx, effect)
    return None


async def give_up(settings: Settings, effect_id: int) -> int:
    """End one that waits; whoever can act is told in Discord. 1 for one that was left alone."""

    async def act(app: App) -> int:
        if await app.runner.give_up(effect_id):
            print(f"Effect {effect_id} has ended. Whoever can act is told on Discord. {_then(app)}")
            return FINE
        async with app.uow.read() as tx:
            effect = await tx.session.get(Effect, effect_id)
            running = effect is not None and under_way(effect, tx.now)
        print((NONE_SUCH if effect is None else UNDER_WAY if running else ENDED).format(id=effect_id))
        return STUCK

    return await _on_the_store(settings, act)


async def _on_the_store(settings: Settings, act: Act) -> int:
    try:
        async with _opened(settings) as app:
            return await act(app)
    except Unusable as error:
        print(f"database: {error}", file=sys.stderr)
    except (SQLAlchemyError, OSError) as error:  # its own words may repeat the address with the password
        print(f"database.url: the database cannot be used ({type(error).__name__}).", file=sys.stderr)
    return BAD_SCHEMA


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[App]:
    """The parts of a process on the store, none of them started. It makes nothing and migrates nothing."""
    url = settings.database.url
    if not _may_be_there(url):
        raise Unusable("there is none yet; `python -m bot run` makes it when it starts.")
    found = await schema.current(url)
    if found != schema.HEAD:
        raise Unusable(f"schema {found or 'empty'}, this version needs {schema.HEAD}; see `python -m bot migrate`.")
    app = build(settings, safety_net=False)
    if not app.engines.sqlite:
        app.uow.voice = ids.token()  # the processes that run hear what is committed here
    try:
        yield app
    finally:
        await app.close()


def _then(app: App) -> str:
    return LOOKS if app.engines.sqlite else HEARS


def _may_be_there(url: str) -> bool:
    """False for a SQLite file that is none: connecting would make it."""
    place = make_url(url)
    return place.get_backend_name() != "sqlite" or bool(place.database and Path(place.database).is_file())
