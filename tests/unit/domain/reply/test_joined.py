"""Pages put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reply.joined import join_pages
from tests.fakes.reply.pages import paginate

LIMIT = 200
SENTENCES = " ".join(f"Sentence number {n} of a page." for n in range(60))
TEXTS = {
    "one page": "Hi",
    "sentences": SENTENCES,
    "paragraphs": "\n\n".join(f"Paragraph {n}. It says something." for n in range(40)),
    "lines": "\n".join(f"line {n} of a list" for n in range(60)),
    "Chinese": "狐狸在雪地里奔跑，谢谢你的问题。" * 60,
    "code": "Look:\n```python\n" + "\n".join(f"    value_{n} = {n}" for n in range(60)) + "\n```\nThat is all.",
    "bold": f"**{SENTENCES}**",
    "a quote": "> " + SENTENCES,
    "a word without end": "x" * 900,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_text_comes_back(text: str) -> None:
    pages = paginate(text, limit=LIMIT)
    joined = join_pages(pages, limit=LIMIT)
    assert paginate(joined, limit=LIMIT) == pages
    assert "".join(joined.split()) == "".join(text.split())


def test_pages_that_no_text_gives_stand_below_each_other() -> None:
    assert join_pages(["short", "and another"]) == "short\nand another"
    assert join_pages([]) == ""


@given(st.text(alphabet="ab *`>#\n|_~。", max_size=900))
def test_nothing_is_lost(text: str) -> None:
    pages = paginate(text, limit=LIMIT)
    joined = join_pages(pages, limit=LIMIT)
    # What was put there to balance pages may stay; nothing of the text's own goes.
    kept = iter(joined)
    assert all(letter in kept for letter in text if letter in "ab。#")
