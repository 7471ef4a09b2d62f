"""What the moments of ``kill_points`` are set up with: streams that wait, requests that are held, waits for a state."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Literal

from sandbox.discord.state.records import Channel, Message
from sandbox.discord.traffic.faults import Fault
from sandbox.endpoint.script.samples import encode_event, envelope
from tests.e2e.agreement import by_bot
from tests.e2e.conftest import Stage

SENDS = r"/channels/\d+/messages$"
EDITS = r"/channels/\d+/messages/\d+$"
RESPONSE = r"/webhooks/\d+/[^/]+/messages/"
HELD_S = 30.0
"""Longer than any of these tests lasts."""
PAGE = [f"Sentence number {n} of a page. " for n in range(60)]
"""A little less than one message holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was under way at the moment of the kill: turns, how they must end, and where."""

    turns: tuple[int, ...]
    shown: str = ""
    """What the channel's reply must at least still show."""
    channel: Channel | None = None
    gone: bool = False
    """Whether the question was taken back, so that there is to be no reply."""
    state: str = "interrupted"
    """How the turns must end."""
    pictures: int = 0
    """How many pictures were made, which must be delivered."""


class Gate(asyncio.Event):
    """Holds back an answer, and tells when one is held."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Wait until the gate is opened."""
        self.reached.set()
        return await super().wait()


Point = Callable[[Stage], Awaitable[Scene]]


class Points:
    """The moments, by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Point] = {}

    def __call__(self, point: Point) -> Point:
        self.by_name[getattr(point, "__name__", "")] = point
        return point


def text(*pieces: str) -> list[bytes]:
    """Make the events of a stream that goes on behind them."""
    return [encode_event(envelope(piece), "sse") for piece in pieces]


def held(method: str, path: str) -> Fault:
    """Make one request that reaches Discord and is not carried out while the test lasts."""
    return Fault(method=method, path=path, status=503, delay_s=HELD_S, times=1)


def unanswered(method: str, path: str) -> Fault:
    """Make requests that Discord carries out, but whose answers never arrive."""
    return Fault(method=method, path=path, reset=True, after=True)


async def reached(stage: Stage) -> None:
    """Wait until the request that a fault is for has come."""
    async with asyncio.timeout(45):
        while stage.discord.faults.standing:
            assert stage.bot.running, stage.bot.log
            await asyncio.sleep(0.01)


async def shows(stage: Stage, words: str, channel: Channel | None = None) -> Message:
    """Wait until a message of the bot's shows these words."""
    await stage.until(lambda: any(words in message.content for message in by_bot(stage, channel)))
    return next(message for message in by_bot(stage, channel) if words in message.content)


async def kept(stage: Stage, turn: int, words: str = "") -> None:
    """Wait until a turn is in the database, with this much of its answer."""
    async with asyncio.timeout(45):
        while True:
            rows = await stage.rows("SELECT text FROM turns WHERE id = ?", turn)
            if any(words in str(row[0]) for row in rows):
                return
            await asyncio.sleep(0.01)


async def stored(stage: Stage, turn: int) -> None:
    """Wait until a picture of a turn is on disk and in the database."""
    async with asyncio.timeout(45):
        while True:
            if await stage.rows("SELECT stored FROM drawings WHERE turn_id = ?", turn):
                return
            await asyncio.sleep(0.01)


@contextmanager
def locked(stage: Stage) -> Iterator[None]:
    """Keep everybody from writing to the database."""
    with closing(sqlite3.connect(stage.database, isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
