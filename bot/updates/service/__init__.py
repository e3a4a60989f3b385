"""Use cases of public updates, one module each."""

from __future__ import annotations

from bot.updates.service.correct import CorrectService
from bot.updates.service.publish import UpdateService
from bot.updates.service.resolve import ResolveService

__all__ = ["CorrectService", "ResolveService", "UpdateService"]
