"""Every kind of error, provoked through a real socket."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from bot.domain.model.events import Failure, Finish, ModelEvent, TextDelta
from bot.domain.model.request import Mode, ModelRequest
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.fusion import FusionModel
from tests.unit.providers.http.test_corpus import CASES as CORPUS
from tests.unit.providers.samples import SENSITIVE, UNKNOWN_MODEL, delta, text_of, thinking, whole
from tests.unit.providers.servers import (
    KEY,
    MIAOHUA,
    PROMPT,
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
)

HTML = "<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"
ANY = ask()
WORDS = ask(draw=False)
PATIENT = Timeouts(connect_s=20, first_byte_s=20, idle_s=20, total_s=40)
SHORT = Timeouts(connect_s=20, first_byte_s=0.1, idle_s=20, total_s=20)


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    script: Sequence[Step]
    kind: ErrorKind
    attempts: int = 1
    text: str = ""
    request: ModelRequest = ANY
    timeouts: Timeouts = PATIENT


def error_answer(status: int, message: str = "no", **more: object) -> list[Step]:
    return [http({"error": {"message": message, **more}}, status=status)]


CASES = (
    Case(name="401", script=error_answer(401), kind=ErrorKind.AUTHENTICATION),
    Case(name="402", script=error_answer(402), kind=ErrorKind.QUOTA),
    Case(name="403", script=error_answer(403), kind=ErrorKind.PERMISSION),
    Case(name="400", script=error_answer(400), kind=ErrorKind.INVALID_REQUEST),
    Case(name="404 of a model", script=error_answer(404, code="model_not_found"), kind=ErrorKind.UNKNOWN_MODEL),
    Case(name="409", script=error_answer(409), kind=ErrorKind.RATE_LIMITED, attempts=3),
    Case(name="415", script=error_answer(415), kind=ErrorKind.INVALID_REQUEST),
    Case(name="429", script=error_answer(429), kind=ErrorKind.RATE_LIMITED, attempts=3),
    Case(name="429 of a quota", script=error_answer(429, code="insufficient_quota"), kind=ErrorKind.QUOTA),
    Case(name="400 as an event", script=[http(sse({"error": {"code": "model_not_found"}}), status=400)],
         kind=ErrorKind.UNKNOWN_MODEL),
    Case(name="204", script=[b"HTTP/1.1 204 No Content\r\n\r\n"], kind=ErrorKind.EMPTY),
    Case(name="503", script=error_answer(503), kind=ErrorKind.OVERLOADED, attempts=3),
    Case(name="500", script=[http(b"oops", status=500)], kind=ErrorKind.BAD_GATEWAY, attempts=3),
    Case(
        name="502 HTML", script=[http(HTML, status=502, content_type="text/html")],
        kind=ErrorKind.BAD_GATEWAY, attempts=3,
    ),
    Case(name="504, a drawing", script=[http(b"", status=504)], kind=ErrorKind.BAD_GATEWAY,
         request=ask(mode=Mode.DRAW)),
    Case(name="HTML at 200", script=[http(HTML, content_type="text/html")], kind=ErrorKind.PROTOCOL),
    Case(name="words at 200", script=[http("Service unavailable")], kind=ErrorKind.PROTOCOL),
    Case(name="unknown JSON", script=[http({"hello": 1})], kind=ErrorKind.PROTOCOL),
    Case(name="not HTTP", script=[b"SSH-2.0-OpenSSH_9.2\r\n"], kind=ErrorKind.PROTOCOL),
    Case(name="nested", script=[http("[" * 5000)], kind=ErrorKind.PROTOCOL),
    Case(name="redirect", script=[http(b"", status=302, headers=["Location: http://127.0.0.1:1/"])],
         kind=ErrorKind.PROTOCOL),
    Case(name="broken gzip", script=[http(b"no gzip", headers=["Content-Encoding: gzip"])], kind=ErrorKind.PROTOCOL),
    Case(name="unknown encoding", script=[http(b"x", headers=["Content-Encoding: br"])], kind=ErrorKind.PROTOCOL),
    Case(name="reset at once", script=[Reset()], kind=ErrorKind.NETWORK, attempts=3, request=WORDS),
    Case(name="reset at once, a drawing", script=[Reset()], kind=ErrorKind.NETWORK, request=ask(mode=Mode.DRAW)),
    Case(name="closed at once", script=[], kind=ErrorKind.NETWORK, attempts=3, request=WORDS),
    Case(name="closed at once, a question that may draw", script=[], kind=ErrorKind.NETWORK),
    Case(name="closed at once, a drawing out of a conversation", script=[], kind=ErrorKind.NETWORK,
         request=ask(certain=True)),
    Case(name="reset after the head", script=[opening(), Reset()], kind=ErrorKind.NETWORK, attempts=3, request=WORDS),
    Case(name="stall before the head", script=[Stall()], kind=ErrorKind.TIMEOUT_FIRST_BYTE, timeouts=SHORT),
    Case(name="stall after the head", script=[opening(), Stall()], kind=ErrorKind.TIMEOUT_FIRST_BYTE, timeouts=SHORT),
    Case(
        name="stall in the middle", script=[opening(), chunk(sse(delta("Hel"))), Stall()],
        kind=ErrorKind.TIMEOUT_IDLE, text="Hel", timeouts=Timeouts(idle_s=0.3),
    ),
    Case(
        name="stall for all the time", script=[opening(), chunk(sse(delta("Hel"))), Stall()],
        kind=ErrorKind.TIMEOUT_TOTAL, text="Hel", timeouts=Timeouts(total_s=0.2),
    ),
    Case(name="no end", script=streamed(sse(delta("Hel"))), kind=ErrorKind.TRUNCATED, text="Hel"),
    Case(
        name="no last chunk", script=[opening(), chunk(sse(delta("Hel")))], kind=ErrorKind.TRUNCATED, text="Hel",
    ),
    Case(
        name="shorter than its length",
        script=[http(sse(delta("Hel"))).replace(b"Content-Length: ", b"Content-Length: 9")],
        kind=ErrorKind.TRUNCATED, text="Hel",
    ),
    Case(name="nothing", script=[http(b"")], kind=ErrorKind.EMPTY),
    Case(name="end marker alone", script=streamed(sse("[DONE]")), kind=ErrorKind.EMPTY),
    Case(name="only reasoning", script=streamed(sse(thinking("hm"), delta("", "stop"))), kind=ErrorKind.ONLY_THOUGHT),
    Case(name="only reasoning, cut by length", script=streamed(sse(thinking("hm"), delta("", "length"))),
         kind=ErrorKind.THOUGHT_TOO_LONG),
    Case(name="sensitive", script=[http(whole(SENSITIVE, picture=True))], kind=ErrorKind.CONTENT_FILTERED),
    Case(name="no such model", script=[http(whole(UNKNOWN_MODEL, picture=True))], kind=ErrorKind.UNKNOWN_MODEL),
    Case(name="no picture", script=[http(whole("not today", picture=True))], kind=ErrorKind.DRAWING_FAILED),
    Case(
        name="error object in the middle", script=streamed(sse(delta("Hel"), {"error": {"message": "x", "code": 14}})),
        kind=ErrorKind.OVERLOADED, text="Hel",
    ),
)  # fmt: skip


def model_of(server: RawServer, timeouts: Timeouts, clock: FakeClock) -> tuple[Transport, FusionModel]:
    http_ = Transport(clock=clock, timeouts=timeouts)
    model = FusionModel(http_, url=f"{server.base}/fusion", api_key=KEY, miaohua_token=MIAOHUA)
    return http_, model


def failure_of(events: list[ModelEvent]) -> ProviderError:
    """Check that there is exactly one terminal event, the last, and that it is a failure."""
    assert [event for event in events if isinstance(event, (Finish, Failure))] == events[-1:]
    last = events[-1]
    assert isinstance(last, Failure)
    return last.error


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_error(case: Case, server: RawServer, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer(case.script)
    http_, model = model_of(server, case.timeouts, clock)
    events = await collect(model, case.request)
    await http_.close()
    error = failure_of(events)
    assert error.kind is case.kind
    assert error.drawing or not case.request.certain
    assert text_of(events) == case.text
    assert server.connections == case.attempts
    assert len(clock.slept) == case.attempts - 1
    for secret in (KEY, MIAOHUA, PROMPT):
        assert secret not in caplog.text
        assert secret not in str(error) + error.sentence
    assert "<h" not in str(error) + error.sentence


async def test_endless_line(server: RawServer, fusion: FusionModel) -> None:
    server.answer([opening(), *[chunk(b'data: "' + b"x" * 2**20)] * 30, Stall()])
    error = failure_of(await collect(fusion, ask()))
    assert error.kind is ErrorKind.TOO_LARGE
    await server.gone.wait()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_compression_bomb(encoding: str, server: RawServer, fusion: FusionModel) -> None:
    """A hundred kilobytes that are a hundred megabytes."""
    bomb = _compressed(encoding, [b'{"a": "', *[b"\0" * 2**20] * 100])
    assert len(bomb) < 200_000
    server.answer([http(bomb, headers=[f"Content-Encoding: {encoding}"])])
    assert failure_of(await collect(fusion, ask())).kind is ErrorKind.TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
async def test_compressed_answer(encoding: str, server: RawServer, fusion: FusionModel) -> None:
    data = sse(delta("Hel"), delta("lo"), delta("", "stop"), "[DONE]")
    data = data if encoding == "identity" else _compressed(encoding, [data])
    pieces = [data[at : at + 7] for at in range(0, len(data), 7)]
    server.answer([opening().replace(b"\r\n\r\n", f"\r\nContent-Encoding: {encoding}\r\n\r\n".encode()),
                   *map(chunk, pieces), chunk(b"")])  # fmt: skip
    assert text_of(await collect(fusion, ask())) == "Hello"


def _compressed(encoding: str, pieces: Sequence[bytes]) -> bytes:
    engine = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    return b"".join([*map(engine.compress, pieces), engine.flush()])


async def test_connection_refused(clock: FakeClock, unused_port: int) -> None:
    http_ = Transport(clock=clock)
    model = FusionModel(http_, url=f"http://127.0.0.1:{unused_port}/", api_key=KEY, miaohua_token=MIAOHUA)
    # Nothing was sent, so a drawing is tried again too.
    error = failure_of(await collect(model, ask(mode=Mode.DRAW)))
    await http_.close()
    assert error.kind is ErrorKind.NETWORK
    assert len(clock.slept) == 2


@pytest.mark.parametrize("script", [[b"HTTP/1.1 400 Bad Request\r\n\r\n"], [Reset()]], ids=["plain", "reset"])
async def test_tls_failure(script: Sequence[Step], clock: FakeClock) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        for step in script:
            if isinstance(step, bytes):
                writer.write(step)
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    http_ = Transport(clock=clock)
    url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    error = failure_of(await collect(FusionModel(http_, url=url, api_key=KEY, miaohua_token=MIAOHUA), ask()))
    await http_.close()
    listener.close()
    await listener.wait_closed()
    assert error.kind is ErrorKind.NETWORK


async def test_connect_timeout(clock: FakeClock) -> None:
    """A listener whose queue is full lets nobody in."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        http_ = Transport(clock=clock, timeouts=Timeouts(connect_s=0.1))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        error = failure_of(await collect(FusionModel(http_, url=url, api_key=KEY, miaohua_token=MIAOHUA), ask()))
        await http_.close()
    assert error.kind is ErrorKind.TIMEOUT_CONNECT


