"""What may be billed is asked for once: how often each failure is asked again, as the documentation's table has it."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.domain.model.events import Failure
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.retry import RetryPolicy
from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from tests.fakes.asks import ask as asked
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeSink
from tests.unit.providers.chat_samples import chunked
from tests.unit.providers.samples import NO_USAGE, envelope
from tests.unit.providers.servers import (
    KEY,
    MIAOHUA,
    FakeClock,
    RawServer,
    Reset,
    Stall,
    Step,
    ask,
    chunk,
    collect,
    http,
    opening,
    sse,
    streamed,
    warm_up,
)

TABLE = Path("docs/endpoints.md")
LONG = Timeouts(connect_s=20, first_byte_s=20, idle_s=20, total_s=600, settle_s=0.05)
PICTURE_UNDER_WAY = {
    "fusion": envelope({"delta": "", "finish_reason": ""}, {"picture": True}),
    "chat_completions": chunked(delta={"content": "![x](https://files.example/ha"}),
}
ROLE = {
    "fusion": envelope({"delta": "", "finish_reason": ""}, NO_USAGE),
    "chat_completions": chunked(delta={"role": "assistant", "content": ""}),
}
WORDS = {
    "fusion": envelope({"delta": "Once upon", "finish_reason": ""}, NO_USAGE),
    "chat_completions": chunked(delta={"content": "Once upon"}),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the table; the numbers are of calls."""

    what: str
    kind: ErrorKind
    plain: int
    billed: int


def read_table(text: str) -> tuple[Row, ...]:
    lines = text.partition("| what happens | kind | plain answer | may be billed |\n|---|---|---|---|\n")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines.partition("\n\n")[0].splitlines()]
    return tuple(
        Row(what=what, kind=ErrorKind(kind.replace(" ", "_")), plain=int(plain), billed=int(billed))
        for what, kind, plain, billed in rows
    )


ROWS = read_table(TABLE.read_text())
Script = Callable[[str], Sequence[Step]]


def refused(*statuses: int, **error: object) -> list[Script]:
    """Make the scripts of statuses that are no success."""

    def make(status: int) -> Script:
        return lambda _: [http({"error": {"message": "no", **error}}, status=status)]

    return [make(status) for status in statuses]


def at_200(*codes: int) -> list[Script]:
    def whole(code: object) -> list[Script]:
        own = {"fusion": {"code": code, "msg": "no", "data": None}, "chat_completions": {"error": {"code": code}}}
        return [lambda _: [http({"error": {"code": code, "message": "no"}})], lambda name: [http(own[name])]]

    return [script for code in codes for each in (code, str(code)) for script in whole(each)]


def in_a_stream(*codes: int) -> list[Script]:
    def make(code: int) -> Script:
        return lambda _: streamed(b": ping\n\n" * 3, sse({"error": {"code": code, "message": "no"}}))

    return [make(code) for code in codes]


def worded(*words: str) -> list[Script]:
    def make(message: str) -> list[Script]:
        error = {"error": {"message": message, "type": "new_api_error", "code": "do_request_failed"}}
        return [lambda _: [http(error, status=500)], lambda _: [http(error["error"]["message"], status=502)]]

    return [script for message in words for script in make(message)]


