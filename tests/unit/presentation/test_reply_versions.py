"""Replies that take over messages, change their buttons, are lost, or are taken away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from bot.domain.controls import Controls, ended_controls, running_controls
from bot.domain.events import FinishReason
from bot.domain.pages import paginate
from bot.domain.replies import Ending, PictureFile, ReplyOptions
from bot.domain.turns import TurnState
from bot.presentation.channel import DeliveryFault
from bot.presentation.composition import ANSWER_FILE, Upload
from bot.presentation.edit_budget import EditBudget, EditBudgets
from bot.presentation.live_reply import LiveReply
from bot.presentation.text import Words
from tests.fakes.clock import FakeClock, settle
from tests.fakes.delivery import FIRST_ID, FakeDelivery
from tests.fakes.model import picture

WORDS = Words("en-US")
STOP = running_controls(5)
RETRY = ended_controls(5, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1)
WHOLE = Ending(state=TurnState.COMPLETE, controls=RETRY)
LONG = "".join(f"This is sentence number {n}. " for n in range(250))
OLD = (7000, 7001, 7002)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
Open = Callable[..., AbstractAsyncContextManager[LiveReply]]


@pytest.fixture
async def delivery() -> FakeDelivery:
    """Discord, with three messages of an earlier version and a picture under the second."""
    made = FakeDelivery()
    made.contents = dict.fromkeys(OLD, "old")
    made.files = {OLD[1]: (Upload(data=b"old", filename="old.png"),)}
    return made


@pytest.fixture
async def budget() -> EditBudget:
    return EditBudgets(FakeClock()).channel(1)


@pytest.fixture
async def lost() -> list[float]:
    """When replies were lost."""
    return []


@pytest.fixture
async def opened(delivery: FakeDelivery, budget: EditBudget, lost: list[float]) -> AsyncIterator[Open]:
    """Open replies; afterwards no task is left."""

    @asynccontextmanager
    async def open_reply(
        *message_ids: int, changed: Callable[[], None] = lambda: None, **options: object
    ) -> AsyncIterator[LiveReply]:
        plain = ReplyOptions(controls=STOP, message_ids=message_ids)
        reply = LiveReply(
            delivery,
            budget,
            WORDS,
            FakeClock(),
            changed=changed,
            lost=lambda: lost.append(now()),
            options=replace(plain, **options),  # type: ignore[arg-type]  # fields of ReplyOptions
        )
        try:
            yield reply
        finally:
            await reply.close()

    yield open_reply
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
    assert budget.idle


def now() -> float:
    return asyncio.get_running_loop().time()


# --- messages of an earlier version --------------------------------------------------------------------------------


async def test_messages_are_taken_over_and_what_is_left_of_them_goes_at_the_end(
    opened: Open, delivery: FakeDelivery
) -> None:
    changes: list[float] = []
    async with opened(*OLD, changed=lambda: changes.append(now())) as reply:
        assert reply.message_ids[:3] == OLD
        reply.push("Hello")
        await asyncio.sleep(10)
        assert delivery.contents == {7000: "Hello", 7001: "old", 7002: "old"}
        assert await reply.finish(WHOLE)
        assert len(reply.message_ids) == 1
        assert len(changes) == 2
    assert delivery.contents == {7000: "Hello"}
    assert delivery.of("send") == []
    assert [request.message_id for request in delivery.of("delete")] == [7002, 7001]


async def test_a_longer_answer_goes_on_in_new_messages(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(*OLD[:2]) as reply:
        reply.push(LONG)
        await reply.finish(WHOLE)
        assert reply.message_ids == (7000, 7001, FIRST_ID + 2, FIRST_ID + 3)
    shown = {message_id: delivery.contents[message_id] for message_id in reply.message_ids}
    assert list(shown.values()) == paginate(LONG)


async def test_what_an_earlier_version_left_attached_goes_once(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(*OLD[:2]) as reply:
        reply.push(LONG[:2500])
        await asyncio.sleep(10)
        reply.push(LONG[2500:3000])
        await asyncio.sleep(10)
        await reply.finish(WHOLE)
    assert delivery.files == {7000: (), 7001: ()}
    cleared = [request.message_id for request in delivery.of("edit") if request.files is not None]
    assert cleared == [7000, 7001]


async def test_a_picture_takes_the_place_of_an_earlier_one(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(OLD[1]) as reply:
        await reply.finish(replace(WHOLE, pictures=(FOX,)))
    assert [file.filename for file in delivery.files[7001]] == ["fox.png"]


async def test_where_a_turn_waits_is_shown_in_the_message_that_stands(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(OLD[0]) as reply:
        reply.show_waiting(2)
        await asyncio.sleep(5)
        assert delivery.contents[7000] == WORDS.waiting(2)
        reply.show_waiting(1)
        await asyncio.sleep(5)
        assert delivery.contents[7000] == WORDS.waiting(1)
        reply.show_waiting(0)
        await asyncio.sleep(5)
        assert delivery.contents[7000] == WORDS.thinking
        reply.push("Hello")
        await reply.finish(WHOLE)
    assert delivery.contents[7000] == "Hello"


# --- buttons -------------------------------------------------------------------------------------------------------


async def test_the_end_of_an_answer_that_stands_already_takes_one_edit(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.push("Hello")
        await settle()
        assert delivery.controls == {FIRST_ID: STOP}
        await reply.finish(WHOLE)
    assert [(request.action, request.controls) for request in delivery.requests] == [("send", STOP), ("edit", RETRY)]
    assert delivery.contents[FIRST_ID] == "Hello"


async def test_the_buttons_move_to_the_last_message(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.push("Hello ")
        await settle()
        reply.push(LONG)
        await asyncio.sleep(20)
        last = reply.message_ids[-1]
        assert {message_id for message_id, controls in delivery.controls.items() if controls} == {last}
        await reply.finish(WHOLE)
    assert delivery.controls[last] == RETRY
    assert [controls for controls in delivery.controls.values() if controls] == [RETRY]


async def test_an_answer_that_is_whole_when_it_is_first_shown_takes_one_request(
    opened: Open, delivery: FakeDelivery
) -> None:
    async with opened() as reply:
        reply.push("Hello")
        await reply.finish(WHOLE)
    assert [request.controls for request in delivery.requests] == [RETRY]


# --- files ---------------------------------------------------------------------------------------------------------


async def test_the_rest_of_a_long_answer_is_attached_once(opened: Open, delivery: FakeDelivery) -> None:
    async with opened(pages_before_file=2) as reply:
        reply.push(LONG)
        await asyncio.sleep(20)
        assert await reply.finish(WHOLE)
    # The last page is full: the word on the file, and the file, come behind it.
    assert delivery.contents[FIRST_ID + 2] == f"-# {WORDS.rest_in_file}"
    assert len(reply.message_ids) == 3
    uploads = [request for request in delivery.requests if request.files]
    assert [[file.filename for file in request.files or ()] for request in uploads] == [[ANSWER_FILE]]


@pytest.mark.parametrize("fault", [DeliveryFault.FORBIDDEN, DeliveryFault.TOO_LARGE])
async def test_where_the_file_is_refused_the_answer_goes_on_in_messages(
    opened: Open, delivery: FakeDelivery, lost: list[float], fault: DeliveryFault
) -> None:
    async with opened(pages_before_file=2) as reply:
        reply.push(LONG)
        await asyncio.sleep(20)
        delivery.faults.append(fault)
        assert await reply.finish(WHOLE)
    assert [delivery.contents[message_id] for message_id in reply.message_ids] == paginate(LONG)
    assert lost == []


# --- lost, taken away ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [DeliveryFault.GONE, DeliveryFault.FORBIDDEN])
@pytest.mark.parametrize("begun", [False, True])
async def test_whoever_generates_is_told_once_when_discord_takes_no_more(
    opened: Open, delivery: FakeDelivery, lost: list[float], fault: DeliveryFault, begun: bool
) -> None:
    async with opened() as reply:
        if begun:
            reply.push("Hello")
            await settle()
        delivery.always = fault
        reply.push(" world")
        await asyncio.sleep(10)
        assert len(lost) == 1
        requests = len(delivery.requests)
        reply.push(" and more")
        assert not await reply.finish(WHOLE)
    assert len(lost) == 1
    assert len(delivery.requests) == requests


async def test_a_passing_fault_loses_nothing(opened: Open, delivery: FakeDelivery, lost: list[float]) -> None:
    delivery.faults.extend([DeliveryFault.PASSING] * 3)
    async with opened() as reply:
        reply.push("Hello")
        await asyncio.sleep(10)
    assert lost == []
    assert delivery.contents[FIRST_ID] == "Hello"


async def test_how_much_of_the_text_stands_is_known(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        assert reply.shown_chars == 0
        reply.push("Hello")
        assert reply.shown_chars == 0
        await settle()
        assert reply.shown_chars == 5
        delivery.always = DeliveryFault.GONE
        reply.push(" world")
        await asyncio.sleep(5)
        assert reply.shown_chars == 5


async def test_a_full_page_stands_though_the_next_is_refused(opened: Open, delivery: FakeDelivery) -> None:
    text = "This is a sentence. " * 150
    async with opened() as reply:
        delivery.faults.extend([None, DeliveryFault.FORBIDDEN])
        reply.push(text)
        await asyncio.sleep(5)
        first = delivery.contents[FIRST_ID]
        assert 1500 < len(first) < 2001
        assert text[: reply.shown_chars].rstrip() == first


async def test_a_reply_is_taken_away_whole(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.push(LONG)
        await asyncio.sleep(20)
        assert len(delivery.contents) > len(OLD) + 1
        await reply.discard()
        assert reply.message_ids == ()
    assert set(delivery.contents) == set(OLD)


async def test_one_that_never_stood_has_nothing_to_take_away(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        await reply.discard()
    assert delivery.requests == []


@pytest.mark.parametrize("fault", [DeliveryFault.FORBIDDEN, DeliveryFault.PASSING])
async def test_a_message_that_can_not_be_deleted_does_not_keep_the_others(
    opened: Open, delivery: FakeDelivery, fault: DeliveryFault
) -> None:
    async with opened(*OLD) as reply:
        delivery.faults.append(fault)
        await reply.discard()
    assert set(delivery.contents) == {OLD[2]}


class SlowToAnswer(FakeDelivery):
    """Discord, which makes a message at once and is late to say so."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        message_id = await super().send(index, content, files, controls=controls)
        await self.answers.wait()
        return message_id


