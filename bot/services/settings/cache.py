"""What is known of the settings that are kept: read once, and again when anything has changed."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.domain.clock import Clock
from bot.domain.settings.layers import Layer, Resolved, read_layers
from bot.domain.settings.ports import SettingsStore
from bot.domain.settings.scopes import StoredSettings, Target
from bot.errors import StorageError

logger = logging.getLogger(__name__)
R = TypeVar("R")
K = TypeVar("K", bound=Hashable)

POLL_S = 0.3
"""How old the news of other processes' changes may be when settings are asked for."""
MOST_KEPT = 4096
"""Guilds and people whose settings are kept in memory."""

OUTDATED = -1
"""Below every revision of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The settings of one guild or user, ready for use."""

    stored: StoredSettings
    layers: Mapping[Target, Layer]
    resolved: dict[tuple[Target, ...], Resolved] = field(default_factory=dict, compare=False, repr=False)
    """What these settings alone come to, by which of them count: every message that is heard asks. It goes with the
    shelf."""


class SettingsCache:
    """Keeps what was read of the store, of the guilds and people that were asked for last.

    A change in this process shows at once (``forget``), one in another process within ``POLL_S``: the store's revision
    is read no more often than that, and only when somebody asks. Where the database fails, what was known last goes on
    to hold; ``StorageError`` is raised only where nothing is known.
    """

    def __init__(self, store: SettingsStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._shelves: OrderedDict[Target, Shelf] = OrderedDict()
        self._revision = 0
        self._polled_at: float | None = None
        self._generation = 0
        """Rises with each change in this process: what was being read meanwhile may be from before it."""
        self._loads: dict[tuple[Target, int], asyncio.Task[StoredSettings]] = {}
        self._polls: dict[int, asyncio.Task[int]] = {}
        self._failing = False

    async def shelf(self, whose: Target) -> Shelf:
        """Return the settings of a guild or a user. Raises ``StorageError`` if nothing is known of them."""
        await self._poll()
        known = self._shelves.get(whose)
        if known is not None and self._is_current(known):
            self._shelves.move_to_end(whose)
            return known
        try:
            stored = await self._load_after_news(whose)
        except StorageError as error:
            if known is None:
                raise
            self._note(error)
            return known
        return self._keep(whose, stored)

    def forget(self, whose: Target) -> None:
        """Take note that this process has changed something of a guild's or a user's."""
        self._generation += 1
        known = self._shelves.get(whose)
        if known is not None:  # kept for when the database fails right now
            self._shelves[whose] = replace(known, stored=replace(known.stored, revision=OUTDATED))

    def _is_current(self, known: Shelf) -> bool:
        return known.stored.revision >= self._revision

    async def _load_after_news(self, whose: Target) -> StoredSettings:
        """Read what is stored, with every change that this process had made or heard of when it was asked.

        What it changes meanwhile comes with the next reading: somebody who changes something all the time would keep
        everybody waiting otherwise.
        """
        stored = await self._load(whose)
        if stored.revision < self._revision:
            # The reading began before another process's change was heard of, so it may lack that change. One more is
            # enough: it begins after the news. If it is behind as well, the store went back, which the next poll sees.
            stored = await self._load(whose)
        return stored

    async def _load(self, whose: Target) -> StoredSettings:
        """Read what is stored, as one with all who ask for it since the last change."""
        generation = self._generation
        stored = await _once(self._loads, (whose, generation), lambda: self._store.load(whose))
        # Whether it lacks what was changed meanwhile nobody knows: it serves those who asked before that.
        return stored if generation == self._generation else replace(stored, revision=OUTDATED)

    def _keep(self, whose: Target, stored: StoredSettings) -> Shelf:
        known = self._shelves.get(whose)
        if known is not None and known.stored is stored:
            return known  # others who waited for the same reading have kept it
        self._revision = max(self._revision, stored.revision)
        layers, unusable = read_layers(stored.rows)
        if unusable:
            logger.warning(
                "Settings that this version can't use count as not set: %s", ", ".join(sorted(set(unusable)))
            )
        shelf = self._shelves[whose] = Shelf(stored=stored, layers=layers)
        self._shelves.move_to_end(whose)
        while len(self._shelves) > MOST_KEPT:
            self._shelves.popitem(last=False)
        return shelf

    async def _poll(self) -> None:
        now = self._clock.monotonic()
        if self._polled_at is not None and now - self._polled_at < POLL_S:
            return
        generation = self._generation
        try:
            revision = await _once(self._polls, generation, self._store.revision)
        except StorageError as error:
            self._polled_at = self._clock.monotonic()
            self._note(error)
            return
        self._polled_at = max(now, self._polled_at or now)
        if self._failing:
            self._failing = False
            logger.info("The settings can be read again")
        if generation != self._generation:
            return
        if revision < self._revision:
            self._shelves.clear()  # another database stands in its place: nothing that was known is of it
        self._revision = revision

    def _note(self, error: StorageError) -> None:
        if not self._failing:
            self._failing = True
            logger.warning("The settings that were known last go on to hold: %s", error)


async def _once(tasks: dict[K, asyncio.Task[R]], key: K, work: Callable[[], Coroutine[object, object, R]]) -> R:
    """Do what several want at once one time for all; a caller that is cancelled leaves the others theirs."""
    task = tasks.get(key)
    if task is None:

        def ended(done: asyncio.Task[R]) -> None:
            del tasks[key]
            if not done.cancelled():
                done.exception()  # where every caller has left, nobody else looks at it

        task = tasks[key] = asyncio.create_task(work(), name="settings")
        task.add_done_callback(ended)
    return await asyncio.shield(task)
