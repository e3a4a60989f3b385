"""Writing an update: the form, the preview, the promise, drafts that survive, corrections that show."""

from __future__ import annotations

import pytest

from bot.incidents import log
from bot.incidents.rules import Entry
from bot.policy.words import Severity
from bot.servers import store as servers
from tests.updates.acting import due_in_minutes, first_update, posts, publishes, writes
from tests.world import World, labels, said, words_of


def field(form: object, key: str) -> str:
    """What a field of a form starts with."""
    for one in form.modal["components"]:  # type: ignore[attr-defined]
        if one.get("component", {}).get("custom_id") == key:
            return str(one["component"].get("value", ""))
    raise AssertionError(f"the form has no field {key}")


async def test_an_earlier_promise_than_the_cadence_wins(world: World) -> None:
    room = await world.declare(world.alice)
    done = await publishes(world, world.alice, room, next="in 10 min")
    assert "Published" in said(done)
    assert await due_in_minutes(world) == pytest.approx(10, abs=1.1)
    assert "Next update by" in posts(world)[-1]
    await world.passes(minutes=10, seconds=30)
    assert "is due now" in "\n".join(world.words(room))


async def test_what_was_previewed_is_what_is_promised(world: World) -> None:
    """Read again at the press, “in 20 min” would be later than what the preview showed."""
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, next="in 20 min")
    shown = said(preview).split("Next update by <t:")[1].split(":")[0]
    await world.passes(minutes=6)
    await world.alice.click(preview.response, label="Publish")
    assert posts(world)[-1].split("Next update by <t:")[1].split(":")[0] == shown
    assert await due_in_minutes(world) == pytest.approx(14, abs=1.1)


async def test_a_promise_that_has_passed_meanwhile_is_not_published(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, next="in 10 min")
    await world.passes(minutes=15)
    refused = await world.alice.click(preview.response, label="Publish")
    assert "has passed" in said(refused) and posts(world) == []
    again = await world.alice.click(world.card(room), label="Post update")
    assert "connections" in field(again, "known"), "nothing is typed twice"


async def test_a_later_promise_gets_the_latest_allowed_time_or_a_longer_gap(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, next="in 3 hours")
    assert labels(preview.response) == ["Publish with the latest allowed time", "Announce a longer gap", "Edit"]
    assert "later than the guide allows" in said(preview)
    await world.alice.click(preview.response, label="Publish with the latest allowed time")
    assert await due_in_minutes(world) == pytest.approx(30, abs=1.1)
    assert Entry.GAP not in await world.log()


async def test_a_longer_gap_is_announced_and_recorded_beside_the_rule(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, next="in 9 hours")
    done = await world.alice.click(preview.response, label="Announce a longer gap")
    assert "Published" in said(done)
    assert "sooner if something changes" in posts(world)[-1]
    assert await due_in_minutes(world) == pytest.approx(9 * 60, abs=1.1)
    assert "a longer gap was announced; the guide has 30 min" in words_of(world.card(room))
    async with world.app.uow.read() as tx:
        (gap,) = [one for one in await log.entries(tx, 1) if one.kind is Entry.GAP]
    assert "30 min" in gap.params["rule"]
    await world.passes(hours=8)
    assert "is due now" not in "\n".join(world.words(room)), "rest is legitimate"


