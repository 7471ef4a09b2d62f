"""Batches: what many ask for at once is run together, and nobody's fault or leaving is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.errors import StorageError
from bot.storage.database.batches import BATCH_SIZE, Batches


class Recorder:
    """Runs batches of numbers, doubled; refuses negative ones. ``gate`` holds every run."""

    def __init__(self, size: int = BATCH_SIZE) -> None:
        self.runs: list[list[int]] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.batches = Batches(self.run, size=size)

    async def run(self, items: Sequence[int]) -> Sequence[int]:
        self.runs.append(list(items))
        self.begun.set()
        await self.gate.wait()
        if any(item < 0 for item in items):
            raise StorageError("negative")
        return [item * 2 for item in items]

    def submit(self, *items: int) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.batches.submit(item)) for item in items]

    async def held(self, item: int) -> asyncio.Task[int]:
        """Submit an item whose run has begun and does not end before the gate opens."""
        self.gate.clear()
        (task,) = self.submit(item)
        await self.begun.wait()
        return task


async def test_one_alone_is_run_at_once() -> None:
    recorder = Recorder()
    assert await recorder.batches.submit(1) == 2
    assert await recorder.batches.submit(2) == 4
    assert recorder.runs == [[1], [2]]


async def test_those_who_come_meanwhile_are_run_together() -> None:
    recorder = Recorder()
    first = await recorder.held(1)
    others = recorder.submit(2, 3, 4)
    await asyncio.sleep(0)
    recorder.gate.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert recorder.runs == [[1], [2, 3, 4]]


async def test_a_batch_is_bounded() -> None:
    recorder = Recorder()
    first = await recorder.held(0)
    others = recorder.submit(*range(1, BATCH_SIZE + 3))
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.gather(first, *others)
    assert [len(run) for run in recorder.runs] == [1, BATCH_SIZE, 2]


async def test_one_that_is_refused_does_not_take_the_others_with_it() -> None:
    recorder = Recorder()
    first = await recorder.held(1)
    others = recorder.submit(2, -3, 4)
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.wait(others)
    assert await first == 2
    assert [await others[0], await others[2]] == [4, 8]
    with pytest.raises(StorageError, match="negative"):
        await others[1]
    assert recorder.runs == [[1], [2, -3, 4], [2], [-3], [4]]
    assert await recorder.batches.submit(5) == 10


async def test_a_batch_is_as_large_as_said() -> None:
    recorder = Recorder(size=2)
    assert await asyncio.gather(*recorder.submit(1, 2, 3)) == [2, 4, 6]
    assert recorder.runs == [[1, 2], [3]]


async def test_after_a_batch_that_failed_all_are_run_side_by_side() -> None:
    everybody = asyncio.Barrier(3)

    async def run(items: Sequence[int]) -> Sequence[int]:
        if len(items) > 1:
            raise StorageError("together")
        await everybody.wait()
        return items

    batches = Batches(run)
    async with asyncio.timeout(45):
        assert await asyncio.gather(*(batches.submit(item) for item in (1, 2, 3))) == [1, 2, 3]


async def test_one_who_leaves_before_the_batch_is_left_out() -> None:
    recorder = Recorder()
    first = await recorder.held(1)
    leaving, staying = recorder.submit(2, 3)
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    recorder.gate.set()
    assert [await first, await staying] == [2, 6]
    assert recorder.runs == [[1], [3]]


@pytest.mark.parametrize("item", [1, -1])
async def test_one_who_leaves_during_the_batch_does_not_end_it(item: int) -> None:
    recorder = Recorder()
    leaving = await recorder.held(item)
    (staying,) = recorder.submit(2)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    recorder.gate.set()
    assert await staying == 4
    assert recorder.runs == [[item], [2]]


async def test_a_worker_that_is_ended_from_outside_leaves_nobody_waiting() -> None:
    recorder = Recorder()
    before = asyncio.all_tasks()
    tasks = [await recorder.held(1), *recorder.submit(2)]
    await asyncio.sleep(0)
    (worker,) = asyncio.all_tasks() - before - set(tasks)
    worker.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)
    recorder.gate.set()
    assert await recorder.batches.submit(3) == 6
