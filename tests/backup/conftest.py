"""A store on either kind of database."""

from tests.stores import clock, postgres_template, store_url, uow

__all__ = ["clock", "postgres_template", "store_url", "uow"]
