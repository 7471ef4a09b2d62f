"""What is behind bars is never shown, on no page and in no preview; and other styles over the ends of pages."""

from __future__ import annotations

import pytest

from bot.domain.page.pager import Pager
from bot.domain.page.reader import read
from tests.fakes.reply.pages import paginate, preview

SECRET = "SECRET" * 12
HIDING = (
    f"答案是A||{SECRET}||好",
    f"The 7||{SECRET} and {SECRET}|| it was",
    f"||{SECRET}\n```py\n{SECRET}\n{SECRET}\n```\n{SECRET}|| seen",
    f"||```\n{SECRET}\n```|| seen",
    f"- one ||{SECRET}|| two\n- ||{SECRET}||",
    f"> one ||{SECRET}\n> {SECRET}|| two",
    f"**one ||{SECRET}|| two**",
    f"||{SECRET}\n\n{SECRET}|| seen",
    f"`a` || {SECRET} || seen",
    f"||`{SECRET}|| seen",
)


def seen(page: str) -> str:
    """Return the letters that a page shows in the clear."""
    return "".join(page[low:high] for low, high, path in read(page, grows=False)[1] if "spoiler" not in path)


@pytest.mark.parametrize("text", HIDING)
@pytest.mark.parametrize("before", [0, 30, 60, 90])
def test_nothing_hidden_is_seen_while_a_text_grows(text: str, before: int) -> None:
    pager = Pager(100)
    pager.push("字" * before)
    for char in text:
        pager.push(char)
        assert not [page for page in pager.pages if "S" in seen(page)]
    pager.end()
    assert not [page for page in pager.pages if "S" in seen(page)]


def test_bars_between_spaces_are_an_operator_once_the_text_has_ended() -> None:
    assert paginate("a || b") == ["a || b"]
    assert paginate("it was ||the but") == ["it was ||the but||"]


@pytest.mark.parametrize("mark", ["**", "*", "~~"])
def test_styles_behind_letters_go_on_over_pages(mark: str) -> None:
    first, second = paginate(f"使用Python{mark}{'很好用，' * 30}{mark}吧", limit=100)
    assert first.endswith(mark)
    assert second.startswith(mark)
    assert second.endswith(f"{mark}吧")


@pytest.mark.parametrize("mark", ["**", "~~", "__", "*"])
@pytest.mark.parametrize("quote", ["", "> "])
def test_styles_go_on_over_lines(mark: str, quote: str) -> None:
    lines = "\n".join(f"{quote}{'more words ' * 4}" for _ in range(4))
    for page in paginate(f"{quote}{mark}first {lines.removeprefix(quote)} end{mark} after", limit=100)[:-1]:
        assert page.startswith(f"{quote}{mark}")
        assert page.endswith(mark)


def test_a_style_that_is_still_being_written_is_shown_as_one() -> None:
    assert preview("one **two thr") == ["one **two thr**"]
    assert preview("one **two *thr") == ["one **two *thr***"]
    assert preview("- one `two thr") == ["- one `two thr`"]


@pytest.mark.parametrize(
    "begun", ["**", "|", "[text", "[text](https://exa", "<t:17", "<:fox:1", "\n- ", "\n12", "\n> ", "\n```py"]
)
def test_what_has_only_begun_is_left_out_until_it_is_there(begun: str) -> None:
    assert preview(f"one two {begun}") == ["one two"]


def test_once_the_text_has_ended_nothing_is_left_out_or_taken_to_be_open() -> None:
    for text in ("2 **", "a [b", "x **y z", "one\n-", "a `b", "<t:17"):
        assert paginate(text) == [text]


def test_code_that_ends_at_once_is_not_opened_again() -> None:
    code = "```py\n" + "x = 1\n" * 14
    for blank in ("", "\n", "\n\n"):
        pages = paginate(f"{code}{blank}```\nafter words\n```\nz\n```", limit=100)
        assert "".join(seen(page) for page in pages).count("after") == 1
        assert not any("```py\n```" in page for page in pages)


@pytest.mark.parametrize(
    "link", ["[a [b] text](https://e.org)", '[a](https://e.org "some title")', "[a](https://e.org/(x)"]
)
def test_links_are_whole_whatever_brackets_they_have(link: str) -> None:
    for before in range(60, 100):
        pages = paginate("a" * (before - 1) + " " + link + " and then the text goes on for a while", limit=100)
        assert sum(link in page for page in pages) == 1
