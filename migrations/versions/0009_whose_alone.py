"""Whose alone it is what was said; places that are gone; how far channels were compared with Discord.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import sqlite

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The wish is a JSON object as ``json.dumps`` writes it; inside of its strings quotation marks are escaped.
MARK_THOSE_KNOWN = """
UPDATE turns SET private = true, only_for = asker_id WHERE wish LIKE '%"private": true%'
"""
PRESENT = "ix_messages_present"


def upgrade() -> None:
    """Widen history and turns. Of before it is known of private drawings alone, which have no line in the history."""
    for table in ("messages", "turns"):
        op.add_column(table, sa.Column("only_for", sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")))
        op.add_column(table, sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.text(MARK_THOSE_KNOWN))
    op.drop_index(PRESENT, table_name="messages")
    index_present("channel_id", "id", "only_for")
    op.create_table(
        "removals",
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite"), nullable=False),
        sa.Column("guild_id", sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite"), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "id", name="pk_removals"),
    )
    op.create_table(
        "comparisons",
        sa.Column(
            "channel_id",
            sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("down_to", sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")),
        sa.PrimaryKeyConstraint("channel_id", name="pk_comparisons"),
    )


def downgrade() -> None:
    """Narrow them again. What is one person's alone goes: an older version would tell it to everybody."""
    op.drop_table("comparisons")
    op.drop_table("removals")
    op.execute(sa.text("DELETE FROM messages WHERE only_for IS NOT NULL"))
    op.drop_index(PRESENT, table_name="messages")
    for table in ("messages", "turns"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("only_for")
            batch.drop_column("private")
    index_present("channel_id", "id")


def index_present(*columns: str) -> None:
    """Make the index of messages that are not deleted."""
    where = sa.text("deleted_at IS NULL")
    op.create_index(PRESENT, "messages", list(columns), sqlite_where=where, postgresql_where=where)
