"""Every turn, in the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, bindparam, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.history.messages import HistoryMessage
from bot.domain.lease.record import NO_FENCE, FenceOf, no_fence
from bot.domain.model.events import FinishReason, Usage
from bot.domain.turn.closed import ClosedTurn
from bot.domain.turn.record import ProblemKind, Turn, TurnState, Version
from bot.storage.database.batches import Batches
from bot.storage.database.engine import Database
from bot.storage.database.statements import insert_once
from bot.storage.lease.fence import check_fence
from bot.storage.schema.tables import messages, turn_replies, turn_versions, turns
from bot.storage.stores.checkpoints import UNFINISHED, Checkpoints
from bot.storage.stores.closes import Closing, hold, insert_replies
from bot.storage.stores.drawings import remove_drawings
from bot.storage.stores.history import message_row
from bot.storage.stores.turn_rows import turn_of, turn_row, usage_columns, version_of

CLOSE_BATCH = 20
"""Turns that are closed in one transaction: some 2 ms each, for which others who write wait."""
FORGET_BATCH = 500
"""Ids in one statement; Discord's own bulk deletes have 100 at most (its documentation, "Bulk Delete Messages")."""

LOOK_BACK_TURNS = 50_000
"""How many of the newest turns ``half_forgotten`` looks at: some 100 ms on SQLite."""

_ONE = turns.c.id == bindparam("turn")
_MANY = turns.c.id.in_(bindparam("turns", expanding=True))
_BY_ID = select(turns).where(_ONE)
_BY_REPLY = (
    select(turns)
    .join(turn_replies, turn_replies.c.turn_id == turns.c.id)
    .where(turn_replies.c.message_id == bindparam("message"))
    .order_by(turn_replies.c.turn_id.desc())
    .limit(1)
)
_BY_PART = (
    select(turns)
    .join(messages, messages.c.part_of == turns.c.id)
    .where(messages.c.channel_id == bindparam("channel"), messages.c.id == bindparam("message"))
)
_ORPHANS = (
    select(turns)
    .where(UNFINISHED, or_(turns.c.fence != bindparam("under"), turns.c.fence == NO_FENCE))
    .order_by(turns.c.id)
)
_OLDEST_LOOKED_AT = select(turns.c.id).order_by(turns.c.id.desc()).offset(LOOK_BACK_TURNS).limit(1).scalar_subquery()
_HALF_FORGOTTEN = (
    select(turns)
    .join(messages, and_(messages.c.channel_id == turns.c.channel_id, messages.c.id == turns.c.id))
    .where(messages.c.deleted_at.is_not(None), turns.c.prompt != "", ~UNFINISHED)
    .where(turns.c.id > bindparam("after"), turns.c.id > func.coalesce(_OLDEST_LOOKED_AT, -1))
    .order_by(turns.c.id)
    .limit(bindparam("limit"))
)
_CHANGE = update(turns).where(_ONE)

_VERSIONS_OF = turn_versions.c.turn_id == bindparam("turn")
_VERSIONS = select(turn_versions).where(_VERSIONS_OF).order_by(turn_versions.c.number)
_VERSION = select(turn_versions).where(_VERSIONS_OF, turn_versions.c.number == bindparam("wanted"))
_HIGHEST_VERSION = select(func.max(turn_versions.c.number)).where(_VERSIONS_OF)
# Several turns are held in the order of their ids, as in ``closes``.
_HOLD_MANY = select(turns.c.id).where(_MANY).order_by(turns.c.id).with_for_update()
_FORGET = (
    update(turns)
    .where(_MANY)
    .values(
        prompt="",
        text="",
        wish=None,
        state=case((UNFINISHED, literal(TurnState.STOPPED, turns.c.state.type)), else_=turns.c.state),
    )
)
_FORGET_ANSWER = update(turns).where(_MANY, ~UNFINISHED).values(text="")
_FORGET_VERSIONS = (
    update(turn_versions).where(turn_versions.c.turn_id.in_(bindparam("turns", expanding=True))).values(text="")
)


_New: TypeAlias = tuple[Turn, tuple[HistoryMessage, ...]]
"""A turn and the lines of its question."""


