"""Who answers for a shard, and under which fence a turn is worked on.

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Turns of before are worked on by no process that knows of leases: the next start ends them."""
    op.create_table(
        "leases",
        sa.Column("shard_count", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("shard_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("fence", big, nullable=False),
        sa.Column("beats", big, nullable=False),
        sa.Column("bot_id", big, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("pid", big, nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shard_count", "shard_id", name="pk_leases"),
    )
    op.add_column("turns", sa.Column("fence", big, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop both."""
    with op.batch_alter_table("turns") as batch:
        batch.drop_column("fence")
    op.drop_table("leases")
