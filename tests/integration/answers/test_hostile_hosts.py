"""Somebody has the model name pictures that hardly come; an ordinary person's come all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.people import Place, User
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture import fetcher as fetching
from bot.providers.picture.download import NAMED_PATIENCE, Reach
from bot.providers.picture.fetcher import PictureFetcher
from tests.fakes.asks import ask
from tests.fakes.houses.house import House
from tests.fakes.pictures.inline import InlineWorkshop
from tests.fakes.reply.replies import FakeReply, FakeSink
from tests.integration.answers.case import Endpoint
from tests.integration.answers.outcome import QuickClock, faster, open_house
from tests.integration.answers.server import ByteServer
from tests.unit.providers.servers import RawServer, chunk, opening, sse

IN_TIME_S = 8.0
"""The slow host would hold a connection for 120 s."""
HONEST = (User(id=101, name="Ann"), User(id=102, name="Bob"), User(id=103, name="Cleo"))


class Dripping(RawServer):
    """Sends a byte now and then, and never ends, at every address of this machine.

    ``full`` is set once it does so ``wanted`` times at once. ``gap_s`` stands for the ten seconds
    between two bytes, as the lowest rate is looked at so much sooner.
    """

    gap_s = 0.2

    def __init__(self) -> None:
        super().__init__()
        self.wanted = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if len(self._tasks) >= self.wanted:
            self.full.set()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n\x89PNG\r\n\x1a\n")
        left = asyncio.create_task(reader.read())
        while not (await asyncio.wait((left,), timeout=self.gap_s))[0]:
            writer.write(b"\0")
            await writer.drain()


async def lookup(host: str, port: int) -> Sequence[str]:
    """Find ``good.test`` here, and ``<number>.drip.test`` at an address of a network of its own."""
    first = host.partition(".")[0]
    return [f"127.7.{first}.1" if first.isdigit() else "127.0.0.1"]


@dataclass(kw_only=True)
class Street:
    """A house with the real adapters, an endpoint that repeats what it is asked, and a host that drips."""

    house: House
    endpoint: ByteServer
    drips: Dripping
    asked: int = field(default=0)

    async def ask(self, user: User, text: str, *, guild_id: int | None = 1) -> FakeReply:
        """Ask in a channel of its own: none of the questions waits for another."""
        self.asked += 1
        turn = 5000 + self.asked
        sink = FakeSink(first_id=9000 + self.asked)
        place = Place(channel_id=1000 + self.asked, guild_id=guild_id)
        await self.house.chat.respond(ask(turn, text, user=user, place=place), sink)
        return sink.reply


def repeated(body: dict[str, list[dict[str, str]]]) -> list[bytes]:
    """Answer what was asked."""
    said = body["messages"][-1]["content"].rpartition("say ")[2]
    event = {"choices": [{"index": 0, "delta": {"content": said}, "finish_reason": "stop"}]}
    return [opening(), chunk(sse(event, "[DONE]")), chunk(b"")]


@pytest.fixture
async def street(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    monkeypatch.setattr(fetching, "NAMED_PATIENCE", replace(NAMED_PATIENCE, window_s=0.5))
    drips = Dripping()
    await drips.start()
    async with ByteServer([repeated]).serving() as endpoint:
        clock = QuickClock()
        hosts = {("good.test", endpoint.port), *((f"{n}.drip.test", drips.port) for n in range(100))}
        reach = Reach(allow=frozenset(hosts), named=frozenset(hosts))
        fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=reach, lookup=lookup)
        async with open_house(endpoint, Endpoint.CC, timeouts=faster(1), clock=clock, settings={}) as house:
            house.pictures = fetcher  # type: ignore[assignment]  # the real one, with names of its own
            yield Street(house=house, endpoint=endpoint, drips=drips)
        await fetcher.close()
    await drips.stop()


def ten_of(street: Street, host: int) -> str:
    return "say " + " ".join(f"![{n}](http://{host}.drip.test:{street.drips.port}/{n})" for n in range(10))


@pytest.mark.parametrize(
    ("people", "hosts", "most"),
    [(1, 1, 4), (7, 1, 4), (7, 7, 16)],
    ids=["one person", "seven people", "seven people with hosts of their own"],
)
async def test_an_ordinary_picture_comes_while_somebody_holds_all_they_can(
    people: int, hosts: int, most: int, street: Street
) -> None:
    """Seven questions with ten pictures each, of one person or of seven, and three others in the same guild."""
    street.drips.wanted = most
    hostile = [
        asyncio.create_task(street.ask(User(id=1 + n % people, name="Mallory"), ten_of(street, n % hosts)))
        for n in range(7)
    ]
    await street.drips.full.wait()
    picture = f"say ![x](http://good.test:{street.endpoint.port}/pic/64x64)"
    async with asyncio.timeout(IN_TIME_S):
        replies = await asyncio.gather(*(street.ask(user, picture) for user in HONEST))
    for reply in replies:
        assert reply.ending.problem is None
        assert len(reply.ending.pictures) == 1
    async with asyncio.timeout(30):  # a byte now and then holds no slot for long
        for reply in await asyncio.gather(*hostile):
            problem = reply.ending.problem
            assert isinstance(problem, ProviderError)
            assert problem.kind in (ErrorKind.PICTURE_FETCH, ErrorKind.PICTURE_BUSY)
    assert street.drips.connections <= 7 * 4  # an answer's text has no more of them fetched


async def test_what_is_not_fetched_of_many_stays_a_link(street: Street) -> None:
    said = " ".join(f"![{n}](http://good.test:{street.endpoint.port}/pic/6{n}x64)" for n in range(6))
    reply = await street.ask(HONEST[0], f"say {said}")
    assert len(reply.ending.pictures) == 4
    assert reply.text.split() == [f"[{n}](http://good.test:{street.endpoint.port}/pic/6{n}x64)" for n in (4, 5)]
