"""Pictures of megabytes in one event: whole, whatever the form and the reads, without much memory or a late loop."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from bot.domain.model.events import Failure, Finish, ModelEvent, PictureBytes, ReasoningDelta
from bot.errors import ErrorKind
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.wire.cutting import PIECE_BYTES, Cutter
from tests.unit.providers.chat_samples import chunked, completion
from tests.unit.providers.samples import ANY, DRAW, events_of, text_of
from tests.unit.providers.servers import RawServer, chunk, collect, http, opening

RANDOM = random.Random(20)
LF = "\n"


def picture(size: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + RANDOM.randbytes(size - 16)


def said(text: str) -> str:
    return events_of(chunked(delta={"content": text}, reason="stop"))


def escaped(body: str) -> str:
    return body.replace("/", "\\/")


FORMS: dict[str, Callable[[str], str]] = {
    "Markdown": lambda data: said(f"See ![a fox](data:image/png;base64,{data}) there."),
    "Markdown with escaped slashes": lambda data: escaped(said(f"See ![a fox](data:image/png;base64,{data}) there.")),
    "a data URL in a line": lambda data: said(f"See\ndata:image/png;base64,{data}\n there."),
    "base64 alone, after a line break": lambda data: said(f"See \n{data}\nthere."),
    "beside the words": lambda data: events_of(
        chunked(delta={"content": "See  there."}), chunked(delta={"images": [{"image_url": {"url": data}}]}),
        chunked(reason="stop")),
    "b64_json in a body": lambda data: json.dumps({"created": 1, "data": [{"b64_json": data}]}),
    "b64_json in an indented body": lambda data: json.dumps({"created": 1, "data": [{"b64_json": data}]}, indent=1),
    "base64 for addresses": lambda data: said(
        f"See ![a fox](data:image/png;base64,{data.replace('+', '-').replace('/', '_')}) there."),
    "a part of a message": lambda data: json.dumps(completion({"content": [
        {"type": "text", "text": "See  there."},
        {"type": "image", "source": {"data": data, "media_type": "image/png"}}]})),
    "twice": lambda data: events_of(
        chunked(delta={"images": [{"image_url": {"url": f"data:image/png;base64,{data}"}}]}),
        {"choices": [{"index": 0, "message": {"content": "See  there.", "images": [data]}, "finish_reason": "stop"}]}),
}  # fmt: skip


def cut_up(data: bytes, largest: int) -> Iterator[bytes]:
    """Cut an answer into pieces of any length."""
    at = 0
    while at < len(data):
        step = RANDOM.randint(1, largest)
        yield data[at : at + step]
        at += step


async def answered(
    server: RawServer, chat: ChatCompletionsModel, body: str, *, largest: int = 70_000
) -> list[ModelEvent]:
    data = body.encode()
    if body.startswith("data:"):
        server.answer([opening(), *(chunk(piece) for piece in cut_up(data, largest)), chunk(b"")])
    else:
        server.answer([http(data)])
    return await collect(chat, ANY)


def pictures(events: list[ModelEvent]) -> list[bytes]:
    return [event.data for event in events if isinstance(event, PictureBytes)]


@pytest.mark.parametrize("size", [PIECE_BYTES, 40_001, 250_002, 1_000_003], ids=str)
@pytest.mark.parametrize("form", FORMS)
async def test_a_picture_in_one_event_comes_whole(
    form: str, size: int, server: RawServer, chat: ChatCompletionsModel
) -> None:
    data = picture(size)
    events = await answered(server, chat, FORMS[form](base64.b64encode(data).decode()))
    assert isinstance(events[-1], Finish)
    assert pictures(events) == [data]
    assert "".join(text_of(events).split()) in ("Seethere.", "")


@pytest.mark.parametrize("largest", [700, 5_000])
async def test_a_picture_in_many_small_reads(largest: int, server: RawServer, chat: ChatCompletionsModel) -> None:
    data = picture(100_000)
    for form in ("Markdown with escaped slashes", "beside the words"):
        events = await answered(server, chat, FORMS[form](base64.b64encode(data).decode()), largest=largest)
        assert pictures(events) == [data]


def wrapped(data: str, width: int, end: str) -> str:
    return end.join(data[at : at + width] for at in range(0, len(data), width))


WRAPPED: dict[str, Callable[[str], str]] = {
    "Markdown": lambda data: said(f"See ![a fox](data:image/png;base64,{data}) there."),
    "a data URL in a line": lambda data: said(f"See\n\ndata:image/png;base64,{data}\n there."),
    "base64 alone": lambda data: said(f"See \n{data}\nthere."),
    "base64 alone, after a word": lambda data: said(f"See\n{data}\nthere."),
    "beside the words": lambda data: events_of(
        chunked(delta={"content": "See  there.", "images": [{"image_url": {"url": data}}]}, reason="stop")),
    "b64_json in a body": lambda data: json.dumps({"created": 1, "data": [{"b64_json": data}]}),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("width", [60, 64, 76, 1024])
@pytest.mark.parametrize("form", WRAPPED)
async def test_a_picture_in_lines_comes_whole(
    form: str, width: int, end: str, server: RawServer, chat: ChatCompletionsModel
) -> None:
    for size in (15_000, 30_001, 99_999, 57 * 1_200, 400_002):
        data = picture(size)
        events = await answered(server, chat, WRAPPED[form](wrapped(base64.b64encode(data).decode(), width, end)))
        assert pictures(events) == [data]
        assert "".join(text_of(events).split()) in ("Seethere.", "")


async def test_several_in_one_event(server: RawServer, chat: ChatCompletionsModel) -> None:
    made = [picture(100_000 + number) for number in range(3)]
    images = [f"data:image/png;base64,{base64.b64encode(each).decode()}" for each in made]
    events = await answered(server, chat, events_of(chunked(delta={"images": images}, reason="stop")))
    assert pictures(events) == made


TEXTS = {
    "base64 in code": f"```\n{base64.b64encode(RANDOM.randbytes(90_001)).decode()}\n```\nThat is it.",
    "lines of base64 in code": f"```\n{wrapped(base64.b64encode(RANDOM.randbytes(90_001)).decode(), 76, LF)}\n```\nHi.",
    "longer lines": f"```\n{wrapped(base64.b64encode(RANDOM.randbytes(90_001)).decode(), 100, LF)}\n```\nHi.",
    "one letter": "a" * 100_000,
    "words without blanks": "/".join(["lorem-ipsum_dolor"] * 9_000),
    "Chinese, escaped": "你好，世界。" * 20_000,
    "line breaks": "lorem\nipsum\n" * 10_000,
    "backslashes": "\\" * 70_000 + "n",
    "with an end in =": "b" * 70_002 + "==",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_what_is_no_picture_stays_text_letter_by_letter(
    text: str, server: RawServer, chat: ChatCompletionsModel
) -> None:
    assert text_of(await answered(server, chat, said(text))) == text


async def test_a_picture_in_what_is_thought_is_none(server: RawServer, chat: ChatCompletionsModel) -> None:
    data = base64.b64encode(picture(100_000)).decode()
    events = await answered(server, chat, events_of(
        chunked(delta={"reasoning_content": f"![x](data:image/png;base64,{data})"}),
        chunked(delta={"content": "Hi"}, reason="stop")))  # fmt: skip
    assert (text_of(events), pictures(events)) == ("Hi", [])
    assert any(isinstance(event, ReasoningDelta) for event in events)


@pytest.mark.parametrize("end", ["", '"}}]}\n\n'], ids=["no end", "an end"])
async def test_a_picture_that_is_too_large_is_told_as_such(
    end: str, server: RawServer, chat: ChatCompletionsModel
) -> None:
    begin = 'data: {"choices": [{"delta": {"content": "![x](data:image/png;base64,'
    server.answer([opening(), *(chunk(part) for part in (begin, *["iVBORw0K" * 2**17] * 25, end)), chunk(b"")])
    (failure,) = await collect(chat, DRAW)
    assert isinstance(failure, Failure)
    assert failure.error.kind is ErrorKind.TOO_LARGE


@pytest.mark.parametrize("write", [str, lambda data: wrapped(data, 76, LF)], ids=["one line", "lines"])
async def test_memory_and_the_loop_while_a_large_event_comes(
    write: Callable[[str], str], server: RawServer, chat: ChatCompletionsModel
) -> None:
    """At first one event of 21 MB took 624 MB, and everybody waited 1.6 s."""
    data = picture(6_000_000)
    body = FORMS["Markdown"](write(base64.b64encode(data).decode()))
    held = 0.0

    async def watch() -> None:
        nonlocal held
        while True:
            since = time.thread_time()
            await asyncio.sleep(0)
            held = max(held, time.thread_time() - since)

    pieces = [chunk(piece) for piece in cut_up(body.encode(), 200_000)]
    server.answer([opening(), *pieces, chunk(b"")])
    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    assert pictures(await collect(chat, ANY)) == [data]
    watching.cancel()
    assert held < 0.05
    tracemalloc.start()
    try:
        assert len(pictures(await collect(chat, ANY))) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(body)


def test_the_mark_of_what_was_cut_is_nobody_s_to_write() -> None:
    """It is another in each answer: a text that repeats one puts nothing in."""
    data = base64.b64encode(RANDOM.randbytes(60_000))
    first, second = Cutter(max_bytes=10**6), Cutter(max_bytes=10**6)
    written = b"".join((first.feed(b'"' + data + b'"'), first.close()))
    assert len(written) < len(data)
    assert second.feed(b'"' + data + b'"')
    assert second.restore(base64.b64decode(written.strip(b'"'))) == base64.b64decode(written.strip(b'"'))
    assert first.restore(base64.b64decode(written.strip(b'"'))) == base64.b64decode(data)


def test_an_answer_in_small_events_is_not_touched() -> None:
    cutter = Cutter(max_bytes=10**6)
    for piece in (b'data: {"choices": [{"delta": {"content": "Hello"}}]}\n\n', b"data: {", b'"choi', b'ces": []}\n\n'):
        assert cutter.feed(piece) is piece or cutter.feed(piece) == piece
    assert not cutter
