"""Getting to Discord, staying there, and leaving."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

import aiohttp
import discord
import pytest

from bot import config as configuration
from bot.client import FusionBot, NotDiscordError
from bot.connection import BACKOFF_S, DiscordRefusedError, TokenRefusedError, connect, log_in
from bot.domain.settings.catalogue import parse_setting
from bot.errors import TakenOverError

TOKEN = "abc.def.ghi"
CONFIG = configuration.load({"DISCORD_TOKEN": TOKEN, "FUSION_API_SECRET_KEY": "sk-1"}, parse_setting=parse_setting)


class Response:
    """As much of an answer as the library's errors look at."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "as the test wants it"


def http_error(status: int) -> discord.HTTPException:
    return discord.HTTPException(cast("aiohttp.ClientResponse", Response(status)), "no")


class FakeBot:
    """What of the client the connection uses; ``logins`` says what becomes of each login, None lets one pass."""

    def __init__(self, *logins: Exception | None) -> None:
        self.logins = deque(logins)
        self.tokens: list[str] = []
        self.connected = asyncio.Event()
        self.connect_failing: Exception | None = None
        self.no_gateway: deque[Exception] = deque()
        self.login_blocks = False
        self.closed = asyncio.Event()
        self.lost = asyncio.Event()
        self.refused = asyncio.Event()
        self.left = 0
        self.taken_over = "Another process has taken over."
        self.closes = 0

    async def login(self, token: str) -> None:
        self.tokens.append(token)
        if self.login_blocks:
            await asyncio.Event().wait()
        failure = self.logins.popleft() if self.logins else None
        if failure is not None:
            raise failure

    async def connect(self, *, reconnect: bool) -> None:
        assert reconnect
        if self.no_gateway:
            raise self.no_gateway.popleft()
        if self.connect_failing is not None:
            raise self.connect_failing
        self.connected.set()
        await self.closed.wait()

    async def until_taken_over(self) -> None:
        await self.lost.wait()

    async def until_refused(self) -> None:
        await self.refused.wait()

    async def leave_turns(self) -> None:
        assert not self.closes
        self.left += 1

    async def close(self) -> None:
        self.closes += 1
        self.closed.set()


def as_bot(fake: FakeBot) -> FusionBot:
    return cast("FusionBot", fake)


def now() -> float:
    return asyncio.get_running_loop().time()


def left_over() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]


