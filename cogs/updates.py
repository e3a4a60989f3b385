"""`/update`, `/incident resolve`, `/incident correct`, their buttons and forms."""

from __future__ import annotations

import asyncio
from typing import Any

from discord import app_commands

from bot.incidents.service.look import LookService
from bot.incidents.service.places import PlaceService
from bot.kernel.message import Modal
from bot.policy.words import Status
from bot.updates.cards import private as cards
from bot.updates.rules import FINAL_PARTS, PARTS, Content
from bot.updates.service import CorrectService, ResolveService, UpdateService
from cogs.incidents.options import INCIDENT, Interaction, picker, subject_of, this, which
from cogs.present import answer, ask, caller, defer
from cogs.press import Press
from cogs.router import QUICK_S, First, Route

QUICK = [
    app_commands.Choice(name="We're on it: a first update from what is known", value="first"),
    app_commands.Choice(name="No change: nothing is new, and when the next one comes", value="no_change"),
]


class UpdatesCog:
    """`commands()` and `incident_commands()` go into the command tree, `routes` into the router."""

    def __init__(
        self,
        updates: UpdateService,
        correct: CorrectService,
        resolve: ResolveService,
        look: LookService,
        places: PlaceService,
    ) -> None:
        self._updates, self._correct, self._resolve, self._look = updates, correct, resolve, look
        of, of_update = places.of_incident, correct.server_of
        forms = {
            "update.form": Route(self._update_submitted, form=self._update_form, server=of, own_draft=True),
            "update.correct_form": Route(self._corrected, form=self._correct_form, server=of_update),
            "resolve.form": Route(self._final_submitted, form=self._final_form, server=of, own_draft=True),
        }
        opens = {
            "update.open": self._open_update,
            "update.correct": self._open_correct,
            "resolve.write": self._open_final,
        }
        plain = {
            "update.publish": self._publish,
            "update.first": self._first,
            "update.no_change": self._no_change,
            "resolve.open": self._open_checks,
            "resolve.publish": self._publish_final,
        }
        self.routes: dict[str, Route] = {
            **forms,
            **{name: Route(handler, First.MODAL, server=of) for name, handler in opens.items()},
            **{name: Route(handler, server=of) for name, handler in plain.items()},
            "update.confirm_gap": Route(self._confirm_gap, server=of_update),
            "resolve.tick": Route(self._tick, First.UPDATE, server=of),
        }

    def commands(self) -> list[app_commands.Command[Any, ..., Any]]:
        """`/update`."""

        @app_commands.command(
            name="update", description="Tell everyone where an incident stands, with a preview first."
        )
        @app_commands.describe(incident=INCIDENT, quick="Publish a whole sentence at once, without the form.")
        @app_commands.choices(quick=QUICK)
        @app_commands.autocomplete(incident=picker(self._look))
        @app_commands.guild_only()
        async def update(itx: Interaction, incident: str | None = None, quick: str | None = None) -> None:
            if quick is None:
                await ask(itx, await self._update_modal(itx, which(incident), subject_of(incident)))
                return
            await defer(itx)
            publish = self._updates.first if quick == "first" else self._updates.no_change
            await answer(itx, cards.published(await publish(caller(itx), which(incident))))

        return [update]

    def incident_commands(self) -> list[app_commands.Command[Any, ..., Any]]:
        """Commands that belong under `/incident`."""

        @app_commands.command(name="resolve", description="It works again: three checks, the final update, done.")
        @app_commands.describe(incident=INCIDENT)
        @app_commands.autocomplete(incident=picker(self._look))
        async def resolve(itx: Interaction, incident: str | None = None) -> None:
            await defer(itx)
            await answer(itx, cards.checks(await self._resolve.checks(caller(itx), which(incident))))

        @app_commands.command(name="correct", description="Put the last public update right; it shows that it was.")
        @app_commands.describe(incident=INCIDENT)
        @app_commands.autocomplete(incident=picker(self._look, closed=True))
        async def correct(itx: Interaction, incident: str | None = None) -> None:
            await ask(itx, cards.correct_form(*await self._correct.last(caller(itx), which(incident))))

        return [resolve, correct]

    async def _update_modal(self, itx: Interaction, asked: Any, subject: int | str, *, from_log: bool = False) -> Modal:
        try:
            found = await asyncio.wait_for(
                self._updates.prefill(caller(itx), asked, from_log=from_log), timeout=QUICK_S
            )
        except TimeoutError:
            return cards.update_form(None, subject)
        return cards.update_form(found, found.incident.id)

    async def _update_form(self, itx: Interaction, press: Press) -> Modal:
        return await self._update_modal(itx, this(press), press.subject, from_log=press.arg == "log")

    async def _open_update(self, itx: Interaction, press: Press) -> None:
        await ask(itx, await self._update_form(itx, press))

    async def _update_submitted(self, itx: Interaction, press: Press) -> None:
        content = Content(
            press.word("status", Status) if press.choices.get("status") else Status.INVESTIGATING,
            {part: press.fields.get(part, "") for part in PARTS},
            press.fields.get("next", ""),
        )
        await answer(itx, cards.preview(await self._updates.preview(caller(itx), content, this(press))))

    async def _publish(self, itx: Interaction, press: Press) -> None:
        found = await self._updates.publish(
            caller(itx), this(press), latest=press.arg == "latest", gap=press.arg == "gap"
        )
        await answer(itx, cards.published(found))

    async def _first(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.published(await self._updates.first(caller(itx), this(press))))

    async def _no_change(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.published(await self._updates.no_change(caller(itx), this(press))))

    async def _confirm_gap(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.published(await self._updates.confirm_gap(caller(itx), press.number)))

    async def _open_correct(self, itx: Interaction, press: Press) -> None:
        await ask(itx, cards.correct_form(*await self._correct.last(caller(itx), this(press))))

    async def _correct_form(self, itx: Interaction, press: Press) -> Modal:
        return cards.correct_form(*await self._correct.of(caller(itx), press.number))

    async def _corrected(self, itx: Interaction, press: Press) -> None:
        await self._correct.correct(caller(itx), press.number, press.fields)
        await answer(itx, "The update is being corrected, and shows it. The log keeps what it said before.")

    async def _open_checks(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.checks(await self._resolve.checks(caller(itx), this(press))))

    async def _tick(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.checks(await self._resolve.tick(caller(itx), this(press), press.values)))

    async def _final_form(self, itx: Interaction, press: Press) -> Modal:
        return cards.final_form(await self._resolve.prefill(caller(itx), this(press)))

    async def _open_final(self, itx: Interaction, press: Press) -> None:
        await ask(itx, await self._final_form(itx, press))

    async def _final_submitted(self, itx: Interaction, press: Press) -> None:
        texts = {part: press.fields.get(part, "") for part in FINAL_PARTS}
        await answer(itx, cards.final_preview(await self._resolve.preview(caller(itx), texts, this(press))))

    async def _publish_final(self, itx: Interaction, press: Press) -> None:
        await answer(itx, cards.resolved(await self._resolve.publish(caller(itx), this(press))))
