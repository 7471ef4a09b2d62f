"""Questions that are asked in several messages.

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

big = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")


def upgrade() -> None:
    """Name the question that a message is a further one of."""
    op.add_column("messages", sa.Column("part_of", big))
    part = sa.column("part_of").is_not(None)
    op.create_index("ix_messages_parts", "messages", ["part_of"], sqlite_where=part, postgresql_where=part)


def downgrade() -> None:
    """Leave the messages as they are."""
    op.drop_index("ix_messages_parts", "messages")
    op.drop_column("messages", "part_of")
