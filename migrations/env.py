"""Alembic's environment: runs on the connection that `bot.storage.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bot.tables import METADATA

connection = context.config.attributes["connection"]
if connection is None:
    raise SystemExit("Use `python -m bot migrate`.")
context.configure(
    connection=connection,
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
