"""What the messages of an interrupted turn say."""

from __future__ import annotations

import pytest

from bot.domain.turns import Mode, Turn, TurnState
from bot.errors import Trouble
from bot.presentation.mending import interrupted_pages
from bot.presentation.text import Words
from tests.fakes.clock import START

PAGE_LIMIT = 2000
"""Discord's limit of a message's content."""
NOTICE = f"⚠️ {Words('zh-CN').problem(Trouble.INTERRUPTED)}"


def pages(text: str, *reply_ids: int) -> list[str]:
    return interrupted_pages(
        Turn(
            id=1,
            channel_id=2,
            guild_id=3,
            asker_id=4,
            mode=Mode.CHAT,
            state=TurnState.STREAMING,
            prompt="hello",
            locale="zh-CN",
            created_at=START,
            updated_at=START,
            text=text,
            reply_ids=reply_ids,
        )
    )


@pytest.mark.parametrize("ids", [(), (9,)])
def test_what_was_kept_stands_above_the_word(ids: tuple[int, ...]) -> None:
    assert pages("Half", *ids) == [f"Half\n\n{NOTICE}"]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_kept_leaves_the_word_alone(text: str) -> None:
    assert pages(text) == [NOTICE]


def test_a_full_page_is_followed_by_one_with_the_word() -> None:
    assert pages("x" * PAGE_LIMIT, 9) == ["x" * PAGE_LIMIT, NOTICE]
    assert all(len(page) <= PAGE_LIMIT for page in pages("word " * 5000))


def test_an_open_block_of_code_is_closed_before_the_word() -> None:
    assert pages("```py\nx = 1", 9) == [f"```py\nx = 1\n```\n\n{NOTICE}"]


def test_messages_that_stood_before_are_all_there_and_the_last_has_the_word() -> None:
    found = pages("Half", 9, 10, 11)
    assert len(found) == 3
    assert found[-1].endswith(NOTICE)
