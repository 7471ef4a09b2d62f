"""Versions of answers, and what control of replies needs to know of a turn.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
moment = sa.DateTime(timezone=True)

COLUMNS = ("source", "asker_name", "parent_id", "version", "reason")


def upgrade() -> None:
    """Add columns to turns, the table of versions, and a version for each answer that has ended."""
    op.add_column("turns", sa.Column("source", sa.String(16), nullable=False, server_default="message"))
    op.add_column("turns", sa.Column("asker_name", sa.Text, nullable=False, server_default=""))
    op.add_column("turns", sa.Column("parent_id", big))
    op.add_column("turns", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("turns", sa.Column("reason", sa.String(16), nullable=False, server_default="stop"))
    op.create_index("ix_turns_channel_id_created_at", "turns", ["channel_id", "created_at"])
    # What was asked for by a command alone came by one; of the other turns it can't be told any more.
    op.execute("UPDATE turns SET source = 'interaction' WHERE mode = 'draw'")
    op.execute(
        "UPDATE turns SET asker_name = COALESCE((SELECT author_name FROM messages "
        "WHERE messages.channel_id = turns.channel_id AND messages.id = turns.id), '')"
    )
    op.create_table(
        "turn_versions",
        sa.Column("turn_id", big, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("error_kind", sa.String(32)),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "number", name="pk_turn_versions"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_versions_turn_id_turns", ondelete="CASCADE"),
    )
    # One that is under way gets its version when it ends.
    op.execute(
        "INSERT INTO turn_versions (turn_id, number, text, state, reason, error_kind, created_at) "
        "SELECT id, version, text, state, reason, error_kind, updated_at FROM turns "
        "WHERE state NOT IN ('queued', 'streaming')"
    )
    op.create_index(
        "ix_messages_recent",
        "messages",
        ["created_at", "channel_id"],
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    """Drop what was added; of each turn the answer that stands remains."""
    op.drop_index("ix_messages_recent", "messages")
    op.drop_table("turn_versions")
    op.drop_index("ix_turns_channel_id_created_at", "turns")
    with op.batch_alter_table("turns") as batch:
        for column in COLUMNS:
            batch.drop_column(column)
