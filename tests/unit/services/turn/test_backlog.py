"""Turns that end while the database is away: tried again until they are kept, and nothing of them is lost before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bot.domain.model.events import TextDelta
from bot.domain.model.messages import Role
from bot.domain.people import Place
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import Used
from bot.services.background import going_on
from bot.services.model.round import Answerer, Round
from bot.services.turn import backlog
from bot.services.turn.presses import Press
from tests.fakes.answers import COMPLETE, hello
from tests.fakes.asks import ANN, HERE, ask
from tests.fakes.clock import START, settle
from tests.fakes.houses.bank import DONE, HI
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeSink

MINUTES = 180.0
AWAY_AND_BACK = [
    "the database takes nothing: the disk is gone",
    "the database is back; 0 turns are still to be closed",
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house in which a task tries again what the database did not take."""
    house = House(side_by_side=9)
    async with going_on(house.services.backlog.keep_trying(), "backlog"):
        yield house


def away_at_the_end(house: House, answer: Answerer = hello) -> Answerer:
    """Answer, and let the database be gone when the answer is whole."""

    async def answer_with(turn: Round) -> Ending:
        ending = await answer(turn)
        house.fail()
        return ending

    return answer_with


async def ends_away(house: House, turn_id: int = 5000, answer: Answerer = hello) -> FakeSink:
    """Have a turn end while the database is gone."""
    house.mend()
    sink = FakeSink(first_id=turn_id + 4000)
    await house.runner.run(ask(turn_id), sink, away_at_the_end(house, answer))
    return sink


async def asks(house: House, turn_id: int, text: str = "and now?") -> None:
    """Ask in words."""
    house.model.script(TextDelta(text="Next."), DONE)
    await house.chat.respond(ask(turn_id, text), FakeSink(first_id=turn_id + 4000))


async def test_it_is_kept_when_the_database_is_back_minutes_later(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sink = await ends_away(house)
    assert sink.reply.text == "Hi"
    await asyncio.sleep(MINUTES)
    assert not house.turns.turns[5000].state.final
    house.mend()
    await asyncio.sleep(backlog.LONGEST_WAIT_S + 1)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.text, turn.reply_ids) == (TurnState.COMPLETE, "Hi", (9000,))
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]
    told = [one.getMessage() for one in caplog.records if "database" in one.getMessage()]
    assert told == AWAY_AND_BACK


async def test_what_was_used_is_counted_once(house: House) -> None:
    house.model.script(*HI)
    house.turns.unclosable.add(5000)
    await house.chat.respond(ask(), FakeSink())
    assert house.usage.used == {}
    await asyncio.sleep(1)
    house.turns.unclosable.clear()
    await asyncio.sleep(MINUTES)
    assert list(house.usage.used.values()) == [Used(calls=1, prompt_tokens=30, completion_tokens=10, total_tokens=40)]


async def test_they_are_kept_in_the_order_in_which_they_ended(house: House) -> None:
    for turn_id in (5003, 5001, 5002):
        await ends_away(house, turn_id)
    await asyncio.sleep(MINUTES)
    house.mend()
    await asyncio.sleep(MINUTES)
    assert house.turns.closed == [5003, 5001, 5002]


async def test_the_next_question_sees_an_answer_that_is_not_kept_yet(house: House) -> None:
    house.model.script(TextDelta(text="Hi"), DONE)
    house.turns.unclosable.add(5000)
    await house.chat.respond(ask(), FakeSink())
    await asks(house, 9500)
    assert house.sent == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi"), (Role.USER, "and now?")]
    assert (Role.ASSISTANT, "Hi") not in house.said


async def test_a_question_that_is_kept_says_that_the_database_is_back(house: House) -> None:
    await ends_away(house)
    await asyncio.sleep(backlog.LONGEST_WAIT_S * 3 + 2)
    house.mend()
    await asks(house, 5001)
    await settle()
    assert house.turns.closed == [5000, 5001]


async def test_a_version_that_was_taken_away_leaves_a_line_without_text(house: House) -> None:
    await house.runner.run(ask(), FakeSink(), hello)

    async def say_nothing(turn: Round) -> Ending:
        return COMPLETE

    house.turns.unclosable.add(5000)
    await house.runner.rerun(ask(), house.turns.turns[5000], FakeSink(), say_nothing)
    assert [line.text for line in await house.services.records._stores.history.recent(1000, limit=9)] == ["hello", ""]


