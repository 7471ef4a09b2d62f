"""Which drawings were made for one person alone.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The wish is a JSON object as ``json.dumps`` writes it; inside of its strings quotation marks are escaped.
MARK_THOSE_KNOWN = """
UPDATE drawings SET private = true
WHERE turn_id IN (SELECT id FROM turns WHERE wish LIKE '%"private": true%')
"""


def upgrade() -> None:
    """Widen drawings; what is known of those that were made before is noted."""
    op.add_column("drawings", sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.text(MARK_THOSE_KNOWN))


def downgrade() -> None:
    """Narrow it again."""
    with op.batch_alter_table("drawings") as batch:
        batch.drop_column("private")