GATEWAYS = (408, 504, *range(520, 528))
SCRIPTS: dict[str, list[Script]] = {
    "the connection breaks before the answer's head": [lambda _: [Reset()], lambda _: []],
    "the connection breaks after the answer's head": [lambda _: [opening(), Reset()]],
    "the connection breaks after the role": [lambda name: [opening(), chunk(sse(ROLE[name])), Reset()]],
    "the connection breaks once a picture is under way": [
        lambda name: [opening(), chunk(sse(PICTURE_UNDER_WAY[name])), Reset()]
    ],
    "an error comes once a picture is under way": [
        lambda name: streamed(sse(PICTURE_UNDER_WAY[name], {"error": {"code": 503, "message": "no"}}))
    ],
    "HTTP 401": refused(401),
    "HTTP 402": refused(402),
    "HTTP 403": refused(403),
    "HTTP 400": refused(400),
    "HTTP 404, a model that is not there": refused(404, code="model_not_found"),
    "HTTP 400, sensitive content": refused(400, code="content_filter"),
    "HTTP 409, 429": refused(409, 429),
    "HTTP 429, to be asked again after 61 s": [lambda _: [http(b"", status=429, headers=["Retry-After: 61"])]],
    "HTTP 503, 529": refused(503, 529),
    "HTTP 500, 502": [*refused(500, 502), lambda _: [http("oops", status=500)], lambda _: [http("<html>", status=502)]],
    "HTTP 408, 504, 520 to 527": [*refused(*GATEWAYS), lambda _: [http("", status=524)]],
    "HTTP 500 whose words name a deadline": worded(
        'Post "https://up.example/v1": context deadline exceeded',
        "upstream request timeout",
        "upstream timed out (110: Connection timed out) while reading",
        "请求上游超时",
        "<html><head><title>up.example | 524: A timeout occurred</title></head></html>",
    ),
    "HTTP 500 whose words name a broken connection": worded(
        'Post "https://up.example/v1": unexpected EOF',
        "read tcp 10.0.0.1:1->10.0.0.2:443: connection reset by peer",
        "upstream prematurely closed connection",
        "Server disconnected without sending a response.",
    ),
    "HTTP 500 whose words name a connection that was never made": worded(
        "dial tcp 10.0.0.2:443: i/o timeout", "dial tcp 10.0.0.2:443: connect: connection refused"
    ),
    "code 500 at 200": at_200(500),
    "code 503 at 200": at_200(503),
    "code 408, 504, 520 to 527 at 200": at_200(*GATEWAYS),
    "code 504, 524 in a stream, after heartbeats": in_a_stream(504, 524),
    "no first byte in time": [lambda _: [Stall()], lambda _: [opening(), Stall()]],
    "silence after the role": [lambda name: [opening(), chunk(sse(ROLE[name])), Stall()]],
    "silence after words": [lambda name: [opening(), chunk(sse(WORDS[name])), Stall()]],
    "no end in time": [lambda name: [opening(), chunk(sse(ROLE[name])), Stall()]],
    "an end that nothing said": [lambda name: streamed(sse(ROLE[name]))],
    "nothing": [lambda _: [http("")]],
    "a page of HTML": [lambda _: [http("<!DOCTYPE html><html></html>", content_type="text/html")]],
    "an endless line": [lambda _: [opening(), *[chunk(b'data: "' + b"x" * 2**20)] * 25, Stall()]],
}
"""How each row is provoked at an endpoint, given its name; each way must lead to the row's kind and calls."""
WAITS = {
    "no first byte in time": replace(LONG, first_byte_s=0.1),
    "silence after the role": replace(LONG, first_byte_s=0.1),
    "silence after words": replace(LONG, idle_s=0.1),
    "no end in time": replace(LONG, total_s=0.2),
}
ELSEWHERE = {
    "the connection is refused",
    "no connection in time",
    "every connection is in use",
    "words instead of a picture",
    "the picture's host fails",
    "the picture's host is not allowed",
    "an address that a text may not name",
    "too many pictures at once",
    "a picture that takes too long",
    "the bot stops",
    "a conversation that is too long",
    "a model that can't see pictures",
    "a refused parameter",
    "a region or plan without the model",
    "no Miaohua token",
    "thoughts and no answer",
    "thoughts up to the length",
}
"""Rows that other tests provoke; here only the rule is held to them."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """Who asks what: ``billed`` is the column of the table that holds for it."""

    name: str
    endpoint: str
    mode: Mode
    operator: dict[str, object]
    billed: bool


WAYS = (
    Way(name="mention, fusion", endpoint="fusion", mode=Mode.CHAT, operator={}, billed=True),
    Way(
        name="mention that checks first, fusion",
        endpoint="fusion",
        mode=Mode.CHAT,
        operator={"intent_check": "always"},
        billed=False,
    ),
    Way(name="draw, fusion", endpoint="fusion", mode=Mode.DRAW, operator={}, billed=True),
    Way(name="mention, chat completions", endpoint="chat_completions", mode=Mode.CHAT, operator={}, billed=False),
    Way(name="draw, chat completions", endpoint="chat_completions", mode=Mode.DRAW, operator={}, billed=True),
)


def model_of(endpoint: str, base: str, transport: Transport) -> ChatModel:
    if endpoint == "fusion":
        return FusionModel(transport, url=f"{base}/fusion", api_key=KEY, miaohua_token=MIAOHUA)
    return ChatCompletionsModel(
        transport, base_url=f"{base}/v1", api_key=KEY, chat_model="talker", image_model="painter"
    )


async def ask_house(way: Way, model: ChatModel) -> ProviderError:
    """Ask through the services as a user does; returns what the reply ends with."""
    house, sink = House(operator=dict(way.operator), endpoint=model), FakeSink(first_id=9000)
    if way.mode is Mode.DRAW:
        await house.draw.draw(asked(text="a fox", mode=Mode.DRAW), sink)
    else:
        await house.chat.respond(asked(text="draw a fox"), sink)
    problem = sink.reply.ending.problem
    assert isinstance(problem, ProviderError)
    return problem


# A drawing has the patience of the first byte until its picture comes, whatever words come before.
PAIRS = [
    pytest.param(row, way, id=f"{row.what}-{way.name}")
    for row in ROWS
    for way in WAYS
    if row.what in SCRIPTS and not (row.what == "silence after words" and way.mode is Mode.DRAW)
]


@pytest.mark.parametrize(("row", "way"), PAIRS)
async def test_calls_are_those_of_the_table(row: Row, way: Way, server: RawServer, clock: FakeClock) -> None:
    for script in SCRIPTS[row.what]:
        transport = Transport(clock=clock, timeouts=WAITS.get(row.what, LONG))
        model = model_of(way.endpoint, server.base, transport)
        await warm_up(model, server)
        server.connections = 0
        server.answer(script(way.endpoint))
        error = await ask_house(way, model)
        await transport.close()
        calls = row.billed if way.billed else row.plain
        assert (error.kind, server.connections) == (row.kind, calls), server.scripts


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_a_connection_that_is_refused_is_tried_again(way: Way, clock: FakeClock) -> None:
    row = next(row for row in ROWS if row.what == "the connection is refused")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        transport = Transport(clock=clock, timeouts=LONG)
        error = await ask_house(way, model_of(way.endpoint, f"http://127.0.0.1:{taken.getsockname()[1]}", transport))
        await transport.close()
    assert (error.kind, len(clock.slept) + 1) == (row.kind, row.billed if way.billed else row.plain)


@pytest.mark.parametrize("row", [row for row in ROWS if row.what in ELSEWHERE], ids=lambda row: row.what)
def test_the_rule_is_the_table_s(row: Row) -> None:
    error = ProviderError(row.kind)
    for bills, calls in ((False, row.plain), (True, row.billed)):
        again = RetryPolicy().delay_s(error, attempt=1, bills=bills, rng=random.Random(0)) is not None
        assert again == (calls > 1)


def test_each_kind_and_each_failure_has_its_row() -> None:
    assert {row.kind for row in ROWS} == set(ErrorKind)
    assert sorted(row.what for row in ROWS) == sorted({*SCRIPTS, *ELSEWHERE})


def test_a_wrong_table_is_found() -> None:
    changed, count = re.subn(r"(\| HTTP 401 \| authentication \|) 1", r"\1 2", TABLE.read_text())
    assert count == 1
    assert read_table(changed) != ROWS
    assert len(read_table(changed)) == len(ROWS)


@pytest.mark.parametrize("endpoint", ["fusion", "chat_completions"])
async def test_half_a_picture_s_address_is_an_answer_that_began(
    endpoint: str, server: RawServer, transport: Transport
) -> None:
    """It is held back, so no event tells of it; also in a talk that no picture was asked for in."""
    half = "https://files.example/a" if endpoint == "fusion" else "![fox](https://files.example/a"
    piece = envelope({"delta": half, "finish_reason": ""}, NO_USAGE) if endpoint == "fusion" else chunked(
        delta={"content": half}
    )  # fmt: skip
    server.answer(streamed(sse(piece, {"error": {"code": 503, "message": "no"}})))
    events = await collect(model_of(endpoint, server.base, transport), ask(draw=False))
    assert isinstance(events[-1], Failure)
    assert (server.connections, events[-1].error.kind) == (1, ErrorKind.OVERLOADED)
