"""What is said while the model thinks, or is about to be asked again: as set, stoppable, and nothing of the history."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.model.events import (
    DrawingIntent,
    Failure,
    Finish,
    FinishReason,
    PictureUrl,
    ReasoningDelta,
    Retrying,
    TextDelta,
)
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.settings.choices import IntentCheck
from bot.domain.settings.scopes import Target
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, StopReason, Trouble
from tests.fakes.asks import HERE, ask
from tests.fakes.clock import settle
from tests.fakes.houses.house import House
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
BUSY = ProviderError(ErrorKind.RATE_LIMITED)
AGAIN = Retrying(error=BUSY, after_s=40.0)
THINKS = (ReasoningDelta(text="secret thought"), 12.0, TextDelta(text="Hi"), DONE)
FOX = (PictureUrl(url="http://h/fox"), DONE)


async def answer(house: House, mode: Mode = Mode.CHAT) -> FakeReply:
    sink = FakeSink(first_id=5001)
    if mode is Mode.DRAW:
        await house.draw.draw(ask(mode=mode), sink)
    else:
        await house.chat.respond(ask(), sink)
    return sink.reply


@pytest.mark.parametrize(
    ("target", "value", "told"),
    [
        (None, None, True),
        (Target.guild(1), "hidden", False),
        (Target.channel(1, HERE.channel_id), "hidden", False),
        (Target.channel(1, 77), "hidden", True),
        (Target.guild(1), "line", True),
    ],
)
async def test_a_thought_is_told_of_where_the_place_wants_that(
    target: Target | None, value: str | None, told: bool
) -> None:
    house = House()
    if target is not None and value is not None:
        house.kept_settings.values[target, "reasoning"] = value
    house.model.script(*THINKS)
    assert (await answer(house)).thoughts == int(told)


async def test_a_thought_is_nothing_of_the_answer_or_the_history() -> None:
    house = House()
    house.model.script(*THINKS)
    reply = await answer(house)
    assert (reply.text, house.turns.turns[5000].text) == ("Hi", "Hi")
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]


async def test_a_thought_that_is_stopped_leaves_no_answer() -> None:
    house = House()
    house.model.script(ReasoningDelta(text="secret thought"), 60.0, DONE)
    task = asyncio.create_task(answer(house))
    await asyncio.sleep(5)
    assert house.turns.turns[5000].text == ""
    assert house.coordinator.stop(5000, StopReason.ASKED)
    assert (await task).outcome.problem is Trouble.STOPPED
    assert house.said == [(Role.USER, "hello")]


@pytest.mark.parametrize(
    ("mode", "scripts", "pictures"),
    [
        (Mode.CHAT, [(AGAIN, 40.0, TextDelta(text="Hi"), DONE)], 0),
        (Mode.CHAT, [(DrawingIntent(), DONE), (AGAIN, 40.0, *FOX)], 1),
        (Mode.DRAW, [(AGAIN, 40.0, *FOX)], 1),
    ],
    ids=["words", "a picture in talk", "/draw"],
)
async def test_another_try_is_told_and_may_end_well_or_be_stopped(
    mode: Mode, scripts: list[tuple[Step, ...]], pictures: int
) -> None:
    house = House(operator={"intent_check": IntentCheck.ALWAYS})
    for script in scripts:
        house.model.script(*script)
    reply = await answer(house, mode)
    assert reply.retries == [(ErrorKind.RATE_LIMITED, 40.0)]
    assert (reply.ending.state, len(reply.ending.pictures)) == (TurnState.COMPLETE, pictures)

    house = House(operator={"intent_check": IntentCheck.ALWAYS})
    for script in scripts:
        house.model.script(*script)
    began = house.clock.monotonic()
    task = asyncio.create_task(answer(house, mode))
    await asyncio.sleep(3)
    assert house.coordinator.stop(5000, StopReason.ASKED)
    await settle()
    stopped = await task
    assert house.clock.monotonic() - began == pytest.approx(3, abs=0.1)
    assert stopped.outcome.problem is Trouble.STOPPED
    assert stopped.retries == [(ErrorKind.RATE_LIMITED, 40.0)]


async def test_tries_that_all_fail_end_in_words() -> None:
    house = House()
    house.model.script(AGAIN, 40.0, Failure(error=BUSY))
    reply = await answer(house)
    assert (reply.ending.state, reply.ending.problem) == (TurnState.FAILED, BUSY)
