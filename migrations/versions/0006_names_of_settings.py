"""Settings of drawings are no longer called as Miaohua's requests call them.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAMES = {
    "mh_model_name": "drawing_model",
    "mh_output_size": "size",
    "mh_ddim_steps": "steps",
    "mh_scale": "scale",
    "mh_select_seed": "seed",
    "mh_add_prompt": "enhance",
    "mh_controlnet_model": "control",
}

settings = sa.table("settings", *map(sa.column, ("scope", "scope_id", "key", "updated_at")))
setting_changes = sa.table("setting_changes", sa.column("key"))


def upgrade() -> None:
    """Rename what is set, and what the record tells."""
    for old, new in NAMES.items():
        _rename(old, new)


def downgrade() -> None:
    """Give the old names back."""
    for old, new in NAMES.items():
        _rename(new, old)


def _rename(before: str, after: str) -> None:
    # Processes of two versions, or hands, may have set both in one place: what was set last holds, and of what was set
    # at the same moment what has the name that stays.
    _drop_older(before, after, or_as_old=True)
    _drop_older(after, before, or_as_old=False)
    for table in (settings, setting_changes):
        op.execute(sa.update(table).where(table.c.key == before).values(key=after))


def _drop_older(key: str, than: str, *, or_as_old: bool) -> None:
    """Take away each value that is older than that of the other name in the same place."""
    other = settings.alias("other")
    later = other.c.updated_at >= settings.c.updated_at if or_as_old else other.c.updated_at > settings.c.updated_at
    same_place = (other.c.scope == settings.c.scope) & (other.c.scope_id == settings.c.scope_id)
    stands = sa.exists().where(same_place, other.c.key == than, later)
    op.execute(sa.delete(settings).where(settings.c.key == key, stands))