@pytest.mark.parametrize(
    "failure",
    [
        http_error(500),
        http_error(503),
        http_error(429),
        aiohttp.ClientConnectionError("refused"),
        OSError("unreachable"),
        TimeoutError(),
        ValueError("no gateway"),
        NotDiscordError("a page"),
        aiohttp.ClientResponseError(cast("Any", None), (), status=502),
    ],
    ids=repr,
)
async def test_a_discord_that_can_not_be_reached_is_tried_again(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeBot(failure, failure)
    await log_in(as_bot(fake), CONFIG)
    assert fake.tokens == [TOKEN] * 3
    assert now() == pytest.approx(BACKOFF_S[0] + BACKOFF_S[1], abs=0.01)
    assert "trying again" in caplog.text
    assert TOKEN not in caplog.text


async def test_the_waits_grow_to_the_last_which_repeats() -> None:
    await log_in(as_bot(FakeBot(*[http_error(503)] * 8)), CONFIG)
    assert now() == pytest.approx(sum(BACKOFF_S) + 2 * BACKOFF_S[-1], abs=0.01)


@pytest.mark.parametrize("failure", [discord.LoginFailure("bad"), http_error(400), http_error(403), http_error(404)])
async def test_a_refusal_is_told_at_once_with_what_to_do(failure: Exception) -> None:
    fake = FakeBot(failure)
    with pytest.raises(DiscordRefusedError, match="DISCORD_TOKEN") as caught:
        await log_in(as_bot(fake), CONFIG)
    assert caught.value.__cause__ is failure
    assert TOKEN not in str(caught.value)
    assert len(fake.tokens) == 1


async def test_told_to_stop_while_connected_it_leaves() -> None:
    fake, stop = FakeBot(), asyncio.Event()
    running = asyncio.create_task(connect(as_bot(fake), CONFIG, stop=stop))
    await fake.connected.wait()
    stop.set()
    await running
    assert fake.closes == 1
    assert left_over() == []


async def test_told_to_stop_before_it_began_it_does_not_connect() -> None:
    fake, stop = FakeBot(), asyncio.Event()
    fake.login_blocks = True
    stop.set()
    await connect(as_bot(fake), CONFIG, stop=stop)
    assert not fake.connected.is_set()
    assert fake.closes == 1
    assert left_over() == []


async def test_a_gateway_that_can_not_be_asked_for_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    fake, stop = FakeBot(), asyncio.Event()
    no_gateway = discord.GatewayNotFound()  # type: ignore[no-untyped-call]  # so it is in the library
    fake.no_gateway.extend([no_gateway, aiohttp.ClientConnectionError("refused"), NotDiscordError("a page")])
    running = asyncio.create_task(connect(as_bot(fake), CONFIG, stop=stop))
    await fake.connected.wait()
    assert now() == pytest.approx(sum(BACKOFF_S[:3]), abs=0.01)
    assert "GatewayNotFound" in caplog.text
    assert "not Discord" in caplog.text
    assert len(fake.tokens) == 1
    stop.set()
    await running
    assert fake.closes == 1
    assert left_over() == []


@pytest.mark.parametrize("blocks", [True, False])
async def test_told_to_stop_while_it_logs_in_or_waits_to_it_leaves_at_once(blocks: bool) -> None:
    fake, stop = FakeBot(*[http_error(503)] * 50), asyncio.Event()
    fake.login_blocks = blocks
    running = asyncio.create_task(connect(as_bot(fake), CONFIG, stop=stop))
    await asyncio.sleep(20)
    stop.set()
    await running
    assert now() == pytest.approx(20, abs=0.1)
    assert fake.closes == 1
    assert left_over() == []


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (discord.PrivilegedIntentsRequired(None), "DISCORD_MESSAGE_CONTENT=off"),
        (discord.ConnectionClosed(cast("Any", None), shard_id=None, code=4011), "4011"),
    ],
)
async def test_a_connection_that_is_closed_for_good_is_told_and_everything_left(failure: Exception, words: str) -> None:
    fake = FakeBot()
    fake.connect_failing = failure
    with pytest.raises(DiscordRefusedError, match=words):
        await connect(as_bot(fake), CONFIG, stop=asyncio.Event())
    assert fake.closes == 1
    assert left_over() == []


async def test_a_refused_login_ends_the_connection_and_closes_the_bot() -> None:
    fake = FakeBot(discord.LoginFailure("bad"))
    with pytest.raises(DiscordRefusedError):
        await connect(as_bot(fake), CONFIG, stop=asyncio.Event())
    assert fake.closes == 1
    assert left_over() == []


async def test_a_process_that_was_taken_over_leaves_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeBot()
    running = asyncio.create_task(connect(as_bot(fake), CONFIG, stop=asyncio.Event()))
    await fake.connected.wait()
    fake.lost.set()
    with pytest.raises(TakenOverError, match="has taken over"):
        await running
    assert fake.closes == 1
    assert left_over() == []
    assert "told to stop" not in caplog.text


async def test_a_token_that_is_accepted_no_more_ends_it_in_words() -> None:
    fake = FakeBot()
    running = asyncio.create_task(connect(as_bot(fake), CONFIG, stop=asyncio.Event()))
    await fake.connected.wait()
    fake.refused.set()
    with pytest.raises(TokenRefusedError, match="DISCORD_TOKEN"):
        await running
    assert fake.closes == 1
    assert left_over() == []


@pytest.mark.parametrize(("code", "left"), [(4004, 1), (4014, 0)])
async def test_turns_whose_last_words_would_not_arrive_are_left_to_the_next_start(code: int, left: int) -> None:
    fake = FakeBot()
    fake.connect_failing = discord.ConnectionClosed(cast("Any", None), shard_id=None, code=code)
    with pytest.raises(DiscordRefusedError):
        await connect(as_bot(fake), CONFIG, stop=asyncio.Event())
    assert (fake.left, fake.closes) == (left, 1)
