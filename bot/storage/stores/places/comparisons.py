"""How far channels have been compared with Discord, in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select

from bot.domain.history.removals import Comparison
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace
from bot.storage.schema.tables import comparisons, messages

_PRESENT = messages.c.deleted_at.is_(None)
_NEXT_CHANNEL = select(func.min(messages.c.channel_id)).where(_PRESENT, messages.c.channel_id > bindparam("after"))
"""One step through the index on (channel, message), however many messages a channel has."""
_NEWEST = (
    select(messages.c.id)
    .where(_PRESENT, messages.c.channel_id == bindparam("channel"), messages.c.only_for.is_(None))
    .order_by(messages.c.id.desc())
    .limit(1)
)
_ONE = select(comparisons).where(comparisons.c.channel_id == bindparam("channel"))


class SqlComparisonStore:
    """``ComparisonStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._note = insert_or_replace(database, comparisons)

    async def channels(self, *, after: int, limit: int) -> tuple[tuple[int, int], ...]:
        found: list[tuple[int, int]] = []
        async with self._database.read("find the channels that something is kept of") as connection:
            while len(found) < limit:
                channel_id: int | None = await connection.scalar(_NEXT_CHANNEL, {"after": after})
                if channel_id is None:
                    break
                after = channel_id
                newest: int | None = await connection.scalar(_NEWEST, {"channel": channel_id})
                if newest is not None:
                    found.append((channel_id, newest))
        return tuple(found)

    async def comparison(self, channel_id: int) -> Comparison | None:
        async with self._database.read("look up how far a channel was compared") as connection:
            row = (await connection.execute(_ONE, {"channel": channel_id})).one_or_none()
        return None if row is None else Comparison(**row._asdict())

    async def note(self, comparison: Comparison) -> None:
        values: dict[str, Any] = {
            "channel_id": comparison.channel_id,
            "begun_at": comparison.begun_at,
            "down_to": comparison.down_to,
        }
        await self._database.execute("note how far a channel was compared", self._note, values)
