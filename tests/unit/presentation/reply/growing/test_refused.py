"""Replies of which Discord refuses something: each ends in words, without running buttons, and tells what stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.model.events import FinishReason
from bot.domain.page.pager import PAGE_LIMIT, units
from bot.domain.picture.files import PictureFile
from bot.domain.reply.controls import Action, Controls, ended_controls, running_controls
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.errors import Trouble
from bot.presentation.outbound.faults import DeliveryFault
from bot.presentation.reply.budget import EditBudget, EditBudgets
from bot.presentation.reply.composition import ANSWER_FILE
from bot.presentation.reply.live import LiveReply
from tests.fakes.clock import FakeClock, settle
from tests.fakes.model import picture
from tests.fakes.reply.delivery import FIRST_ID, FakeDelivery, Request
from tests.unit.presentation.reply.opening import WORDS, Open, now, opening

STOP = running_controls(5)
ENDED = ended_controls(5, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1)
WHOLE = Ending(state=TurnState.COMPLETE, controls=ENDED)
LOST = Ending(state=TurnState.FAILED, problem=Trouble.UNWRITABLE, controls=ENDED)
"""How the runner ends what it stopped since Discord let the bot write nothing."""
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
EVIL = "evil.example"
TEXTS = [DeliveryFault.TEXT, DeliveryFault.REJECTED]
LONG = "".join(f"This is sentence number {n}. " for n in range(300))


def said(problem: Trouble, *, written: bool = True, drawn: bool = False, goes_on: bool = False) -> str:
    return f"-# ⚠️ {WORDS.problem(problem, written=written, drawn=drawn, goes_on=goes_on)}"


REST = said(Trouble.TEXT_REFUSED)
NOTHING = said(Trouble.TEXT_REFUSED, written=False)
NO_MORE = said(Trouble.NO_MORE_MESSAGES)


@pytest.fixture
async def delivery() -> FakeDelivery:
    return FakeDelivery()


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


def evil(fault: DeliveryFault, *others: str) -> FakeDelivery:
    """Discord, which does not take a text."""
    made = FakeDelivery()
    made.refuses = lambda request: fault if any(one in request.content for one in (EVIL, *others)) else None
    return made


def ended_well(reply: LiveReply, delivery: FakeDelivery, *, loss: Trouble | None) -> None:
    """Hold what every refused reply has in common."""
    assert reply.loss is loss
    assert reply.ending is not None
    assert reply.ending.problem is loss
    *before, last = [delivery.controls[message_id] for message_id in reply.message_ids]
    assert set(before) <= {None}
    assert last is None or Action.STOP not in last.actions


# --- a text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", TEXTS)
async def test_a_refused_text_leaves_what_stood_and_says_so(fault: DeliveryFault, budget: EditBudget) -> None:
    delivery, stopped = evil(fault), list[float]()
    async with (
        opening(delivery, budget, controls=STOP, lost=lambda: stopped.append(now())) as opened,
        opened() as reply,
    ):
        reply.push("Some words ")
        await settle()
        reply.push(f"and {EVIL}")
        await asyncio.sleep(5)
        assert len(stopped) == 1
        reply.push(" and more")
        assert await reply.finish(LOST)
        ended_well(reply, delivery, loss=Trouble.TEXT_REFUSED)
        assert reply.shown_chars == len("Some words ")
    assert delivery.shown == [f"Some words\n\n{REST}"]
    assert delivery.controls[FIRST_ID] == ENDED


@pytest.mark.parametrize("fault", TEXTS)
@pytest.mark.parametrize("whole", [True, False], ids=["whole at once", "growing"])
async def test_of_a_first_message_that_is_refused_the_words_alone_stand(
    fault: DeliveryFault, whole: bool, budget: EditBudget
) -> None:
    delivery = evil(fault)
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        reply.push(f"See {EVIL}.")
        if not whole:
            await asyncio.sleep(1)
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=Trouble.TEXT_REFUSED)
        assert reply.ending is not None
        assert reply.ending.state is TurnState.FAILED
        assert reply.shown_chars == 0
    assert delivery.shown == [NOTHING]


@pytest.mark.parametrize("whole", [True, False], ids=["whole at once", "growing"])
async def test_what_a_status_said_gives_way_to_the_words(whole: bool, budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    async with opening(delivery, budget, controls=STOP) as opened, opened(heading="> a fox?") as reply:
        reply.show_thinking()
        await asyncio.sleep(2)
        reply.push(f"See {EVIL}.")
        if not whole:
            await asyncio.sleep(5)
        assert await reply.finish(WHOLE)
        assert reply.shown_chars == 0
    assert delivery.shown == [f"> a fox?\n{NOTHING}"]


@pytest.mark.parametrize("fault", TEXTS)
async def test_on_a_later_page_the_pages_before_it_stay_whole(fault: DeliveryFault, budget: EditBudget) -> None:
    delivery = evil(fault)
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        reply.push(LONG[:3000])
        await asyncio.sleep(10)
        first, second = delivery.shown
        reply.push(f"{EVIL} {LONG}")
        await asyncio.sleep(10)
        assert await reply.finish(LOST)
        assert delivery.shown == [first, f"{second}\n\n{REST}"]
        assert reply.shown_chars == len(LONG[:3000].rstrip())


async def test_a_new_page_that_is_refused_has_its_words_below_the_full_one(budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        full = "x" * PAGE_LIMIT
        reply.push(f"{full} {EVIL}")
        await asyncio.sleep(10)
        assert await reply.finish(LOST)
        ended_well(reply, delivery, loss=Trouble.TEXT_REFUSED)
        assert reply.shown_chars == PAGE_LIMIT
    assert delivery.shown == [full, REST]


async def test_what_the_bot_took_out_of_the_display_counts_as_the_model_wrote_it(budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    text = "-# one\n-# two"
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        reply.push(text)
        await settle()
        reply.push(f"\n{EVIL}")
        await asyncio.sleep(5)
        await reply.finish(LOST)
        assert reply.shown_chars == len(text)
    assert delivery.shown == [f"-\\# one\n-\\# two\n\n{REST}"]


async def test_a_heading_that_is_refused_goes_and_the_answer_stays(budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    async with opening(delivery, budget, controls=STOP) as opened, opened(heading=f"> {EVIL}?") as reply:
        reply.show_waiting(1)
        await settle()
        assert delivery.shown == [f"-# {WORDS.waiting(1)}"]
        reply.push("An answer.")
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=None)
        assert reply.shown_chars == len("An answer.")
    assert delivery.shown == ["An answer."]


async def test_of_a_heading_and_a_text_that_are_refused_the_words_alone_stand(budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    async with opening(delivery, budget, controls=STOP) as opened, opened(heading=f"> {EVIL}?") as reply:
        reply.push(f"See {EVIL}.")
        assert await reply.finish(WHOLE)
        assert reply.shown_chars == 0
    assert delivery.shown == [NOTHING]


async def test_text_that_stood_and_is_refused_when_it_ends_gives_way_to_words(budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        reply.push("Hello")
        await settle()
        delivery.refuses = lambda request: DeliveryFault.TEXT if "Hello" in request.content else None
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=Trouble.TEXT_REFUSED)
        assert reply.shown_chars == 0
    assert delivery.shown == [NOTHING]


async def test_pictures_arrive_without_the_words_that_are_refused(delivery: FakeDelivery, opened: Open) -> None:
    delivery.refuses = lambda request: DeliveryFault.TEXT if WORDS.reduced in request.content else None
    smaller = PictureFile(picture=picture(reduced=True), filename="fox.png", alt="a fox")
    async with opened() as reply:
        reply.show_drawing()
        await settle()
        delivery.refuses = lambda request: DeliveryFault.TEXT if "Here" in request.content else None
        reply.push("Here it is.")
        assert await reply.finish(replace(WHOLE, pictures=(smaller,)))
        assert reply.ending is not None
        assert (reply.ending.state, reply.ending.problem) == (TurnState.COMPLETE, Trouble.TEXT_REFUSED)
        assert reply.shown_chars == 0
    assert delivery.shown[0].endswith(said(Trouble.TEXT_REFUSED, drawn=True))
    assert len(delivery.files[FIRST_ID]) == 1


async def test_text_that_was_taken_back_is_no_part_of_what_stays(budget: EditBudget) -> None:
    delivery = evil(DeliveryFault.TEXT)
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        reply.push("A thought.")
        await settle()
        reply.retract("")
        reply.push(EVIL)
        await asyncio.sleep(5)
        assert await reply.finish(LOST)
        assert reply.shown_chars == 0
    assert delivery.shown == [NOTHING]


# --- a new message -------------------------------------------------------------------------------------------------

CLOSED = [DeliveryFault.FORBIDDEN, DeliveryFault.FULL, DeliveryFault.ARCHIVED]


def no_new(fault: DeliveryFault) -> FakeDelivery:
    """Discord, which takes no further message."""
    made = FakeDelivery()

    def refuses(request: Request) -> DeliveryFault | None:
        return fault if request.action == "send" and request.message_id > FIRST_ID else None

    made.refuses = refuses
    return made


@pytest.mark.parametrize("whole", [True, False], ids=["whole at once", "growing"])
@pytest.mark.parametrize("fault", [*CLOSED, DeliveryFault.PASSING])
async def test_where_no_further_message_is_taken_the_last_one_makes_room_for_words(
    fault: DeliveryFault, whole: bool, budget: EditBudget
) -> None:
    delivery, stopped = no_new(fault), list[float]()
    async with (
        opening(delivery, budget, controls=STOP, lost=lambda: stopped.append(now())) as opened,
        opened(can_attach=False) as reply,
    ):
        reply.push(LONG)
        if not whole:
            await asyncio.sleep(60)
            assert len(stopped) == (fault is not DeliveryFault.PASSING)
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=Trouble.NO_MORE_MESSAGES)
        (shown,) = delivery.shown
        text, _, words = shown.rpartition("\n\n")
        assert words == NO_MORE
        assert 1500 < units(shown) <= PAGE_LIMIT
        assert text == LONG[: reply.shown_chars]
        assert delivery.controls[FIRST_ID] == ENDED


async def test_where_only_words_would_need_a_further_message_they_get_room(budget: EditBudget) -> None:
    delivery = no_new(DeliveryFault.FORBIDDEN)
    async with opening(delivery, budget, controls=STOP) as opened, opened() as reply:
        reply.push("x" * PAGE_LIMIT)
        await settle()
        await reply.finish(Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED, controls=ENDED))
        (shown,) = delivery.shown
        assert shown == f"{'x' * reply.shown_chars}\n\n{NO_MORE}"
        assert reply.ending is not None
        assert reply.ending.state is TurnState.STOPPED


# --- as many messages as there may be ------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False], ids=["whole at once", "growing"])
async def test_past_as_many_messages_as_there_may_be_the_last_says_so(
    opened: Open, delivery: FakeDelivery, lost: list[float], whole: bool
) -> None:
    async with opened(can_attach=False, most_messages=3) as reply:
        reply.push(LONG)
        if not whole:
            await asyncio.sleep(10)
            assert len(lost) == 1
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=Trouble.NO_MORE_MESSAGES)
        assert len(delivery.shown) == 3
        assert delivery.shown[-1].endswith(NO_MORE)
        assert "".join(delivery.shown).replace(" ", "") == f"{LONG[: reply.shown_chars]}\n\n{NO_MORE}".replace(" ", "")


@pytest.mark.parametrize("pages_before_file", [2, 3, 8])
async def test_where_files_may_be_attached_the_last_of_them_has_the_whole(
    opened: Open, delivery: FakeDelivery, lost: list[float], pages_before_file: int
) -> None:
    async with opened(pages_before_file=pages_before_file, most_messages=3) as reply:
        reply.push(LONG)
        await asyncio.sleep(10)
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=None)
        assert lost == []
        assert len(delivery.shown) == 3
        assert delivery.shown[-1].endswith(f"-# {WORDS.rest_in_file}")
        assert [file.filename for file in delivery.files[FIRST_ID + 2]] == [ANSWER_FILE]
        assert reply.shown_chars == len(LONG)


# --- edits, buttons, everything ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1.2, 6.0])
async def test_after_a_short_loss_all_that_came_is_shown_and_how_it_ended(
    opened: Open, delivery: FakeDelivery, lost: list[float], seconds: float
) -> None:
    async with opened() as reply:
        reply.push("Some words ")
        await settle()
        until = now() + seconds
        delivery.refuses = lambda _: DeliveryFault.FORBIDDEN if now() < until else None
        reply.push("and more")
        await asyncio.sleep(0.9)
        assert len(lost) == 1
        assert await reply.finish(LOST)
        assert reply.shown_chars == len("Some words and more")
        assert now() < 10
    assert delivery.shown == [f"Some words and more\n\n{said(Trouble.UNWRITABLE)}"]
    assert delivery.controls[FIRST_ID] == ENDED


async def test_an_answer_that_was_whole_is_no_failure_after_a_short_loss(opened: Open, delivery: FakeDelivery) -> None:
    delivery.faults.append(DeliveryFault.FORBIDDEN)
    async with opened() as reply:
        reply.push("Hello")
        assert await reply.finish(WHOLE)
        ended_well(reply, delivery, loss=None)
    assert delivery.shown == ["Hello"]


@pytest.mark.parametrize("fault", [DeliveryFault.FORBIDDEN, DeliveryFault.ARCHIVED, DeliveryFault.PASSING])
async def test_where_no_edit_is_taken_a_new_message_has_the_words(
    opened: Open, delivery: FakeDelivery, fault: DeliveryFault
) -> None:
    async with opened() as reply:
        reply.push("Some words")
        await settle()
        delivery.refuses = lambda request: fault if request.action == "edit" else None
        reply.push(" and more")
        await settle()
        assert await reply.finish(LOST)
        assert reply.message_ids == (FIRST_ID, FIRST_ID + 1)
        assert reply.shown_chars == len("Some words")
    assert delivery.shown == ["Some words", said(Trouble.UNWRITABLE, written=False)]
    assert delivery.controls[FIRST_ID + 1] == ENDED
    assert delivery.told == []


@pytest.mark.parametrize("deletes", [True, False])
async def test_a_status_that_can_not_be_changed_goes_when_the_words_stand(
    opened: Open, delivery: FakeDelivery, deletes: bool
) -> None:
    async with opened() as reply:
        reply.show_drawing()
        await settle()
        refused = {"edit"} if deletes else {"edit", "delete"}
        delivery.refuses = lambda request: DeliveryFault.FORBIDDEN if request.action in refused else None
        assert await reply.finish(LOST)
        standing = [FIRST_ID + 1] if deletes else [FIRST_ID, FIRST_ID + 1]
        assert list(reply.message_ids) == list(delivery.contents) == standing


async def test_where_nothing_is_taken_it_is_told_in_another_way(
    opened: Open, delivery: FakeDelivery, lost: list[float]
) -> None:
    async with opened() as reply:
        reply.push("Some words")
        await settle()
        delivery.always = DeliveryFault.FORBIDDEN
        reply.push(" and more")
        await asyncio.sleep(1)
        assert not await reply.finish(LOST)
        assert reply.shown_chars == len("Some words")
        assert reply.ending is not None
        assert reply.ending.problem is Trouble.UNWRITABLE
    assert len(lost) == 1
    assert delivery.told == [said(Trouble.UNWRITABLE, written=False)]


@pytest.mark.parametrize("fault", [DeliveryFault.COMPONENTS, DeliveryFault.REJECTED])
async def test_buttons_that_are_refused_are_left_out(
    opened: Open, delivery: FakeDelivery, lost: list[float], fault: DeliveryFault
) -> None:
    def refuses(request: Request) -> DeliveryFault | None:
        return fault if request.controls is not None else None

    delivery.refuses = refuses
    async with opened() as reply:
        reply.push("Hello")
        await asyncio.sleep(2)
        if fault is DeliveryFault.COMPONENTS:
            assert lost == []
            reply.push(" world")
            assert await reply.finish(WHOLE)
            assert delivery.shown == ["Hello world"]
        else:  # nothing tells that it is the buttons
            assert await reply.finish(LOST)
            assert delivery.shown == [NOTHING]
    assert set(delivery.controls.values()) == {None}


@pytest.mark.parametrize("controls", [STOP, None])
@pytest.mark.parametrize("fault", list(DeliveryFault))
@pytest.mark.parametrize("begun", [0, 10, 5000])
async def test_whatever_is_refused_for_good_the_reply_comes_to_an_end_and_what_stands_is_known(
    opened: Open, delivery: FakeDelivery, fault: DeliveryFault, begun: int, controls: Controls | None
) -> None:
    async with opened(controls=controls, can_attach=False) as reply:
        reply.push(LONG[:begun])
        await asyncio.sleep(10)
        stood = list(delivery.shown)
        delivery.always = fault
        reply.push(LONG[begun : begun + 3000])
        await asyncio.sleep(10)
        assert not await reply.finish(WHOLE)
        assert now() < 200
        assert delivery.shown == stood
        assert reply.ending is not None
        shown = "".join(stood).replace(" ", "")
        assert LONG[: reply.shown_chars].replace(" ", "") == shown
