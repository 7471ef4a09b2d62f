"""What the words for an answer's end mean, and what an unknown one leaves in the log."""

from __future__ import annotations

import logging

import pytest

from bot.domain.model.events import Finish, FinishReason, TextDelta
from bot.errors import ErrorKind
from tests.unit.providers.chat_samples import chunked
from tests.unit.providers.model.test_samples import CHAT_DIALECT, FUSION_DIALECT, run
from tests.unit.providers.samples import ANY, Sample, delta, events_of

WORDS = {
    FinishReason.STOP: ["stop", "STOP", "eos", "end_turn", "stop_sequence", "tool_calls", "function_call"],
    FinishReason.LENGTH: [
        "length", "max_tokens", "MAX_TOKENS", "maxTokens", "max_new_tokens", "max_output_tokens", "context",
        "model_context_window_exceeded", "model_length", "token_limit",
    ],
    FinishReason.FILTERED: [
        "content_filter", "sensitive", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "blocklist", "SPII", "RECITATION",
        "IMAGE_SAFETY", "content_filtered", "refusal",
    ],
    FinishReason.CUT: [
        "network_error", "insufficient_system_resource", "error", "abort", "aborted", "cancelled", "server_error",
        "timeout", "timed_out",
    ],
    FinishReason.UNKNOWN: ["OTHER", "7", "lorem ipsum"],
}  # fmt: skip
CASES = [pytest.param(word, reason, id=word) for reason, words in WORDS.items() for word in words]


@pytest.mark.parametrize(("word", "reason"), CASES)
def test_word_for_an_end(word: str, reason: FinishReason) -> None:
    for dialect, body in (
        (CHAT_DIALECT, events_of(chunked(delta={"content": "Once"}), chunked(reason=word))),
        (FUSION_DIALECT, events_of(delta("Once"), delta("", word))),
    ):
        events, error = run(dialect, Sample(name="", body=body, request=ANY), [body.encode()])
        assert error is None
        assert (events[0], events[-1]) == (TextDelta(text="Once"), Finish(reason=reason))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("sensitive", ErrorKind.CONTENT_FILTERED),
        ("PROHIBITED_CONTENT", ErrorKind.CONTENT_FILTERED),
        ("network_error", ErrorKind.TRUNCATED),
        ("stop", ErrorKind.EMPTY),
    ],
)
def test_word_for_an_end_without_text(word: str, kind: ErrorKind) -> None:
    body = events_of(chunked(delta={"role": "assistant", "content": ""}), chunked(reason=word))
    _, error = run(CHAT_DIALECT, Sample(name="", body=body, request=ANY), [body.encode()])
    assert error is not None
    assert error.kind is kind


def test_reason_in_camel_case() -> None:
    body = events_of({"choices": [{"delta": {"content": "Once"}, "finishReason": "MAX_TOKENS"}]})
    events, _ = run(CHAT_DIALECT, Sample(name="", body=body, request=ANY), [body.encode()])
    assert events[-1] == Finish(reason=FinishReason.LENGTH)


@pytest.mark.parametrize(("word", "logged"), [("OTHER", "other"), ("said: a secret", "(not a word)")])
def test_unknown_word_is_logged_once(word: str, logged: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    body = events_of(*(chunked(delta={"content": piece}, reason=word) for piece in ("a", "b", "c")))
    run(CHAT_DIALECT, Sample(name="", body=body, request=ANY), [body.encode()])
    assert caplog.messages == [f"unknown finish reason: {logged}"]


def test_reason_that_says_more_is_kept() -> None:
    body = events_of(chunked(delta={"content": "a"}, reason="length"), chunked(reason="stop"))
    events, _ = run(CHAT_DIALECT, Sample(name="", body=body, request=ANY), [body.encode()])
    assert events[-1] == Finish(reason=FinishReason.LENGTH)
