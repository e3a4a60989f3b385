"""Discord over plain REST: takes ids, keeps no cache, says precisely how a call ended (`Refused`, `Retry`).

It imports only the kernel. Rooms and messages carry a mark, by which they are found again when an answer was lost.
"""

from bot.discord_port.port import DiscordPort, Overwrite, Sent
from bot.discord_port.rest import tracing

__all__ = ["DiscordPort", "Overwrite", "Sent", "tracing"]
