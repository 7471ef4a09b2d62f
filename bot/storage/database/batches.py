"""What many ask the database for at once is done in one visit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

BATCH_SIZE = 200
"""Items in one batch where nothing else is said: others who write wait milliseconds for their transaction."""


class Batches(Generic[T, R]):
    """Collects items while a batch is under way, and then runs those as the next one.

    An item alone is run at once. ``run`` does a batch of at most ``size`` items, all of it or none, and returns a
    result for each item, in order. Where it raises every item is run again by itself, so that one that the database
    refuses does not take the others with it; side by side, so that a database that does not answer is waited for once
    more, not once an item.
    """

    def __init__(self, run: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, size: int = BATCH_SIZE) -> None:
        self._run = run
        self._size = size
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Run an item in the next batch; raises what its run raises.

        Cancelled before its batch begins, the item is left out; later, the batch goes on to its end without the caller.
        """
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._worker is None:
            # A task of its own: a caller that is cancelled must not take the batch of the others with it.
            self._worker = asyncio.create_task(self._work(), name="batches")
        return await result

    async def _work(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
                batch = [(item, result) for item, result in taken if not result.done()]
                try:
                    if batch:
                        await self._run_batch(batch)
                except BaseException:
                    _cancel(batch)
                    raise
        finally:
            # Ended from outside, with its event loop: nobody may wait for ever.
            _cancel(self._waiting)
            self._waiting = []
            self._worker = None

    async def _run_batch(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._run([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  # whatever it is, it goes to the caller that waits for it
            if len(batch) > 1:
                async with asyncio.TaskGroup() as group:
                    for each in batch:
                        group.create_task(self._run_batch([each]))
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, waiting), result in zip(batch, results, strict=True):
            if not waiting.done():
                waiting.set_result(result)


def _cancel(batch: list[tuple[T, asyncio.Future[R]]]) -> None:
    for _, waiting in batch:
        waiting.cancel()
