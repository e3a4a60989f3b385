"""What people, or time, set going when something goes wrong."""

from __future__ import annotations

from sqlalchemy import select

from bot.effects import Effect
from bot.incidents.models import Incident
from bot.setup.kinds import MAKE
from bot.updates.models import PublicUpdate
from bot.updates.service.cadence import PUBLIC_UPDATE
from tests.wire.interactions import Interaction
from tests.wire.killing import Scene
from tests.wire.organisation import Organisation

KNOWN = "Since 10:00 UTC about half of all requests to the API fail; we look at the database, the cause is not known."
FINAL = "The database had too few connections; the pool is larger now."


class _Scene:
    """Done with one answer. `declared`: an incident is there before."""

    set_up = True
    declared = True

    def __init__(self) -> None:
        self.answer: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        if self.declared:
            await (await home.declare())
            await home.settled()

    def shown(self, home: Organisation) -> bool:
        return self.answer is not None and self.answer.finished

    def nothing(self, home: Organisation) -> bool:
        return not home.updates.posts

    async def incident(self, home: Organisation) -> Incident | None:
        async with home.uow.read() as tx:
            return await tx.session.scalar(select(Incident))


class Declare(_Scene):
    """Alice declares an outage."""

    declared = False

    async def act(self, home: Organisation) -> None:
        self.answer = await home.declare()

    def shown(self, home: Organisation) -> bool:
        return self.answer is not None and any(room.mention in self.answer.text for room in home.rooms())

    async def recorded(self, home: Organisation) -> bool:
        return await self.incident(home) is not None

    def nothing(self, home: Organisation) -> bool:
        return not home.picture() and not home.rooms()


class Acknowledge(_Scene):
    """Bob, who was paged, has it."""

    async def act(self, home: Organisation) -> None:
        page = next(one for one in home.room().posts if "you are paged" in one.text)
        self.answer = await home.bob.press(page, "Acknowledge")

    async def recorded(self, home: Organisation) -> bool:
        found = await self.incident(home)
        return found is not None and found.acknowledged_at is not None


class Publish(_Scene):
    """Alice has written an update, looked at the preview, and publishes it."""

    def __init__(self) -> None:
        super().__init__()
        self.preview: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        await super().prepare(home)
        opened = await home.alice.slash(home.room(), "update")
        self.preview = await (await home.alice.submit(opened, known=KNOWN))

    async def act(self, home: Organisation) -> None:
        assert self.preview is not None and self.preview.message is not None
        self.answer = await home.alice.press(self.preview.message, "Publish")

    async def recorded(self, home: Organisation) -> bool:
        return await home.count(PublicUpdate) > 0


class Resolve(_Scene):
    """All three checks are ticked, the last update is written, and Alice publishes it."""

    def __init__(self) -> None:
        super().__init__()
        self.preview: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        await super().prepare(home)
        checks = await (await home.alice.slash(home.room(), "incident resolve"))
        assert checks.message is not None
        (select,) = checks.message.selects()
        values = [one["value"] for one in select["options"]]
        await (await home.alice.press(checks.message, custom_id=select["custom_id"], values=values))
        opened = await home.alice.press(checks.message, "Write the final update")
        self.preview = await (await home.alice.submit(opened, cause=FINAL))

    async def act(self, home: Organisation) -> None:
        assert self.preview is not None and self.preview.message is not None
        self.answer = await home.alice.press(self.preview.message, "Publish and resolve")

    async def recorded(self, home: Organisation) -> bool:
        found = await self.incident(home)
        return found is not None and found.closed_at is not None


class Reminder(_Scene):
    """An update came due while the process was down; it starts."""

    async def prepare(self, home: Organisation) -> None:
        await super().prepare(home)
        assert await home.bot.stop() == 0
        await home.make_due(PUBLIC_UPDATE)

    async def act(self, home: Organisation) -> None:
        if not home.bot.running:
            await home.bot.start(ready=False)
            home.bot.may_end()

    def shown(self, home: Organisation) -> bool:
        return any("due now" in one.text for one in home.room().posts)

    async def recorded(self, home: Organisation) -> bool:
        return True


class Setup(_Scene):
    """The owner has seen the plan for a new server and lets it be done."""

    set_up = declared = False

    def __init__(self) -> None:
        super().__init__()
        self.plan: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        self.plan = await (await home.owner.slash(home.general, "setup"))

    async def act(self, home: Organisation) -> None:
        assert self.plan is not None and self.plan.message is not None
        self.answer = await home.owner.press(self.plan.message, "Do it")

    async def recorded(self, home: Organisation) -> bool:
        async with home.uow.read() as tx:
            return await tx.session.scalar(select(Effect.id).where(Effect.kind == MAKE).limit(1)) is not None

    def nothing(self, home: Organisation) -> bool:
        return len(home.guild.channels) == 3


SCENES: dict[str, type[Scene]] = {
    "declare": Declare,
    "acknowledge": Acknowledge,
    "publish": Publish,
    "resolve": Resolve,
    "reminder": Reminder,
    "setup": Setup,
}
