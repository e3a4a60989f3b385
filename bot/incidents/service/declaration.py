"""What somebody typed to declare an incident, and what must hold of it before anything is recorded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.incidents import rules
from bot.incidents.service.context import standings_in_server
from bot.kernel.caller import Caller
from bot.kernel.errors import BadInput, NotAllowed
from bot.kernel.limits import fit
from bot.kernel.text import plain
from bot.kernel.times import read_instant
from bot.policy.permissions import permitted
from bot.policy.words import Action, Kind, Severity, Standing
from bot.servers import store as servers
from bot.servers.store import ServerView
from bot.storage import Tx

NO_TITLE = "Please give it a title of a few words, such as “API times out for everyone”."


@dataclass(frozen=True)
class Declaration:
    """What somebody typed. `started`: a time of day or "20 min ago"; `lead`: a user id; `room`: wanted for a SEV-3."""

    title: str = ""
    severity: Severity = Severity.SEV1
    kind: Kind = Kind.OUTAGE
    summary: str = ""
    affected: str = ""
    started: str = ""
    lead: int | None = None
    lead_is_bot: bool = False
    lead_left: bool = False
    room: bool = False
    practice: bool = False
    danger: str | None = None

    def draft(self) -> dict[str, Any]:
        """As kept in a draft."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "", False)}

    @staticmethod
    def from_draft(data: dict[str, Any]) -> Declaration:
        """From a draft."""
        known = {**data, "severity": Severity(data["severity"]), "kind": Kind(data["kind"])}
        return Declaration(**known)


def says_something(title: str) -> bool:
    """Whether a title has at least two letters or digits: emoji and signs alone tell nobody what is wrong."""
    return sum(character.isalnum() for character in title) >= 2


def stamp(at: datetime) -> str:
    """An instant as a declaration carries it once it was read."""
    return f"<t:{int(at.timestamp())}>"


async def may_declare(tx: Tx, caller: Caller, wanted: Declaration) -> tuple[ServerView, frozenset[Standing]]:
    """The server, and what this person is to it. Raises NotAllowed for who may not declare, BadInput outside."""
    if caller.guild_id is None:
        raise BadInput("Please declare in the server that it is about.")
    server = await servers.settings(tx, caller.guild_id)
    standings = await standings_in_server(tx, server, caller)
    action = Action.PRACTISE if wanted.practice else Action.DECLARE
    if not permitted(action, standings, unset_server=not server.is_set_up):
        raise NotAllowed("Responders declare incidents here. `/incident report` tells them, privately and at once.")
    return server, standings


def check_lead(wanted: Declaration) -> None:
    """Raises BadInput for somebody who cannot lead."""
    if wanted.lead_is_bot:
        raise BadInput("A bot cannot lead an incident. Please name a person, or leave the lead out.")
    if wanted.lead_left:
        raise BadInput(
            "That person is not in this server, so they cannot lead here. Please leave the lead out for now; it can be "
            "handed over at any time."
        )


async def start_of(tx: Tx, server: ServerView, caller: Caller, wanted: Declaration) -> datetime | None:
    """When it began, aware UTC; None for nothing typed. Raises BadInput for what is no time that has passed."""
    if not wanted.started.strip():
        return None
    zone = await servers.zone_of(tx, server, caller.user_id)
    return read_instant(wanted.started, now=tx.now, zone=zone, want="past")


async def checked(tx: Tx, server: ServerView, caller: Caller, wanted: Declaration) -> tuple[Declaration, datetime]:
    """The declaration as it will be recorded, and when it began. Raises BadInput."""
    title = plain(wanted.title)
    if not says_something(title):
        raise BadInput(NO_TITLE)
    check_lead(wanted)
    started_at = await start_of(tx, server, caller, wanted)
    if started_at is not None:
        wanted = replace(wanted, started=stamp(started_at))
    # What does not fit a title is not lost: it stands whole in the summary.
    if len(title) > rules.TITLE_MAX:
        rest = wanted.summary.strip()
        wanted = replace(wanted, summary=f"{title}\n{rest}".strip())
        title = fit(title, rules.TITLE_MAX)
    return replace(wanted, title=title), started_at or tx.now
