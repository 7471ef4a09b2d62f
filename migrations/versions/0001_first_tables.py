"""First tables: messages, turns, replies, drawings.

Revision: 0001, after nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out here, not imported: a revision stays what it was when the code goes on.
big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "messages",
        sa.Column("channel_id", big, nullable=False, autoincrement=False),
        sa.Column("id", big, nullable=False, autoincrement=False),
        sa.Column("guild_id", big),
        sa.Column("author_id", big, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reply_to", big),
        sa.Column("edited_at", moment),
        sa.Column("deleted_at", moment),
        sa.PrimaryKeyConstraint("channel_id", "id", name="pk_messages"),
    )
    op.create_index(
        "ix_messages_present",
        "messages",
        ["channel_id", "id"],
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "turns",
        sa.Column("id", big, nullable=False, autoincrement=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("guild_id", big),
        sa.Column("asker_id", big, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("reply_ids", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("error_kind", sa.String(32)),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("total_tokens", sa.Integer, nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_state", "turns", ["state"])
    op.create_table(
        "turn_replies",
        sa.Column("message_id", big, nullable=False, autoincrement=False),
        sa.Column("turn_id", big, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("message_id", "turn_id", name="pk_turn_replies"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_replies_turn_id_turns", ondelete="CASCADE"),
    )
    op.create_index("ix_turn_replies_turn_id", "turn_replies", ["turn_id"])
    op.create_table(
        "drawings",
        sa.Column("turn_id", big, nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("message_id", big, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("scale", sa.Integer, nullable=False),
        sa.Column("seed", big, nullable=False),
        sa.Column("enhance", sa.Boolean, nullable=False),
        sa.Column("control", sa.String(32), nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "position", name="pk_drawings"),
    )
    op.create_index("ix_drawings_message_id", "drawings", ["message_id"])


def downgrade() -> None:
    """Drop the tables and all that is in them."""
    op.drop_table("drawings")
    op.drop_table("turn_replies")
    op.drop_table("turns")
    op.drop_table("messages")
