"""What people set going when the bot is killed."""

from __future__ import annotations

from bot.incidents.models import Incident
from bot.updates.models import PublicUpdate
from tests.wire.interactions import Interaction
from tests.wire.organisation import Organisation


class Declare:
    """Alice declares an outage."""

    def __init__(self) -> None:
        self.answer: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        pass

    async def act(self, home: Organisation) -> None:
        self.answer = await home.declare()

    def shown(self, home: Organisation) -> bool:
        rooms = home.rooms()
        return self.answer is not None and any(room.mention in self.answer.text for room in rooms)

    async def recorded(self, home: Organisation) -> bool:
        return await home.count(Incident) > 0

    def nothing(self, home: Organisation) -> bool:
        return not home.picture() and not home.rooms()


class Publish:
    """Alice has written an update, looked at the preview, and publishes it."""

    def __init__(self) -> None:
        self.preview: Interaction | None = None
        self.answer: Interaction | None = None

    async def prepare(self, home: Organisation) -> None:
        await (await home.declare())
        await home.settled()
        opened = await home.alice.slash(home.room(), "update")
        self.preview = await (await home.alice.submit(opened, known=KNOWN))

    async def act(self, home: Organisation) -> None:
        assert self.preview is not None and self.preview.message is not None
        self.answer = await home.alice.press(self.preview.message, "Publish")

    def shown(self, home: Organisation) -> bool:
        return self.answer is not None and self.answer.finished

    async def recorded(self, home: Organisation) -> bool:
        return await home.count(PublicUpdate) > 0

    def nothing(self, home: Organisation) -> bool:
        return not home.updates.posts


KNOWN = "Since 10:00 UTC about half of all requests to the API fail; we look at the database, the cause is not known."
