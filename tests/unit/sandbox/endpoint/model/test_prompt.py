"""What of a conversation the model gets."""

from __future__ import annotations

import pytest

from sandbox.endpoint.answers.messages import Message
from sandbox.endpoint.model.prompt import PROMPT_TOKENS, estimate_tokens, model_prompt, mostly_chinese
from tests.unit.sandbox.endpoint.model.fakes import talk


def test_a_short_conversation_is_kept_whole() -> None:
    first, *rest = model_prompt(talk("hi", "Hello!", "how are you?"))
    assert first["role"] == "system"
    assert rest == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "how are you?"},
    ]


def test_the_oldest_are_dropped_and_an_answer_goes_with_its_question() -> None:
    texts = [f"{number} " + "word " * 100 for number in range(21)]
    _, *rest = model_prompt(talk(*texts))
    assert 1 < len(rest) < 10
    assert len(rest) % 2 == 1
    assert rest[0]["role"] == rest[-1]["role"] == "user"
    assert rest[-1]["content"] == texts[-1]


@pytest.mark.parametrize("text", ["word " * 5000, "9" * 50_000, "x" * 4_000_000, "字" * 9000, "\U0001f600" * 9000])
def test_a_prompt_that_is_too_long_is_cut_in_its_middle(text: str) -> None:
    whole = f"BEGIN {text} END"
    found = model_prompt(talk("hi", "x" * 4_000_000, whole))
    assert found[-1]["content"].startswith("BEGIN")
    assert found[-1]["content"].endswith("END")
    assert "…" in found[-1]["content"]
    assert sum(estimate_tokens(one["content"]) for one in found) <= PROMPT_TOKENS
    assert len(found) == 2


def test_the_request_may_bring_instructions() -> None:
    found = model_prompt([Message(role="system", content="Speak like a pirate."), *talk("hi")])
    assert found[0]["content"].endswith("\nSpeak like a pirate.")
    assert [one["role"] for one in found] == ["system", "user"]
    long = model_prompt([Message(role="system", content="Speak. " * 5000), *talk("hi")])
    assert long[-1] == {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("你好", True),
        ("Python 是什么？", True),
        ("what does 你好 mean in English?", False),
        ("hello", False),
        ("…", False),
    ],
)
def test_chinese_is_told_from_other_languages(text: str, chinese: bool) -> None:
    assert mostly_chinese(text) is chinese
