"""A turn whose process was held up, and whose shards another one has taken meanwhile: it says and keeps nothing."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.domain.lease.record import Holder, Shards
from bot.domain.turn.record import TurnState
from bot.services.turn.records import CHECKPOINT_S
from tests.fakes.answers import endless, hello, hello_when
from tests.fakes.asks import ask
from tests.fakes.clock import settle
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.reply.replies import FakeSink


@pytest.fixture
async def house() -> House:
    """The services of a process that has its lease."""
    house = House()
    fence = await house.turns.leases.take(Holder(id="own"), Shards())
    assert isinstance(fence, int)
    house.turns.fence = lambda: fence
    return house


async def take_over(house: House) -> None:
    """Let another process take the lease."""
    gone = {lease.sign for lease in house.turns.leases.leases.values()}
    assert isinstance(await house.turns.leases.take(Holder(id="other"), Shards(), gone=gone), int)


async def test_a_new_question_is_not_taken_up(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await take_over(house)
    sink = FakeSink()
    await house.runner.run(ask(), sink, hello)
    assert sink.replies == []
    assert house.turns.turns == {}
    assert "left to the process that has taken over" in caplog.text


async def test_a_turn_under_way_is_left_as_it_is(house: House, caplog: pytest.LogCaptureFixture) -> None:
    sink = FakeSink()
    running = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    await take_over(house)
    before = dict(house.turns.turns)
    await house.coordinator.abandon(stop_s=1.0)
    await asyncio.wait((running,))
    assert house.turns.turns == before
    assert sink.reply.endings == []
    assert sink.reply.closed
    assert "Traceback" not in caplog.text


async def test_an_answer_that_is_whole_is_not_kept(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    go = asyncio.Event()
    running = asyncio.create_task(house.runner.run(ask(), FakeSink(), hello_when(go)))
    await asyncio.sleep(2 * CHECKPOINT_S)
    await take_over(house)
    house.turns.turns[5000] = kept_turn(state=TurnState.INTERRUPTED, text="")
    go.set()
    await running
    assert house.turns.turns[5000].state is TurnState.INTERRUPTED
    assert 5000 not in house.services.backlog
    assert "takes nothing" not in caplog.text
    assert [record.message for record in caplog.records if "left to" in record.message]


async def test_how_far_it_is_is_noted_no_more(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    running = asyncio.create_task(house.runner.run(ask(), FakeSink(), endless))
    await asyncio.sleep(2 * CHECKPOINT_S)
    await take_over(house)
    before = house.turns.turns[5000]
    await asyncio.sleep(10 * CHECKPOINT_S)
    assert house.turns.turns[5000] == before
    assert "takes nothing" not in caplog.text
    await house.coordinator.abandon(stop_s=1.0)
    await asyncio.wait((running,))


async def test_no_further_version_is_begun(house: House) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    await take_over(house)
    assert not await house.runner.rerun(ask(), turn, FakeSink(), hello)
    assert house.turns.turns[5000] == turn


async def test_what_was_under_way_is_ended_by_the_other_alone(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    orphan = kept_turn(state=TurnState.STREAMING)
    house.keep_turn(orphan)
    await take_over(house)
    await house.services.recovery.recover((orphan,))
    assert house.turns.turns[5000] == orphan
    assert "Traceback" not in caplog.text
