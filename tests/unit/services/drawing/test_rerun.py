"""Turns that are answered anew, and turns that are stopped: what stands, what is kept, what is remembered."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.model.events import FinishReason
from bot.domain.model.messages import Role
from bot.domain.reply.controls import Action, running_controls
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import Turn, TurnState
from bot.errors import ErrorKind, ProviderError, StopReason, StorageError, Trouble
from bot.services.model.round import Round
from tests.fakes.answers import COMPLETE, endless, hello, hello_when, raising
from tests.fakes.asks import ask
from tests.fakes.clock import settle
from tests.fakes.houses.house import House, cancel, kept_turn
from tests.fakes.reply.replies import FakeReply, FakeSink

STOPPED = Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED)
DOWN = ProviderError(ErrorKind.NETWORK)


@pytest.fixture
def house() -> House:
    return House()


async def better(turn: Round) -> Ending:
    """Answer in other words."""
    turn.answer.parts.append("Hello!")
    turn.reply.push("Hello!")
    return Ending(state=TurnState.COMPLETE, reason=FinishReason.LENGTH)


# --- anew ----------------------------------------------------------------------------------------------------------


async def test_a_further_answer_is_the_next_version_in_the_same_messages(house: House) -> None:
    turn = kept_turn(reply_ids=(9000, 9001))
    house.keep_turn(turn)
    sink = FakeSink()
    assert await house.runner.rerun(ask(text="hello"), turn, sink, better)
    assert sink.reply.options.message_ids == (9000, 9001)
    assert sink.reply.options.controls == running_controls(5000)
    controls = sink.reply.ending.controls
    assert controls is not None
    assert (controls.version, controls.versions) == (2, 2)
    assert controls.actions == (Action.PREVIOUS, Action.NEXT, Action.RETRY, Action.CONTINUE, Action.DELETE)
    now = house.turns.turns[5000]
    assert (now.version, now.text, now.state, now.reply_ids) == (2, "Hello!", TurnState.COMPLETE, (9000, 9001))
    assert [version.text for version in await house.turns.versions(5000)] == ["Hi", "Hello!"]


async def test_the_history_has_the_answer_that_stands_once(house: House) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    await house.runner.rerun(ask(), turn, FakeSink(), better)
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hello!")]


async def test_an_answer_that_is_replaced_by_none_leaves_the_history(house: House) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    await house.runner.rerun(ask(), turn, FakeSink(), raising(DOWN))
    assert house.said == [(Role.USER, "hello")]
    assert house.turns.turns[5000].error_kind is ErrorKind.NETWORK


async def test_an_answer_after_one_that_failed_is_in_the_history_again(house: House) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    await house.runner.rerun(ask(), turn, FakeSink(), raising(DOWN))
    await house.runner.rerun(ask(), house.turns.turns[5000], FakeSink(), better)
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hello!")]


async def test_an_edited_question_is_kept_with_its_answer(house: House) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    await house.runner.rerun(ask(text="good day"), turn, FakeSink(), better)
    assert house.turns.turns[5000].prompt == "good day"


@pytest.mark.parametrize(
    "turn", [kept_turn(state=TurnState.STREAMING), kept_turn(state=TurnState.QUEUED), kept_turn(prompt="")], ids=repr
)
async def test_what_is_under_way_or_forgotten_is_not_answered_anew(house: House, turn: Turn) -> None:
    house.keep_turn(turn)
    sink = FakeSink()
    assert not await house.runner.rerun(ask(), turn, sink, better)
    assert sink.replies == []


async def test_what_is_not_known_is_not_answered_anew(house: House) -> None:
    assert not await house.runner.rerun(ask(), kept_turn(), FakeSink(), better)
    house.fail()
    with pytest.raises(StorageError):
        await house.runner.rerun(ask(), kept_turn(), FakeSink(), better)


async def test_two_that_ask_for_a_further_answer_at_once_get_one(house: House) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    first, second = FakeSink(), FakeSink()
    go = asyncio.Event()
    one = asyncio.create_task(house.runner.rerun(ask(), turn, first, hello_when(go)))
    two = asyncio.create_task(house.runner.rerun(ask(), turn, second, better))
    await settle()
    go.set()
    assert (await one, await two) == (True, False)
    assert second.replies == []
    assert [version.text for version in await house.turns.versions(5000)] == ["Hi", "Hi"]


async def test_a_turn_that_is_under_way_here_is_left_alone(house: House) -> None:
    go, sink = asyncio.Event(), FakeSink()
    async with house.coordinator.turn(5000, 1000, 11):
        await asyncio.create_task(house.runner.run(ask(), sink, hello_when(go)))
    assert sink.reply.endings == []
    assert sink.reply.closed


# --- stopped -------------------------------------------------------------------------------------------------------


async def stopped(house: House, reason: StopReason, *, shown_chars: int | None = None) -> FakeReply:
    """Stop a turn that has said "Half" of its answer."""

    def prepare(reply: FakeReply) -> None:
        reply.shown_limit = shown_chars

    sink = FakeSink(prepare=prepare)
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    assert house.coordinator.stop(5000, reason)
    await task
    assert not house.coordinator.is_under_way(5000)
    assert house.turns.turns[5000].state is TurnState.STOPPED
    return sink.reply


async def test_stop_keeps_the_text_and_says_so(house: House) -> None:
    reply = await stopped(house, StopReason.ASKED)
    assert reply.outcome == STOPPED
    assert reply.ending.controls is not None
    assert Action.RETRY in reply.ending.controls.actions
    assert house.turns.turns[5000].text == "Half"
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Half")]


async def test_a_question_that_is_deleted_takes_the_answer_with_it(house: House) -> None:
    reply = await stopped(house, StopReason.PROMPT_DELETED)
    assert reply.discarded
    assert reply.endings == []
    assert house.turns.turns[5000].text == ""
    assert house.said == [(Role.USER, "hello")]


async def test_a_reply_that_is_deleted_is_not_written_again_nor_remembered(house: House) -> None:
    reply = await stopped(house, StopReason.REPLY_DELETED)
    assert (reply.discarded, reply.endings) == (True, [])
    assert house.said == [(Role.USER, "hello")]


async def test_what_stands_is_remembered_where_no_more_is_to_be_written(house: House) -> None:
    reply = await stopped(house, StopReason.PROMPT_EDITED, shown_chars=2)
    assert (reply.closed, reply.discarded, reply.endings) == (True, False, [])
    assert house.turns.turns[5000].text == "Ha"
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Ha")]


@pytest.mark.parametrize("loss", [Trouble.TEXT_REFUSED, Trouble.NO_MORE_MESSAGES, Trouble.UNWRITABLE])
@pytest.mark.parametrize("takes", [True, False], ids=["ends in words", "ends in silence"])
async def test_a_reply_that_discord_takes_no_more_of_stops_the_model_and_what_stands_is_remembered(
    house: House, loss: Trouble, takes: bool
) -> None:
    sink = FakeSink()
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    reply = sink.reply
    reply.loss, reply.shown_limit, reply.takes = loss, 2, takes
    reply.lost()
    await task
    assert (reply.ending.state, reply.ending.problem) == (TurnState.FAILED, loss)
    goes_on = reply.ending.controls is not None and Action.CONTINUE in reply.ending.controls.actions
    assert goes_on == (loss is Trouble.UNWRITABLE)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.error_kind, turn.text) == (TurnState.FAILED, loss, "Ha")
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Ha")]


@pytest.mark.parametrize("loss", [Trouble.TEXT_REFUSED, Trouble.NO_MORE_MESSAGES])
async def test_an_answer_that_is_whole_when_discord_does_not_take_the_rest_is_remembered_as_far_as_it_stands(
    house: House, loss: Trouble
) -> None:
    def prepare(reply: FakeReply) -> None:
        reply.loss, reply.shown_limit = loss, 1

    await house.runner.run(ask(), FakeSink(prepare=prepare), hello)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.error_kind, turn.text) == (TurnState.FAILED, loss, "H")
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "H")]


async def test_a_reply_that_turns_out_to_be_deleted_is_not_remembered(house: House) -> None:
    sink = FakeSink()
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    sink.reply.gone = True
    sink.reply.lost()
    await task
    assert sink.reply.discarded
    assert house.turns.turns[5000].text == ""
    assert house.said == [(Role.USER, "hello")]


@pytest.mark.parametrize("reason", [StopReason.ASKED, StopReason.PROMPT_DELETED, StopReason.PROMPT_EDITED])
async def test_a_turn_that_waits_in_line_is_stopped_as_well(house: House, reason: StopReason) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, hello))
    await settle()
    house.coordinator.stop(2, reason)
    await second
    assert house.turns.turns[2].state is TurnState.STOPPED
    assert sink.reply.text == ""
    assert sink.reply.discarded is (reason is StopReason.PROMPT_DELETED)
    assert bool(sink.reply.endings) is (reason is StopReason.ASKED)
    await cancel(first)


async def test_a_stop_that_comes_too_late_leaves_the_answer_whole(house: House) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    task = asyncio.create_task(house.runner.run(ask(), sink, hello))
    await settle()
    assert house.coordinator.stop(5000, StopReason.ASKED)
    sink.reply.finish_open.set()
    await task
    assert sink.reply.outcome == COMPLETE
    assert house.turns.turns[5000].state is TurnState.COMPLETE
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]
