"""How a stream behaves: at once, once, closed at once, repeated only where that is right."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import timedelta

import pytest

from bot.domain.model.events import Failure, Finish, FinishReason, Retrying, TextDelta
from bot.domain.model.request import Mode, ModelRequest
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.retry import RetryPolicy, parse_retry_after
from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from bot.providers.wire.keys import read_key
from tests.unit.providers.samples import SIGNED, delta, text_of, whole
from tests.unit.providers.servers import (
    KEY,
    MIAOHUA,
    PROMPT,
    FakeClock,
    RawServer,
    Reset,
    Stall,
    Wait,
    ask,
    chunk,
    collect,
    http,
    opening,
    sse,
    streamed,
)

GOOD = streamed(sse(delta("Hi"), delta("", "stop"), "[DONE]"))


async def test_events_come_with_their_bytes(server: RawServer, fusion: FusionModel) -> None:
    wait = Wait()
    server.answer([opening(), chunk(sse(delta("one "))), wait, chunk(sse(delta("two", "stop"))), chunk(b"")])
    async with fusion.stream(ask()) as events:
        assert await anext(events) == TextDelta(text="one ")
        wait.event.set()
        assert await anext(events) == TextDelta(text="two")


async def test_leaving_closes_the_connection(server: RawServer, fusion: FusionModel) -> None:
    server.answer([opening(), chunk(sse(delta("one"))), Stall()])
    async with fusion.stream(ask()) as events:
        assert await anext(events) == TextDelta(text="one")
    await server.gone.wait()


async def test_cancelling_closes_the_connection(server: RawServer, fusion: FusionModel) -> None:
    server.answer([opening(), chunk(sse(delta("one"))), Stall()])
    started = asyncio.Event()

    async def read() -> None:
        async with fusion.stream(ask()) as events:
            async for _ in events:
                started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.gone.wait()


async def test_end_is_told_although_the_connection_stays(server: RawServer, fusion: FusionModel) -> None:
    """A finish reason without an end marker: figures may follow, but they are not waited for long."""
    server.answer([opening(), chunk(sse(delta("one", "stop"))), Stall()])
    events = await collect(fusion, ask())
    assert events[-1] == Finish(reason=FinishReason.STOP)


async def test_reset_after_the_end_is_an_end(server: RawServer, fusion: FusionModel) -> None:
    server.answer([opening(), chunk(sse(delta("one", "stop"))), Reset()])
    events = await collect(fusion, ask())
    assert events[-1] == Finish(reason=FinishReason.STOP)


async def test_retry_before_the_first_event(
    server: RawServer, fusion: FusionModel, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer([http({"error": {"message": PROMPT}}, status=503)], [Reset()], GOOD)
    assert text_of(await collect(fusion, ask(draw=False))) == "Hi"
    assert server.connections == 3
    assert 0.25 <= clock.slept[0] <= 0.5 <= clock.slept[1] <= 1.0
    levels = [record.levelno for record in caplog.records if record.name.startswith("bot.")]
    assert levels == [logging.WARNING, logging.WARNING, logging.DEBUG]
    assert not any(secret in caplog.text for secret in (KEY, MIAOHUA, PROMPT))


async def test_no_retry_after_the_first_event(server: RawServer, fusion: FusionModel, clock: FakeClock) -> None:
    server.answer([opening(), chunk(sse(delta("Hel"))), Reset()], GOOD)
    events = await collect(fusion, ask())
    assert text_of(events) == "Hel"
    assert isinstance(events[-1], Failure)
    assert (server.connections, clock.slept) == (1, [])


async def test_retry_after_is_honoured(server: RawServer, fusion: FusionModel, clock: FakeClock) -> None:
    date = (clock.now() + timedelta(seconds=40)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answer(
        [http(b"", status=429, headers=["Retry-After: 30"])], [http(b"", status=429, headers=[f"Retry-After: {date}"])],
        GOOD,
    )  # fmt: skip
    assert text_of(await collect(fusion, ask(mode=Mode.CHAT))) == "Hi"
    assert clock.slept == [30.0, 40.0]


@pytest.mark.parametrize(("value", "slept"), [("61", 0), ("soon", 2), ("-5", 2)])
async def test_unusable_retry_after(
    value: str, slept: int, server: RawServer, fusion: FusionModel, clock: FakeClock
) -> None:
    server.answer([http(b"", status=429, headers=[f"Retry-After: {value}"])])
    events = await collect(fusion, ask())
    last = events[-1]
    assert isinstance(last, Failure)
    assert last.error.kind is ErrorKind.RATE_LIMITED
    assert last.error.retry_after_s == (61 if value == "61" else None)
    assert len(clock.slept) == slept


async def test_garbage_between_good_events(server: RawServer, fusion: FusionModel) -> None:
    server.answer(streamed(sse(delta("Hel")), b"data: {broken\n\n\xff\xfe\n\n", sse(delta("lo"), delta("", "stop"))))
    assert text_of(await collect(fusion, ask())) == "Hello"


async def test_two_hundred_streams_at_once(server: RawServer, fusion: FusionModel) -> None:
    wait = Wait()
    server.awaited = 200
    server.answer([opening(), chunk(sse(delta("Hi"))), wait, chunk(sse(delta("", "stop"))), chunk(b"")])
    reading = [asyncio.create_task(collect(fusion, ask())) for _ in range(200)]
    await server.full.wait()  # all are open before the first may end
    wait.event.set()
    assert {text_of(events) for events in await asyncio.gather(*reading)} == {"Hi"}


async def test_key_is_sent_as_configured(server: RawServer, fusion: FusionModel) -> None:
    server.answer(GOOD)
    await collect(fusion, ask())
    assert server.requests[0].headers["authorization"] == KEY
    assert "secret" not in repr(fusion) + repr(fusion.encode(ask())) + str(vars(fusion))


async def test_any_success_is_one(server: RawServer, chat: ChatCompletionsModel) -> None:
    """Some frameworks answer 201 to every POST."""
    server.answer([http({"choices": [{"message": {"content": "Hi"}}]}, status=201)])
    assert text_of(await collect(chat, ask())) == "Hi"


async def test_chat_completions_over_a_socket(server: RawServer, chat: ChatCompletionsModel) -> None:
    server.answer([http({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]})])
    assert text_of(await collect(chat, ask())) == "Hi"
    assert server.requests[0].line == "POST /v1/chat/completions HTTP/1.1"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_key_that_can_not_be_a_header() -> None:
    secret = read_key(f" {KEY}\n")
    assert KEY not in f"{secret} {secret!r} {secret!s}"
    assert secret.reveal() == KEY
    with pytest.raises(ValueError, match="control") as caught:
        read_key("a\nsecret")
    assert "secret" not in str(caught.value)


async def test_connection_is_used_again(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second question pays for no second handshake, though the first body's end came after the end marker."""
    monkeypatch.setattr("bot.providers.http.transport._DRAIN_S", 20)
    connections = 0
    finished = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while head := await reader.read(65536):
            if b"\r\n\r\n" in head:
                answer = sse(delta("Hi"), delta("", "stop"), "[DONE]")
                writer.write(opening().replace(b"Connection: close\r\n", b"") + chunk(answer))
                await finished.wait()
                finished.clear()
                writer.write(chunk(b""))
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    model = FusionModel(transport, url=url, api_key=KEY, miaohua_token=MIAOHUA)
    for _ in range(3):
        async with model.stream(ask(draw=False)) as events:
            async for event in events:
                if isinstance(event, Finish):
                    finished.set()
    await transport.close()
    listener.close()
    await listener.wait_closed()
    assert connections == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("1.5", 1.5),
        ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("9" * 400, None),
        ("x", None),
        ("٣", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, FakeClock().now()) == seconds


