"""Every test here runs on SQLite and on PostgreSQL."""

from tests.stores import clock, other, store_url, uow

__all__ = ["clock", "other", "store_url", "uow"]
