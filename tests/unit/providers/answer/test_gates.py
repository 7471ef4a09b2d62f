"""What is held back and what is let go, at every split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.answer.gates import SENTINEL, Cleaner, SentinelGate, ThinkGate, Unseen


def pieces_of(text: str, cuts: set[int]) -> list[str]:
    places = sorted(cut for cut in cuts if cut < len(text))
    return [text[begin:end] for begin, end in zip([0, *places], [*places, len(text)], strict=True)]


@pytest.mark.parametrize(
    ("text", "shown", "intent"),
    [
        (SENTINEL, "", True),
        (f"\n {SENTINEL}\n", "", True),
        (f"{SENTINEL} and more", " and more", False),
        (f"before {SENTINEL}", "before ", False),
        (f"a{SENTINEL}b{SENTINEL}c", "abc", False),
        ("This is a drawing request", "This is a drawing request", False),
        ("This is a drawing requestThis", "This is a drawing requestThis", False),
        ("TThis is", "TThis is", False),
        ("  indented", "  indented", False),
        ("", "", False),
        ("   ", "", False),
    ],
)
def test_sentinel_at_every_split(text: str, shown: str, intent: bool) -> None:
    for cuts in [set(), set(range(1, len(text))), *({at} for at in range(1, len(text)))]:
        gate = SentinelGate()
        out = "".join(gate.feed(piece) for piece in pieces_of(text, cuts))
        assert gate.intent is intent
        assert SENTINEL not in out
        assert out + gate.end() == shown


def test_sentinel_holds_no_more_than_it_must() -> None:
    gate = SentinelGate()
    assert gate.feed("Hello. This") == "Hello. "
    assert gate.feed(" is a dragon") == "This is a dragon"


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("<think>a<b</think>\n\nanswer", "a<b", "answer"),
        ("\n<think></think>answer", "", "answer"),
        ("<thinking> is fine", "", "<thinking> is fine"),
        ("answer <think>no</think>", "", "answer <think>no</think>"),
        ("<think>never ends</thi", "never ends</thi", ""),
        ("<thi", "", "<thi"),
        ("", "", ""),
    ],
)
def test_reasoning_at_every_split(text: str, thought: str, answer: str) -> None:
    for cuts in [set(), set(range(1, len(text))), *({at} for at in range(1, len(text)))]:
        gate = ThinkGate()
        parts = [*(gate.feed(piece) for piece in pieces_of(text, cuts)), gate.end()]
        assert "".join(part[0] for part in parts) == thought
        assert "".join(part[1] for part in parts) == answer


def test_unseen() -> None:
    unseen = Unseen()
    assert [unseen.piece("Hel"), unseen.whole("Hello"), unseen.whole("Hello"), unseen.piece("!")] == [
        "Hel",
        "lo",
        "",
        "!",
    ]
    assert unseen.whole("Something else") == ""
    increments = Unseen()
    assert [increments.whole("one "), increments.whole("two")] == ["one ", "two"]


@given(st.text(alphabet=st.characters(codec="utf-16")), st.sets(st.integers(1, 60)))
def test_surrogates_cut_apart_are_joined(text: str, cuts: set[int]) -> None:
    raw = text.encode("utf-16-le")
    units = "".join(chr(int.from_bytes(raw[at : at + 2], "little")) for at in range(0, len(raw), 2))
    cleaner = Cleaner()
    out = "".join(cleaner.feed(piece) for piece in pieces_of(units, cuts)) + cleaner.end()
    assert out == text.replace("\0", "")


@given(st.lists(st.text(alphabet="\ud83d\ude00a\0é", max_size=5)))
def test_cleaned_text_can_be_stored(pieces: list[str]) -> None:
    cleaner = Cleaner()
    out = "".join(map(cleaner.feed, pieces)) + cleaner.end()
    out.encode()
    assert "\0" not in out
