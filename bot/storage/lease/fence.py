"""The check that a write of turns makes first: is the lease still held under which it is made?"""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.lease.record import NO_FENCE
from bot.errors import TakenOverError
from bot.storage.schema.tables import leases

# PostgreSQL: whoever takes a lease over waits until this transaction has ended, whoever renews one does not (its
# documentation, "Row-Level Locks"). On SQLite, where one writes at a time, the lock is left out.
_HELD = (
    select(leases.c.fence)
    .where(leases.c.fence == bindparam("fence"), leases.c.holder != "")
    .limit(1)
    .with_for_update(read=True, key_share=True)
)


async def check_fence(connection: AsyncConnection, fence: int) -> None:
    """Make sure of a lease until the transaction has ended; to be asked before any other row is touched.

    Raises ``TakenOverError``. ``NO_FENCE`` is not checked: no lease was taken, as in tests.
    """
    if fence != NO_FENCE and await connection.scalar(_HELD, {"fence": fence}) is None:
        raise TakenOverError("another process has taken over what this write belongs to")
