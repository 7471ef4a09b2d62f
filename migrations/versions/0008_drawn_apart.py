"""Keep what was drawn apart from an answer's words.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the history. Lines of before keep their recipe at the end of their text, where it is read as well."""
    op.add_column("messages", sa.Column("drawn", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Narrow it again; answers keep their words."""
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("drawn")
