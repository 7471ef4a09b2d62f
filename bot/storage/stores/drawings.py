"""The pictures that were made, in the database: their recipes and the names of their files, not their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.lease.record import FenceOf, no_fence
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters, Size
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace
from bot.storage.lease.fence import check_fence
from bot.storage.schema.tables import drawings

NEARLY = 0.25
"""How much the pixels and the steps of a drawing may differ from another's that it is compared with."""
BATCH = 500
"""Ids in one statement."""

_IN_ORDER = (drawings.c.turn_id, drawings.c.position)
_MANY = drawings.c.turn_id.in_(bindparam("turns", expanding=True))
_BY_MESSAGE = select(drawings).where(drawings.c.message_id == bindparam("message")).order_by(*_IN_ORDER)
_BY_TURN = select(drawings).where(drawings.c.turn_id == bindparam("turn")).order_by(*_IN_ORDER)
_STORED = select(drawings).where(drawings.c.stored.is_not(None)).order_by(*_IN_ORDER)
# Both walk the newest drawings by ``created_at``; ``since`` and the number of rows keep them short.
_TOOK = (
    select(drawings.c.took_s)
    .where(
        drawings.c.created_at >= bindparam("since"),
        drawings.c.took_s.is_not(None),
        drawings.c.model == bindparam("model"),
        (drawings.c.width * drawings.c.height).between(bindparam("fewest_px"), bindparam("most_px")),
        drawings.c.steps.between(bindparam("fewest"), bindparam("most")),
    )
    .order_by(drawings.c.created_at.desc())
    .limit(bindparam("limit"))
)
_LATELY = (
    select(drawings.c.model, drawings.c.created_at, drawings.c.asker_id, drawings.c.guild_id, drawings.c.private)
    .order_by(drawings.c.created_at.desc())
    .limit(1000)
    .subquery()
)
_MODELS = (
    select(_LATELY.c.model)
    .where(
        or_(
            _LATELY.c.asker_id == bindparam("asker"),
            and_(_LATELY.c.guild_id == bindparam("guild"), _LATELY.c.private.is_(False)),
        )
    )
    .group_by(_LATELY.c.model)
    .order_by(func.max(_LATELY.c.created_at).desc())
    .limit(bindparam("limit"))
)
_NAMES = select(drawings.c.stored).where(_MANY, drawings.c.stored.is_not(None))
_REMOVE = delete(drawings).where(_MANY)
_RELEASE = update(drawings).where(_MANY, drawings.c.stored.in_(bindparam("names", expanding=True))).values(stored=None)


class SqlDrawingStore:
    """``DrawingStore`` on a database."""

    def __init__(self, database: Database, *, fence: FenceOf = no_fence) -> None:
        self._database = database
        self._fence = fence
        self._add = insert_or_replace(database, drawings)

    async def add(self, drawing: Drawing) -> None:
        async def work(connection: AsyncConnection) -> None:
            await check_fence(connection, self._fence())
            await connection.execute(self._add, drawing_row(drawing))

        await self._database.transaction("keep a drawing", work)

    async def by_message(self, message_id: int) -> tuple[Drawing, ...]:
        """Find the drawings of a Discord message, by index; those of an earlier turn first."""
        return await self._drawings("find the drawings of a message", _BY_MESSAGE, message=message_id)

    async def by_turn(self, turn_id: int) -> tuple[Drawing, ...]:
        return await self._drawings("find the drawings of a turn", _BY_TURN, turn=turn_id)

    async def took(self, like: DrawingParameters, *, since: datetime, limit: int) -> tuple[float, ...]:
        pixels = like.size.width * like.size.height
        values = {
            "since": since,
            "model": like.model,
            "fewest_px": int(pixels * (1 - NEARLY)),
            "most_px": int(pixels * (1 + NEARLY)),
            "fewest": int(like.steps * (1 - NEARLY)),
            "most": int(like.steps * (1 + NEARLY)) + 1,
            "limit": limit,
        }
        async with self._database.read("look up how long drawings took") as connection:
            return tuple(await connection.scalars(_TOOK, values))

    async def models(self, *, asker_id: int, guild_id: int | None, limit: int) -> tuple[str, ...]:
        """Name the models of the newest drawings, a user's and a guild's but others' private ones, latest first."""
        values = {"asker": asker_id, "guild": guild_id, "limit": limit}
        async with self._database.read("look up which models were used") as connection:
            return tuple(await connection.scalars(_MODELS, values))

    async def remove(self, turn_ids: tuple[int, ...]) -> tuple[str, ...]:
        """Forget the drawings of turns; returns the names of the files that held them."""
        names = await self._database.transaction(
            "forget drawings", lambda connection: remove_drawings(connection, turn_ids)
        )
        self._database.wipe_soon()
        return names

    async def stored(self) -> tuple[Drawing, ...]:
        return await self._drawings("list the pictures that are kept", _STORED)

    async def released(self, names: Mapping[str, int]) -> None:
        listed = list(names)

        async def work(connection: AsyncConnection) -> None:
            for start in range(0, len(listed), BATCH):
                part = listed[start : start + BATCH]
                await connection.execute(_RELEASE, {"names": part, "turns": sorted({names[name] for name in part})})

        if listed:
            await self._database.transaction("note which pictures are kept no more", work)

    async def _drawings(self, operation: str, query: Select[*tuple[Any, ...]], **values: object) -> tuple[Drawing, ...]:
        async with self._database.read(operation) as connection:
            return tuple(_drawing(row) for row in await connection.execute(query, values))


async def remove_drawings(connection: AsyncConnection, turn_ids: tuple[int, ...]) -> tuple[str, ...]:
    """Forget the drawings of turns inside a transaction; returns the names of the files that held them."""
    names: list[str] = []
    ordered = sorted(set(turn_ids))
    for start in range(0, len(ordered), BATCH):
        values = {"turns": ordered[start : start + BATCH]}
        names += await connection.scalars(_NAMES, values)
        await connection.execute(_REMOVE, values)
    return tuple(names)


def drawing_row(drawing: Drawing) -> dict[str, Any]:
    """Make the row of a drawing."""
    parameters = drawing.parameters
    return {
        "turn_id": drawing.turn_id,
        "position": drawing.index,
        "channel_id": drawing.channel_id,
        "message_id": drawing.message_id,
        "prompt": drawing.prompt,
        "model": parameters.model,
        "width": parameters.size.width,
        "height": parameters.size.height,
        "steps": parameters.steps,
        "scale": parameters.scale,
        "seed": parameters.seed,
        "enhance": parameters.enhance,
        "control": parameters.control,
        "filename": drawing.filename,
        "created_at": drawing.created_at,
        "guild_id": drawing.guild_id,
        "asker_id": drawing.asker_id,
        "took_s": drawing.took_s,
        "stored": drawing.stored,
        "spoiler": drawing.spoiler,
        "private": drawing.private,
    }


def _drawing(row: Row[*tuple[Any, ...]]) -> Drawing:
    return Drawing(
        turn_id=row.turn_id,
        index=row.position,
        channel_id=row.channel_id,
        message_id=row.message_id,
        prompt=row.prompt,
        parameters=DrawingParameters(
            model=row.model,
            size=Size(width=row.width, height=row.height),
            steps=row.steps,
            scale=row.scale,
            seed=row.seed,
            enhance=row.enhance,
            control=row.control,
        ),
        filename=row.filename,
        created_at=row.created_at,
        guild_id=row.guild_id,
        asker_id=row.asker_id,
        took_s=row.took_s,
        stored=row.stored,
        spoiler=row.spoiler,
        private=row.private,
    )
