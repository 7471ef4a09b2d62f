"""Turns whose reply can be changed for some time only: they end in words before that."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.errors import Trouble
from tests.fakes.answers import endless, hello
from tests.fakes.asks import ask
from tests.fakes.clock import settle
from tests.fakes.houses.house import House, cancel
from tests.fakes.reply.replies import FakeSink

LASTS_S = 840.0
OVER = Ending(state=TurnState.STOPPED, problem=Trouble.TOKEN_ENDING)


def bounded(sink: FakeSink) -> FakeSink:
    sink.lasts_s = LASTS_S
    return sink


@pytest.fixture
def house() -> House:
    return House(side_by_side=1, waiting=5)


async def test_an_answer_that_takes_too_long_is_ended_in_time_and_keeps_its_text(house: House) -> None:
    sink = bounded(FakeSink())
    await house.runner.run(ask(), sink, endless)
    assert asyncio.get_running_loop().time() == pytest.approx(LASTS_S, abs=0.1)
    assert sink.reply.outcome == OVER
    assert sink.reply.text == "Half"
    assert (house.turns.turns[5000].state, house.turns.turns[5000].text) == (TurnState.STOPPED, "Half")
    assert len(asyncio.all_tasks()) == 1


async def test_one_that_waits_in_line_is_ended_too(house: House) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    await settle()
    sink = bounded(FakeSink())
    await house.runner.run(ask(2), sink, hello)
    assert sink.reply.outcome == OVER
    await cancel(first)


async def test_an_answer_in_time_leaves_nothing_behind(house: House) -> None:
    sink = bounded(FakeSink())
    await house.runner.run(ask(), sink, hello)
    assert sink.reply.outcome.state is TurnState.COMPLETE
    assert len(asyncio.all_tasks()) == 1


async def test_a_reply_without_an_end_is_not_ended(house: House) -> None:
    running = asyncio.create_task(house.runner.run(ask(), FakeSink(), endless))
    await asyncio.sleep(10 * LASTS_S)
    assert not running.done()
    await cancel(running)


async def test_a_reply_that_something_else_leads_to_outlives_its_token(house: House) -> None:
    sink = bounded(FakeSink())
    sink.outlasts = True
    running = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await asyncio.sleep(10 * LASTS_S)
    assert not running.done()
    await cancel(running)