async def test_the_gap_of_a_sev0_needs_a_second_responder(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-0")
    preview = await writes(world, world.alice, room, next="in 9 hours")
    assert "A second responder is asked to agree" in said(preview)
    waits = await world.alice.click(preview.response, label="Announce a longer gap")
    assert "second responder is asked" in said(waits) and posts(world) == []
    ask = world.find(room, "asks to announce a longer gap")
    alone = await world.alice.click(ask, label="I agree, publish it")
    assert "A second person needs to agree" in said(alone) and posts(world) == []
    agreed = await world.bob.click(ask, label="I agree, publish it")
    assert "Published" in said(agreed)
    assert "sooner if something changes" in posts(world)[-1]
    again = await world.carol.click(ask, label="I agree, publish it")
    assert "settled already" in said(again) and len(posts(world)) == 1


async def test_a_waiting_gap_is_settled_by_a_newer_update(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-0")
    preview = await writes(world, world.alice, room, next="in 9 hours")
    await world.alice.click(preview.response, label="Announce a longer gap")
    await publishes(world, world.alice, room, known="We found the cause after all.")
    late = await world.bob.click(world.find(room, "asks to announce a longer gap"), label="I agree, publish it")
    assert "settled already" in said(late) and len(posts(world)) == 1


@pytest.mark.parametrize("words", ["Still working on it.", "We’re still working on it, please be patient", "..."])
async def test_an_update_with_no_content_is_questioned_once_and_may_go_out(world: World, words: str) -> None:
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, known=words)
    assert "A reader learns little from this" in said(preview)
    assert "Publish" in labels(preview.response)
    await world.alice.click(preview.response, label="Publish")
    assert len(posts(world)) == 1


async def test_an_update_without_news_is_welcome(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, known="No cause found yet; we rule out the network.")
    assert "learns little" not in said(preview)


async def test_no_change_posts_a_whole_honest_sentence(world: World) -> None:
    room = await world.declare(world.alice)
    await publishes(world, world.alice, room, affected="Everyone who logs in")
    await world.passes(minutes=31)
    done = await world.alice.click(world.find(room, "is due now"), label="No change, next in 30 min")
    assert "Published" in said(done)
    post = posts(world)[-1]
    assert "Nothing has changed since our update at <t:" in post and "People are still working on it" in post
    assert "ran out of connections" in post and "Everyone who logs in" in post and "Next update by" in post
    assert await due_in_minutes(world) == pytest.approx(30, abs=1.1)


async def test_no_change_before_any_update_is_the_first_one(world: World) -> None:
    room = await world.declare(world.alice)
    await world.passes(minutes=31)
    await world.alice.click(world.find(room, "is due now"), label="No change, next in 30 min")
    assert "We know that something is wrong: API times out" in posts(world)[-1]


async def test_a_second_first_update_is_refused_calmly(world: World) -> None:
    room = await world.declare(world.alice)
    await first_update(world, world.alice, room)
    again = await first_update(world, world.bob, room)
    assert "already" in said(again) and len(posts(world)) == 1


async def test_a_preview_that_was_not_published_is_continued_after_a_restart(world: World) -> None:
    room = await world.declare(world.alice)
    preview = await writes(world, world.alice, room, known="Half of it", advice="Wait", next="in 15 min")
    await world.restart()
    form = await world.alice.click(world.card(room), label="Post update")
    assert (field(form, "known"), field(form, "advice"), field(form, "next")) == ("Half of it", "Wait", "in 15 min")
    other = await world.bob.click(world.card(room), label="Post update")
    assert "Half of it" not in field(other, "known"), "a draft is its writer's own"
    done = await world.alice.click(preview.response, label="Publish")
    assert "Published" in said(done) and "Half of it" in posts(world)[-1]


@pytest.mark.parametrize("typed", [{"next": "tomorrow-ish"}, {"known": " "}])
async def test_a_refused_form_keeps_what_was_typed(world: World, typed: dict[str, str]) -> None:
    room = await world.declare(world.alice)
    refused = await writes(world, world.alice, room, advice="Use the mirror", **typed)
    assert labels(refused.response) == ["Edit again"]
    form = await world.alice.click(refused.response, label="Edit again")
    assert field(form, "advice") == "Use the mirror"
    preview = await world.fills(
        world.alice, form, status="identified", known="Found it", advice="Use the mirror", next="in 10 min"
    )
    await world.alice.click(preview.response, label="Publish")
    assert "Use the mirror" in posts(world)[-1]
    fresh = await world.alice.click(world.card(room), label="Post update")
    assert field(fresh, "next") == "", "the draft has served"


async def test_without_a_public_channel_what_was_written_is_kept(world: World) -> None:
    async with world.app.uow() as tx:
        await servers.change_settings(tx, world.guild.id, person_id=None, updates_channel_id=None)
    room = await world.declare(world.alice)
    refused = await writes(world, world.alice, room, known="A long and careful text")
    assert "/setup" in said(refused) and "kept" in said(refused)
    async with world.app.uow() as tx:
        await servers.change_settings(
            tx, world.guild.id, person_id=None, updates_channel_id=world.channels["updates"].id
        )
    form = await world.alice.click(world.card(room), label="Post update")
    assert field(form, "known") == "A long and careful text"


async def test_a_private_incident_says_calmly_that_nothing_is_posted(world: World) -> None:
    await world.declare(world.sam, "Tokens leak", kind="security")
    room = world.room("case-")
    refused = await world.sam.click(world.card(room), label="Post update")
    assert "private" in said(refused) and "incident log" in said(refused)
    assert posts(world) == []


async def test_a_sev2_names_by_when_it_is_to_be_solved_and_that_is_a_promise(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-2")
    preview = await writes(world, world.alice, room)
    assert "by when it is to be solved" in said(preview)
    await world.alice.click(preview.response, label="Publish")
    assert await due_in_minutes(world) is None, "no next one is owed"
    await publishes(world, world.alice, room, known="A fix is in review.", next="in 2 days")
    assert await due_in_minutes(world) == pytest.approx(2 * 24 * 60, abs=1.1)
    assert "promised in the last update" in words_of(world.card(room))
    await world.passes(days=2, minutes=1)
    assert "is due now" in "\n".join(world.words(room))


async def test_a_sev3_owes_no_update(world: World) -> None:
    await world.declare(world.alice, severity=Severity.SEV3, room=True)
    assert await due_in_minutes(world) is None


async def test_a_correction_is_an_edit_that_shows_and_the_log_keeps_the_old_words(world: World) -> None:
    room = await world.declare(world.alice)
    published = await publishes(world, world.alice, room, affected="500 users")
    form = await world.alice.click(published.response, label="Correct")
    assert field(form, "affected") == "500 users"
    await world.fills(world.alice, form, known="The cache ran out of memory.", affected="50 users", advice="")
    await world.passes(seconds=2)
    (post,) = posts(world)
    assert "The cache ran out of memory." in post and "50 users" in post and "500 users" not in post
    assert "Corrected <t:" in post
    async with world.app.uow.read() as tx:
        (entry,) = [one for one in await log.entries(tx, 1) if one.kind is Entry.UPDATE_CORRECTED]
    assert "ran out of connections" in (entry.text or "") and "500 users" in (entry.text or "")


async def test_a_correction_of_nothing_is_refused(world: World) -> None:
    room = await world.declare(world.alice)
    none = await world.alice.slash(room, "incident correct")
    assert "nothing to correct" in said(none)
    published = await publishes(world, world.alice, room)
    form = await world.alice.click(published.response, label="Correct")
    same = await world.fills(world.alice, form, known="The database ran out of connections.")
    assert "Nothing is different" in said(same)


async def test_practice_posts_go_to_operations_and_say_so(world: World) -> None:
    await world.declare(world.alice, practice=True)
    room = world.room("practice-")
    await publishes(world, world.alice, room)
    assert posts(world) == []
    words = "\n".join(world.words(world.channels["operations"]))
    assert "[practice]" in words and "Practice: nothing is wrong" in words


async def test_words_of_people_ping_nobody_and_format_nothing(world: World) -> None:
    room = await world.declare(world.alice, "@everyone **look**")
    await publishes(world, world.alice, room, known="@everyone <@&123> # big\n# heading", advice="[x](http://e.org)")
    post = world.seen(world.channels["updates"], world.erin)[-1]
    assert not post.mentions and not post.mention_everyone and not post.role_mentions
    assert "@everyone" not in words_of(post) and "\\# heading" in words_of(post) and "[x](" not in words_of(post)


async def test_what_was_on_its_way_when_it_became_private_is_not_posted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord is slow; before it takes the post, the outage turns out to be an attack."""
    from bot.effects import Retry

    room = await world.declare(world.alice)
    port, send = world.app.port, world.app.port.send
    updates = world.channels["updates"].id

    async def not_there(channel_id: int, payload: dict[str, object], *, nonce: str) -> object:
        if channel_id == updates:
            raise Retry("not now")
        return await send(channel_id, payload, nonce=nonce)

    monkeypatch.setattr(port, "send", not_there)
    await publishes(world, world.alice, room)
    await world.alice.slash(room, "incident kind", kind="security")
    monkeypatch.undo()
    await world.passes(hours=1)
    assert posts(world) == []
    assert await world.unfinished() == []


async def test_neither_a_gap_nor_a_correction_leaves_a_private_room(world: World) -> None:
    room = await world.declare(world.alice, severity="SEV-0")
    published = await publishes(world, world.alice, room)
    preview = await writes(world, world.alice, room, known="Somebody is inside.", next="in 9 hours")
    await world.alice.click(preview.response, label="Announce a longer gap")
    ask = world.find(room, "asks to announce a longer gap")
    await world.alice.slash(room, "incident kind", kind="security")
    fresh = world.room("case-")
    await world.alice.slash(fresh, "incident title", title="Keys stolen by Mallory")
    refused = await _press(world, world.bob, ask)
    assert "private" in said(refused) or "settled" in said(refused)
    corrected = await world.alice.slash(fresh, "incident correct")
    if corrected.modal is not None:
        await world.fills(world.alice, corrected, known="Keys were stolen.")
    await world.passes(minutes=2)
    text = "\n".join(posts(world))
    assert "Somebody is inside" not in text and "Mallory" not in text and "stolen" not in text
    assert published is not None


async def _press(world: World, who: object, message: object) -> object:
    """A press on a message that they could see when it was sent."""
    from tests.visibility.attacker import presses

    (row,) = message.components  # type: ignore[attr-defined]
    children = row["components"] if isinstance(row, dict) else [one.to_dict() for one in row.children]
    return await presses(world, who, children[0]["custom_id"])
