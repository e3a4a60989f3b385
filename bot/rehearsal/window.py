"""The chat of one person in one room: simcord's preview, replaced whenever another person or room is looked at.

simcord serves one preview per world and one channel per preview, on a port of its own; `bot.rehearsal.proxy` brings it
under the page's address.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from simcord import SetupError
from simcord.backend.cdn import CDN_BASE
from simcord.preview import Preview

from bot.rehearsal import faces
from bot.rehearsal.rooms import Room, Rooms
from bot.rehearsal.stage import Player, Stage


@dataclass
class Window:
    """At most one open preview. Its methods are called while holding the stage's turn."""

    stage: Stage
    rooms: Rooms
    preview: Preview | None = None
    opened: int = 0

    async def show(self, player: Player, room: Room) -> None:
        """Open this room as this person sees it, closing what was open before.

        Raises LookupError when the person may not see it (any more).
        """
        await self.close()
        viewer = player.user if room.direct else player.member
        try:
            preview = self.stage.env.preview(
                self.rooms.handle(room.id), viewers=[viewer], layout="channel", assets=self._faces()
            )
            await preview.__aenter__()
        except SetupError as error:
            raise LookupError(str(error)) from error
        self.preview = preview
        self.opened += 1

    async def refresh(self) -> None:
        """Publish what has changed outside the page, such as after time has passed."""
        if self.preview is not None:
            await self.preview.refresh()

    async def close(self) -> None:
        """Close what is open; harmless when nothing is."""
        preview, self.preview = self.preview, None
        if preview is not None:
            await preview.close()

    def _faces(self) -> dict[str, tuple[str, bytes]]:
        shown = {self.stage.bot_id: faces.vigil()}
        for index, one in enumerate(self.stage.players.values()):
            shown[one.id] = faces.person(one.person.name, index)
        return {f"{CDN_BASE}/avatars/{key}/{faces.MARK}.png": (f"{key}.png", png) for key, png in shown.items()}

    @property
    def origin(self) -> str | None:
        """Where the preview listens, such as `http://127.0.0.1:40311`; None: nothing is open."""
        return self.preview.url.partition("/#")[0] if self.preview is not None else None

    @property
    def frame(self) -> str:
        """The address of the chat on the page's own server, new for each opening; empty when nothing is open."""
        if self.preview is None:
            return ""
        return f"/stage?{self.opened}#{urlsplit(self.preview.url).fragment}"
