"""Refusals that stand: they go with the message that was refused, and give way to its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.events import TextDelta
from bot.domain.people import Place
from bot.domain.settings.choices import Listening, Refusals
from bot.domain.turn.ask import Ask, Source
from bot.errors import Refusal
from bot.services.background import going_on
from bot.services.queue.arrivals import Arrivals
from bot.services.turn.refusals import HINT_PAUSE_S
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.clock import START, settle
from tests.fakes.houses.bank import DONE, Bank
from tests.fakes.houses.house import GONE
from tests.fakes.reply.replies import FakeSink

HELLO = (TextDelta(text="Hello!"), DONE)
SPAM = {"forbidden_words": ("spam",)}
EDITED = START + timedelta(seconds=5)


@pytest.fixture
async def house() -> AsyncIterator[Bank]:
    house = Bank(operator=SPAM, side_by_side=9)
    async with going_on(house.services.notices.keep_up(), "notices"):
        yield house


async def asked(house: Bank, text: str, *, first_id: int = 9000, **changes: Any) -> FakeSink:
    sink = FakeSink(first_id=first_id)
    await house.chat.respond(ask(text=text, **changes), sink)
    await settle()
    return sink


async def edited(house: Bank, text: str, **changes: Any) -> FakeSink:
    """Edit the message, as the cog does."""
    now = ask(text=text, edited_at=EDITED, **changes)
    assert await house.services.edited_questions.is_new(now)
    sink = FakeSink(first_id=9500)
    await house.chat.respond(now, sink)
    await settle()
    return sink


async def deleted(house: Bank, *message_ids: int) -> None:
    await house.follower().deleted(HERE, message_ids)
    await settle()


REFUSED = pytest.mark.parametrize("text", ["", "spam"], ids=["a greeting", "a rule"])


@REFUSED
async def test_a_refusal_goes_when_its_message_goes(house: Bank, text: str) -> None:
    await asked(house, text)
    await deleted(house, 1, 5000, 2)
    assert house.surroundings.taken_away == [9000]
    assert (house.refusals.kept, house.notices.kept) == ({}, {})


async def test_a_hint_goes_when_its_message_goes(house: Bank) -> None:
    await house.chat.refuse(ask(text=""), FakeSink(), Refusal.UNREADABLE)
    await deleted(house, 5000)
    assert house.surroundings.taken_away == [9000]


async def test_a_refusal_goes_with_its_message_after_a_restart(house: Bank) -> None:
    await asked(house, "")
    house.restart()
    async with going_on(house.services.notices.keep_up(), "notices again"):
        await deleted(house, 5000)
        assert house.surroundings.taken_away == [9000]


async def test_a_refusal_that_is_said_while_its_message_is_deleted_goes_at_once(house: Bank) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    saying = asyncio.create_task(house.chat.respond(ask(text=""), sink))
    await settle()
    await deleted(house, 5000)
    sink.reply.finish_open.set()
    sink.reply.message_ids = (9000,)
    await saying
    await settle()
    assert house.surroundings.taken_away == [9000]


@REFUSED
async def test_nothing_is_said_to_a_message_that_is_gone_already(house: Bank, text: str) -> None:
    await deleted(house, 5000)
    assert (await asked(house, text)).replies == []


@REFUSED
async def test_a_message_that_comes_twice_is_refused_once(house: Bank, text: str) -> None:
    await asked(house, text)
    assert (await asked(house, text)).replies == []


async def test_a_refusal_that_is_deleted_itself_is_forgotten(house: Bank) -> None:
    await asked(house, "")
    await deleted(house, 9000)
    assert house.refusals.kept == {}
    house.model.script(*HELLO)
    sink = await edited(house, "what is a fox?")
    assert sink.reply.options.message_ids == ()


@REFUSED
async def test_the_answer_to_an_edited_message_takes_the_refusal_s_message(house: Bank, text: str) -> None:
    await asked(house, text)
    house.model.script(*HELLO)
    sink = await edited(house, "what is a fox?")
    assert sink.reply.options.message_ids == (9000,)
    assert (sink.reply.text, house.turns.turns[5000].reply_ids) == ("Hello!", (9000,))
    assert house.history.messages[1000, 5000].edited_at == EDITED
    await asyncio.sleep(120)
    assert house.surroundings.taken_away == [], "what is an answer now stands"
    assert house.notices.kept == {}


async def test_an_edited_message_that_is_refused_again_is_told_so_in_the_same_place(house: Bank) -> None:
    await asked(house, "spam")
    sink = await edited(house, "more spam")
    assert sink.reply.options.message_ids == (9000,)
    assert sink.reply.ending.problem is Refusal.FORBIDDEN_WORD
    await asyncio.sleep(61)
    assert house.surroundings.taken_away == [9000]


async def test_a_message_that_nobody_refused_is_answered_anew_when_it_becomes_a_question(house: Bank) -> None:
    house.model.script(*HELLO)
    sink = await edited(house, "what is a fox?")
    assert (sink.reply.text, sink.reply.options.message_ids) == ("Hello!", ())


async def test_a_sign_goes_when_the_message_is_answered(house: Bank) -> None:
    house.operator = {**SPAM, "refusals": Refusals.REACTION}
    await asked(house, "spam")
    house.model.script(*HELLO)
    sink = await edited(house, "what is a fox?")
    assert house.surroundings.signs_taken_back == [5000]
    assert sink.reply.options.message_ids == ()
    await deleted(house, 5000)
    assert house.surroundings.taken_away == []


async def test_an_answer_in_a_thread_leaves_no_refusal_behind(house: Bank) -> None:
    await asked(house, "")
    house.operator = {**SPAM, "answer_in_thread": True}
    house.model.script(*HELLO)

    async def open_thread(asked: Ask) -> Ask:
        return replace(asked, place=replace(HERE, channel_id=asked.id, parent_id=HERE.channel_id))

    sink = FakeSink(first_id=9500)
    await house.chat.respond(ask(text="what is a fox?", edited_at=EDITED), sink, open_thread=open_thread)
    await settle()
    assert sink.reply.options.message_ids == ()


async def test_a_refusal_that_is_about_to_go_is_not_taken_over(house: Bank) -> None:
    await asked(house, "spam")
    house.surroundings.takes_away = False
    await asyncio.sleep(61)
    house.model.script(*HELLO)
    sink = await edited(house, "what is a fox?", created_at=house.clock.now())
    assert sink.reply.options.message_ids == ()


async def test_a_refusal_that_can_not_be_released_is_not_taken_over(house: Bank) -> None:
    await asked(house, "spam")
    house.notices.failing = GONE
    house.model.script(*HELLO)
    sink = await edited(house, "what is a fox?")
    assert sink.reply.options.message_ids == ()
    house.notices.failing = None
    await asyncio.sleep(61)
    assert house.surroundings.taken_away == [9000]


async def test_without_the_database_a_refusal_is_said_all_the_same(house: Bank) -> None:
    house.refusals.failing = GONE
    assert (await asked(house, "")).reply.ending.problem is Refusal.EMPTY_PROMPT


async def test_a_command_s_refusal_hangs_on_no_message(house: Bank) -> None:
    await asked(house, "spam", source=Source.INTERACTION, response_id=9000)
    assert house.refusals.kept == {}


@pytest.mark.parametrize("window", [0, 600])
async def test_an_edit_makes_a_question_for_a_while_only(house: Bank, window: int) -> None:
    house.operator = {"rerun_on_edit_s": window}
    is_new = house.services.edited_questions.is_new
    for age_s, new in ((10, window > 0), (601, False)):
        at = house.clock.now() - timedelta(seconds=age_s)
        assert await is_new(ask(created_at=at, edited_at=EDITED)) is new
    assert not await is_new(ask(created_at=house.clock.now()))


async def test_what_has_a_turn_is_no_new_question(house: Bank) -> None:
    house.model.script(*HELLO)
    await asked(house, "hello")
    assert not await house.services.edited_questions.is_new(ask(edited_at=EDITED))
    await deleted(house, 5000)
    assert not await house.services.edited_questions.is_new(ask(edited_at=EDITED))


async def test_what_is_overheard_is_a_question_where_the_place_listens(house: Bank) -> None:
    is_new = house.services.edited_questions.is_new
    assert not await is_new(ask(edited_at=EDITED, overheard=True))
    house.operator = {"listening": Listening.ALL}
    assert await house.services.edited_questions.is_new(ask(edited_at=EDITED, overheard=True))


async def test_a_question_of_which_the_database_tells_nothing_is_none(house: Bank) -> None:
    house.turns.failing = GONE
    assert not await house.services.edited_questions.is_new(ask(edited_at=EDITED))


async def test_an_edit_waits_for_the_question_that_is_being_taken_up(house: Bank) -> None:
    opened = asyncio.Event()
    house.operator = {"answer_in_thread": True}

    async def open_thread(asked: Ask) -> Ask:
        await opened.wait()
        return asked

    house.model.script(*HELLO)
    house.model.script(*HELLO)
    asking = asyncio.create_task(house.chat.respond(ask(), FakeSink(), open_thread=open_thread))
    await settle()
    now = ask(text="good day", edited_at=EDITED)
    editing = asyncio.create_task(house.follower().edited(now, lambda version, ids: house.sink_for(now, version, ids)))
    new = asyncio.create_task(house.services.edited_questions.is_new(now))
    await settle()
    assert not editing.done()
    opened.set()
    await asyncio.gather(asking, editing)
    assert not await new
    assert house.turns.turns[5000].prompt == "good day"


async def test_nobody_waits_for_ever_for_a_question() -> None:
    arrivals = Arrivals()
    with arrivals.taking_up(1), arrivals.taking_up(1):
        await arrivals.settled(1)
        await arrivals.settled(2)
    await arrivals.settled(1)


# --- hints ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hint", [Refusal.UNREADABLE, Refusal.NEVER_PINGS])
async def test_a_hint_is_given_once_a_day_to_a_person_in_a_channel_and_pings_nobody(house: Bank, hint: Refusal) -> None:
    async def hinted(number: int, **changes: Any) -> FakeSink:
        sink = FakeSink()
        await house.chat.refuse(ask(number, "", **changes), sink, hint)
        return sink

    first = await hinted(1)
    assert first.reply.ending.problem is hint
    assert [one.pings for one in first.asks] == [False]
    assert (await hinted(2)).replies == []
    assert len((await hinted(3, user=BOB)).replies) == 1
    assert len((await hinted(4, place=Place(channel_id=1001, guild_id=1))).replies) == 1
    await asyncio.sleep(HINT_PAUSE_S + 1)
    assert len((await hinted(5, user=ANN)).replies) == 1


@pytest.mark.parametrize(
    ("ping", "overheard", "pings"), [(True, False, True), (False, False, False), (True, True, False)]
)
async def test_who_is_pinged_is_set_and_spoke_to_the_bot(house: Bank, ping: bool, overheard: bool, pings: bool) -> None:
    house.operator = {"ping": ping, "listening": Listening.ALL}
    house.model.script(*HELLO)
    sink = await asked(house, "hello", overheard=overheard)
    assert [one.pings for one in sink.asks] == [pings]


@pytest.mark.parametrize("rule", [{"channels_refused": (1000,)}, {"roles_refused": (1,)}], ids=str)
async def test_nothing_is_said_where_no_question_would_be_answered(house: Bank, rule: dict[str, Any]) -> None:
    house.operator = rule
    sink = FakeSink()
    await house.chat.refuse(ask(text=""), sink, Refusal.UNREADABLE)
    assert sink.replies == []
    assert house.surroundings.reacted == []
