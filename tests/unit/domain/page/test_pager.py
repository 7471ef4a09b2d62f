"""Pages: what must hold for every text, and how particular texts are cut."""

from __future__ import annotations

import string
import sys
from types import FrameType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain.page.graphemes import is_boundary
from bot.domain.page.pager import MIN_LIMIT, Page, Pager, units
from bot.domain.page.reader import read
from bot.domain.page.seams import open_nodes
from bot.domain.page.tree import Kind
from tests.fakes.reply.pages import layout, paginate, preview

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

FAMILY = "👩‍👩‍👧‍👦"
PIECES = [
    *("word", "Sentence. ", "end! ", "a, b; c ", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\u3000", "1. ", "- ", "# "),
    *("```", "```py\n", "\n```\n", "````md\n", "\n````\n", "`", "``", "`code here`", "text ```c\n", "x```\n", "~~~\n"),
    *("> ", "\n> quote ", "\n>>> ", "**", "*", "__", "~~", "||", "||hidden||", "**bold text** ", "\\*", "x**2 "),
    *("<@123456789>", "<:name:123>", "<t:1700000000:R>", "<#5>", "<@", "[text](https://e.org/a_(b))", "[", "](", "<"),
    *("https://example.org/path?q=1&r=**2** ", "中文句子，没有空格。", "「引号」", "（", "）", "です。", "한국어 "),
    *(FAMILY, "🇩🇪", "🇫", "👍🏽", "e\u0301\u0302", "1\ufe0f\u20e3", "क्षि", "\u200d", "\u0301", "𠀋", "\u1100\u1161"),
    *("longwordwithoutanyspace" * 6, "z" * 130, "。" * 40, "\n" * 30, " " * 120, "```\n" * 3, "`" * 12),
]
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
limits = st.sampled_from([MIN_LIMIT, 107, 160, 400])


MARKS = "*_~|`>-#.0123456789"


def assert_sound(text: str, pages: tuple[Page, ...], limit: int) -> None:
    """Check what holds for the pages of every text."""
    at = 0
    for page in pages:
        assert units(page.text) <= limit
        assert page.text.strip()
        # Every letter of the text is there, in its order, and nothing but white space and marks between pages.
        shown = iter(page.text)
        assert all(letter in shown for letter in text[page.start : page.end] if letter.isalpha())
        assert not text[at : page.start].strip(MARKS + string.whitespace + "\u3000\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029")
        at = page.end


@untimed
@given(text=texts, limit=limits)
@example(text="```" + "a" * 300, limit=100)
@example(text="> ```py\n" + "> code line\n" * 30, limit=100)
@example(text="`" * 300, limit=100)
@example(text="e" + "\u0301" * 300, limit=100)
def test_pages_fit_are_not_blank_and_lose_nothing(text: str, limit: int) -> None:
    assert_sound(text, layout(text, limit=limit), limit)


@untimed
@given(text=st.text(max_size=700))
def test_any_unicode_gives_sound_pages(text: str) -> None:
    assert_sound(text, layout(text, limit=MIN_LIMIT), MIN_LIMIT)


@untimed
@given(text=texts, limit=limits, size=st.integers(1, 40))
def test_pieces_give_the_pages_of_the_whole_and_full_pages_never_change(text: str, limit: int, size: int) -> None:
    pager = Pager(limit)
    for at in range(0, len(text), size):
        before = pager.layout[:-1]
        pager.push(text[at : at + size])
        assert pager.layout[: len(before)] == before
        so_far = text[: at + size]
        assert pager.layout == layout(so_far, limit=limit, ended=False)
        assert_sound(so_far, pager.layout, limit)
    pager.end()
    assert pager.pages == paginate(text, limit=limit)


@untimed
@given(text=texts, more=texts, limit=limits)
def test_all_pages_but_the_last_stay_when_the_text_grows(text: str, more: str, limit: int) -> None:
    first = paginate(text, limit=limit)
    second = paginate(text + more, limit=limit)
    assert second[: max(0, len(first) - 1)] == first[:-1]
    assert len(second) >= len(first)


@untimed
@given(text=texts, limit=limits)
def test_no_cut_tears_a_grapheme_cluster_that_fits(text: str, limit: int) -> None:
    for page in layout(text, limit=limit)[:-1]:
        start = page.end
        while start > page.start and not is_boundary(text, start):
            start -= 1
        assert start == page.end or start == page.start


code_lines = st.text(alphabet="abc (){}=.\t#>*_-", max_size=90)
blocks = st.one_of(
    st.tuples(st.sampled_from(["```", "```py", "````", "```c++"]), st.lists(code_lines, min_size=1, max_size=25)).map(
        lambda made: "\n".join([made[0], *made[1], made[0].rstrip("pyc+")])
    ),
    st.lists(st.sampled_from(["Prose goes here.", "More of it,", "中文。", "and on"]), min_size=1, max_size=30).map(
        " ".join
    ),
)


def ends_within_code(page: str) -> bool:
    """Tell whether code is still open at a page's end."""
    return any(node.kind is Kind.BLOCK for node in open_nodes(read(page)[0]))


@untimed
@given(made=st.lists(blocks, max_size=8), limit=limits, stop=st.integers(0, 3000))
def test_every_page_and_preview_has_its_fences_closed(made: list[str], limit: int, stop: int) -> None:
    for text in ("\n\n".join(made), "\n\n".join(made)[:stop]):
        for page in (*paginate(text, limit=limit), *preview(text, limit=limit)):
            assert not ends_within_code(page)


@untimed
@given(lines=st.lists(code_lines.filter(str.strip), min_size=1, max_size=80), limit=limits)
def test_code_stays_code_with_its_language(lines: list[str], limit: int) -> None:
    pages = paginate("\n".join(["```python", *lines, "```"]), limit=limit)
    for page in pages:
        assert page.startswith("```python\n")
        assert page.endswith("\n```")
    inside = [page.removeprefix("```python\n").removesuffix("\n```") for page in pages]
    assert "".join("".join(inside).split()) == "".join("".join(lines).split())


USUAL = "Some words, **and** a sentence. " * 40 + "\n\n```py\n" + "x = 1\n" * 100 + "```\n\n"
HOSTILE = [
    "||",
    "[",
    "`",
    "> ",
    "**",
    "*a ",
    "_a",
    "```a\n",
    "[a](",
    "[[]",
    "||**__~~",
    "\n1. ",
    "\n    - ",
    "<@",
    "\\",
]


def work(length: int, unit: str = USUAL, limit: int = 2000) -> int:
    """Count the calls that it takes to lay out ``length`` characters in pieces of ten."""
    text = (unit * (length // len(unit) + 1))[:length]
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    pager = Pager(limit)
    sys.setprofile(count)
    try:
        for at in range(0, length, 10):
            pager.push(text[at : at + 10])
    finally:
        sys.setprofile(None)
    pager.end()
    assert pager.pages == paginate(text, limit=limit)
    return calls


def test_work_is_in_proportion_to_the_text() -> None:
    assert work(80_000) <= 2.1 * work(40_000)


@pytest.mark.parametrize("unit", HOSTILE)
def test_work_is_in_proportion_to_a_text_of_marks_alone(unit: str) -> None:
    assert work(4_000, unit, MIN_LIMIT) <= 2.3 * work(2_000, unit, MIN_LIMIT)
