"""What the process writes about itself."""

from bot.observability.logs import configure

__all__ = ["configure"]
