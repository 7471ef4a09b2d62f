"""What is held back and what is let go, at every split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.answer.gates import SENTINEL, Cleaner, SentinelGate, Unseen


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


@pytest.mark.parametrize(
    ("deltas", "shown"),
    [
        pytest.param(
            ["Hello", "Hello there", "Hello there, friend."], ["Hello", "", " there, friend."], id="all so far"
        ),
        pytest.param(["A", "A b", "A b c", "A b c", "A b c d"], ["A", "", " b c", "", " d"], id="with a repetition"),
        pytest.param(["x" * 30, "x" * 30 + "y", "x" * 30 + "y"], ["x" * 30, "y", ""], id="sure at once"),
        pytest.param(["Hello", "Hello there", "Hello there"], ["Hello", "", " there"], id="told by the same once more"),
        pytest.param(["Hello", "Hello there", ""], ["Hello", "", ""], id="nothing tells nothing"),
        pytest.param(["Hi", "Hi there", "Hi there, ", "!"], ["Hi", "", " there, ", "!"], id="an increment after all"),
        pytest.param(["a" * 40, "a" * 40 + "b", "c" * 60], ["a" * 40, "b", ""], id="contradicted"),
        pytest.param(["ha", "ha", "ha", "haha!"], ["ha", "ha", "ha", "haha!"], id="laughter"),
        pytest.param(["1", "10", " and"], ["1", "", "10 and"], id="chance"),
        pytest.param(["na", "nana", "na", "na"], ["na", "", "nanana", "na"], id="chance, song"),
        pytest.param(["\n", "\n\n", "x"], ["\n", "", "\n\nx"], id="chance, line ends"),
    ],
)
def test_deltas_that_hold_all_text_so_far(deltas: list[str], shown: list[str]) -> None:
    unseen = Unseen()
    assert [unseen.piece(delta) for delta in deltas] == shown
    rest = unseen.end()
    assert rest == ("Hello there" if deltas[-1] == "" else "")


def test_a_delta_that_is_held_is_decided_by_the_complete_text() -> None:
    unseen = Unseen()
    assert [unseen.piece("Hi"), unseen.piece("Hi you"), unseen.whole("Hi you")] == ["Hi", "", " you"]
    unseen = Unseen()
    assert [unseen.piece("1"), unseen.piece("10"), unseen.whole("110!")] == ["1", "", "10!"]


@pytest.mark.parametrize(
    "deltas",
    [
        ["哈", "哈哈", "哈哈哈哈", "，你好呀！很高兴见到你。", "今天"],
        ["=", "==", "====", "\n# Title", "\n===="],
        ["1", "10", "100", "\nare powers of ten"],
        ["ha", "haha", "hahaha", "hahahaha", "! That is funny."],
        ["-", "--------", "--------", "--------", "| a table |"],
    ],
    ids=lambda deltas: "".join(deltas[:3]),
)
def test_a_repeated_beginning_takes_nothing_of_what_follows(deltas: list[str]) -> None:
    unseen = Unseen()
    assert "".join(map(unseen.piece, deltas)) + unseen.end() == "".join(deltas)


@given(st.lists(st.text(min_size=1, max_size=6), min_size=3, max_size=12))
def test_text_that_grows_by_whole_texts_is_shown_once(pieces: list[str]) -> None:
    unseen = Unseen()
    texts = ["".join(pieces[: at + 1]) for at in range(len(pieces))]
    assert "".join(map(unseen.piece, texts)) + unseen.end() == texts[-1]


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