def test_what_may_be_done_and_billed_is_not_repeated() -> None:
    policy, rng = RetryPolicy(), random.Random(0)
    lost = ProviderError(ErrorKind.NETWORK, maybe_done=True)
    full = ProviderError(ErrorKind.OVERLOADED, status=503)
    assert policy.delay_s(lost, attempt=1, bills=False, rng=rng) is not None
    assert policy.delay_s(lost, attempt=1, bills=True, rng=rng) is None
    assert policy.delay_s(full, attempt=1, bills=True, rng=rng) is not None
    assert policy.delay_s(full, attempt=3, bills=False, rng=rng) is None


@pytest.mark.parametrize(
    "request_", [ask(mode=Mode.DRAW), ask(certain=True), ask()], ids=["command", "conversation", "mention"]
)
async def test_what_may_be_drawn_goes_over_no_connection_of_an_earlier_call(
    request_: ModelRequest, server: RawServer, clock: FakeClock
) -> None:
    """The server may be about to close it, and what may be billed is not sent twice."""
    answer = http(whole(SIGNED, picture=True)).replace(b"Connection: close", b"Connection: keep-alive")
    server.answer([answer, Stall()])
    transport = Transport(clock=clock, timeouts=Timeouts(first_byte_s=20))
    model = FusionModel(transport, url=f"{server.base}/fusion", api_key=KEY, miaohua_token=MIAOHUA)
    for _ in range(2):
        events = await collect(model, request_)
        assert isinstance(events[-1], Finish)
    assert server.connections == 2
    await transport.close()


async def test_a_wait_is_told_and_is_no_answer(
    server: RawServer, fusion: FusionModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer([http(b"", status=429, headers=["Retry-After: 40"])], GOOD)
    first, *rest = await collect(fusion, ask())
    assert isinstance(first, Retrying)
    assert (first.error.kind, first.after_s) == (ErrorKind.RATE_LIMITED, 40.0)
    assert text_of(rest) == "Hi"
    assert f"{len(rest)} events, 2 attempts" in caplog.text
    server.answer([http(b"", status=503)], GOOD)
    assert not isinstance((await collect(fusion, ask()))[0], Retrying)
