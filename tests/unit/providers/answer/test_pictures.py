"""Pictures in text, in every form that public servers give them, at every split."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model.events import PictureBytes, PictureUrl
from bot.errors import ProviderError
from bot.providers.answer.drawing import DrawingAssembler
from bot.providers.answer.forms import states_progress
from bot.providers.answer.markup import MarkupGate
from bot.providers.answer.parts import PictureReference, Whole
from bot.providers.answer.pictures import distinct_pictures, lone_url, may_become_lone_url, picture_of
from tests.unit.providers.answer.test_gates import pieces_of
from tests.unit.providers.servers import FUZZ_FACTOR

URL = "https://img.example/a.png?s=%2F"
DATA = "data:image/png;base64," + "iVBORw0KGgo" * 40


def through_markup(pieces: list[str]) -> tuple[str, list[str]]:
    gate = MarkupGate()
    text = "".join(gate.feed(piece) for piece in pieces) + gate.end()
    return text, [reference.url for reference in gate.references]


def drawn(text: str) -> list[str]:
    """Give a text as the answer to a drawing; return the URLs of its pictures."""
    assembler = DrawingAssembler(base="https://img.example/v1/chat/completions")
    assembler.feed(Whole(text=text))
    try:
        events = assembler.end(done=True)
    except ProviderError:
        return []
    return [event.url for event in events if isinstance(event, PictureUrl)]


def distinct(*urls: str) -> list[PictureUrl | PictureBytes]:
    return distinct_pictures(PictureReference(url=url) for url in urls)


def wrapped(data: str, width: int = 76, end: str = "\n") -> str:
    return end.join(data[at : at + width] for at in range(0, len(data), width))


MARKUP = [
    ("plain text! with <b> and data", "plain text! with <b> and data", []),
    (f"a ![fox]({URL}) b", "a  b", [URL]),
    (f'a ![fox](<{URL}> "title") b', "a  b", [URL]),
    (f"a ![fox]({URL} 'a (b) c') b", "a  b", [URL]),
    (f"![a (b)]({URL})", "", [URL]),
    ("![x](https://a.b/(c)d)", "", ["https://a.b/(c)d"]),
    (f"![x] not ![y]({URL})!", "![x] not !", [URL]),
    (f"![never closed\n![y]({URL})", "![never closed\n", [URL]),
    ("![relative](a.png) and ![empty]()", "![relative](a.png) and ![empty]()", []),
    ("see ![image](/img/b) there", "see  there", ["/img/b"]),
    ("![image](//img.example/b.png)", "", ["//img.example/b.png"]),
    ("![x](http://host/my fox)!", "!", ["http://host/my fox"]),
    ('![x](http://host/my red fox.png "my fox")!', "!", ["http://host/my red fox.png"]),
    (f"see [link]({URL})", f"see [link]({URL})", []),
    (f"a [![image]({URL}1)]({URL}2&sig=x) b", "a  b", [URL + "2&sig=x"]),
    (f'[![i]({URL}1 "t") a fox](<{URL}2> "t")', "", [URL + "2"]),
    (f"[![i]({URL}1)]({URL}1)", "", [URL + "1"]),
    (f"[![i]({URL}1)](/full/2)!", "!", ["/full/2"]),
    (f"[![i]({URL}1)](#)!", "!", [URL + "1"]),
    (f"[![film]({URL})](https://films.example/watch?v=1)", "[film](https://films.example/watch?v=1)", [URL]),
    (f"[![i]({URL})](https://cdn.example/2?X-Signature=x)", "", ["https://cdn.example/2?X-Signature=x"]),
    (f"[![i]({URL})] and more", "[] and more", [URL]),
    (f"[![i]({URL}) and [link](https://a.b)", "[ and [link](https://a.b)", [URL]),
    ("[![i](a.png)](https://a.b/c)", "[![i](a.png)](https://a.b/c)", []),
    ("[!NOTE] a list [1], [!", "[!NOTE] a list [1], [!", []),
    (f"<img src='{URL}' alt=x>!", "!", [URL]),
    (f'<img srcset="{URL}1 1x, {URL}2 2x"/>!', "!", [URL + "2"]),
    (f"<a href='{URL}2&amp;x=y'><img src='{URL}1'></a>!", "!", [URL + "2&x=y"]),
    (f'<a href="{URL}2">\n  <img src="{URL}1">\n</a>', "", [URL + "2"]),
    (f"<a href='https://b.example'>words</a> <img src='{URL}'>", "<a href='https://b.example'>words</a> ", [URL]),
    ("the <img> element, <image> <a>, <img alt='x'>", "the <img> element, <image> <a>, <img alt='x'>", []),
    ("<img src=logo.png>, <a", "<img src=logo.png>, <a", []),
    (f"`![x]({URL})` is how", f"`![x]({URL})` is how", []),
    (f"`{DATA}` and `{DATA[22:]}`", f"`{DATA}` and `{DATA[22:]}`", []),
    (f"```md\n![x]({URL})\n[![x]({URL})](/y)\n```\n![y]({URL}2)",
     f"```md\n![x]({URL})\n[![x]({URL})](/y)\n```\n", [URL + "2"]),
    (f"```\n{wrapped(DATA)}\n```", f"```\n{wrapped(DATA)}\n```", []),
    (f"it`s\n![y]({URL})", "it`s\n", [URL]),
    (f"![p]({DATA}) after", " after", [DATA]),
    (f"![p](\t<{DATA}> \"t\") after", " after", [DATA]),
    (f"![p]({wrapped(DATA)}\n) after", " after", [DATA]),
    (f"![p]({DATA[:22]}\n{wrapped(DATA[22:], 64)}) after", " after", [DATA]),
    (f"![p]({DATA[:200]}) ![q]({DATA[:300]})", " ", [DATA[:200], DATA[:300]]),
    (f"[![p]({DATA})]({URL})", "", [URL]),
    (f"![p]({DATA}!", "!", ["data:;base64," + DATA[22:]]),
    (f"<img src=\"{DATA}\">", "", [DATA]),
    (f"<img\tsrc = {DATA} alt=x>", "", [DATA]),
    (f"here: {DATA}\nend", "here: \nend", [DATA]),
    (f"here: {DATA[:22]}\n{wrapped(DATA[22:])}\nHere it is", "here: \nHere it is", [DATA]),
    (f"{DATA[:22]}{wrapped(DATA[22:], 64)}\n\nend", "\n\nend", [DATA]),
    (f"{DATA[:22]}{wrapped(DATA[22:], 64, chr(13) + chr(10))}==\n  end", "\n  end", [DATA + "=="]),
    (DATA, "", [DATA]),
    (f"base64: {DATA[22:]}, done", "base64: , done", [DATA[22:]]),
    (wrapped(DATA[22:]) + "\nDone.", "\nDone.", [DATA[22:]]),
    (wrapped("/9j/4AAQ" * 30 + "w==") + "\nA fox", "\nA fox", ["/9j/4AAQ" * 30 + "w=="]),
    ('{"b64_json":"R0lGODlh' + "A" * 80 + '"}', '{"b64_json":""}', ["R0lGODlh" + "A" * 80]),
    ("UklGR" + "A" * 6 + "XRUJQ" + "B" * 80, "", ["UklGR" + "A" * 6 + "XRUJQ" + "B" * 80]),
    ("UklGR" + "A" * 90, "UklGR" + "A" * 90, []),
    ("PNG begins iVBORw0KGgoAAAA and JPEG /9j/4AAQ.", "PNG begins iVBORw0KGgoAAAA and JPEG /9j/4AAQ.", []),
    ("/a/9j/4" + "A" * 99 + " xiVBORw0KGgo" + "A" * 99, "/a/9j/4" + "A" * 99 + " xiVBORw0KGgo" + "A" * 99, []),
    ("a data:image/png is a scheme", "a data:image/png is a scheme", []),
    ("data:image/svg+xml,%3Csvg%3E and so on", "data:image/svg+xml,%3Csvg%3E and so on", []),
    ("![", "![", []),
    ("wow!", "wow!", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown", "references"), MARKUP)
def test_markup_at_every_split(text: str, shown: str, references: list[str]) -> None:
    assert through_markup([text]) == (shown, references)
    assert through_markup(list(text)) == (shown, references)
    for at in range(0, len(text), max(1, len(text) // 100)):
        assert through_markup([text[:at], text[at:]]) == (shown, references)


@pytest.mark.parametrize(("text", "shown", "references"), MARKUP)
def test_nothing_of_a_picture_is_ever_shown(text: str, shown: str, references: list[str]) -> None:
    """At any moment what is shown is a beginning of what is shown in the end."""
    gate, so_far = MarkupGate(), ""
    for char in text:
        so_far += gate.feed(char)
        assert shown.startswith(so_far)


@pytest.mark.parametrize("text", [text for text, _, references in MARKUP if not references and "`" not in text])
def test_text_is_not_held_back_for_long(text: str) -> None:
    """Words, brackets, marks and names of elements that are no picture follow within a few words."""
    gate, shown = MarkupGate(), 0
    for at, char in enumerate(text):
        shown += len(gate.feed(char))
        assert at + 1 - shown <= 110


WORDS = (
    "See [1], [the page](https://a.example/b?c=d), a[0]! Or <b>bold</b> (data: /9 in 5) `x` - 50 % off, <3 & I said."
)


def test_ordinary_text_is_held_back_by_a_few_characters_only() -> None:
    gate, shown = MarkupGate(), ""
    for at, char in enumerate(WORDS):
        shown += gate.feed(char)
        assert at + 1 - len(shown) <= len("data:")
    assert shown + gate.end() == WORDS


BITS = st.sampled_from(
    [
        *(
            "![",
            "](",
            ")",
            "(",
            "]",
            "[",
            "[![",
            "!",
            "<img",
            "<a",
            ">",
            "</a>",
            " src=",
            " href=",
            '"',
            "'",
            "`",
            "```",
        ),
        *("\n", "\r\n", " ", "a", "/b", "The", "=", URL, DATA, DATA[22:], wrapped(DATA), wrapped(DATA[22:], 64)),
        *("d", "data:image/", DATA[:22], "/9j/4", "UklGR", "25%", "<", "#"),
    ]
)


@settings(max_examples=500 * FUZZ_FACTOR, deadline=None)
@given(st.lists(BITS, max_size=14).map("".join), st.sets(st.integers(1, 900), max_size=8))
def test_markup_does_not_depend_on_splits(text: str, cuts: set[int]) -> None:
    assert through_markup(pieces_of(text, cuts)) == through_markup([text])
    assert through_markup(list(text)) == through_markup([text])


@settings(max_examples=300 * FUZZ_FACTOR, deadline=None)
@given(st.lists(BITS, max_size=10).map(" ".join), st.integers(0, 900))
def test_base64_is_never_shown_outside_code(text: str, cut: int) -> None:
    """Wherever an answer breaks off, and in whatever it is wrapped."""
    gate = MarkupGate()
    shown = gate.feed(text.replace("`", "'")[:cut]) + gate.end(well=False)
    assert not re.search("(iVBORw0KGgo){6}", shown)


@settings(max_examples=300 * FUZZ_FACTOR, deadline=None)
@given(st.lists(BITS, max_size=10).map(" ".join))
def test_drawing_shows_no_base64_in_its_words(text: str) -> None:
    """What a drawing answers instead of a picture is shown as a sentence."""
    assembler = DrawingAssembler()
    assembler.feed(Whole(text=text))
    sentence = ""
    try:
        assembler.end(done=True)
    except ProviderError as error:
        sentence = error.sentence
    assert not re.search("(iVBORw0KGgo){6}", sentence)


TEXTS = st.text(alphabet="ab []()!<>/=\"'\n%1:.h", max_size=60)


@settings(max_examples=300 * FUZZ_FACTOR, deadline=None)
@given(TEXTS, st.sets(st.integers(1, 60), max_size=8))
def test_text_without_an_address_comes_through_unchanged(text: str, cuts: set[int]) -> None:
    shown, references = through_markup(pieces_of(text, cuts))
    if not references:
        assert shown == text


def test_broken_off_picture_is_not_shown() -> None:
    gate = MarkupGate()
    assert gate.feed(f"Look: ![fox]({URL}") == "Look: "
    assert gate.end(well=False) == ""
    assert gate.references == []


@pytest.mark.parametrize("unit", ["![", "[![", "<img ", "<a ", f"![a]({URL} ", "![a [b] ", "![\n", "iVBORw0KGgo ", "`"])
def test_much_markup_in_one_delta_takes_no_time_by_its_square(unit: str) -> None:
    """It took minutes when each beginning copied all that followed."""
    text = unit * (100_000 // len(unit))
    assert through_markup([text]) == (text, [])


def test_huge_data_url_is_gathered_in_linear_time() -> None:
    """Eight megabytes in pieces of a kilobyte, with no piece looked at more than once or twice."""
    gate = MarkupGate()
    shown = gate.feed("![p](data:image/png;base64,") + "".join(gate.feed("A" * 1024) for _ in range(8192))
    assert shown + gate.feed(")done") == "done"
    assert [len(reference.url) for reference in gate.references] == [8192 * 1024 + 22]


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
    assert drawn(both) == [URL + "1", URL + "2"]
    assert drawn(f"done:\n{URL}\n[here](https://a/b.png)") == [URL]
    assert drawn(f"[here]({URL}) and [there](https://a/b)") == [URL]
    assert drawn("[there](https://a/b) http://[x") == []


@pytest.mark.parametrize(
    ("label", "unfinished"),
    [
        ("25%", True), ("Preview 25 %", True), ("> 进度 60％ …", True), ("生成中 7.5%", True), ("image 2: 99%", True),
        ("100%", False), ("a 50% off banner", False), ("", False), ("25", False), ("25% of all cats", False),
        ("%" * 61, False),
    ],
)  # fmt: skip
def test_label_of_a_preview(label: str, unfinished: bool) -> None:
    assert states_progress(label) is unfinished


def test_previews_give_way_to_what_follows() -> None:
    early, late = PictureReference(url=URL + "1", preview=True), PictureReference(url=URL + "2", preview=True)
    nowhere = PictureReference(url="ftp://x")
    assert distinct_pictures([early, late, PictureReference(url=URL)]) == [PictureUrl(url=URL)]
    assert distinct_pictures([early, late, nowhere]) == [PictureUrl(url=URL + "2")]


def test_distinct_pictures() -> None:
    many = [f"{URL}{index}" for index in range(20)]
    assert distinct(URL, URL, "ftp://x", *many)[:2] == [PictureUrl(url=URL), PictureUrl(url=URL + "0")]
    assert len(distinct(*many)) == 10


@pytest.mark.parametrize("payload", ["aGk=", "aGk", "aG\nk=", "aGk%3D"])
def test_data_url(payload: str) -> None:
    assert picture_of(PictureReference(url=f"data:image/png;base64,{payload}")) == PictureBytes(data=b"hi")


@pytest.mark.parametrize("reference", ["data:image/png,aGk=", "data:image/png;base64,", "data:image/png;base64,a", "x"])
def test_no_picture(reference: str) -> None:
    assert picture_of(PictureReference(url=reference)) is None


def test_pictures_are_not_printed() -> None:
    assert not re.search(
        "img.example|iVBOR", repr([picture_of(PictureReference(url=URL)), picture_of(PictureReference(url=DATA))])
    )
