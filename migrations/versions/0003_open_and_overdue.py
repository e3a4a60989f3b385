"""Indexes by which what is overdue, and the rooms that are open, are found, however much is over.

Revision: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


INDEXES = {
    "ix_deadline_overdue": ("deadline", ["state", "until_met", "guild_id", "due_at"]),
    "ix_incident_closed_at": ("incident", ["closed_at", "guild_id", "channel_id"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
