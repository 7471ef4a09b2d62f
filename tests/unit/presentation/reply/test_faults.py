"""Requests of a reply that fail: what is tried again, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.picture.files import PictureFile
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Trouble
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.growing.verdict import FINAL_TRIES, LONGEST_PAUSE_S
from tests.fakes.clock import FakeClock, settle
from tests.fakes.model import picture
from tests.fakes.reply.delivery import FIRST_ID, FakeDelivery
from tests.unit.presentation.reply.opening import WORDS, Open, now, opening

WHOLE = Ending(state=TurnState.COMPLETE)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
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


async def test_a_passing_fault_is_tried_again_and_longer_apart(opened: Open, delivery: FakeDelivery) -> None:
    delivery.faults.extend([DeliveryFault.PASSING] * 3)
    async with opened() as reply:
        reply.push("Hello")
        assert await reply.finish(WHOLE)
    assert [request.at for request in delivery.of("send")] == pytest.approx([0, 0.5, 1.5, 3.5], abs=NOW)
    assert delivery.shown == ["Hello"]


async def test_discord_is_left_alone_as_long_as_it_wants_within_reason(opened: Open, delivery: FakeDelivery) -> None:
    for wants_s in (4.0, 3600.0):
        delivery.faults.append(DeliveryError(DeliveryFault.PASSING, "HTTP 429", retry_after_s=wants_s))
    async with opened() as reply:
        reply.push("Hello")
        assert await reply.finish(WHOLE)
    assert [request.at for request in delivery.of("send")] == pytest.approx([0, 4, 4 + LONGEST_PAUSE_S], abs=NOW)


async def test_the_end_does_not_wait_for_the_next_try_of_what_came_before(opened: Open, delivery: FakeDelivery) -> None:
    delivery.always = DeliveryFault.PASSING
    async with opened() as reply:
        reply.push("Hello")
        await asyncio.sleep(60)
        delivery.always = None
        began = now()
        assert await reply.finish(WHOLE)
        assert now() - began < NOW
    assert delivery.shown == ["Hello"]


async def test_another_end_does_not_wait_for_the_next_try_of_the_first(opened: Open, delivery: FakeDelivery) -> None:
    delivery.always = DeliveryFault.PASSING
    async with opened() as reply:
        reply.push("Hello")
        first = asyncio.create_task(reply.finish(WHOLE))
        await asyncio.sleep(8)
        delivery.always = None
        began = now()
        assert await reply.finish(Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED))
        assert now() - began < NOW
        assert await first
    assert delivery.shown == [f"Hello\n\n-# ⚠️ {WORDS.problem(Trouble.INTERRUPTED)}"]


async def test_the_end_is_given_up_after_some_tries(opened: Open, delivery: FakeDelivery) -> None:
    delivery.always = DeliveryFault.PASSING
    async with opened() as reply:
        assert not await reply.finish(Ending(state=TurnState.FAILED, problem=Trouble.STORAGE))
    assert len(delivery.requests) == FINAL_TRIES


async def test_a_growing_reply_is_not_given_up_while_discord_is_away(opened: Open, delivery: FakeDelivery) -> None:
    delivery.always = DeliveryFault.PASSING
    async with opened() as reply:
        reply.push("Hello")
        await asyncio.sleep(120)
        assert len(delivery.requests) > FINAL_TRIES
        delivery.always = None
        assert await reply.finish(WHOLE)
    assert delivery.shown == ["Hello"]


async def test_the_end_has_all_its_tries_whatever_went_wrong_before(opened: Open, delivery: FakeDelivery) -> None:
    delivery.always = DeliveryFault.PASSING
    async with opened() as reply:
        reply.push("Hello")
        await asyncio.sleep(120)
        before = len(delivery.requests)
        assert not await reply.finish(WHOLE)
    assert len(delivery.requests) - before == FINAL_TRIES


async def test_a_message_that_is_gone_ends_the_reply(opened: Open, delivery: FakeDelivery) -> None:
    async with opened() as reply:
        reply.push("Hello")
        await settle()
        delivery.always = DeliveryFault.GONE
        reply.push(" world")
        await asyncio.sleep(1)
        reply.push(" and more")
        await asyncio.sleep(30)
        assert not await reply.finish(WHOLE)
        assert reply.gone
    assert len(delivery.of("edit")) == 1
    assert delivery.told == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (DeliveryFault.TOO_LARGE, ProviderError(ErrorKind.TOO_LARGE)),
        (DeliveryFault.FORBIDDEN, DrawingDenial.CANNOT_ATTACH),
        (DeliveryFault.LOST, ProviderError(ErrorKind.PICTURE_FETCH)),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
async def test_a_picture_that_discord_refuses_ends_in_words(
    opened: Open, delivery: FakeDelivery, fault: DeliveryFault, problem: DrawingDenial | ProviderError, begun: bool
) -> None:
    async with opened() as reply:
        if begun:
            reply.show_drawing()
            await settle()
        delivery.refuses = lambda request: fault if request.files else None
        assert not await reply.finish(Ending(state=TurnState.COMPLETE, pictures=(FOX,)))
        assert (reply.ending and str(reply.ending.problem)) == str(problem)
    assert delivery.shown == [f"-# ⚠️ {WORDS.problem(problem)}"]
    assert not delivery.files.get(FIRST_ID)


async def test_pictures_survive_that_discord_forbids_everything_for_a_moment(
    opened: Open, delivery: FakeDelivery
) -> None:
    delivery.faults.append(DeliveryFault.FORBIDDEN)
    async with opened() as reply:
        assert await reply.finish(Ending(state=TurnState.COMPLETE, pictures=(FOX,)))
    assert delivery.files[FIRST_ID]


async def test_a_channel_that_is_closed_to_words_too_ends_the_reply_with_a_sign(
    opened: Open, delivery: FakeDelivery
) -> None:
    delivery.always = DeliveryFault.FORBIDDEN
    async with opened() as reply:
        assert not await reply.finish(Ending(state=TurnState.COMPLETE, pictures=(FOX,)))
    assert len(delivery.requests) == 5
    assert now() < 10
    assert delivery.told == [f"-# ⚠️ {WORDS.problem(DrawingDenial.CANNOT_ATTACH)}"]
