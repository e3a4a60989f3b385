"""What people, or time, set going when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable

from bot.incidents.service.close import ARCHIVE
from bot.incidents.service.paging import ESCALATE
from bot.updates.service.cadence import PUBLIC_UPDATE
from tests.wire.interactions import Interaction
from tests.wire.message import Message
from tests.wire.organisation import Organisation
from tests.wire.places import Channel
from tests.wire.snapshots import Scene

KNOWN = "Since 10:00 UTC about half of all requests to the API fail; we look at the database, the cause is not known."
FINAL = "The database had too few connections; the pool is larger now."


class _Scene:
    """Done with one answer. `declared`: an incident is there before."""

    set_up = True
    declared = True
    asleep = False

    def __init__(self) -> None:
        self.answer: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        if self.declared:
            await (await home.declare())
            await home.settled()
        await self.lead_up(home)

    async def lead_up(self, home: Organisation) -> None:
        """What comes after the declaration and before this."""

    def shown(self, home: Organisation) -> bool:
        return self.answer is not None and self.answer.finished


class Declare(_Scene):
    """Alice declares an outage."""

    declared = False

    async def act(self, home: Organisation) -> None:
        self.answer = await home.declare()

    def shown(self, home: Organisation) -> bool:
        return self.answer is not None and any(room.mention in self.answer.text for room in home.rooms())


class Acknowledge(_Scene):
    """Bob, who was paged, has it."""

    async def act(self, home: Organisation) -> None:
        self.answer = await home.bob.press(found(home.room(), "you are paged"), "Acknowledge")


class Publish(_Scene):
    """Alice has written an update, looked at the preview, and publishes it."""

    preview: Message

    async def lead_up(self, home: Organisation) -> None:
        opened = await home.alice.slash(home.room(), "update")
        self.preview = await shown_in(await home.alice.submit(opened, known=KNOWN))

    async def act(self, home: Organisation) -> None:
        self.answer = await home.alice.press(self.preview, "Publish")


class Resolve(_Scene):
    """All three checks are ticked, the last update is written, and Alice publishes it."""

    preview: Message

    async def lead_up(self, home: Organisation) -> None:
        checks = await shown_in(await home.alice.slash(home.room(), "incident resolve"))
        (select,) = checks.selects()
        values = [one["value"] for one in select["options"]]
        await (await home.alice.press(checks, custom_id=select["custom_id"], values=values))
        opened = await home.alice.press(checks, "Write the final update")
        self.preview = await shown_in(await home.alice.submit(opened, cause=FINAL))

    async def act(self, home: Organisation) -> None:
        self.answer = await home.alice.press(self.preview, "Publish and resolve")


class ChangeSeverity(_Scene):
    """Alice says that it is worse than it seemed; more people are paged, and every clock moves."""

    async def act(self, home: Organisation) -> None:
        self.answer = await home.alice.slash(
            home.room(), "incident severity", severity="SEV-0", reason="Nothing works any more."
        )


class Handoff(_Scene):
    """Bob leads and has offered it to Carol, who takes it."""

    async def lead_up(self, home: Organisation) -> None:
        await (await home.bob.press(found(home.room(), "you are paged"), "Acknowledge"))
        await home.settled()
        await (await home.bob.slash(home.room(), "incident lead", who=home.carol.user, notes="The database is full."))

    async def act(self, home: Organisation) -> None:
        self.answer = await home.carol.press(labelled(home.room(), "I take the lead"), "I take the lead")


class Reopen(_Scene):
    """It was cancelled, and is back."""

    async def lead_up(self, home: Organisation) -> None:
        await (await home.alice.slash(home.room(), "incident cancel", reason="A false alarm."))

    async def act(self, home: Organisation) -> None:
        self.answer = await home.alice.slash(home.room(), "incident reopen")


class GoPrivate(_Scene):
    """It turns out to be about security: another room, another reference, and nothing of it outside."""

    async def act(self, home: Organisation) -> None:
        self.answer = await home.alice.slash(home.room(), "incident kind", kind="security")


class NewRoom(_Scene):
    """Somebody deleted the room by hand; Alice, who was told, has a new one made."""

    async def lead_up(self, home: Organisation) -> None:
        home.world.delete_channel(home.room())
        await home.server.pulse.until(lambda: home.alice.direct(), "word of it")

    async def act(self, home: Organisation) -> None:
        told = home.alice.direct()[-1]
        self.answer = await home.alice.press(told, told.labels()[0])


class Report(_Scene):
    """Erin, who is no responder, tells the responders of something."""

    declared = False
    form: Interaction

    async def lead_up(self, home: Organisation) -> None:
        self.form = await (await home.erin.slash(home.general, "incident report"))

    async def act(self, home: Organisation) -> None:
        self.answer = await home.erin.submit(self.form, about="system", text="The login page is white.")


class Setup(_Scene):
    """The owner has seen the plan for a new server and lets it be done."""

    set_up = declared = False
    plan: Message

    async def lead_up(self, home: Organisation) -> None:
        self.plan = await shown_in(await home.owner.slash(home.general, "setup"))

    async def act(self, home: Organisation) -> None:
        self.answer = await home.owner.press(self.plan, "Do it")


class _Due(_Scene):
    """Something came due while the process was down; it starts."""

    asleep = True
    kind: str

    async def lead_up(self, home: Organisation) -> None:
        await self.before(home)
        await home.settled()
        assert await home.bot.stop() == 0
        await home.make_due(self.kind)

    async def before(self, home: Organisation) -> None:
        """What happens while it still runs."""

    async def act(self, home: Organisation) -> None:
        if not home.bot.running:
            await home.bot.start(ready=False)
            home.bot.may_end()


class Escalate(_Due):
    """Bob was paged twice and did not answer; the next page goes to Carol."""

    kind = ESCALATE

    async def before(self, home: Organisation) -> None:
        assert await home.bot.stop() == 0
        await home.make_due(ESCALATE)
        await home.bot.start()
        await home.server.pulse.until(lambda: len(pages(home)) == 2, "the second page")

    def shown(self, home: Organisation) -> bool:
        return any(home.carol.user.id in one.pushed_to for one in home.room().posts)


class Reminder(_Due):
    """An update was due."""

    kind = PUBLIC_UPDATE

    def shown(self, home: Organisation) -> bool:
        return any("due now" in one.text for one in home.room().posts)


class Archive(_Due):
    """It was closed a day ago: its room moves to the archive."""

    kind = ARCHIVE

    async def before(self, home: Organisation) -> None:
        await (await home.alice.slash(home.room(), "incident cancel", reason="A false alarm."))

    def shown(self, home: Organisation) -> bool:
        return home.room().parent_id is not None


def pages(home: Organisation) -> list[Message]:
    """The pages in the room."""
    return [one for one in home.room().posts if "you are paged" in one.text]


def found(place: Channel, words: str) -> Message:
    """The first post with these words."""
    return next(one for one in place.posts if words in one.text)


def labelled(place: Channel, label: str) -> Message:
    """The newest post with this button."""
    return next(one for one in reversed(place.posts) if label in one.labels())


async def shown_in(asked: Interaction) -> Message:
    """The message that answers it."""
    answered = await asked
    assert answered.message is not None, answered
    return answered.message


SCENES: dict[str, Callable[[], Scene]] = {
    "declare": Declare,
    "escalate": Escalate,
    "publish": Publish,
    "resolve": Resolve,
    "acknowledge": Acknowledge,
    "severity": ChangeSeverity,
    "handoff": Handoff,
    "archive": Archive,
    "reminder": Reminder,
    "setup": Setup,
    "report": Report,
    "go private": GoPrivate,
    "reopen": Reopen,
    "new room": NewRoom,
}
