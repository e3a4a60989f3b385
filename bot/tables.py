"""Imports every module with tables, so that the metadata is whole for migrations and fresh stores."""

from __future__ import annotations

import bot.answers.models
import bot.deadlines.models
import bot.effects.models
import bot.effects.posted
import bot.incidents.models
import bot.oncall.models
import bot.servers.models
import bot.storage.remembered
import bot.storage.uow
import bot.updates.models
from bot.storage import Base

METADATA = Base.metadata
