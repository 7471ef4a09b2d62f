"""Answers of any content: nothing but the project's own error comes out of framing, adapters and assemblers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model.events import Failure, Finish
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.classify import kind_of_status
from bot.providers.http.failures import reported_error, status_error
from bot.providers.wire.framing import Done, Frame, Framer
from tests.unit.providers.model.test_samples import CHAT_DIALECT, FUSION_DIALECT, run
from tests.unit.providers.samples import ANY, CHECK, DRAW, Sample
from tests.unit.providers.servers import FUZZ_FACTOR

NAMES = st.sampled_from(
    ["code", "msg", "data", "choices", "delta", "content", "message", "finish_reason", "usage", "picture", "status",
     "error", "images", "image_url", "url", "type", "text", "index", "reasoning_content", "object",
     "total_tokens", "detail", "image", "b64_json", "source", "inlineData", "mime_type", "attachments", "x_groq",
     "thinking", "thought", "finishReason", "prompt_eval_count", "refusal"]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.sampled_from(["stop", "200", "This is a drawing request*&^**#", "https://a/b.png", "![x](https://a/b)",
                     "<think>", "</think>", "reasoning", "network_error", "<|channel|>", "/img/b", "image/png",
                     "iVBORw0KGgo" * 9, "data:image/png;base64,AAAA", "[![x](https://a/b)](/c)"]),
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25
)
LINES = st.sampled_from([b"data: ", b"\n", b"\r", b"\r\n", b"{", b"}", b"[", b"]", b'"', b"\\", b":", b"[DONE]",
                         b'{"a": 1}', b"event: x", b'data: {"choices": 1}\n\n', b"  ", b"\xff", b",",
                         b"\xe4\xbd", b"1"])  # fmt: skip


@settings(max_examples=400 * FUZZ_FACTOR, deadline=None)
@given(st.lists(TREES, max_size=5), st.sampled_from([ANY, CHECK, DRAW]), st.booleans())
def test_any_json(objects: list[object], request_: object, as_events: bool) -> None:
    form = "data: {}\n\n" if as_events else "{}\n"
    body = "".join(form.format(json.dumps(item)) for item in objects)
    for dialect in (FUSION_DIALECT, CHAT_DIALECT):
        sample = Sample(name="", body=body, request=request_)  # type: ignore[arg-type]  # one of three requests
        events, error = run(dialect, sample, [body.encode()])
        terminal = [event for event in events if isinstance(event, (Finish, Failure))]
        assert len(terminal) == (1 if error is None else 0)
        assert error is None or isinstance(error, ProviderError)


def frames_of(pieces: list[bytes]) -> tuple[list[object], int]:
    framer = Framer()
    frames: list[Frame] = [frame for piece in pieces for frame in framer.feed(piece)]
    frames += framer.close()
    return ["done" if isinstance(frame, Done) else frame for frame in frames], framer.skipped


@settings(max_examples=600 * FUZZ_FACTOR, deadline=None)
@given(st.lists(LINES | st.binary(max_size=4), max_size=25).map(b"".join), st.sets(st.integers(1, 120), max_size=8))
def test_any_bytes_at_any_split(data: bytes, cuts: set[int]) -> None:
    data = b" " + data if data.lstrip().startswith(b"<") else data
    places = sorted(cut for cut in cuts if cut < len(data))
    pieces = [data[begin:end] for begin, end in zip([0, *places], [*places, len(data)], strict=True)]
    outcomes = []
    for way in ([data], pieces):
        try:
            outcomes.append(frames_of(way))
        except ProviderError as error:
            outcomes.append(([error.kind], 0))
    assert outcomes[0] == outcomes[1]


def feed_often(framer: Framer, data: bytes) -> None:
    for _ in range(100):
        framer.feed(data)


@pytest.mark.parametrize("start", [b"data: ", b'{"a": "', b"x", b'{"a": 1'])
def test_endless_item(start: bytes) -> None:
    framer = Framer(max_item_bytes=1000)
    framer.feed(start)
    with pytest.raises(ProviderError, match="larger"):
        feed_often(framer, b"1" * 100)


def test_endless_comments() -> None:
    with pytest.raises(ProviderError, match="larger"):
        feed_often(Framer(max_total_bytes=10_000), b": PING\n\n" * 20)


def test_event_over_many_lines() -> None:
    body = b'data: {"a":\ndata: [1,\ndata: {"b": 2}]\ndata: }\n\n'
    assert frames_of([body]) == ([{"a": [1, {"b": 2}]}], 0)
    assert frames_of([bytes([byte]) for byte in body]) == ([{"a": [1, {"b": 2}]}], 0)


def test_endless_event() -> None:
    with pytest.raises(ProviderError, match="larger"):
        feed_often(Framer(max_item_bytes=1000), b"data: [1,\n" * 10)


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_is_mapped(status: int) -> None:
    assert kind_of_status(status) in ErrorKind
    assert status_error(status, b"\xff{", None).status == status


@given(TREES, TREES)
def test_any_error_object(fault: object, code: object) -> None:
    error = reported_error(fault, code=code)
    assert error.kind in ErrorKind
    assert error.detail == " ".join(error.detail.split())


def test_words_about_a_key_are_quoted_to_nobody() -> None:
    assert reported_error({"message": "bad key sk-123", "code": "invalid_api_key"}).sentence == ""
