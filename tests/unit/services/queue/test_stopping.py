"""Turns that are stopped or cancelled: only the answer ends, and it has ended before anything else goes on."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.errors import BotError, StoppedError, StopReason
from bot.log import turn_id
from bot.services.queue.coordinator import TurnCoordinator
from tests.fakes.clock import settle
from tests.fakes.turns import Answering, Turns, Work, assert_nothing_left, stopped


async def test_an_answer_that_is_not_stopped_is_returned() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work())
    turn.work.go.set()
    turn.go.set()
    await turn.task
    assert turn.outcome == "answer"
    assert_nothing_left(coordinator)


async def test_what_an_answer_fails_with_is_raised() -> None:
    turn = Answering(TurnCoordinator(), Work(fault=BotError("broken")))
    turn.work.go.set()
    turn.go.set()
    await turn.task
    assert str(turn.outcome) == "broken"


async def test_a_stop_ends_the_answer_and_not_the_turn() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work())
    await settle()
    assert coordinator.stop(1, StopReason.ASKED)
    assert coordinator.stop(1, StopReason.PROMPT_DELETED)
    await settle()
    assert isinstance(turn.outcome, StoppedError)
    assert turn.outcome.reason is StopReason.ASKED
    assert turn.work.cancelled == 1
    assert not turn.task.done()
    turn.go.set()
    await turn.task
    assert not coordinator.stop(1, StopReason.ASKED)
    assert_nothing_left(coordinator)


async def test_a_second_stop_does_not_disturb_how_the_first_is_carried_out() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work(clean_up_s=3))
    await settle()
    coordinator.stop(1, StopReason.ASKED)
    await asyncio.sleep(1)
    coordinator.stop(1, StopReason.REPLY_DELETED)
    await settle()
    assert turn.outcome is None
    await asyncio.sleep(2.5)
    assert isinstance(turn.outcome, StoppedError)
    assert turn.work.cancelled == 1
    turn.go.set()
    await turn.task


async def test_a_stopped_answer_that_fails_on_its_way_out_was_stopped(caplog: pytest.LogCaptureFixture) -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work(fault=ValueError("broken")))
    await settle()
    coordinator.stop(1, StopReason.ASKED)
    turn.go.set()
    await turn.task
    assert isinstance(turn.outcome, StoppedError)
    assert isinstance(turn.outcome.__cause__, ValueError)
    assert [record.message for record in caplog.records] == ["an answer failed while it was stopped"]


async def test_a_stop_after_the_answer_leaves_it_whole() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work())
    turn.work.go.set()
    await settle()
    assert coordinator.stop(1, StopReason.PROMPT_DELETED)
    turn.go.set()
    await turn.task
    assert turn.outcome == "answer"


async def test_a_stop_in_the_moment_the_answer_is_whole_leaves_it_whole() -> None:
    coordinator = TurnCoordinator()
    stops: list[bool] = []

    def stop_soon() -> None:
        # Comes after the answer's last step and before the turn goes on.
        asyncio.get_running_loop().call_soon(stop_now)

    def stop_now() -> None:
        assert turn.outcome is None
        stops.append(coordinator.stop(1, StopReason.ASKED))

    turn = Answering(coordinator, Work(last=stop_soon))
    turn.work.go.set()
    turn.go.set()
    await turn.task
    assert stops == [True]
    assert turn.outcome == "answer"


async def test_a_stop_before_the_answer_began_keeps_it_from_beginning() -> None:
    coordinator = TurnCoordinator()
    work = Work()
    async with coordinator.turn(1, 1, 1):
        coordinator.stop(1, StopReason.PROMPT_EDITED)
        with pytest.raises(StoppedError) as caught:
            await coordinator.run_stoppable(1, work())
    assert caught.value.reason is StopReason.PROMPT_EDITED
    assert not work.began
    # Asked anew under the same id, the turn is a new one.
    async with coordinator.turn(1, 1, 1):
        work.go.set()
        assert await coordinator.run_stoppable(1, work()) == "answer"


async def test_a_turn_that_waits_is_stopped_at_once_and_the_line_moves_up() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(n) for n in range(3)]
    await settle()
    assert turns.coordinator.stop(1, StopReason.PROMPT_DELETED)
    assert turns.places == {0: [], 1: [1], 2: [2, 1]}
    assert await stopped(tasks[1]) is StopReason.PROMPT_DELETED
    assert not turns.coordinator.is_under_way(1)
    await turns.finish(tasks[0], tasks[2])
    assert turns.begun == [0, 2]


async def test_a_turn_stopped_in_the_moment_another_ends_is_not_admitted() -> None:
    turns = Turns(TurnCoordinator(side_by_side=1))
    tasks = [turns.start(n) for n in range(3)]
    await settle()
    turns.go[0].set()
    turns.coordinator.stop(1, StopReason.ASKED)
    await settle()
    assert turns.begun == [0, 2]
    assert await stopped(tasks[1]) is StopReason.ASKED
    await turns.finish(tasks[0], tasks[2])


async def test_a_turn_that_is_not_here_is_not_stopped() -> None:
    assert not TurnCoordinator().stop(1, StopReason.ASKED)


async def test_only_a_turn_under_way_has_a_part_that_can_be_stopped() -> None:
    work = Work()
    with pytest.raises(RuntimeError):
        await TurnCoordinator().run_stoppable(1, work())
    assert not work.began


async def test_a_turn_has_one_part_at_a_time_that_can_be_stopped() -> None:
    coordinator = TurnCoordinator()

    async def within() -> str:
        other = Work()
        with pytest.raises(RuntimeError):
            await coordinator.run_stoppable(1, other())
        assert not other.began
        return "first"

    async def after() -> str:
        return "second"

    async with coordinator.turn(1, 1, 1):
        assert await coordinator.run_stoppable(1, within()) == "first"
        assert await coordinator.run_stoppable(1, after()) == "second"


async def test_the_answer_s_log_lines_name_the_turn() -> None:
    coordinator = TurnCoordinator()

    async def look() -> int | None:
        return turn_id.get()

    async with coordinator.turn(5, 1, 1):
        assert await coordinator.run_stoppable(5, look()) == 5
    assert turn_id.get() is None


# --- cancelling ----------------------------------------------------------------------------------------------------


async def test_cancelling_a_turn_ends_its_answer_first() -> None:
    coordinator = TurnCoordinator()
    turn = Answering(coordinator, Work(clean_up_s=2))
    await settle()
    turn.task.cancel()
    await asyncio.sleep(1)
    # A stop comes too late to matter, and does not cut the cleaning up short.
    coordinator.stop(1, StopReason.ASKED)
    await asyncio.wait((turn.task,))
    assert turn.task.cancelled()
    assert turn.work.ended
    assert turn.work.cancelled == 1
    assert asyncio.get_running_loop().time() == pytest.approx(2, abs=0.1)
    assert_nothing_left(coordinator)


async def test_cancelling_a_turn_that_is_being_stopped_waits_for_its_answer_too() -> None:
    turn = Answering(TurnCoordinator(), Work(clean_up_s=2))
    await settle()
    turn.coordinator.stop(1, StopReason.ASKED)
    await settle()
    turn.task.cancel()
    await asyncio.wait((turn.task,))
    assert turn.task.cancelled()
    assert turn.work.ended


async def test_cancelling_again_reaches_an_answer_that_is_slow_to_end() -> None:
    turn = Answering(TurnCoordinator(), Work(clean_up_s=100))
    await settle()
    turn.task.cancel()
    await asyncio.sleep(1)
    turn.task.cancel()
    await asyncio.wait((turn.task,))
    assert turn.task.cancelled()
    assert turn.work.ended
    assert asyncio.get_running_loop().time() < 2


async def test_an_answer_that_fails_while_its_turn_is_cancelled_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    turn = Answering(TurnCoordinator(), Work(fault=ValueError("broken")))
    await settle()
    turn.task.cancel()
    await asyncio.wait((turn.task,))
    assert turn.task.cancelled()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_a_deadline_around_an_answer_ends_it() -> None:
    coordinator = TurnCoordinator()
    work = Work(clean_up_s=1)
    async with coordinator.turn(1, 1, 1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await coordinator.run_stoppable(1, work())
        assert work.ended