async def test_a_wait_for_a_connection_is_told_as_busy(server: RawServer, clock: FakeClock) -> None:
    server.answer(
        [opening(), chunk(sse(delta("Hel"))), Stall()], streamed(sse(delta("Hello"), delta("", "stop"), "[DONE]"))
    )
    http_ = Transport(clock=clock, timeouts=Timeouts(connect_s=0.1), connections=1)
    model = FusionModel(http_, url=f"{server.base}/fusion", api_key=KEY, miaohua_token=MIAOHUA)
    async with model.stream(ask()) as events:
        assert await anext(events) == TextDelta(text="Hel")
        error = failure_of(await collect(model, ask()))
        assert (error.kind, error.retryable, server.connections) == (ErrorKind.BUSY, False, 1)
        waits = asyncio.create_task(collect(model, ask()))
        await asyncio.sleep(0)
    assert text_of(await waits) == "Hello"
    await http_.close()


async def test_closing_cancels_streams(server: RawServer, fusion: FusionModel, transport: Transport) -> None:
    server.answer([opening(), chunk(sse(delta("Hel"))), Stall()])
    async with fusion.stream(ask()) as events:
        assert await anext(events) == TextDelta(text="Hel")
        await transport.close()
        assert failure_of([event async for event in events]).kind is ErrorKind.CANCELLED
    assert failure_of(await collect(fusion, ask())).kind is ErrorKind.CANCELLED


