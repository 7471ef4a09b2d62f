"""The newest messages of channels, for many who ask at once in one visit to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.history.messages import Asked, HistoryMessage
from bot.domain.history.readers import Reader
from bot.domain.people import LARGEST_ID
from bot.domain.turn.record import TurnState
from bot.storage.database.batches import Batches
from bot.storage.database.engine import Database
from bot.storage.schema.columns import BIG_INTEGER
from bot.storage.schema.tables import messages, turns

SIZES = (1, 5, 25)
"""How many reads one statement may hold; where there are fewer the rest of it stays empty.

Few sizes, since each is worded once and prepared on each connection: the one of 25 takes 15 ms and 3 MB. Measured on
SQLite, fifty channels with one message each: 3 ms, where fifty statements take 20. SQLite takes 500 such parts (its
documentation, "Implementation Limits For SQLite").
"""

READS_AT_ONCE = 50
"""Reads in one visit to the database; who comes later waits for that many."""

MAX_ROWS = 2_000
"""Rows that one statement may bring, so that making messages of them holds up the event loop for some 16 ms at most.

A single read may bring more, where its own limit is higher.
"""

_OPERATION = "read the history"
_FIELDS = tuple(column.name for column in messages.c)
_ASKED = {state.value: Asked.ENDED if state.final else Asked.UNDER_WAY for state in TurnState}
# As they are kept: making objects of them for each row would take as long as the look-up.
_TURN = (type_coerce(turns.c.state, String).label("turn_state"), type_coerce(turns.c.reply_ids, String).label("pages"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRead:
    """Which messages: the newest ``limit`` (at least 1) of a channel with ids ≤ ``up_to``, that a ``reader`` may read.

    Without one, all.
    """

    channel_id: int
    limit: int
    up_to: int
    reader: Reader | None = None


class RecentReads:
    """Answers together those who come while others are being answered: fifty at once wait for one visit, not fifty."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = Batches(self._read, size=READS_AT_ONCE)

    async def read(self, wanted: RecentRead) -> tuple[HistoryMessage, ...]:
        """Return the messages that are not deleted, oldest first. Raises ``StorageError``."""
        return await self._reads.submit(wanted)

    async def prepare(self, connections: int) -> None:
        """Open ``connections`` connections, at most as many as there are, and make the statements ready on each."""

        async def work(connection: AsyncConnection) -> None:
            for size in SIZES:
                await connection.execute(_statement(size), _values((), size))

        await asyncio.gather(*(self._database.visit(_OPERATION, work) for _ in range(connections)))

    async def _read(self, batch: Sequence[RecentRead]) -> Sequence[tuple[HistoryMessage, ...]]:
        async def work(connection: AsyncConnection) -> list[tuple[HistoryMessage, ...]]:
            return [found for part in _parts(batch) for found in await _run(connection, part)]

        return await self._database.visit(_OPERATION, work)


def _parts(batch: Sequence[RecentRead]) -> Iterator[Sequence[RecentRead]]:
    """Cut a batch, in order, into what one statement each may bring."""
    part: list[RecentRead] = []
    rows = 0
    for wanted in batch:
        rows += wanted.limit
        if part and (rows > MAX_ROWS or len(part) == SIZES[-1]):
            yield part
            part, rows = [], wanted.limit
        part.append(wanted)
    if part:
        yield part


async def _run(connection: AsyncConnection, part: Sequence[RecentRead]) -> list[tuple[HistoryMessage, ...]]:
    size = next(size for size in SIZES if size >= len(part))
    found: list[list[HistoryMessage]] = [[] for _ in part]
    for index, state, replies, *row in await connection.execute(_statement(size), _values(part, size)):
        message = HistoryMessage(
            **dict(zip(_FIELDS, row, strict=True)),
            asked=_ASKED.get(state),
            answer_id=int(replies.split(" ", 1)[0]) if replies else None,
        )
        found[index].append(message)
    # In which order the rows of a UNION ALL come is the database's own affair.
    return [tuple(sorted(each, key=lambda message: message.id)) for each in found]


@cache
def _statement(size: int) -> Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]:
    """Make the statement of ``size`` reads; each row has the read's index and its turn before the message's columns.

    A question has the id of its turn: that is one more look-up by primary key for each row.
    """
    reads = [
        select(literal_column(str(index), Integer).label("read_index"), *_TURN, messages)
        .outerjoin_from(messages, turns, turns.c.id == messages.c.id)
        .where(
            messages.c.channel_id == bindparam(f"channel_{index}"),
            messages.c.deleted_at.is_(None),
            messages.c.id <= bindparam(f"up_to_{index}"),
            # Whose a message is: what is the channel's counts as the reader's own, or as nobody's.
            func.coalesce(messages.c.only_for, bindparam(f"shared_{index}", type_=BIG_INTEGER)).between(
                bindparam(f"from_{index}", type_=BIG_INTEGER), bindparam(f"to_{index}", type_=BIG_INTEGER)
            ),
            messages.c.private <= bindparam(f"private_{index}", type_=Boolean),
        )
        .order_by(messages.c.id.desc())
        .limit(bindparam(f"limit_{index}"))
        for index in range(size)
    ]
    # SQLite takes a limit within a UNION in a subselect only.
    return reads[0] if size == 1 else union_all(*(select(read.subquery()) for read in reads))


def _values(part: Sequence[RecentRead], size: int) -> Mapping[str, int]:
    """Make the values of a statement; reads that it has too many bring nothing."""
    values: dict[str, int] = {}
    for index, wanted in enumerate(part):
        values |= {
            f"channel_{index}": wanted.channel_id,
            f"up_to_{index}": wanted.up_to,
            f"limit_{index}": wanted.limit,
            **_whose(index, wanted.reader),
        }
    for index in range(len(part), size):
        values |= {f"channel_{index}": 0, f"up_to_{index}": 0, f"limit_{index}": 0, **_whose(index, None)}
    return values


def _whose(index: int, reader: Reader | None) -> Mapping[str, int]:
    """Make the values that say whose messages a read brings: those that ``Reader.may_read``, or all."""
    if reader is None:
        shared, first, last, private = 0, 0, LARGEST_ID, True
    else:
        user = reader.user_id
        shared, first, last, private = 0 if reader.carried else user, user, user, reader.alone
    return {f"shared_{index}": shared, f"from_{index}": first, f"to_{index}": last, f"private_{index}": private}
