"""A process that is killed while it writes leaves a database that can be read, with all that it said was kept."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.storage.database.engine import open_database
from bot.storage.schema.migrate import migrate
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.turns import SqlTurnStore

ROOT = Path(__file__).resolve().parents[4]
WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.turn.record import Turn, TurnState
from bot.storage.database.engine import open_database
from bot.storage.stores.turns import SqlTurnStore

NOW = datetime(2024, 1, 1, tzinfo=UTC)

async def write(turns, lane):
    for step in range(1_000_000):
        number = step * 8 + lane
        turn = Turn(id=number, channel_id=1, guild_id=1, asker_id=1, mode=Mode.CHAT, prompt="x",
                    state=TurnState.QUEUED, locale="en", created_at=NOW, updated_at=NOW)
        await turns.create(turn, HistoryMessage(id=number, channel_id=1, guild_id=1, author_id=1, author_name="a",
                                                role=Role.USER, text="x" * 500, created_at=NOW))
        await turns.checkpoint(number, reply_ids=(number, number + 1), text="y" * 500, updated_at=NOW)
        print(number, flush=True)

async def main():
    async with open_database(sys.argv[1]) as database:
        turns = SqlTurnStore(database)
        await asyncio.gather(*(write(turns, lane) for lane in range(8)))

asyncio.run(main())
"""


async def test_a_killed_writer_leaves_a_whole_database(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await migrate(url)
    for lines in (1, 7, 40):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        said = [int(await process.stdout.readline()) for _ in range(lines)]
        process.kill()
        said += [int(line) for line in (await process.stdout.read()).splitlines(keepends=True) if line.endswith(b"\n")]
        await process.wait()
        await migrate(url)
        async with open_database(url) as database:
            history, turns = SqlHistoryStore(database), SqlTurnStore(database)
            async with database.read("check") as connection:
                assert (await connection.exec_driver_sql("PRAGMA integrity_check")).scalar_one() == "ok"
            for number in said:
                assert await history.get(1, number) is not None
                turn = await turns.get(number)
                assert turn is not None
                assert (turn.text, turn.reply_ids) == ("y" * 500, (number, number + 1))
            # Of the others each is whole or not there: a checkpoint's text never stands without its pages,
            # a turn never without its prompt.
            for other in await turns.unfinished():
                assert await history.get(1, other.id) is not None
                assert (other.text, other.reply_ids) in {("", ()), ("y" * 500, (other.id, other.id + 1))}