@pytest.mark.parametrize("discarded", [False, True])
async def test_a_message_on_its_way_is_not_lost_when_the_reply_ends(budget: EditBudget, discarded: bool) -> None:
    delivery = SlowToAnswer()
    reply = LiveReply(delivery, budget, WORDS, FakeClock(), changed=lambda: None)
    reply.push("Hello")
    await settle()
    ending = asyncio.create_task(reply.discard() if discarded else reply.close())
    await settle()
    delivery.answers.set()
    await ending
    assert reply.message_ids == (() if discarded else (FIRST_ID,))
    assert list(delivery.contents) == ([] if discarded else [FIRST_ID])


async def test_a_message_on_its_way_is_not_waited_for_for_ever(budget: EditBudget) -> None:
    reply = LiveReply(SlowToAnswer(), budget, WORDS, FakeClock(), changed=lambda: None)
    reply.push("Hello")
    await settle()
    await reply.discard()
    assert now() < 10
    assert len(asyncio.all_tasks()) == 1


async def test_the_first_of_a_reply_goes_before_edits_that_wait_for_the_whole_bot() -> None:
    clock = FakeClock()
    budgets = EditBudgets(clock)
    order: list[str] = []

    async def reply(channel: int, name: str) -> None:
        async with budgets.channel(channel).sending(channel, first=name == "first"):
            order.append(name)

    # More than the whole bot may send in a second: what comes last is asked for last.
    names = [*["further"] * 60, "first"]
    await asyncio.gather(*(reply(channel, name) for channel, name in enumerate(names)))
    assert order.index("first") < len(names) - 1
    assert order.index("first") >= 40
