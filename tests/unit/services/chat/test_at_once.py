"""Questions that are asked at once, that failed, and that are answered again: whose answers the model sees."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.model.events import Failure, Finish, FinishReason, TextDelta
from bot.domain.model.messages import Role
from bot.domain.settings.choices import TurnOrder
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.queue.coordinator import TurnCoordinator
from tests.fakes.asks import BOB, ask, referred, said
from tests.fakes.clock import settle
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeSink

DONE = Finish(reason=FinishReason.STOP)


def talking(house: House, asked: Ask, *steps: Step, first_id: int = 0) -> asyncio.Task[None]:
    """Ask in the background."""
    house.model.script(*(steps or (TextDelta(text=f"re {asked.text}"), DONE)))
    return asyncio.create_task(house.chat.respond(asked, FakeSink(first_id=first_id or asked.id + 1)))


async def test_two_who_ask_side_by_side_get_an_answer_each() -> None:
    house = House(operator={"turn_order": TurnOrder.SIDE_BY_SIDE}, side_by_side=2)
    gate = asyncio.Event()
    first = talking(house, ask(5000, "mine?"), gate, TextDelta(text="yours"), DONE)
    await settle()
    second = talking(house, ask(5001, "and mine?", user=BOB), first_id=5003)
    await second
    gate.set()
    await first
    assert [[one.content for one in request.messages] for request in house.model.requests] == [["mine?"], ["and mine?"]]


async def test_one_who_waited_sees_the_answer_that_came_meanwhile() -> None:
    house = House(waiting=2)
    gate = asyncio.Event()
    first = talking(house, ask(5000, "mine?"), gate, TextDelta(text="yours"), DONE, first_id=5010)
    await settle()
    second = talking(house, ask(5001, "and mine?", user=BOB), first_id=5011)
    await settle()
    gate.set()
    await asyncio.gather(first, second)
    assert house.sent == [(Role.USER, "Ann: mine?"), (Role.ASSISTANT, "yours"), (Role.USER, "Bob: and mine?")]
    await talking(house, ask(5020, "so?"))
    assert [text for _, text in house.sent] == [
        "Ann: mine?",
        "yours",
        "Bob: and mine?",
        "re and mine?",
        "Ann: so?",
    ]


async def test_an_answer_that_was_deleted_does_not_come_back() -> None:
    house = House()
    house.keep_turn(kept_turn(4000, text="secret", reply_ids=(5010,), prompt="mine?"))
    await house.history.delete(1000, (5010,), deleted_at=house.clock.now())
    await talking(house, ask(5000, "and mine?"))
    assert house.sent == [
        (Role.USER, "mine?"),
        (Role.ASSISTANT, "[no answer was given]"),
        (Role.USER, "and mine?"),
    ]


@pytest.mark.parametrize("state", [TurnState.QUEUED, TurnState.STREAMING])
async def test_a_question_that_another_process_answers_is_left_out(state: TurnState) -> None:
    house = House()
    house.keep_turn(kept_turn(4000, text="", reply_ids=(), prompt="elsewhere?", state=state))
    house.keep(said(4500, "overheard"))
    await talking(house, ask(5000, "here?"))
    assert house.sent == [(Role.USER, "overheard\nhere?")]


@pytest.mark.parametrize("state", [TurnState.FAILED, TurnState.STOPPED, TurnState.INTERRUPTED])
async def test_a_question_that_ended_without_an_answer_stands_apart(state: TurnState) -> None:
    house = House()
    house.keep_turn(kept_turn(4000, text="", prompt="what is wrong?", state=state))
    await talking(house, ask(5000, "hi"))
    assert house.sent == [
        (Role.USER, "what is wrong?"),
        (Role.ASSISTANT, "[no answer was given]"),
        (Role.USER, "hi"),
    ]


async def test_half_an_answer_is_one() -> None:
    house = House()
    failure = Failure(error=ProviderError(ErrorKind.TRUNCATED))
    await talking(house, ask(4000, "why?"), TextDelta(text="Since"), failure)
    await talking(house, ask(5000, "go on"))
    assert house.sent == [(Role.USER, "why?"), (Role.ASSISTANT, "Since"), (Role.USER, "go on")]


async def test_a_failed_question_is_asked_again_as_it_is() -> None:
    house = House()
    house.keep_turn(kept_turn(5000, text="", state=TurnState.FAILED, prompt="why?"))
    house.keep(said(5500, "later"))
    house.model.script(TextDelta(text="Hi"), DONE)
    assert await house.chat.answer_anew(ask(5000, "why?"), house.turns.turns[5000], FakeSink())
    assert house.sent == [(Role.USER, "why?")]


async def test_others_see_the_answer_that_stands_while_a_question_is_answered_once_more() -> None:
    house = House(operator={"turn_order": TurnOrder.SIDE_BY_SIDE}, side_by_side=3)
    house.keep_turn(kept_turn(4000, text="old", reply_ids=(4001,), prompt="why?"))
    gate = asyncio.Event()
    house.model.script(gate, TextDelta(text="new"), DONE)
    asked = ask(4000, "why?")
    again = asyncio.create_task(house.chat.answer_anew(asked, house.turns.turns[4000], FakeSink(first_id=4001)))
    await settle()
    await talking(house, ask(5000, "and?"))
    gate.set()
    assert await again
    assert house.sent == [(Role.USER, "why?"), (Role.ASSISTANT, "old"), (Role.USER, "and?")]
    await talking(house, ask(5010, "so?"))
    assert [text for _, text in house.sent] == ["why?", "new", "and?", "re and?", "so?"]


async def test_who_has_another_s_question_answered_again_takes_a_place_of_their_own() -> None:
    house = House(side_by_side=9)
    house.coordinator = TurnCoordinator(user_at_once=1)
    house.keep_turn(kept_turn(4000, text="old", reply_ids=(4001,), prompt="why?"))
    gate = asyncio.Event()
    house.model.script(gate, TextDelta(text="new"), DONE)
    asked = replace(ask(4000, "why?"), payer=BOB)
    again = asyncio.create_task(house.chat.answer_anew(asked, house.turns.turns[4000], FakeSink(first_id=4001)))
    await settle()
    await talking(house, ask(5000, "and?"), first_id=5001)
    assert house.sent[-1] == (Role.USER, "and?")
    waits = talking(house, ask(5010, "hm?", user=BOB), first_id=5011)
    await settle()
    assert len(house.model.requests) == 2
    gate.set()
    await asyncio.gather(again, waits)
    assert len(house.model.requests) == 3


async def test_a_reply_to_a_question_that_is_being_answered_still_brings_it() -> None:
    house = House()
    house.keep_turn(kept_turn(4000, text="", reply_ids=(), prompt="elsewhere?", state=TurnState.STREAMING))
    await talking(house, ask(5000, "same here", reference=referred(4000, "elsewhere?")))
    assert "elsewhere?" in house.sent[0][1]
    assert house.sent[0][1].startswith("[The last message replies to this earlier one")
