"""Every turn, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Update, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.events import Usage
from bot.domain.turns import Turn, TurnState
from bot.errors import ErrorKind
from bot.storage.engine import Database
from bot.storage.statements import insert_once
from bot.storage.tables import turn_replies, turns

_UNFINISHED = turns.c.state.in_([state for state in TurnState if not state.final])
_ONE = turns.c.id == bindparam("turn")
_SAME_PAGES = turns.c.reply_ids == bindparam("pages")
_BY_ID = select(turns).where(_ONE)
_BY_REPLY = (
    select(turns)
    .join(turn_replies, turn_replies.c.turn_id == turns.c.id)
    .where(turn_replies.c.message_id == bindparam("message"))
    .order_by(turn_replies.c.turn_id.desc())
    .limit(1)
)
_ALL_UNFINISHED = select(turns).where(_UNFINISHED).order_by(turns.c.id)
_INSERT_REPLY = insert(turn_replies)
_DELETE_REPLIES = delete(turn_replies).where(turn_replies.c.turn_id == bindparam("turn"))
# The columns to set are those of the values that they are run with.
_CHECKPOINT = update(turns).where(_ONE, _UNFINISHED)
_CHECKPOINT_ON_SAME_PAGES = _CHECKPOINT.where(_SAME_PAGES)
_FINISH = update(turns).where(_ONE)
_FINISH_ON_SAME_PAGES = _FINISH.where(_SAME_PAGES)


class SqlTurnStore:
    """``TurnStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._create = insert_once(database, turns)

    async def create(self, turn: Turn) -> bool:
        """Keep a new turn; False, and nothing changed, where its id is there already."""
        row = _row(turn)
        if not turn.reply_ids:
            return await self._database.execute("keep a turn", self._create, row) == 1
        async with self._database.write("keep a turn") as connection:
            created = (await connection.execute(self._create, row)).rowcount == 1
            if created:
                await _insert_replies(connection, turn.id, turn.reply_ids)
        return created

    async def get(self, turn_id: int) -> Turn | None:
        """Find a turn."""
        found = await self._turns("read a turn", _BY_ID, turn=turn_id)
        return found[0] if found else None

    async def checkpoint(self, turn_id: int, *, reply_ids: tuple[int, ...], text: str, updated_at: datetime) -> None:
        """Note how far a turn is; it becomes ``streaming``. Does nothing where the turn is final or unknown."""
        values = {"turn": turn_id, "state": TurnState.STREAMING, "text": text, "updated_at": updated_at}
        await self._change("note how far a turn is", _CHECKPOINT, _CHECKPOINT_ON_SAME_PAGES, values, reply_ids)

    async def finish(
        self,
        turn_id: int,
        *,
        state: TurnState,
        reply_ids: tuple[int, ...],
        text: str,
        updated_at: datetime,
        error_kind: ErrorKind | None = None,
        usage: Usage | None = None,
    ) -> None:
        """Close a turn with a final state; of two that close it the last one stands. An unknown turn stays unknown.

        Without ``usage`` what was noted of it stays. Raises ``ValueError`` where ``state`` is not final.
        """
        if not state.final:
            raise ValueError(f"a turn can't end as {state.value}")
        values = {
            "turn": turn_id,
            "state": state,
            "text": text,
            "updated_at": updated_at,
            "error_kind": error_kind,
            **({} if usage is None else _usage_columns(usage)),
        }
        await self._change("close a turn", _FINISH, _FINISH_ON_SAME_PAGES, values, reply_ids)

    async def by_reply(self, message_id: int) -> Turn | None:
        """Find the turn whose reply has this Discord message as one of its pages; of several the newest."""
        found = await self._turns("find the turn of a reply", _BY_REPLY, message=message_id)
        return found[0] if found else None

    async def unfinished(self) -> tuple[Turn, ...]:
        """Return the turns that are queued or streaming, oldest first."""
        return tuple(await self._turns("find the turns under way", _ALL_UNFINISHED))

    async def _change(
        self,
        operation: str,
        statement: Update,
        on_same_pages: Update,
        values: Mapping[str, Any],
        reply_ids: tuple[int, ...],
    ) -> None:
        # Pages change seldom, checkpoints come once a second: most of them are this one statement.
        if await self._database.execute(operation, on_same_pages, {**values, "pages": reply_ids}):
            return
        turn_id = values["turn"]
        async with self._database.write(operation) as connection:
            if (await connection.execute(statement, {**values, "reply_ids": reply_ids})).rowcount:
                await connection.execute(_DELETE_REPLIES, {"turn": turn_id})
                await _insert_replies(connection, turn_id, reply_ids)

    async def _turns(self, operation: str, query: Select[*tuple[Any, ...]], **values: int) -> list[Turn]:
        async with self._database.read(operation) as connection:
            return [_turn(row) for row in await connection.execute(query, values)]


async def _insert_replies(connection: AsyncConnection, turn_id: int, reply_ids: tuple[int, ...]) -> None:
    rows = [{"message_id": reply_id, "turn_id": turn_id} for reply_id in dict.fromkeys(reply_ids)]
    if rows:
        await connection.execute(_INSERT_REPLY, rows)


def _row(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.id,
        "channel_id": turn.channel_id,
        "guild_id": turn.guild_id,
        "asker_id": turn.asker_id,
        "mode": turn.mode,
        "state": turn.state,
        "prompt": turn.prompt,
        "locale": turn.locale,
        "created_at": turn.created_at,
        "updated_at": turn.updated_at,
        "reply_ids": turn.reply_ids,
        "text": turn.text,
        "error_kind": turn.error_kind,
        **_usage_columns(turn.usage),
    }


def _usage_columns(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "pictures": usage.pictures,
    }


def _turn(row: Row[*tuple[Any, ...]]) -> Turn:
    return Turn(
        id=row.id,
        channel_id=row.channel_id,
        guild_id=row.guild_id,
        asker_id=row.asker_id,
        mode=row.mode,
        state=row.state,
        prompt=row.prompt,
        locale=row.locale,
        created_at=row.created_at,
        updated_at=row.updated_at,
        reply_ids=row.reply_ids,
        text=row.text,
        error_kind=row.error_kind,
        usage=Usage(
            prompt_tokens=row.prompt_tokens,
            completion_tokens=row.completion_tokens,
            total_tokens=row.total_tokens,
            pictures=row.pictures,
        ),
    )
