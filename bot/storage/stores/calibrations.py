"""What is learnt of how models count tokens, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.model.calibration import Known, ModelName
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_or_replace
from bot.storage.schema.tables import calibrations

_MODEL = (calibrations.c.provider, calibrations.c.model)
_NEWEST = func.max(calibrations.c.updated_at)
_BEYOND = select(*_MODEL).group_by(*_MODEL).order_by(_NEWEST.desc(), *_MODEL).offset(bindparam("most"))
_FORGET = delete(calibrations).where(
    calibrations.c.provider == bindparam("of_provider"), calibrations.c.model == bindparam("of_model")
)


class SqlCalibrationStore:
    """``CalibrationStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._set = insert_or_replace(database, calibrations)

    async def load(self) -> Mapping[ModelName, Mapping[str, Known]]:
        found: dict[ModelName, dict[str, Known]] = {}
        async with self._database.read("read how models count tokens") as connection:
            for row in await connection.execute(select(calibrations)):
                terms = found.setdefault(ModelName(provider=row.provider, model=row.model), {})
                terms[row.term] = Known(value=row.value, doubt=row.doubt)
        return found

    async def keep(self, learnt: Mapping[ModelName, Mapping[str, Known]], *, at: datetime, most_models: int) -> None:
        # In one order, as everybody who writes several rows.
        rows = [
            {
                "provider": name.provider,
                "model": name.model,
                "term": term,
                "value": known.value,
                "doubt": known.doubt,
                "updated_at": at,
            }
            for name, terms in sorted(learnt.items(), key=lambda each: (each[0].provider, each[0].model))
            for term, known in sorted(terms.items())
        ]

        async def work(connection: AsyncConnection) -> None:
            if rows:
                await connection.execute(self._set, rows)
            beyond = (await connection.execute(_BEYOND, {"most": most_models})).all()
            if beyond:
                gone = [{"of_provider": row.provider, "of_model": row.model} for row in beyond]
                await connection.execute(_FORGET, gone)

        await self._database.transaction("keep how models count tokens", work)
