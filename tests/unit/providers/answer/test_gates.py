"""What is held back and what is let go, at every split."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model.events import PictureBytes, PictureUrl
from bot.providers.answer.gates import SENTINEL, Cleaner, SentinelGate, ThinkGate, Unseen
from bot.providers.answer.markup import MarkupGate
from bot.providers.answer.pictures import distinct_pictures, lone_url, may_become_lone_url, picture_of, pictures_in
from tests.unit.providers.servers import FUZZ_FACTOR

URL = "https://img.example/a.png?s=%2F"
DATA = "data:image/png;base64," + "iVBORw0KGgo" * 40


def pieces_of(text: str, cuts: set[int]) -> list[str]:
    places = sorted(cut for cut in cuts if cut < len(text))
    return [text[begin:end] for begin, end in zip([0, *places], [*places, len(text)], strict=True)]


def through_markup(pieces: list[str]) -> tuple[str, list[str]]:
    gate = MarkupGate()
    text = "".join(gate.feed(piece) for piece in pieces) + gate.end()
    return text, gate.references


MARKUP = [
    ("plain text! with <b> and data", "plain text! with <b> and data", []),
    (f"a ![fox]({URL}) b", "a  b", [URL]),
    (f'a ![fox](<{URL}> "title") b', "a  b", [URL]),
    (f"![a (b)]({URL})", "", [URL]),
    ("![x](https://a.b/(c)d)", "", ["https://a.b/(c)d"]),
    (f"![x] not ![y]({URL})!", "![x] not !", [URL]),
    (f"![never closed\n![y]({URL})", "![never closed\n", [URL]),
    ("![relative](a.png) and ![empty]()", "![relative](a.png) and ![empty]()", []),
    (f"see [link]({URL})", f"see [link]({URL})", []),
    (f"<img src='{URL}' alt=x>!", "!", [URL]),
    ("the <img> element, <image>", "the <img> element, <image>", []),
    (f"`![x]({URL})` is how", f"`![x]({URL})` is how", []),
    (f"```md\n![x]({URL})\n```\n![y]({URL}2)", f"```md\n![x]({URL})\n```\n", [URL + "2"]),
    (f"it`s\n![y]({URL})", "it`s\n", [URL]),
    (f"![p]({DATA}) after", " after", [DATA]),
    (f"<img src=\"{DATA}\">", "", [DATA]),
    (f"here: {DATA}\nend", "here: \nend", [DATA]),
    (DATA, "", [DATA]),
    ("a data:image/png is a scheme", "a data:image/png is a scheme", []),
    ("![", "![", []),
    ("wow!", "wow!", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown", "references"), MARKUP)
def test_markup_at_every_split(text: str, shown: str, references: list[str]) -> None:
    assert through_markup([text]) == (shown, references)
    assert through_markup(list(text)) == (shown, references)
    for at in range(0, len(text), max(1, len(text) // 100)):
        assert through_markup([text[:at], text[at:]]) == (shown, references)


BITS = st.sampled_from(
    ["![", "](", ")", "(", "]", "<img", ">", " src=", '"', "`", "```", "\n", " ", "a", URL, DATA, "d", "data:image/"]
)


@settings(max_examples=500 * FUZZ_FACTOR, deadline=None)
@given(st.lists(BITS, max_size=14).map("".join), st.sets(st.integers(1, 400), max_size=8))
def test_markup_does_not_depend_on_splits(text: str, cuts: set[int]) -> None:
    assert through_markup(pieces_of(text, cuts)) == through_markup([text])


def test_broken_off_picture_is_not_shown() -> None:
    gate = MarkupGate()
    assert gate.feed(f"Look: ![fox]({URL}") == "Look: "
    assert gate.end(well=False) == ""
    assert gate.references == []


def test_huge_data_url_is_gathered_in_linear_time() -> None:
    """Eight megabytes in pieces of a kilobyte, with no piece looked at more than once or twice."""
    gate = MarkupGate()
    shown = gate.feed("![p](data:image/png;base64,") + "".join(gate.feed("A" * 1024) for _ in range(8192))
    assert shown + gate.feed(")done") == "done"
    assert [len(url) for url in gate.references] == [8192 * 1024 + 22]


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


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (URL, URL),
        (f" \n{URL}\n", URL),
        (f"<{URL}>", URL),
        (f"![x]({URL})", URL),
        (f"see {URL}", None),
        (f"{URL} {URL}", None),
        (f"[x]({URL})", None),
        ("ftp://a/b.png", None),
        ("https://", None),
        ("http://[::1", None),
        ("https://a/" + "x" * 9000, None),
        ("", None),
    ],
)
def test_lone_url(text: str, url: str | None) -> None:
    assert lone_url(text) == url
    if url is not None:
        assert all(may_become_lone_url(text[:at]) for at in range(len(text)))


@pytest.mark.parametrize(
    "text", ["Hello", "see https://a", "https://a b", "![x\n", "<b>", "https://a\nb", "h!", "\n" * 20_000]
)
def test_text_is_not_held_for_a_url(text: str) -> None:
    assert not may_become_lone_url(text)


def test_pictures_in_order_of_trust() -> None:
    both = f"https://z.example/lone\n<img src={URL}2> and ![x]({URL}1)"
    assert pictures_in(both) == [URL + "1", URL + "2"]
    assert pictures_in(f"done:\n{URL}\n[here](https://a/b.png)") == [URL]
    assert pictures_in(f"[here]({URL}) and [there](https://a/b)") == [URL]
    assert pictures_in("[there](https://a/b) http://[x") == []


def test_distinct_pictures() -> None:
    many = [f"{URL}{index}" for index in range(20)]
    assert distinct_pictures([URL, URL, "ftp://x", *many])[:2] == [PictureUrl(url=URL), PictureUrl(url=URL + "0")]
    assert len(distinct_pictures(many)) == 10


@pytest.mark.parametrize("payload", ["aGk=", "aGk", "aG\nk=", "aGk%3D"])
def test_data_url(payload: str) -> None:
    assert picture_of(f"data:image/png;base64,{payload}") == PictureBytes(data=b"hi")


@pytest.mark.parametrize("reference", ["data:image/png,aGk=", "data:image/png;base64,", "data:image/png;base64,a", "x"])
def test_no_picture(reference: str) -> None:
    assert picture_of(reference) is None


def test_pictures_are_not_printed() -> None:
    assert not re.search("img.example|iVBOR", repr([picture_of(URL), picture_of(DATA)]))
