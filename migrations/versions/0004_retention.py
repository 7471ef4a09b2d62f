"""Ways to what is old in a guild, so that it can be forgotten.

Revision: 0004, after 0003.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("messages", "turns", "drawings")


def upgrade() -> None:
    """Make an index on guild and age of each table that retention clears."""
    for table in TABLES:
        op.create_index(f"ix_{table}_guild_id_created_at", table, ["guild_id", "created_at"])


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_guild_id_created_at", table)
