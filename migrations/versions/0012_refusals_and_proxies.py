"""Refusals that stand in channels, and what proxies have said again for people.

Revision: 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")


def upgrade() -> None:
    """Make the table of refusals, and name the proxy's message that stands for a question."""
    op.create_table(
        "refusals",
        sa.Column("prompt_id", big, autoincrement=False, nullable=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("message_id", big, nullable=False),
        sa.Column("guild_id", big),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", name="pk_refusals"),
    )
    op.create_index("ix_refusals_message_id", "refusals", ["message_id"])
    op.create_index("ix_refusals_guild_id_created_at", "refusals", ["guild_id", "created_at"])
    op.add_column("turns", sa.Column("proxied_as", big))
    proxied = sa.column("proxied_as").is_not(None)
    op.create_index("ix_turns_proxied", "turns", ["proxied_as"], sqlite_where=proxied, postgresql_where=proxied)


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_turns_proxied", "turns")
    with op.batch_alter_table("turns") as batch:
        batch.drop_column("proxied_as")
    op.drop_table("refusals")
