"""What every turn goes through: kept, answered, closed in every case."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.model.events import Usage
from bot.domain.model.messages import Role
from bot.domain.people import Place
from bot.domain.reply.controls import Action, running_controls
from bot.domain.reply.ending import Ending
from bot.domain.settings.choices import TurnOrder
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Refusal, Trouble
from bot.services.model.round import Round
from bot.services.turn.refusals import MOST_BUSY
from tests.fakes.answers import COMPLETE, endless, hello, hello_when, raising
from tests.fakes.asks import ME, ask, referred
from tests.fakes.clock import settle
from tests.fakes.houses.house import GONE, House, cancel
from tests.fakes.reply.replies import FakeReply, FakeSink


@pytest.fixture
def house() -> House:
    return House()


def buttons(reply: FakeReply) -> tuple[Action, ...]:
    """The buttons under a reply that has ended."""
    assert reply.ending.controls is not None
    return reply.ending.controls.actions


async def test_a_turn_and_both_messages_are_kept(house: House) -> None:
    sink = FakeSink()
    asked = ask(5000, "hello", reference=referred(4000, "earlier"))
    await house.runner.run(asked, sink, hello)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.prompt, turn.text, turn.reply_ids) == (TurnState.COMPLETE, "hello", "Hi", (9000,))
    assert turn.usage == Usage(prompt_tokens=3, completion_tokens=1)
    assert turn.error_kind is None
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]
    assert house.history.messages[1000, 5000].reply_to == 4000
    reply = house.history.messages[1000, 9000]
    assert (reply.author_id, reply.author_name, reply.reply_to) == (ME.id, ME.name, 5000)
    assert sink.reply.closed


async def test_the_turn_is_kept_before_it_is_answered(house: House) -> None:
    seen: list[tuple[TurnState, list[tuple[Role, str]]]] = []

    async def look(turn: Round) -> Ending:
        seen.append((house.turns.turns[turn.ask.id].state, house.said))
        return await hello(turn)

    await house.runner.run(ask(), FakeSink(), look)
    assert seen == [(TurnState.QUEUED, [(Role.USER, "hello")])]


async def test_the_message_that_discord_made_for_a_command_is_the_reply_s_from_the_start(house: House) -> None:
    sink = FakeSink()
    seen: list[tuple[int, ...]] = []

    async def look(turn: Round) -> Ending:
        seen.append(house.turns.turns[turn.ask.id].reply_ids)
        return await hello(turn)

    await house.runner.run(ask(response_id=7000), sink, look)
    assert seen == [(7000,)]
    assert sink.reply.options.message_ids == (7000,)
    refused = FakeSink()
    await house.runner.run(ask(text="", response_id=7001), refused, look)
    assert refused.reply.options.message_ids == (7001,)


@pytest.mark.parametrize(("alone", "most"), [(True, 6), (False, None)], ids=["only its user has the bot", "a member"])
async def test_a_reply_has_as_many_messages_as_discord_takes(house: House, alone: bool, most: int | None) -> None:
    sink = FakeSink()
    asked = ask(5000, "hello")
    await house.runner.run(replace(asked, place=replace(asked.place, by_token_only=alone)), sink, hello)
    assert sink.reply.options.most_messages == most


async def test_the_same_event_seen_twice_is_answered_once(house: House) -> None:
    first, second = FakeSink(), FakeSink()
    await house.runner.run(ask(), first, hello)
    await house.runner.run(ask(), second, hello)
    assert second.replies == []
    assert len(house.said) == 2


async def test_nothing_asked_is_answered_with_what_to_do_and_not_kept(house: House) -> None:
    sink = FakeSink()
    await house.runner.run(ask(text=""), sink, hello)
    assert sink.reply.outcome == Ending(state=TurnState.FAILED, problem=Refusal.EMPTY_PROMPT)
    assert house.turns.turns == {}
    assert house.said == []


async def test_too_many_are_refused_with_a_retry(house: House) -> None:
    waiting = [asyncio.create_task(house.runner.run(ask(n), FakeSink(), endless)) for n in (1, 2)]
    await settle()
    sink = FakeSink()
    await house.runner.run(ask(3), sink, hello)
    assert sink.reply.outcome == Ending(state=TurnState.FAILED, problem=Refusal.BUSY)
    assert buttons(sink.reply) == (Action.RETRY, Action.DELETE)
    assert (house.turns.turns[3].state, house.turns.turns[3].reply_ids) == (TurnState.FAILED, (9000,))
    assert (Role.ASSISTANT, "") not in house.said
    await cancel(*waiting)


async def test_one_who_asks_without_end_where_too_many_wait_is_told_so_often_and_nothing_more_is_kept(
    house: House,
) -> None:
    waiting = [asyncio.create_task(house.runner.run(ask(n), FakeSink(), endless)) for n in (1, 2)]
    await settle()
    sinks = [FakeSink() for _ in range(MOST_BUSY + 1)]
    for number, sink in enumerate(sinks, start=3):
        await house.runner.run(ask(number), sink, hello)
    *told, last = sinks
    assert {one.reply.outcome for one in told} == {Ending(state=TurnState.FAILED, problem=Refusal.BUSY)}
    assert last.replies == []
    assert 3 + MOST_BUSY not in house.turns.turns
    await cancel(*waiting)


async def test_a_turn_that_comes_while_the_bot_leaves_is_refused_with_a_retry(house: House) -> None:
    await house.coordinator.drain(grace_s=0, stop_s=0)
    sink = FakeSink()
    await house.runner.run(ask(), sink, hello)
    assert sink.reply.outcome == Ending(state=TurnState.FAILED, problem=Refusal.CLOSING)
    assert buttons(sink.reply) == (Action.RETRY, Action.DELETE)
    assert house.turns.turns[5000].state is TurnState.FAILED


async def test_a_turn_that_waits_is_kept_and_shows_its_place(house: House) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), hello_when(go := asyncio.Event())))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, hello))
    await settle()
    assert house.turns.turns[2].reply_ids == (9000,)
    assert not house.turns.turns[2].state.final
    assert sink.reply.places == [1]
    assert sink.reply.options.controls == running_controls(2)
    go.set()
    await asyncio.wait((first, second))
    assert sink.reply.places == [1, 0]
    assert sink.reply.text == "Hi"


async def test_turns_of_a_channel_go_one_by_one_where_that_is_set() -> None:
    house = House(operator={"turn_order": TurnOrder.IN_ORDER}, side_by_side=9, waiting=9)
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, endless))
    await settle()
    assert sink.reply.places == [1]
    house.operator["turn_order"] = TurnOrder.SIDE_BY_SIDE
    third = asyncio.create_task(house.runner.run(ask(3, place=Place(channel_id=7)), elsewhere := FakeSink(), endless))
    await settle()
    assert elsewhere.reply.text == "Half"
    await cancel(first, second, third)


async def test_a_reply_is_opened_as_is_set_and_as_the_place_allows() -> None:
    house = House(operator={"pages_before_file": 3})
    place = Place(channel_id=1000, guild_id=1, can_attach=False)
    sink = FakeSink()
    await house.runner.run(ask(place=place), sink, hello)
    options = sink.reply.options
    assert (options.pages_before_file, options.can_attach, options.message_ids) == (3, False, ())
    assert options.controls == running_controls(5000)


async def test_a_turn_that_waits_while_the_bot_leaves_is_refused(house: House) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, hello))
    await settle()
    await house.coordinator.drain(grace_s=1, stop_s=9)
    assert first.cancelled()
    assert second.done()
    assert sink.reply.outcome == Ending(state=TurnState.FAILED, problem=Refusal.CLOSING)
    assert house.turns.turns[2].state is TurnState.FAILED


async def test_a_turn_that_is_cancelled_while_it_waits_says_so(house: House) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, hello))
    await settle()
    await cancel(second)
    assert second.cancelled()
    assert sink.reply.outcome == Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)
    assert house.turns.turns[2].state is TurnState.INTERRUPTED
    await cancel(first)


async def test_a_database_that_is_gone_at_the_start_is_told(house: House) -> None:
    house.fail()
    sink = FakeSink()
    await house.runner.run(ask(), sink, hello)
    assert sink.reply.ending.problem is Trouble.STORAGE
    assert sink.reply.text == ""


async def test_a_question_that_can_not_be_put_into_the_history_is_told_and_no_turn(house: House) -> None:
    house.history.failing = GONE
    sink = FakeSink()
    await house.runner.run(ask(), sink, hello)
    assert sink.reply.ending.problem is Trouble.STORAGE
    assert house.turns.turns == {}


async def test_a_database_that_fails_in_the_middle_is_told(house: House) -> None:
    sink = FakeSink()
    await house.runner.run(ask(), sink, raising(GONE, after="Half"))
    assert sink.reply.outcome == Ending(state=TurnState.FAILED, problem=Trouble.STORAGE)
    assert house.turns.turns[5000].text == "Half"


async def test_a_database_that_fails_at_the_end_takes_nothing_from_the_answer(house: House) -> None:
    async def break_it(turn: Round) -> Ending:
        house.fail()
        return await hello(turn)

    sink = FakeSink()
    await house.runner.run(ask(), sink, break_it)
    assert sink.reply.outcome == COMPLETE
    assert sink.reply.text == "Hi"
    assert not house.coordinator.is_under_way(5000)


async def test_an_error_of_the_endpoint_ends_the_turn_with_its_kind(house: House) -> None:
    error = ProviderError(ErrorKind.PICTURE_FETCH)
    sink = FakeSink()
    await house.runner.run(ask(), sink, raising(error))
    assert sink.reply.ending.problem is error
    assert house.turns.turns[5000].error_kind is ErrorKind.PICTURE_FETCH
    assert house.said == [(Role.USER, "hello")]


async def test_whatever_else_goes_wrong_is_told_and_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    sink = FakeSink()
    await house.runner.run(ask(), sink, raising(ZeroDivisionError("by zero"), after="Half"))
    assert sink.reply.ending.problem is Trouble.INTERNAL
    assert house.turns.turns[5000].state is TurnState.FAILED
    assert house.said[-1] == (Role.ASSISTANT, "Half")
    assert "by zero" in caplog.text


async def test_a_reply_that_breaks_leaves_no_turn_open(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def prepare(reply: FakeReply) -> None:
        reply.finish_failing = RuntimeError("Session is closed")

    await house.runner.run(ask(), FakeSink(prepare=prepare), hello)
    assert house.turns.turns[5000].state.final
    assert "Session is closed" in caplog.text
    assert not house.coordinator.is_under_way(5000)


async def test_a_cancelled_turn_is_marked_and_what_it_said_is_kept(house: House) -> None:
    sink = FakeSink()
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert sink.reply.outcome == Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.text, turn.reply_ids) == (TurnState.INTERRUPTED, "Half", (9000,))
    assert house.said[-1] == (Role.ASSISTANT, "Half")


async def test_a_cancelled_turn_that_discord_does_not_answer_is_left_to_the_next_start(house: House) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    task.cancel()
    await asyncio.wait((task,))
    assert asyncio.get_running_loop().time() < 9
    (turn,) = await house.turns.unfinished()
    assert (turn.id, turn.text, turn.reply_ids) == (5000, "Half", (9000,))


async def test_an_answer_that_was_whole_when_it_was_cancelled_stays_whole(house: House) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    task = asyncio.create_task(house.runner.run(ask(), sink, hello))
    await settle()
    task.cancel()
    await settle()
    sink.reply.finish_open.set()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert sink.reply.outcome == COMPLETE
    assert house.turns.turns[5000].state is TurnState.COMPLETE
