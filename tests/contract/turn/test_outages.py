"""A database that goes away at any step of a turn, and comes back: nothing that was shown is lost, or counted twice."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.model.events import Finish, FinishReason, PictureUrl, TextDelta, Usage
from bot.domain.model.messages import Role
from bot.domain.turn.record import Turn, TurnState
from bot.domain.usage.quota import Account, Amount, day_of
from bot.errors import Trouble
from bot.services.background import going_on
from bot.services.turn.stores import Stores
from bot.storage.database import engine
from bot.storage.database.engine import Database, open_database
from bot.storage.schema.migrate import migrate
from bot.storage.schema.tables import metadata
from bot.storage.stores.drawings import SqlDrawingStore
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.turns import SqlTurnStore
from bot.storage.stores.usage import SqlUsageStore
from tests.contract.postgres import TemporaryPostgres, running_postgres
from tests.contract.turn.outages import STEPS, Full, Locked, Outage, Stopped
from tests.fakes.asks import ask
from tests.fakes.clock import START
from tests.fakes.houses.studio import Studio
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
TOLD = Usage(prompt_tokens=30, completion_tokens=10, total_tokens=40)
WORDS = "word " * 1200
"""More than there is room for where a disk is full."""
PATIENCE_S = 60.0
NOT_ANSWERED = ("the beginning", "the turn", "the question")
"""Steps without which no question is taken up."""


class StoredHouse(Studio):
    """The use cases over a real database."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.usage_store = SqlUsageStore(database)
        self.stores = Stores(
            history=SqlHistoryStore(database), turns=SqlTurnStore(database), drawings=SqlDrawingStore(database)
        )

    async def answers(self, turn_id: int, *, drawn: bool = False) -> FakeReply:
        """Have a question answered; its words come before the journal is written, its end after that."""
        picture = (PictureUrl(url="http://h/fox"),) if drawn else ()
        self.model.script(TextDelta(text=WORDS), 0.05, *picture, TOLD, DONE)
        sink = FakeSink(first_id=turn_id + 1)
        await self.chat.respond(ask(turn_id, f"question {turn_id}"), sink)
        return sink.reply

    async def kept(self) -> None:
        """Wait until the backlog is empty."""
        async with asyncio.timeout(PATIENCE_S):
            while any(turn in self.services.backlog for turn in (100, 200)):
                self.services.backlog.nudge()
                await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[TemporaryPostgres]:
    """Start a server that is this file's to stop, or skip with the reason."""
    yield from running_postgres(durable=True)


@pytest.fixture(scope="module")
def own_url(own_postgres: TemporaryPostgres) -> str:
    async def prepare() -> str:
        url = await own_postgres.create_database()
        await migrate(url)
        return url

    return asyncio.run(prepare())


@pytest.fixture(params=["locked", "full", "stopped"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What becomes of the database; PostgreSQL is started here, outside any event loop."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.1)
    request.getfixturevalue("own_url" if request.param == "stopped" else "migrated_file")
    return str(request.param)


@pytest.fixture
async def place(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[StoredHouse, Outage]]:
    """A house with its database, which is about to go away."""
    async with AsyncExitStack() as stack:
        outage: Outage
        if kind == "stopped":
            database = await stack.enter_async_context(open_database(request.getfixturevalue("own_url")))
            async with database.write("empty the tables") as connection:
                names = ", ".join(table.name for table in metadata.sorted_tables)
                await connection.execute(text(f"TRUNCATE {names}"))
            outage = Stopped(database, request.getfixturevalue("own_postgres"))
        else:
            path = tmp_path / "bot.db"
            shutil.copy(request.getfixturevalue("migrated_file"), path)
            database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{path}"))
            outage = Locked(database, path) if kind == "locked" else Full(database)
        house = StoredHouse(database)
        async with going_on(house.services.backlog.keep_trying(), "backlog"):
            try:
                yield house, outage
            finally:
                outage.end()


async def agree(house: StoredHouse, turn: Turn, reply: FakeReply, *, drawn: bool) -> None:
    """Hold what is kept of a turn against what its reply shows."""
    ending = reply.ending
    assert (turn.state, turn.text, turn.reply_ids) == (ending.state, reply.text, reply.message_ids)
    (version,) = await house.stores.turns.versions(turn.id)
    assert (version.state, version.text) == (ending.state, reply.text)
    line = await house.stores.history.get(turn.channel_id, reply.message_ids[0])
    assert (line is not None and line.text.startswith(reply.text.rstrip())) == bool(reply.text)
    drawings = await house.stores.drawings.by_turn(turn.id)
    assert [one.message_id for one in drawings] == ([reply.message_ids[-1]] if ending.pictures else [])
    assert bool(ending.pictures) == (drawn and ending.state is TurnState.COMPLETE)


@pytest.mark.parametrize(
    ("step", "drawn"),
    [
        pytest.param(step, drawn, id=f"{step}, {'words and a picture' if drawn else 'words'}")
        for step in STEPS
        for drawn in (False, True)
        if drawn or "picture" not in step
    ],
)
async def test_away_at(place: tuple[StoredHouse, Outage], kind: str, step: str, drawn: bool) -> None:
    house, outage = place
    outage.at(step)
    reply = await house.answers(100, drawn=drawn)
    assert outage.begun, "the step was never taken"
    # A question while it is away is refused in words.
    meanwhile = await house.answers(150) if kind == "stopped" else None
    outage.end()
    if meanwhile is not None:
        assert meanwhile.ending.problem is Trouble.STORAGE
        house.model._scripts.clear()
    await house.kept()
    turn = await house.stores.turns.get(100)
    answered = turn is not None
    if turn is None:
        assert step in NOT_ANSWERED
        assert reply.ending.problem is Trouble.STORAGE
        house.model._scripts.clear()
    else:
        await agree(house, turn, reply, drawn=drawn)
    # What is asked next is asked with what was shown, and closed as ever.
    following = await house.answers(200)
    await house.kept()
    asked = house.model.requests[-1].messages
    told = [(message.role, message.content[:20].strip()) for message in asked]
    assert ((Role.ASSISTANT, WORDS[:20].strip()) in told) == (answered and bool(reply.text))
    next_turn = await house.stores.turns.get(200)
    assert next_turn is not None
    await agree(house, next_turn, following, drawn=False)
    counted = [each for each in (reply, following) if each.ending.state is TurnState.COMPLETE]
    pictures = int(bool(reply.ending.pictures))
    account = Account(day=day_of(START), guild_id=1, channel_id=1000, user_id=11)
    spent = (await house.usage_store.spent(account)).user
    assert replace(spent, pictures=0) == Amount(calls=len(counted), tokens=40 * len(counted))
    assert spent.pictures == pictures
    assert await house.stores.turns.unfinished() == ()
