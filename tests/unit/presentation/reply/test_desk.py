"""Replies that are opened: to a message, to a command, and anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.ask import Source
from bot.domain.turn.record import TurnState
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.composition import QUOTE_CHARS
from bot.presentation.reply.desk import LiveReplies, prompt_heading
from bot.presentation.words.replies import Words
from tests.fakes.asks import HERE, ask
from tests.fakes.clock import FakeClock, settle
from tests.fakes.reply.delivery import FIRST_ID, FakeDelivery


@pytest.mark.parametrize(
    ("prompt", "heading"),
    [
        ("a fox?", "> -# a fox?"),
        ("two\nlines  and\tmore", "> -# two lines and more"),
        ("*bold* `code` ||spoiler||", r"> -# \*bold\* \`code\` \|\|spoiler\|\|"),
        ("  \n ", ""),
        ("", ""),
    ],
)
def test_a_command_s_prompt_is_quoted_on_one_line_and_tame(prompt: str, heading: str) -> None:
    assert prompt_heading(ask(text=prompt)) == heading


@pytest.mark.parametrize("prompt", ["a fox " * 500, "狐" * 500, "*" * 6000])
def test_a_long_prompt_is_shortened_to_leave_room_for_the_answer(prompt: str) -> None:
    heading = prompt_heading(ask(text=prompt))
    assert QUOTE_CHARS / 2 < len(heading) <= 2 * QUOTE_CHARS + 5
    assert "\n" not in heading


@pytest.mark.parametrize(("refusal", "way"), [(False, "everybody"), (True, "aside")])
async def test_a_delivery_is_made_when_the_reply_opens_in_the_language_that_holds_then(refusal: bool, way: str) -> None:
    made: list[tuple[str, str | None]] = []

    def deliver(way: str, words: Words, _: ReplyOptions) -> FakeDelivery:
        made.append((way, words.locale))
        return FakeDelivery()

    budgets = EditBudgets(FakeClock())
    replies = LiveReplies(
        partial(deliver, "everybody"), budgets.channel(1), FakeClock(), aside=partial(deliver, "aside")
    )
    assert made == []
    asked = ask(place=replace(HERE, locale="zh-CN"))
    async with replies.open_reply(asked, ReplyOptions(refusal=refusal, message_ids=(5,))) as reply:
        assert made == [(way, "zh-CN")]
        assert reply.message_ids == (() if refusal else (5,))


async def test_leaving_a_reply_ends_its_writer_whatever_happened() -> None:
    delivery, budgets = FakeDelivery(), EditBudgets(FakeClock())
    replies = LiveReplies(lambda *_: delivery, budgets.channel(1), FakeClock(), heading="> a fox?")
    lost: list[int] = []
    asked = ask(source=Source.INTERACTION)

    async def break_off() -> None:
        async with replies.open_reply(asked, ReplyOptions(), lost=lambda: lost.append(1)) as reply:
            reply.push("Here")
            await settle()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    assert len(asyncio.all_tasks()) == 1
    assert delivery.contents == {FIRST_ID: "> a fox?\nHere"}
    async with replies.open_reply(asked, ReplyOptions()) as reply:
        assert await reply.finish(Ending(state=TurnState.COMPLETE))
    assert lost == []