async def test_malformed_address(transport: Transport) -> None:
    model = FusionModel(transport, url="http://", api_key=KEY, miaohua_token=MIAOHUA)
    assert failure_of(await collect(model, ask())).kind is ErrorKind.INVALID_REQUEST


def test_every_kind_is_provoked(provoked_elsewhere: frozenset[ErrorKind]) -> None:
    """A kind that no test provokes has no proof that it is ever told."""
    in_the_corpus = {ErrorKind(case.kind) for case in CORPUS if case.kind}
    assert {case.kind for case in CASES} | in_the_corpus | provoked_elsewhere == set(ErrorKind)


@pytest.fixture
def provoked_elsewhere() -> frozenset[ErrorKind]:
    """What the tests above and those of the pictures provoke, each by a test that names it."""
    tests: dict[ErrorKind, Callable[..., object]] = {
        ErrorKind.TOO_LARGE: test_endless_line,
        ErrorKind.TIMEOUT_CONNECT: test_connect_timeout,
        ErrorKind.CANCELLED: test_closing_cancels_streams,
        ErrorKind.BUSY: test_a_wait_for_a_connection_is_told_as_busy,
    }
    # The tests of these are in picture/ and in model/test_miaohua.py.
    of_pictures = {
        ErrorKind.PICTURE_FETCH,
        ErrorKind.PICTURE_HOST,
        ErrorKind.PICTURE_NAMED,
        ErrorKind.PICTURE_BUSY,
        ErrorKind.PICTURE_SLOW,
    }
    others = {*of_pictures, ErrorKind.NOT_SET_UP}
    return frozenset({*tests, *others})


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_error_answers_are_json() -> None:
    """The helper writes what the cases mean: an error object, not words."""
    (answer,) = error_answer(400, code="x")
    assert isinstance(answer, bytes)
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"error": {"message": "no", "code": "x"}}
