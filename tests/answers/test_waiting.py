"""Who waits for an answer is known to the next life of the process, and told once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import func, select

from bot.answers import Answers
from bot.answers.first import FirstAnswers
from bot.answers.models import Asked
from bot.answers.waiting import WRITTEN_ANEW, WaitingFile, Waits
from bot.bootstrap import build
from bot.effects import Effect
from bot.safety_net import LEFT_WAITING
from bot.settings import load_settings
from bot.storage import UnitOfWork
from tests.stores import MONDAY, SetClock

BOB = 1_000_000_000_000_000_012


async def ask(answers: Answers, number: int) -> None:
    await answers.asked(number, f"token{number}", application_id=1, guild_id=2, user_id=BOB, quiet=False)


async def told(uow: UnitOfWork) -> list[int]:
    async with uow.read() as tx:
        return [one["asked"] for one in await tx.session.scalars(select(Effect.payload).order_by(Effect.id))]


async def test_whoever_was_left_is_answered_by_the_next_life_once(uow: UnitOfWork) -> None:
    before = Answers(uow)
    for number in (1, 2, 3, 3):
        await ask(before, number)
    await before.answered(2)
    await before.close()

    for _ in range(2):
        after = Answers(uow)
        await ask(after, 2)  # told once more, by a gateway that resumed
        await after.catch_up()
        await after.close()

    assert await told(uow) == [1, 3]
    async with uow.read() as tx:
        row = await tx.session.get(Asked, 3)
        assert row is not None and (row.token, row.user_id, row.at) == ("token3", BOB, MONDAY)


async def test_killed_while_it_hands_over_it_is_handed_over_once(uow: UnitOfWork) -> None:
    answers = Answers(uow)
    await ask(answers, 1)
    (waits,) = await answers._waiting.left()
    await answers._waiting.close()
    await answers.unanswered(1, ran=True)
    await answers._waiting.add(waits)  # as if the process had ended after its commit
    await answers.catch_up()

    assert await told(uow) == [1]
    async with uow.read() as tx:
        assert await tx.session.scalar(select(func.count()).select_from(Asked)) == 1
    await answers.close()


async def test_after_half_a_day_nobody_wants_to_hear_of_it(uow: UnitOfWork, clock: SetClock) -> None:
    answers = Answers(uow)
    await ask(answers, 1)
    clock.passes(hours=13)
    await ask(answers, 2)
    await answers.catch_up()

    assert await told(uow) == [2]
    await answers.close()


async def test_not_alone_it_leaves_those_whom_another_may_be_answering(uow: UnitOfWork, clock: SetClock) -> None:
    answers = Answers(uow)
    await ask(answers, 1)
    clock.passes(minutes=3)
    await ask(answers, 2)
    await answers.catch_up(alone=False)

    assert await told(uow) == [1]
    await answers.close()


def waits(number: int) -> Waits:
    return Waits(number, "a token", 1, None, BOB, True, MONDAY)


async def test_a_line_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    place = tmp_path / "vigil.db-asked"
    file = WaitingFile(str(place))
    await file.add(waits(1))
    with place.open("ab") as other:
        other.write(b'\n[2, "half a li')
    await file.add(waits(3))

    assert list(await file.left()) == [waits(1), waits(3)]
    assert await file.get(3) == waits(3) and await file.get(2) is None
    await file.close()


async def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    place = tmp_path / "vigil.db-asked"
    file = WaitingFile(str(place))
    await file.add(waits(0))
    for number in range(1, WRITTEN_ANEW // 40):
        await file.add(waits(number))
        await file.remove(number)
        assert place.stat().st_size < WRITTEN_ANEW

    assert list(await file.left()) == [waits(0)]
    assert place.stat().st_mode & 0o777 == 0o600 and [one.name for one in tmp_path.iterdir()] == [place.name]
    await file.close()


async def test_work_waits_until_every_first_answer_has_left() -> None:
    first, order = FirstAnswers(), list[str]()
    leaves = asyncio.Event()

    async def one(name: str, *, slow: bool) -> None:
        with first.under_way():
            await (leaves.wait() if slow else asyncio.sleep(0))
            order.append(f"{name} answered")
        await first.gone()
        order.append(f"{name} works")

    quick, slow = asyncio.create_task(one("quick", slow=False)), asyncio.create_task(one("slow", slow=True))
    while "quick answered" not in order:
        await asyncio.sleep(0)
    leaves.set()
    await asyncio.gather(quick, slow)

    assert order[:2] == ["quick answered", "slow answered"] and len(order) == 4


async def test_a_first_answer_that_hangs_holds_nobody_up_for_long() -> None:
    first = FirstAnswers()
    with first.under_way():
        await first.gone()
    assert first._under_way == 0


async def test_who_shares_the_store_answers_for_one_that_died(store_url: str, uow: UnitOfWork, clock: SetClock) -> None:
    app = build(load_settings({"VIGIL_DATABASE__URL": store_url}, Path("nowhere")), clock=clock)
    assert app.safety_net is not None
    jobs = [one for one in app.safety_net.jobs() if one.id == LEFT_WAITING]
    if uow.engines.sqlite:
        assert not jobs, "nobody else has the file"
    else:
        dead = Answers(uow)
        await ask(dead, 1)
        clock.passes(minutes=3)
        await jobs[0].func()
        assert await told(uow) == [1]
    await app.close()
