"""(e) What a person waits for, however many incidents are closed; (f) what the engines ask, however much has ended."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from benchmarks.measure import Act, Result, Scale, side_by_side
from benchmarks.stores import GUILD, OUTSIDER, caller, store
from bot.bootstrap import App
from bot.deadlines import store as deadlines
from bot.effects import store as effects
from bot.incidents.service.context import Which
from bot.incidents.service.look import LookService
from bot.kernel import ids

REACH = 1.2


async def looking(folder: Path, scale: Scale) -> list[Result]:
    """A line for each thing that people look at."""

    def asks(app: App) -> dict[str, Act]:
        look = LookService(app.uow)
        here = Which(ref="inc-0002")
        return {
            "show": lambda: look.show(caller(), here),
            "list": lambda: look.overview(caller()),
            "list, somebody outside": lambda: look.overview(caller(OUTSIDER)),
            "due": lambda: look.due(caller()),
            "autocomplete, nothing typed": lambda: look.choices(caller(), ""),
            "autocomplete, typed": lambda: look.choices(caller(), "open"),
            "autocomplete, nothing fits": lambda: look.choices(caller(), "zzz"),
            "autocomplete with closed ones, nothing typed": lambda: look.choices(caller(), "", closed=True),
            "autocomplete with closed ones, nothing fits": lambda: look.choices(caller(), "zzz", closed=True),
            "autocomplete with closed ones, outside": lambda: look.choices(caller(OUTSIDER), "", closed=True),
        }

    async with store(folder, "few", closed=scale.few) as few, store(folder, "many", closed=scale.closed) as many:
        mine, bare = asks(many), asks(few)
        against = f"{scale.few:,} closed incidents instead of {scale.closed:,}"
        return [
            await side_by_side(name, mine[name], against, bare[name], times=scale.times, reach=REACH) for name in mine
        ]


async def claiming(folder: Path, scale: Scale) -> list[Result]:
    """A line for each thing that the engines ask the store."""
    lease = timedelta(seconds=30)

    def asks(app: App) -> dict[str, Act]:
        async def claim_deadlines() -> None:
            async with app.uow() as tx:
                await deadlines.claim(tx, limit=50, lease=lease, token=ids.token())

        async def earliest() -> None:
            async with app.uow.read() as tx:
                await deadlines.earliest(tx)

        async def claim_effects() -> None:
            async with app.uow.read() as tx:
                # Nothing is taken, so that both stores stay as they are.
                await effects.pick(tx, effects.Turns(), limit=16)

        async def next_ready() -> None:
            async with app.uow.read() as tx:
                await effects.next_ready(tx, tx.now)

        async def upcoming() -> None:
            async with app.uow.read() as tx:
                await deadlines.upcoming(tx, guild_id=GUILD)

        return {
            "deadlines: claim what is due": claim_deadlines,
            "deadlines: when is the next": earliest,
            "deadlines: what is due in a server": upcoming,
            "effects: claim what is ready": claim_effects,
            "effects: when is the next": next_ready,
        }

    async with store(folder, "still") as few, store(folder, "ended", ended=scale.ended) as many:
        mine, bare = asks(many), asks(few)
        against = f"the same without {scale.ended:,} that have ended"
        return [await side_by_side(name, mine[name], against, bare[name], times=scale.times) for name in mine]
