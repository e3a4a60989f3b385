"""What is kept of rotations is tested on SQLite and on PostgreSQL."""

from tests.stores import clock, other, postgres_template, store_url, uow

__all__ = ["clock", "other", "postgres_template", "store_url", "uow"]
