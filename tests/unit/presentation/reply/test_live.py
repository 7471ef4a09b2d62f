"""A reply that grows: what stands on Discord, when, and what it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import FinishReason
from bot.domain.page.pager import PAGE_LIMIT
from bot.domain.page.small import small
from bot.domain.picture.files import PictureFile
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Trouble
from bot.presentation.outbound.upload import Upload
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.live import TYPING_AFTER_S, TYPING_LASTS_S
from tests.fakes.clock import FakeClock, settle
from tests.fakes.model import picture
from tests.fakes.reply.delivery import FIRST_ID, FakeDelivery
from tests.fakes.reply.pages import paginate
from tests.unit.presentation.reply.opening import WORDS, Open, now, opening

WHOLE = Ending(state=TurnState.COMPLETE)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
FOX_FILE = Upload(data=picture().data, filename="fox.png", alt="a fox")
SMALLER = PictureFile(picture=picture(reduced=True), filename="fox.png", alt="a fox")
NOW = 0.01


@pytest.fixture
async def delivery() -> FakeDelivery:
    return FakeDelivery()


@pytest.fixture
async def budget() -> EditBudget:
    return EditBudgets(FakeClock()).channel(1)


@pytest.fixture
async def opened(delivery: FakeDelivery, budget: EditBudget) -> AsyncIterator[Open]:
    async with opening(delivery, budget) as opened:
        yield opened


async def test_the_first_text_is_sent_at_once_and_a_quick_answer_takes_one_request(
    opened: Open, delivery: FakeDelivery
) -> None:
    changes: list[float] = []
    async with opened(changed=lambda: changes.append(now())) as reply:
        await asyncio.sleep(0.5)
        reply.push("Hello")
        await settle()
        assert delivery.shown == ["Hello"]
        assert reply.first_shown_at == pytest.approx(0.5, abs=NOW)
        assert await reply.finish(WHOLE)
        assert reply.message_ids == (FIRST_ID,)
        assert changes == [reply.first_shown_at]
    assert [request.action for request in delivery.requests] == ["send"]
    assert reply.edits == 1


async def test_typing_shows_after_a_while_and_again(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        await asyncio.sleep(TYPING_AFTER_S + 2 * TYPING_LASTS_S + 1)
        reply.push("Hello")
        await reply.finish(WHOLE)
        await asyncio.sleep(3 * TYPING_LASTS_S)
    times = [request.at for request in delivery.of("typing")]
    assert times == pytest.approx([TYPING_AFTER_S + n * TYPING_LASTS_S for n in range(3)], abs=NOW)


async def test_the_first_text_does_not_wait_for_typing_to_be_taken(opened: Open, delivery: FakeDelivery) -> None:
    delivery.typing_open.clear()
    async with opened() as reply:
        await asyncio.sleep(TYPING_AFTER_S + 0.5)
        assert len(delivery.of("typing")) == 1
        reply.push("Hello")
        await settle()
        assert delivery.shown == ["Hello"]


async def test_the_newest_text_wins_while_a_request_is_under_way(opened: Open, delivery: FakeDelivery) -> None:
    delivery.open.clear()
    async with opened() as reply:
        for word in ("one ", "two ", "three ", "four"):
            reply.push(word)
            await settle()
        assert [request.content for request in delivery.requests] == ["one"]
        delivery.open.set()
        await reply.finish(WHOLE)
    assert [request.content for request in delivery.requests] == ["one", "one two three four"]


async def test_text_that_comes_while_an_edit_waits_its_turn_goes_out_with_it(
    opened: Open, delivery: FakeDelivery, budget: EditBudget
) -> None:
    async with opened() as reply:
        reply.push("one")
        await settle()
        reply.push(" two")
        await asyncio.sleep(1)
        reply.push(" three")
        await settle()
        assert delivery.of("edit")[-1].content == "one two"
        reply.push(" four")
        await asyncio.sleep(5)
    assert delivery.of("edit")[-1].content == "one two three four"


async def test_edits_keep_to_the_budget_and_the_end_is_whole(opened: Open, delivery: FakeDelivery) -> None:
    words = [f"word{n} " for n in range(200)]
    async with opened() as reply:
        for word in words:
            reply.push(word)
            await asyncio.sleep(0.1)
        assert await reply.finish(WHOLE)
    edits = [request.at for request in delivery.of("edit")]
    for at in edits:
        assert len([other for other in edits if at <= other < at + 4.9]) <= 6
    assert 15 <= len(edits) <= 25
    assert delivery.shown == ["".join(words).strip()]


async def test_text_is_shown_without_the_end_when_the_stream_stalls(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        for word in ["one", "two", "three", "four", "five", "six"]:
            reply.push(f"{word} ")
            await asyncio.sleep(0.01)
        await asyncio.sleep(10)
        assert delivery.shown == ["one two three four five six"]


async def test_long_text_goes_on_in_further_messages(opened: Open, delivery: FakeDelivery) -> None:
    text = "".join(f"This is sentence number {n}. " for n in range(250))
    async with opened() as reply:
        for start in range(0, len(text), 40):
            reply.push(text[start : start + 40])
            await asyncio.sleep(0.02)
        await reply.finish(WHOLE)
        assert reply.message_ids == tuple(FIRST_ID + n for n in range(4))
    assert delivery.shown == paginate(text)
    assert [request.message_id for request in delivery.of("send")] == list(reply.message_ids)


async def test_a_heading_stands_above_whatever_comes(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(heading="> a fox?") as reply:
        reply.show_drawing()
        await settle()
        assert delivery.shown == [f"> a fox?\n-# {WORDS.drawing}"]
        reply.push("Here")
        reply.push(" it is")
        await asyncio.sleep(5)
        assert delivery.shown == ["> a fox?\nHere it is"]
        await reply.finish(Ending(state=TurnState.FAILED, problem=Trouble.STORAGE))
    assert delivery.shown == [f"> a fox?\nHere it is\n\n-# ⚠️ {WORDS.problem(Trouble.STORAGE)}"]


async def test_a_heading_stands_above_a_problem_and_a_picture(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(heading="> a fox?") as reply:
        await reply.finish(Ending(state=TurnState.FAILED, problem=Trouble.INTERNAL))
    assert delivery.shown == [f"> a fox?\n-# ⚠️ {WORDS.problem(Trouble.INTERNAL)}"]
    async with opened(heading="> a fox?") as reply:
        await reply.finish(Ending(state=TurnState.COMPLETE, pictures=(FOX,)))
    assert delivery.shown == ["> a fox?"]
    assert delivery.files[FIRST_ID] == (FOX_FILE,)


async def test_a_picture_takes_the_place_of_the_status(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.show_drawing()
        await settle()
        assert delivery.shown == [small(WORDS.drawing)]
        await reply.finish(Ending(state=TurnState.COMPLETE, pictures=(FOX,)))
    assert delivery.shown == [""]
    assert delivery.files[FIRST_ID] == (FOX_FILE,)


async def test_a_picture_goes_with_the_last_of_the_words_once(opened: Open, delivery: FakeDelivery) -> None:
    text = "Here is a long story. " * 120
    async with opened() as reply:
        reply.push(text)
        await asyncio.sleep(3)
        await reply.finish(Ending(state=TurnState.COMPLETE, pictures=(SMALLER,)))
    assert delivery.shown[-1].endswith(f"\n\n-# {WORDS.reduced}")
    assert delivery.files == {FIRST_ID: (), FIRST_ID + 1: (FOX_FILE,)}
    assert len([request for request in delivery.requests if request.files]) == 1


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Ending(state=TurnState.COMPLETE, reason=FinishReason.LENGTH), f"-# {WORDS.cut_by_length}"),
        (
            Ending(state=TurnState.FAILED, problem=ProviderError(ErrorKind.TRUNCATED)),
            f"-# ⚠️ {WORDS.problem(ProviderError(ErrorKind.TRUNCATED))}",
        ),
        (
            Ending(state=TurnState.COMPLETE, reason=FinishReason.LENGTH, problem=DrawingDenial.CANNOT_ATTACH),
            f"-# {WORDS.cut_by_length}\n-# ⚠️ {WORDS.problem(DrawingDenial.CANNOT_ATTACH)}",
        ),
    ],
)
async def test_what_has_to_be_said_stands_below_the_text(
    opened: Open, delivery: FakeDelivery, ending: Ending, expected: str
) -> None:
    async with opened() as reply:
        reply.push("Half of")
        await settle()
        await reply.finish(ending)
    assert delivery.shown == [f"Half of\n\n{expected}"]


async def test_what_has_to_be_said_gets_a_message_of_its_own_where_the_last_is_full(
    opened: Open, delivery: FakeDelivery
) -> None:
    async with opened() as reply:
        reply.push("x" * PAGE_LIMIT)
        await settle()
        await reply.finish(Ending(state=TurnState.FAILED, problem=Trouble.STORAGE))
    assert delivery.shown == ["x" * PAGE_LIMIT, f"-# ⚠️ {WORDS.problem(Trouble.STORAGE)}"]


async def test_closed_in_the_middle_it_leaves_what_stands(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.push("Hello")
        await settle()
        delivery.open.clear()
        reply.push(" world")
        await asyncio.sleep(2)
    assert delivery.shown == ["Hello"]


async def test_closed_while_typing_is_under_way(opened: Open, delivery: FakeDelivery) -> None:
    delivery.typing_open.clear()
    async with opened():
        await asyncio.sleep(TYPING_AFTER_S + 1)
    assert len(delivery.of("typing")) == 1


async def test_whoever_waits_for_the_end_may_be_cancelled_and_ask_for_another(
    opened: Open, delivery: FakeDelivery
) -> None:
    async with opened() as reply:
        reply.push("Hello")
        await settle()
        delivery.open.clear()
        reply.push(" world")
        await asyncio.sleep(1)
        waiting = asyncio.create_task(reply.finish(WHOLE))
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.wait((waiting,))
        assert waiting.cancelled()
        delivery.open.set()
        assert await reply.finish(Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED))
    assert delivery.shown == [f"Hello world\n\n-# ⚠️ {WORDS.problem(Trouble.INTERRUPTED)}"]


async def test_text_that_is_taken_back_goes_with_its_messages_as_soon_as_there_is_other(
    opened: Open, delivery: FakeDelivery
) -> None:
    thoughts = "".join(f"This is thought number {n}. " for n in range(200))
    async with opened() as reply:
        reply.push(thoughts)
        await asyncio.sleep(30)
        assert len(delivery.shown) == len(paginate(thoughts)) > 1
        reply.retract("")
        assert reply.shown_chars == 0
        reply.push("Hello")
        await asyncio.sleep(30)
        assert delivery.shown == ["Hello"]
        assert reply.message_ids == (FIRST_ID,)
        reply.push(" there")
        await reply.finish(WHOLE)
    assert delivery.shown == ["Hello there"]
    assert reply.shown_chars == len("Hello there")


# --- lines that tell a time ----------------------------------------------------------------------------------------


async def test_a_thought_is_counted_until_the_answer_begins(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        await asyncio.sleep(0.5)
        reply.show_thinking()
        await asyncio.sleep(13.5)
        reply.push("Hello")
        await settle()
        assert delivery.shown == ["Hello"]
        await asyncio.sleep(60)
        await reply.finish(WHOLE)
    shown = [(request.at, request.content) for request in delivery.requests if request.action != "typing"]
    assert [text for _, text in shown] == [*(f"-# {WORDS.thinking_for(each)}" for each in (1, 4, 8, 12)), "Hello"]
    assert [at for at, _ in shown] == pytest.approx([1.5, 4.5, 8.5, 12.5, 14], abs=NOW)


async def test_a_short_thought_costs_no_request(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.show_thinking()
        await asyncio.sleep(0.9)
        reply.push("Hello")
        await reply.finish(WHOLE)
    assert [(request.action, request.content) for request in delivery.requests] == [("send", "Hello")]


async def test_another_try_is_counted_down_and_goes_when_the_answer_begins(
    opened: Open, delivery: FakeDelivery
) -> None:
    kind = ErrorKind.RATE_LIMITED
    async with opened() as reply:
        reply.show_retry(kind, 40.0)
        await asyncio.sleep(43)
        reply.push("Hello")
        await reply.finish(WHOLE)
    shown = [(request.at, request.content) for request in delivery.requests]
    counted = [small(WORDS.retry(kind, each)) for each in (40, 30, 20, 10, 5)]
    assert [text for _, text in shown] == [*counted, small(WORDS.thinking), "Hello"]
    assert [at for at, _ in shown] == pytest.approx([0, 10, 20, 30, 35, 40, 43], abs=NOW)


async def test_a_wait_that_is_stopped_ends_at_once(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.show_retry(ErrorKind.OVERLOADED, 40.0)
        await asyncio.sleep(3)
        await reply.finish(Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED))
        assert now() == pytest.approx(3, abs=NOW)
    assert delivery.shown == [f"-# {WORDS.problem(Trouble.STOPPED)}"]


async def test_lines_that_tell_a_time_keep_to_the_channel_s_budget(delivery: FakeDelivery, budget: EditBudget) -> None:
    async with opening(delivery, budget) as opened, AsyncExitStack() as stack:
        replies = [await stack.enter_async_context(opened()) for _ in range(9)]
        for reply in replies:
            reply.show_thinking()
        await asyncio.sleep(60)
        for reply in replies:
            reply.push("Hello")
            await reply.finish(WHOLE)
    edits = [request.at for request in delivery.of("edit") if request.at < 60]
    assert len(edits) > 45
    for at in edits:
        assert len([other for other in edits if at <= other < at + 4.9]) <= 6
