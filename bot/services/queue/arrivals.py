"""Questions that are being taken up: admitted, moved into a thread, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

LONGEST_S: Final = 20.0
"""How long anything waits for a question: starting a thread for it may take a few requests."""


class Arrivals:
    """Lets an edit wait for its question, which may not be kept yet when the edit comes."""

    def __init__(self) -> None:
        self._under_way: dict[int, asyncio.Event] = {}

    @contextmanager
    def taking_up(self, turn_id: int) -> Iterator[None]:
        """Count a question as being taken up while inside; of the same one twice the first counts."""
        if turn_id in self._under_way:
            yield
            return
        done = self._under_way[turn_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._under_way[turn_id]
            done.set()

    async def settled(self, turn_id: int) -> None:
        """Wait until a question is taken up or refused, for ``LONGEST_S`` at most; at once if none is under way."""
        if turn_id not in self._under_way:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S):
                # First it is heard, and then taken up.
                while (done := self._under_way.get(turn_id)) is not None:
                    await done.wait()
