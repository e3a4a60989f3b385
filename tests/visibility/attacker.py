"""Somebody who tries everything that a person, or a forged client, can send to Vigil; and what must stay hidden."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import discord
from simcord.actors import _dispatch_actor_interaction as dispatch
from simcord.enums import InteractionType
from sqlalchemy import select

from bot.effects import Effect, State, record
from bot.incidents.models import Incident, LeadHandoff, Report
from bot.incidents.service.report import ReportService
from bot.kernel.caller import Caller
from bot.servers import words
from bot.servers.models import Draft
from bot.storage import UnitOfWork
from bot.updates.models import PublicUpdate
from bot.updates.rules import Stage
from tests.world import World, said, words_of

# Words that occur nowhere else; whoever reads one of them has seen something.
TITLE, SUMMARY, LINE, IMPACT = "Zanzibar keys leaked", "Kilimanjaro is exposed", "Serengeti rotated", "Okavango users"
QUARREL, NOTES, DRAFT, REPORT = "Marmalade quarrel", "Quince knows more", "Tapioca draft", "Rhubarb writes at night"
SECRETS = re.compile("zanzibar|kilimanjaro|serengeti|okavango|marmalade|quince|tapioca|rhubarb|leaked|quarrel", re.I)
REFERENCE = re.compile(r"case-[0-9a-f]{6}")
NOBODYS_REF, NOBODYS_ID = "case-ffffff", 987_654


@dataclass
class Hidden:
    """Everything that exists and that the outsiders must not learn of. Row ids."""

    incident: int
    ref: str
    quarrel: int = 0
    quarrel_ref: str = ""
    handoff: int = 0
    report: int = 0
    update: int = 0
    effect: int = 0
    report_effect: int = 0
    draft: int = 0
    people: list[int] = field(default_factory=list)


async def arrange_hidden(world: World) -> Hidden:
    """A security and a community case in full swing, known to sam and vera (and bob, whom a page called)."""
    uow = world.app.uow
    await world.declare(world.sam, TITLE, kind="security", summary=SUMMARY, affected=IMPACT)
    room = world.room("case-")
    await world.sam.slash(room, "incident log", entry=LINE)
    shown = await world.sam.slash(room, "incident impact")
    await world.fills(world.sam, shown, down=SUMMARY, who=IMPACT)
    form = await world.sam.click(world.card(room), label="Hand over lead")
    await world.fills(world.sam, form, to=[world.bob], notes=NOTES)
    await world.declare(world.vera, QUARREL, kind="community", severity="SEV-2")
    first, second = await world.incident(1), await world.incident(2)
    found = Hidden(first.id, first.ref, second.id, second.ref)
    report = await world.erin.slash(world.channels["general"], "incident report")
    await ReportService(uow).report(
        Caller(world.vera.id, world.guild.id, interaction_id=77, name="vera"), "weakness", REPORT
    )
    assert report.modal is not None
    await _rows(world, uow, found)
    return found


async def _rows(world: World, uow: UnitOfWork, found: Hidden) -> None:
    async with uow() as tx:
        handoff = await tx.session.scalar(select(LeadHandoff.id).where(LeadHandoff.incident_id == found.incident))
        report = await tx.session.scalar(select(Report.id))
        update = PublicUpdate(
            guild_id=world.guild.id,
            incident_id=found.incident,
            kind="update",
            state=Stage.WAITING,
            status="investigating",
            recorded_at=tx.now,
            next_at=tx.now + timedelta(hours=9),
            deviation=True,
            channel_id=world.channels["updates"].id,
        )
        tx.session.add(update)
        await tx.session.flush()
        draft = await words.save_draft(
            tx,
            guild_id=world.guild.id,
            user_id=world.sam.id,
            purpose="incident.log_form",
            subject=str(found.incident),
            data={"fields": {"entry": DRAFT}, "choices": {}},
        )
        failed: list[int] = []
        for subject, kind in ((f"incident:{found.incident}", "incident.board"), (f"report:{report}", "report.card")):
            effect_id = await record(tx, kind, guild_id=world.guild.id, subject=subject, key=f"stuck:{subject}")
            row = await tx.session.get_one(Effect, effect_id)
            row.state, row.last_error = State.FAILED, "403/50013 Missing Permissions"
            failed.append(effect_id)
        found.handoff, found.report, found.update, found.draft = handoff or 0, report or 0, update.id, draft
        found.effect, found.report_effect = failed
        row_ids = await tx.session.scalars(select(Incident.id))
        assert set(row_ids) == {found.incident, found.quarrel}
        assert await tx.session.scalar(select(Draft.id)) is not None


async def outsiders(world: World) -> dict[str, Any]:
    """A responder, the secondary, the core team, a member, a manager of the server: none of them is in a case."""
    managers = world.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    mona = world.guild.add_member(world.env.create_user("mona"), roles=[managers])
    world.people["mona"] = mona
    return {name: world.people[name] for name in ("alice", "carol", "dave", "erin", "mona")}


async def presses(world: World, who: Any, custom_id: str, *, values: tuple[str, ...] = (), kind: int = 2) -> Any:
    """A component with this custom id, though no message of theirs carries it."""
    carrier = await who.send(world.channels["general"], "a message to press on")
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": kind}
    if values:
        data["values"] = list(values)
    return await dispatch(
        who,
        InteractionType.MESSAGE_COMPONENT,
        world.channels["general"],
        data,
        extra={"message": payload_of(world, carrier)},
        source_message_id=carrier.id,
    )


async def submits(world: World, who: Any, custom_id: str, typed: dict[str, str | list[str]]) -> Any:
    """A form with this custom id, though none was shown to them."""
    components = [
        {
            "type": 18,
            "id": number,
            "component": {"type": 3, "id": 50 + number, "custom_id": key, "values": value}
            if isinstance(value, list)
            else {"type": 4, "id": 50 + number, "custom_id": key, "value": value},
        }
        for number, (key, value) in enumerate(typed.items(), 1)
    ]
    return await dispatch(
        who,
        InteractionType.MODAL_SUBMIT,
        world.channels["general"],
        {"custom_id": custom_id, "components": components},
    )


def payload_of(world: World, message: Any) -> dict[str, Any]:
    """A message as a component carries it."""
    from simcord.backend import serializers

    stored = world.env.backend.get_message(message.channel.id, message.id)
    return dict(serializers.message_payload(world.env.backend, stored))


def all_of(result: Any) -> str:
    """Everything that an answer shows: words, embeds, components, files' names, the form that opened."""
    if result.modal is not None:
        return json.dumps(result.modal, sort_keys=True)
    if result.response is None:
        return "(nothing)"
    files = " ".join(one.filename for one in result.response.attachments)
    return "\n".join([said(result), json.dumps(result.response.components, sort_keys=True), files])


def without(text: str, *asked: str | int) -> str:
    """The text without what the attacker named themselves, and without ids that count the attacker's own doings."""
    for one in asked:
        text = re.sub(rf"(?<!\d){re.escape(str(one))}(?!\d)", "ASKED", text)
    return re.sub(r"draft\.again:\d+", "draft.again:N", re.sub(r'"id": \d+', '"id": N', text))


def everything_said(world: World, who: Any) -> str:
    """All that a person can read: channels with names and topics, messages, direct messages."""
    parts = []
    for name, channel in world.guild.channels.items():
        if world.sees(who, channel):
            parts += [name, getattr(channel, "topic", "") or "", *world.words(channel, who)]
    parts += [words_of(one) for one in world.direct_messages(who)]
    return "\n".join(parts)
