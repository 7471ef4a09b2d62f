"""Settings of places with their changes, usage with quotas, and drawings that are kept before they are delivered.

Revision: 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
moment = sa.DateTime(timezone=True)

DRAWING_COLUMNS = ("guild_id", "asker_id", "took_s", "stored", "spoiler")


def upgrade() -> None:
    """Make the tables of settings and usage; widen turns and drawings."""
    op.create_table(
        "settings",
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("scope_id", big, nullable=False, autoincrement=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("guild_id", big, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("scope", "scope_id", "key", name="pk_settings"),
    )
    op.create_index("ix_settings_guild_id", "settings", ["guild_id"])
    op.create_table(
        "setting_changes",
        sa.Column("id", big, nullable=False),
        sa.Column("guild_id", big, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("scope_id", big, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("old", sa.Text),
        sa.Column("new", sa.Text),
        sa.Column("by_id", big, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setting_changes"),
    )
    op.create_index("ix_setting_changes_guild_id_id", "setting_changes", ["guild_id", "id"])
    revisions = op.create_table(
        "revisions",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("number", big, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_revisions"),
    )
    op.bulk_insert(revisions, [{"name": "settings", "number": 0}])
    op.create_table(
        "usage",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("guild_id", big, nullable=False, autoincrement=False),
        sa.Column("channel_id", big, nullable=False, autoincrement=False),
        sa.Column("user_id", big, nullable=False, autoincrement=False),
        sa.Column("calls", big, nullable=False),
        sa.Column("prompt_tokens", big, nullable=False),
        sa.Column("completion_tokens", big, nullable=False),
        sa.Column("total_tokens", big, nullable=False),
        sa.Column("pictures", big, nullable=False),
        sa.PrimaryKeyConstraint("day", "guild_id", "channel_id", "user_id", name="pk_usage"),
    )
    op.create_index("ix_usage_guild_id_day", "usage", ["guild_id", "day"])
    op.create_index("ix_usage_user_id_day", "usage", ["user_id", "day"])
    op.create_table(
        "spent",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("guild_id", big, nullable=False, autoincrement=False),
        sa.Column("user_id", big, nullable=False, autoincrement=False),
        sa.Column("calls", big, nullable=False),
        sa.Column("tokens", big, nullable=False),
        sa.Column("pictures", big, nullable=False),
        sa.PrimaryKeyConstraint("day", "guild_id", "user_id", name="pk_spent"),
    )
    op.create_table(
        "reservations",
        sa.Column("turn_id", big, nullable=False, autoincrement=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("guild_id", big, nullable=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("user_id", big, nullable=False),
        sa.Column("calls", big, nullable=False),
        sa.Column("tokens", big, nullable=False),
        sa.Column("pictures", big, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name="pk_reservations"),
    )
    op.add_column("turns", sa.Column("wish", sa.Text))
    # A picture is kept before Discord has it: then there is no message yet.
    with op.batch_alter_table("drawings") as batch:
        batch.alter_column("message_id", existing_type=big, nullable=True)
        batch.add_column(sa.Column("guild_id", big))
        batch.add_column(sa.Column("asker_id", big, nullable=False, server_default="0"))
        batch.add_column(sa.Column("took_s", sa.Float))
        batch.add_column(sa.Column("stored", sa.Text))
        batch.add_column(sa.Column("spoiler", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE drawings SET "
        "guild_id = (SELECT guild_id FROM turns WHERE turns.id = drawings.turn_id), "
        "asker_id = COALESCE((SELECT asker_id FROM turns WHERE turns.id = drawings.turn_id), 0)"
    )
    op.create_index("ix_drawings_created_at", "drawings", ["created_at"])
    op.create_index("ix_drawings_asker_id_created_at", "drawings", ["asker_id", "created_at"])


def downgrade() -> None:
    """Drop what was added; drawings that were never delivered go."""
    op.drop_index("ix_drawings_asker_id_created_at", "drawings")
    op.drop_index("ix_drawings_created_at", "drawings")
    op.execute("DELETE FROM drawings WHERE message_id IS NULL")
    with op.batch_alter_table("drawings") as batch:
        for column in DRAWING_COLUMNS:
            batch.drop_column(column)
        batch.alter_column("message_id", existing_type=big, nullable=False)
    with op.batch_alter_table("turns") as batch:
        batch.drop_column("wish")
    for table in ("reservations", "spent", "usage", "revisions", "setting_changes", "settings"):
        op.drop_table(table)
