"""Replies that take over messages, change their buttons, or attach the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.model.events import FinishReason
from bot.domain.page.small import small
from bot.domain.picture.files import PictureFile
from bot.domain.reply.controls import ended_controls, running_controls
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.presentation.outbound.faults import DeliveryFault
from bot.presentation.outbound.upload import Upload
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.composition import ANSWER_FILE
from tests.fakes.clock import FakeClock, settle
from tests.fakes.model import picture
from tests.fakes.reply.delivery import FIRST_ID, FakeDelivery
from tests.fakes.reply.pages import paginate
from tests.unit.presentation.reply.opening import WORDS, Open, now, opening

STOP = running_controls(5)
RETRY = ended_controls(5, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1)
WHOLE = Ending(state=TurnState.COMPLETE, controls=RETRY)
LONG = "".join(f"This is sentence number {n}. " for n in range(250))
OLD = (7000, 7001, 7002)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")


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
        assert delivery.contents[7000] == small(WORDS.waiting(2))
        reply.show_waiting(1)
        await asyncio.sleep(5)
        assert delivery.contents[7000] == small(WORDS.waiting(1))
        reply.show_waiting(0)
        await asyncio.sleep(5)
        assert delivery.contents[7000] == small(WORDS.thinking)
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
        delivery.refuses = lambda request: fault if request.files else None
        assert await reply.finish(WHOLE)
    assert [delivery.contents[message_id] for message_id in reply.message_ids] == paginate(LONG)
    assert lost == []