async def test_one_that_the_database_refuses_does_not_keep_the_others(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.turns.unclosable.add(5000)
    await house.runner.run(ask(5000), FakeSink(), hello)
    for number in range(1, backlog.MOST_REFUSALS + 1):
        await ends_away(house, 5000 + number)
        house.mend()
        await asyncio.sleep(MINUTES)
    assert house.turns.closed == [5001, 5002, 5003, 5004, 5005]
    assert 5000 not in house.services.backlog
    assert "turn 5000 can't be closed now; the next start ends it" in caplog.text


async def test_what_is_too_much_is_left_to_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(backlog, "MOST_TURNS", 2)
    house.turns.unclosable |= {5001, 5002, 5003, 5004}
    for turn_id in (5001, 5002, 5003):
        await house.runner.run(ask(turn_id), FakeSink(), hello)
    assert [turn_id in house.services.backlog for turn_id in (5001, 5002, 5003)] == [False, True, True]
    monkeypatch.setattr(backlog, "MOST_CHARS", 3)
    await house.runner.run(ask(5004), FakeSink(), hello)
    assert [turn_id in house.services.backlog for turn_id in (5003, 5004)] == [False, True]
    assert "turn 5001 can't be closed now" in caplog.text
    house.turns.unclosable.clear()
    await asyncio.sleep(MINUTES)
    assert [turn.id for turn in await house.turns.unfinished()] == [5001, 5002, 5003]


async def test_checkpoints_that_fail_are_told_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def slowly(turn: Round) -> Ending:
        house.fail()
        for _ in range(30):
            turn.answer.parts.append("x")
            turn.reply.push("x")
            await asyncio.sleep(1)
        house.mend()
        turn.answer.parts.append("y")
        await asyncio.sleep(2)
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), slowly)
    assert [one.getMessage() for one in caplog.records if "database" in one.getMessage()] == AWAY_AND_BACK


# --- what users do meanwhile ---------------------------------------------------------------------------------------


def pressed(action: Action) -> Press:
    return Press(action=action, turn_id=5000, user=ANN, place=HERE, manages_messages=False)


async def test_a_press_does_not_wait_for_the_next_try(house: House) -> None:
    await ends_away(house)
    await asyncio.sleep(backlog.LONGEST_WAIT_S * 3 + 2)
    house.mend()
    house.model.script(TextDelta(text="Again"), DONE)
    assert await house.control().press(pressed(Action.RETRY), house.sink_for) is None
    turn = house.turns.turns[5000]
    assert (turn.version, turn.text) == (2, "Again")
    assert [version.text for version in await house.turns.versions(5000)] == ["Hi", "Again"]


async def test_a_turn_that_can_not_be_kept_now_takes_no_further_version(house: House) -> None:
    house.turns.unclosable.add(5000)
    await house.runner.run(ask(), FakeSink(), hello)
    assert await house.control().press(pressed(Action.RETRY), house.sink_for) is PressRefusal.UNDER_WAY
    assert await house.control().press(pressed(Action.DELETE), house.sink_for) is PressRefusal.UNDER_WAY


async def test_an_edited_question_is_answered_anew(house: House) -> None:
    house.turns.unclosable.add(5000)
    await house.runner.run(ask(), FakeSink(), hello)
    house.turns.unclosable.clear()
    house.model.script(TextDelta(text="Other"), DONE)
    await house.follower().edited(ask(text="other", edited_at=START), lambda *_: FakeSink())
    assert (house.turns.turns[5000].version, house.turns.turns[5000].text) == (2, "Other")


@pytest.mark.parametrize("kept_in_time", [True, False], ids=["kept in time", "kept later"])
async def test_a_question_that_is_deleted_takes_the_answer_with_it(house: House, kept_in_time: bool) -> None:
    house.turns.unclosable.add(5000)
    await house.runner.run(ask(), FakeSink(), hello)
    if kept_in_time:
        house.turns.unclosable.clear()
    await house.follower().deleted(Place(channel_id=1000, guild_id=1), [5000])
    house.turns.unclosable.clear()
    await asyncio.sleep(MINUTES)
    assert house.turns.closed == [5000]
    assert (house.turns.turns[5000].text, house.said) == ("", [])
    assert [sink.reply.discarded for sink in house.sinks] == [True] * len(house.sinks)


async def test_an_answer_that_is_deleted_is_not_remembered_later(house: House) -> None:
    house.turns.unclosable.add(5000)
    await house.runner.run(ask(), FakeSink(), hello)
    await house.follower().deleted(Place(channel_id=1000, guild_id=1), [9000])
    assert [line.text for line in await house.services.records._stores.history.recent(1000, limit=9)] == ["hello"]
    house.turns.unclosable.clear()
    await asyncio.sleep(MINUTES)
    assert house.turns.turns[5000].state is TurnState.COMPLETE
    assert house.said == [(Role.USER, "hello")]


# --- the end of the process ----------------------------------------------------------------------------------------


async def test_the_last_try_keeps_what_it_can() -> None:
    house = House()
    await ends_away(house)
    house.mend()
    await house.services.backlog.last_try()
    assert house.turns.turns[5000].state is TurnState.COMPLETE


async def test_the_last_try_ends_in_time_and_says_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    await ends_away(house)
    began = asyncio.get_running_loop().time()
    await house.services.backlog.last_try()
    assert asyncio.get_running_loop().time() - began <= backlog.LAST_TRY_S
    assert "1 turns could not be closed; the next start ends them" in caplog.text


async def test_what_was_used_is_counted_once_if_the_end_is_cancelled_when_it_is_kept(house: House) -> None:
    house.model.script(*HI)
    house.turns.answers_open.clear()
    running = asyncio.create_task(house.chat.respond(ask(), FakeSink()))
    await asyncio.sleep(1)
    assert house.turns.closed == [5000]
    running.cancel()
    house.turns.answers_open.set()
    await asyncio.wait((running,))
    await asyncio.sleep(MINUTES)
    assert house.turns.closed == [5000, 5000]
    assert [used.calls for used in house.usage.used.values()] == [1]
    assert house.turns.turns[5000].state is TurnState.COMPLETE
