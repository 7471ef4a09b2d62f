"""The pictures that were delivered, in the database: their recipes, not their bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select

from bot.domain.drawings import Drawing, DrawingParameters, Size
from bot.storage.engine import Database
from bot.storage.statements import insert_or_replace
from bot.storage.tables import drawings

_BY_MESSAGE = (
    select(drawings)
    .where(drawings.c.message_id == bindparam("message"))
    .order_by(drawings.c.turn_id, drawings.c.position)
)


class SqlDrawingStore:
    """``DrawingStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = insert_or_replace(database, drawings)

    async def add(self, drawing: Drawing) -> None:
        """Keep a drawing; one that is there already (turn_id, index) is replaced."""
        await self._database.execute("keep a drawing", self._add, _row(drawing))

    async def by_message(self, message_id: int) -> tuple[Drawing, ...]:
        """Find the drawings of a Discord message, by index; those of an earlier turn first."""
        async with self._database.read("find the drawings of a message") as connection:
            return tuple(_drawing(row) for row in await connection.execute(_BY_MESSAGE, {"message": message_id}))


def _row(drawing: Drawing) -> dict[str, Any]:
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
    )
