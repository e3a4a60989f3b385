"""Where everything is kept: engines, column types, the unit of work, and the schema's upkeep.

One service method is one transaction at one instant (`UnitOfWork`); rows never leave it, views do.
"""

from bot.storage.base import Base, Key, Snowflake, UtcDateTime
from bot.storage.engine import Engines, open_engines
from bot.storage.uow import Tx, UnitOfWork

__all__ = ["Base", "Engines", "Key", "Snowflake", "Tx", "UnitOfWork", "UtcDateTime", "open_engines"]
