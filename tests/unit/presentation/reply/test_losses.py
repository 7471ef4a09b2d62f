"""Replies that Discord takes no more of, and replies that are taken away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from bot.domain.model.events import FinishReason
from bot.domain.reply.controls import Controls, ended_controls, running_controls
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.record import TurnState
from bot.presentation.outbound.faults import DeliveryFault
from bot.presentation.outbound.upload import Upload
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.live import LiveReply
from tests.fakes.clock import FakeClock, settle
from tests.fakes.reply.delivery import FIRST_ID, FakeDelivery
from tests.unit.presentation.reply.opening import WORDS, Open, now, opening

STOP = running_controls(5)
RETRY = ended_controls(5, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1)
WHOLE = Ending(state=TurnState.COMPLETE, controls=RETRY)
LONG = "".join(f"This is sentence number {n}. " for n in range(250))
OLD = (7000, 7001, 7002)


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
    async with opening(delivery, budget, controls=STOP, lost=lambda: lost.append(now())) as opened:
        yield opened


@pytest.mark.parametrize("fault", [fault for fault in DeliveryFault if fault is not DeliveryFault.PASSING])
@pytest.mark.parametrize("begun", [False, True])
async def test_whoever_generates_is_told_once_when_discord_takes_no_more(
    opened: Open, delivery: FakeDelivery, lost: list[float], fault: DeliveryFault, begun: bool
) -> None:
    async with opened(controls=None) as reply:
        if begun:
            reply.push("Hello")
            await settle()
        delivery.always = fault
        reply.push(" world")
        await asyncio.sleep(10)
        assert len(lost) == 1
        requests = len(delivery.requests)
        reply.push(" and more")
        await asyncio.sleep(10)
        assert len(delivery.requests) == requests
        assert not await reply.finish(WHOLE)
    assert len(lost) == 1
    assert reply.loss is not None
    assert reply.shown_chars == (len("Hello") if begun else 0)


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
    reply = LiveReply(delivery, budget, Composition(WORDS, ReplyOptions()), FakeClock())
    reply.push("Hello")
    await settle()
    ending = asyncio.create_task(reply.discard() if discarded else reply.close())
    await settle()
    delivery.answers.set()
    await ending
    assert reply.message_ids == (() if discarded else (FIRST_ID,))
    assert list(delivery.contents) == ([] if discarded else [FIRST_ID])


async def test_a_message_on_its_way_is_not_waited_for_for_ever(budget: EditBudget) -> None:
    reply = LiveReply(SlowToAnswer(), budget, Composition(WORDS, ReplyOptions()), FakeClock())
    reply.push("Hello")
    await settle()
    await reply.discard()
    assert now() < 10
    assert len(asyncio.all_tasks()) == 1
