"""How long the next bytes are waited for, and what the end of that wait is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.domain.model.events import Failure, Finish, FinishReason, ModelEvent, PictureUrl
from bot.domain.model.request import ModelRequest
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.transport import Body, Call, Patience, Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from tests.unit.providers.chat_samples import URL, chunked
from tests.unit.providers.samples import ANY, DRAW, NO_USAGE, SIGNED, delta, envelope, text_of, thinking
from tests.unit.providers.servers import KEY, MIAOHUA, FakeClock, RawServer, Reset, Stall, Step, collect, opening, sse
from tests.unit.providers.servers import chunk as sent

BEGINNING, IDLE, LINGERING, SETTLED = Patience.BEGINNING, Patience.IDLE, Patience.LINGERING, Patience.SETTLED
SILENCE = ProviderError(ErrorKind.TIMEOUT_IDLE)
BROKEN = ProviderError(ErrorKind.NETWORK)
Piece = bytes | ProviderError
ROLE = chunked(delta={"role": "assistant", "content": ""})


@dataclass
class Scripted(Body):
    """The body of an answer that comes by a script; notes how patiently it was read."""

    pieces: list[Piece]
    patience: list[Patience] = field(default_factory=list)

    async def read(self, patience: Patience = Patience.IDLE) -> bytes:
        self.patience.append(patience)
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, ProviderError):
            raise piece
        return piece

    async def drain(self) -> None:
        pass


class ScriptedTransport(Transport):
    """Answers each call with one body."""

    def __init__(self, body: Body) -> None:
        super().__init__(clock=FakeClock())
        self._body = body

    @asynccontextmanager
    async def post(self, call: Call, *, deadline: float, fresh: bool = False) -> AsyncIterator[Body]:
        yield self._body


async def heard(model: str, *pieces: object, request: ModelRequest = ANY) -> tuple[list[ModelEvent], list[Patience]]:
    """Read an answer; a piece is an object in an event of its own, bytes, or an error."""
    body = Scripted([piece if isinstance(piece, (bytes, ProviderError)) else sse(piece) for piece in pieces])
    http = ScriptedTransport(body)
    chat = ChatCompletionsModel(http, base_url="http://x/v1", api_key=KEY, chat_model="a", image_model="b")
    fusion = FusionModel(http, url="http://x/f", api_key=KEY, miaohua_token=MIAOHUA)
    return await collect(chat if model == "chat" else fusion, request), body.patience


def says(text: str, reason: str | None = None) -> dict[str, object]:
    return chunked(delta={"content": text}, reason=reason)


def ending(events: list[ModelEvent]) -> FinishReason | ErrorKind:
    last = events[-1]
    assert isinstance(last, (Finish, Failure))
    return last.reason if isinstance(last, Finish) else last.error.kind


@pytest.mark.parametrize(
    "sign", [ROLE, b": PING\n\n", b"\n\n", chunked(delta={}), chunked(delta={"reasoning_content": ""})],
    ids=["role", "comment", "blank line", "empty delta", "empty reasoning"],
)  # fmt: skip
async def test_the_first_word_is_waited_for_as_long_as_the_first_byte(sign: object) -> None:
    events, patience = await heard("chat", sign, sign, says("Hi"), says("!"), chunked(reason="stop"))
    assert text_of(events) == "Hi!"
    assert patience == [BEGINNING, BEGINNING, BEGINNING, IDLE, IDLE, SETTLED]


async def test_the_first_word_of_fusion_is_waited_for_as_long_as_the_first_byte() -> None:
    _, patience = await heard("fusion", delta(""), delta("Hi"), delta("", "stop"))
    assert patience == [BEGINNING, BEGINNING, IDLE, SETTLED]


@pytest.mark.parametrize(
    ("model", "thought"), [("chat", chunked(delta={"reasoning": "hm"})), ("fusion", thinking("hm"))]
)
async def test_a_thought_is_a_beginning(model: str, thought: object) -> None:
    _, patience = await heard(model, thought)
    assert patience == [BEGINNING, IDLE]


async def test_text_that_is_held_back_is_a_beginning() -> None:
    _, patience = await heard("chat", says("https://x"), says("<think"))
    assert patience == [BEGINNING, IDLE, IDLE]


async def test_a_picture_is_waited_for_as_long_as_the_first_byte() -> None:
    events, patience = await heard("chat", ROLE, says("> 10%\n"), says(f"![x]({URL})", "stop"), request=DRAW)
    assert PictureUrl(url=URL) in events
    assert patience[:3] == [BEGINNING] * 3
    _, patience = await heard("fusion", delta(""), delta(SIGNED), delta("", "stop"), request=DRAW)
    assert patience == [BEGINNING, BEGINNING, BEGINNING, SETTLED]


async def test_a_picture_that_a_mention_is_to_get_is_waited_for_as_long() -> None:
    drawing = envelope({"delta": "", "finish_reason": ""}, {**NO_USAGE, "picture": True})
    events, patience = await heard("fusion", drawing, delta(SIGNED[:9]), delta(SIGNED[9:]), delta("", "stop"))
    assert PictureUrl(url=SIGNED) in events
    assert patience == [BEGINNING, BEGINNING, BEGINNING, BEGINNING, SETTLED]
    events, patience = await heard("fusion", drawing, SILENCE)
    assert ending(events) is ErrorKind.TIMEOUT_IDLE


@pytest.mark.parametrize("model", ["chat", "fusion"])
async def test_a_reason_in_every_piece_is_no_end(model: str) -> None:
    pieces = [says(text, "stop") if model == "chat" else delta(text, "stop") for text in ("One ", "two ", "three.")]
    events, patience = await heard(model, *pieces, b"data: [DONE]\n\n")
    assert (text_of(events), ending(events)) == ("One two three.", FinishReason.STOP)
    assert patience == [BEGINNING, LINGERING, LINGERING, LINGERING]


@pytest.mark.parametrize(
    "rest", [[b""], [SILENCE], [b"data: [DONE]\n\n"], [ProviderError(ErrorKind.TIMEOUT_TOTAL)]],
    ids=["end of the body", "silence", "end marker", "no time left"],
)  # fmt: skip
async def test_what_ends_an_answer_with_a_reason_in_every_piece(rest: list[object]) -> None:
    events, _ = await heard("chat", says("One ", "stop"), says("two", "stop"), *rest)
    assert (text_of(events), ending(events)) == ("One two", FinishReason.STOP)


async def test_a_broken_connection_is_no_end_where_a_reason_was_none() -> None:
    events, _ = await heard("chat", says("One ", "stop"), says("two", "stop"), BROKEN)
    assert (text_of(events), ending(events)) == ("One two", ErrorKind.NETWORK)
    events, _ = await heard("chat", says("One", "stop"), BROKEN)
    assert (text_of(events), ending(events)) == ("One", FinishReason.STOP)


async def test_text_is_given_out_before_the_wait_for_more_of_it() -> None:
    body = Scripted([sse(says("One.", "stop")), SILENCE])
    chat = ChatCompletionsModel(
        ScriptedTransport(body), base_url="http://x/v1", api_key=KEY, chat_model="a", image_model="b"
    )
    async with chat.stream(ANY) as events:
        assert text_of([await anext(events)]) == "One."
        assert body.patience == [BEGINNING]
        assert [event async for event in events] == [Finish(reason=FinishReason.STOP)]


async def test_thoughts_with_a_reason_are_followed_by_an_answer() -> None:
    events, patience = await heard("chat", chunked(delta={"reasoning": "hm"}, reason="stop"), says("Hi", "stop"))
    assert text_of(events) == "Hi"
    assert patience == [BEGINNING, LINGERING, LINGERING]


@pytest.mark.parametrize("request_", [ANY, DRAW], ids=["talk", "drawing"])
async def test_a_picture_may_come_after_the_reason(request_: ModelRequest) -> None:
    picture = chunked(delta={"images": [{"image_url": {"url": URL}}]})
    events, patience = await heard("chat", says("Here is your fox.", "stop"), picture, request=request_)
    assert PictureUrl(url=URL) in events
    assert patience == [BEGINNING, LINGERING, LINGERING]


async def test_a_reason_alone_is_an_end() -> None:
    events, patience = await heard("chat", says("One"), chunked(reason="stop"), SILENCE)
    assert (text_of(events), ending(events)) == ("One", FinishReason.STOP)
    assert patience == [BEGINNING, IDLE, SETTLED]


async def test_a_reason_before_the_first_word_is_none() -> None:
    events, patience = await heard(
        "chat", chunked(delta={"role": "assistant", "content": ""}, reason="stop"), says("Hi", "stop")
    )
    assert text_of(events) == "Hi"
    assert patience == [BEGINNING, LINGERING, LINGERING]


TIMES = {"first_byte_s": 20.0, "idle_s": 20.0, "settle_s": 20.0, "linger_s": 20.0}


@pytest.mark.parametrize(
    ("script", "time", "expected"),
    [
        pytest.param([sse(ROLE)], "first_byte_s", ErrorKind.TIMEOUT_FIRST_BYTE, id="first word"),
        pytest.param([sse(says("Hi"))], "idle_s", ErrorKind.TIMEOUT_IDLE, id="more text"),
        pytest.param([sse(says("Hi", "stop"))], "linger_s", FinishReason.STOP, id="text with a reason"),
        pytest.param([sse(says("Hi"), chunked(reason="stop"))], "settle_s", FinishReason.STOP, id="reason alone"),
    ],
)
async def test_each_wait_has_its_time(
    script: list[bytes], time: str, expected: FinishReason | ErrorKind, server: RawServer
) -> None:
    http = Transport(clock=FakeClock(), timeouts=Timeouts(**{**TIMES, time: 0.1}))
    model = ChatCompletionsModel(http, base_url=f"{server.base}/v1", api_key=KEY, chat_model="a", image_model="b")
    steps: list[Step] = [opening(), *(sent(piece) for piece in script), Stall()]
    server.answer(steps)
    assert ending(await collect(model, ANY)) is expected
    await http.close()


async def test_reset_in_the_middle_of_an_answer_with_a_reason_in_every_piece(
    server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer([opening(), sent(sse(says("One ", "stop"))), sent(sse(says("two", "stop"))), Reset()])
    assert ending(await collect(chat, ANY)) in (ErrorKind.NETWORK, ErrorKind.TRUNCATED)


@pytest.mark.parametrize(
    ("body", "bare"),
    [
        pytest.param([], True, id="no body"),
        pytest.param([b"data: [DONE]\n\n"], True, id="end marker"),
        pytest.param([b": PING\n\n"], True, id="comment"),
        pytest.param([{"choices": [], "usage": {"prompt_tokens": 3, "total_tokens": 3}}], False, id="usage"),
        pytest.param([ROLE, chunked(reason="stop")], False, id="an answer without text"),
    ],
)
async def test_answer_without_anything_in_it(body: list[object], bare: bool) -> None:
    events, _ = await heard("chat", *body)
    last = events[-1]
    assert isinstance(last, Failure)
    assert (last.error.kind, last.error.bare) == (ErrorKind.EMPTY, bare)
