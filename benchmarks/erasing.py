"""What it costs that deleted text is gone, on SQLite: `python -m benchmarks.erasing [--turns N] [--runs N]`.

Keeps turns and their answers as the bot does, with ``secure_delete`` and without, in turns, and prints the medians and
their ratio, in CPU time of the process, which others on the machine change little; then what wiping the log takes, and
what reading fifty messages of a context takes where most of a channel's lines are somebody else's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from bot.domain.history.messages import HistoryMessage
from bot.domain.history.readers import Reader
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.turn.record import Turn, TurnState
from bot.storage.database.engine import Database, open_database
from bot.storage.schema.migrate import migrate
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.turns import SqlTurnStore

ANSWER: Final = "A sentence of an answer, as long as they are. " * 20
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
LINES: Final = 100_000


class Plain(sqlite3.Connection):
    """A connection that overwrites nothing of what is deleted."""

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        return super().execute(sql.replace("secure_delete=ON", "secure_delete=OFF"), *given)


def line(number: int, channel: int = 1, **changes: Any) -> HistoryMessage:
    plain = HistoryMessage(
        id=number,
        channel_id=channel,
        guild_id=7,
        author_id=8,
        author_name="Ann",
        role=Role.USER,
        text="a question",
        created_at=NOW,
    )
    return replace(plain, **changes)


async def keep(database: Database, turns: int) -> None:
    """Keep turns, each with a growing answer and its end."""
    store = SqlTurnStore(database)
    for number in range(1, turns + 1):
        turn = Turn(
            id=number,
            channel_id=1,
            guild_id=7,
            asker_id=8,
            mode=Mode.CHAT,
            state=TurnState.QUEUED,
            prompt="a question",
            locale="en-US",
            created_at=NOW,
            updated_at=NOW,
        )
        await store.create(turn, line(number))
        for part in (1, 2, 3):
            text = ANSWER[: len(ANSWER) * part // 3]
            await store.checkpoint(number, reply_ids=(number + 10**6,), text=text, updated_at=NOW)
        await store.finish(number, state=TurnState.COMPLETE, reply_ids=(number + 10**6,), text=ANSWER, updated_at=NOW)


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.process_time()
    await work()
    return time.process_time() - began


async def one_run(empty: Path, turns: int, *, secure: bool) -> tuple[float, float, float]:
    """Return how many milliseconds a turn, a delete and wiping the log take."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bot.db")
        shutil.copy(empty, path)
        plain = patch("bot.storage.database.sqlite.sqlite3.Connection", Plain)
        if not secure:
            plain.start()
        try:
            async with open_database(f"sqlite+aiosqlite:///{path}") as database:
                keeping = await timed(lambda: keep(database, turns))
                history = SqlHistoryStore(database)
                ids = range(1, turns + 1)

                async def delete() -> None:
                    for number in ids:
                        await history.delete(1, (number,), deleted_at=NOW)

                deleting = await timed(delete)
                wiping = await timed(database.wipe)
        finally:
            if not secure:
                plain.stop()
    return keeping / turns * 1000, deleting / turns * 1000, wiping * 1000


async def reading(empty: Path) -> tuple[float, float]:
    """Return how many milliseconds a context of 50 takes: of an ordinary channel, and where others' lines are many."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bot.db")
        shutil.copy(empty, path)
        with closing(sqlite3.connect(path)) as connection:
            connection.executemany(
                "INSERT INTO messages (channel_id, id, author_id, author_name, role, text, created_at, kind, only_for, "
                "private) VALUES (?, ?, 8, 'Ann', 'user', ?, '2026-01-01', 'text', ?, 0)",
                (
                    (channel, number, ANSWER, None if channel == 1 else 8 if number % 1000 == 0 else 9)
                    for channel in (1, 2)
                    for number in range(1, LINES + 1)
                ),
            )
            connection.commit()
        async with open_database(f"sqlite+aiosqlite:///{path}") as database:
            history = SqlHistoryStore(database)
            await history.prepare(1)

            async def took(channel: int) -> float:
                reader = Reader(user_id=8, carried=channel == 2)
                times = [await timed(lambda: history.recent(channel, limit=50, reader=reader)) for _ in range(21)]
                return statistics.median(times) * 1000

            return await took(1), await took(2)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.db")
        await migrate(f"sqlite+aiosqlite:///{empty}")
        runs: dict[bool, list[tuple[float, float, float]]] = {True: [], False: []}
        for _ in range(arguments.runs):
            for secure in (True, False):
                runs[secure].append(await one_run(empty, arguments.turns, secure=secure))
        for index, what in enumerate(("a turn kept", "a delete", "wiping the log")):
            wiped, plain = (statistics.median(run[index] for run in runs[each]) for each in (True, False))
            print(f"{what}: {wiped:.2f} ms, without secure_delete {plain:.2f} ms, ratio {wiped / plain:.2f}")
        ordinary, carried = await reading(empty)
        print(f"50 of {LINES} messages: {ordinary:.1f} ms; where 1 in 1000 is the reader's: {carried:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
