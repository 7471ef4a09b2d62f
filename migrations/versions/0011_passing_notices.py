"""Messages of the bot's that are taken away again.

Revision: 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "passing_notices",
        sa.Column("channel_id", big, autoincrement=False, nullable=False),
        sa.Column("message_id", big, autoincrement=False, nullable=False),
        sa.Column("delete_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "message_id", name="pk_passing_notices"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("passing_notices")