class SqlTurnStore:
    """``TurnStore`` on a database."""

    def __init__(
        self,
        database: Database,
        *,
        unstored: Callable[[tuple[str, ...]], Awaitable[None]] | None = None,
        fence: FenceOf = no_fence,
    ) -> None:
        """``unstored`` takes the files of drawings away that are forgotten with their turns."""
        self._database = database
        self._fence = fence
        self._unstored = unstored
        self._insert_turns = insert_once(database, turns).returning(turns.c.id)
        self._insert_messages = insert_once(database, messages)
        self._checkpoints = Checkpoints(database)
        self._closing = Closing(database)
        self._new: Batches[_New, bool] = Batches(self._create)
        self._ended: Batches[ClosedTurn, None] = Batches(self._close, size=CLOSE_BATCH)

    async def create(self, turn: Turn, prompt: HistoryMessage | None, parts: tuple[HistoryMessage, ...] = ()) -> bool:
        """Keep a new turn with its prompt and parts, if any; False, and nothing changed, where its id is there already.

        Those that come while others are being kept share a transaction: fifty at once wait for one, not for fifty.
        """
        return await self._new.submit((turn, (*((prompt,) if prompt is not None else ()), *parts)))

    async def _create(self, batch: Sequence[_New]) -> Sequence[bool]:
        first: dict[int, int] = {}
        for index, (turn, _) in enumerate(batch):
            first.setdefault(turn.id, index)
        unique = [batch[index] for index in first.values()]

        fence = self._fence()

        async def work(connection: AsyncConnection) -> set[int]:
            await check_fence(connection, fence)
            rows = [turn_row(turn, fence) for turn, _ in unique]
            kept = set(await connection.scalars(self._insert_turns, rows))
            created = [(turn, lines) for turn, lines in unique if turn.id in kept]
            said = [message_row(line) for _, lines in created for line in lines]
            if said:
                await connection.execute(self._insert_messages, said)
            await insert_replies(connection, {turn.id: turn.reply_ids for turn, _ in created})
            return kept

        # Somebody waits for the answer, and nobody for how far others are; all that come meanwhile share the next one.
        kept = await self._database.transaction("keep a turn", work, urgent=True)
        return [turn.id in kept and first[turn.id] == index for index, (turn, _) in enumerate(batch)]

    async def get(self, turn_id: int) -> Turn | None:
        found = await self._turns("read a turn", _BY_ID, turn=turn_id)
        return found[0] if found else None

    async def checkpoint(self, turn_id: int, *, reply_ids: tuple[int, ...], text: str, updated_at: datetime) -> None:
        await self._checkpoints.note(
            turn_id, fence=self._fence(), reply_ids=reply_ids, text=text, updated_at=updated_at
        )

    async def finish(
        self,
        turn_id: int,
        *,
        state: TurnState,
        reply_ids: tuple[int, ...],
        text: str,
        updated_at: datetime,
        reason: FinishReason = FinishReason.STOP,
        error_kind: ProblemKind | None = None,
        usage: Usage | None = None,
    ) -> None:
        """Close a turn with a final state, and keep its answer as the version that stands.

        Of two that close it the last one stands, and an unknown turn stays unknown. Without ``usage`` what was noted of
        it stays. Raises ``ValueError`` where ``state`` is not final.
        """
        if not state.final:
            raise ValueError(f"a turn can't end as {state.value}")
        values = {
            "turn": turn_id,
            "state": state,
            "answer": text,
            "updated_at": updated_at,
            "reason": reason,
            "error_kind": error_kind,
            **({} if usage is None else usage_columns(usage)),
        }

        async def work(connection: AsyncConnection) -> None:
            await check_fence(connection, self._fence())
            await self._closing.finish(connection, values, reply_ids)

        await self._database.transaction("close a turn", work)

    async def close(self, closed: ClosedTurn) -> None:
        """Keep how a turn ended, with all that goes along with it; repeating changes nothing.

        Those that end while others are being closed share a transaction.
        """
        if not closed.state.final:
            raise ValueError(f"a turn can't end as {closed.state.value}")
        await self._ended.submit(closed)

    async def _close(self, batch: Sequence[ClosedTurn]) -> Sequence[None]:
        async def work(connection: AsyncConnection) -> tuple[str, ...]:
            await check_fence(connection, self._fence())
            return await self._closing.close(connection, batch)

        # Who asked may ask again at once, and has to wait while this turn still counts.
        names = await self._database.transaction("close a turn", work, urgent=True)
        if names and self._unstored is not None:
            await self._unstored(names)
        return [None] * len(batch)

    async def begin_version(self, turn_id: int, *, updated_at: datetime, prompt: str | None = None) -> int | None:
        """Start a new answer; returns its number, None where the turn is unknown, not final or forgotten."""

        fence = self._fence()

        async def work(connection: AsyncConnection) -> int | None:
            await check_fence(connection, fence)
            turn = await hold(connection, turn_id)
            if turn is None or not turn.state.final or not turn.prompt:
                return None
            highest = await connection.scalar(_HIGHEST_VERSION, {"turn": turn_id})
            number: int = max(turn.version, highest or 0) + 1
            values = {"state": TurnState.QUEUED, "text": "", "reason": FinishReason.STOP, "error_kind": None}
            if prompt:
                values["prompt"] = prompt
            begun = {"turn": turn_id, "version": number, "updated_at": updated_at, "fence": fence}
            await connection.execute(_CHANGE, {**begun, **values})
            return number

        return await self._database.transaction("begin a version", work)

    async def versions(self, turn_id: int) -> tuple[Version, ...]:
        async with self._database.read("read the versions of a turn") as connection:
            return tuple(version_of(row) for row in await connection.execute(_VERSIONS, {"turn": turn_id}))

    async def show_version(self, turn_id: int, number: int, *, updated_at: datetime) -> bool:
        """Let an earlier answer stand; False where it is not there or a new one is under way."""

        async def work(connection: AsyncConnection) -> bool:
            await check_fence(connection, self._fence())
            turn = await hold(connection, turn_id)
            if turn is None or not turn.state.final:
                return False
            row = (await connection.execute(_VERSION, {"turn": turn_id, "wanted": number})).one_or_none()
            if row is None:
                return False
            values = {"text": row.text, "state": row.state, "reason": row.reason, "error_kind": row.error_kind}
            await connection.execute(_CHANGE, {"turn": turn_id, "version": number, "updated_at": updated_at, **values})
            return True

        return await self._database.transaction("show a version", work)

    async def forget(self, turn_ids: tuple[int, ...]) -> None:
        """Empty the prompts, texts and versions of turns, of all or none; those under way become ``stopped``.

        Their drawings go, in the same transaction, and the files of these.
        """

        async def work(connection: AsyncConnection) -> tuple[str, ...]:
            ordered = sorted(set(turn_ids))
            for start in range(0, len(ordered), FORGET_BATCH):
                values = {"turns": ordered[start : start + FORGET_BATCH]}
                for statement in (_HOLD_MANY, _FORGET, _FORGET_VERSIONS):
                    await connection.execute(statement, values)
            return await remove_drawings(connection, turn_ids)

        names = await self._database.transaction("forget turns", work)
        self._database.wipe_soon()
        if names and self._unstored is not None:
            await self._unstored(names)

    async def forget_answers(self, turn_id: int) -> None:
        """Empty the texts of a turn that has ended and of its versions."""

        async def work(connection: AsyncConnection) -> None:
            for statement in (_HOLD_MANY, _FORGET_ANSWER, _FORGET_VERSIONS):
                await connection.execute(statement, {"turns": (turn_id,)})

        await self._database.transaction("forget an answer", work)
        self._database.wipe_soon()

    async def half_forgotten(self, *, after: int, limit: int) -> tuple[Turn, ...]:
        return tuple(await self._turns("find what is deleted", _HALF_FORGOTTEN, after=after, limit=limit))

    async def by_reply(self, message_id: int) -> Turn | None:
        found = await self._turns("find the turn of a reply", _BY_REPLY, message=message_id)
        return found[0] if found else None

    async def by_part(self, channel_id: int, message_id: int) -> Turn | None:
        found = await self._turns("find the turn of a part", _BY_PART, channel=channel_id, message=message_id)
        return found[0] if found else None

    async def unfinished(self) -> tuple[Turn, ...]:
        """Return the turns that are queued or streaming under another fence than this process's, oldest first."""
        return tuple(await self._turns("find the turns under way", _ORPHANS, under=self._fence()))

    async def _turns(self, operation: str, query: Select[*tuple[Any, ...]], **values: object) -> list[Turn]:
        async with self._database.read(operation) as connection:
            return [turn_of(row) for row in await connection.execute(query, values)]
