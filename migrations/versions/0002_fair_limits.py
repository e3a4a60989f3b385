"""Indexes by which fair limits are counted: what one person declared and reported lately.

Revision: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_incident_guild_id_declared_by": ("incident", ["guild_id", "declared_by", "declared_at"]),
    "ix_report_guild_id_reporter_id": ("report", ["guild_id", "reporter_id", "at"]),
    "ix_report_guild_id_at": ("report", ["guild_id", "at"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
