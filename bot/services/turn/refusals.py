"""How somebody is told that the rules of a place speak against what they asked."""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from dataclasses import replace
from itertools import islice
from typing import Final, TypeAlias

from bot.domain.clock import Clock
from bot.domain.reply.ending import Ending, Problem, ReplyOptions
from bot.domain.reply.ports import Reply, ReplySink
from bot.domain.settings.choices import Refusals
from bot.domain.settings.in_force import InForce
from bot.domain.turn.admission import refused_place, refused_roles
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.ports import Surroundings
from bot.domain.turn.record import TurnState
from bot.errors import Refusal, StorageError
from bot.services.settings.service import SettingsService
from bot.services.turn.notices import PassingNotices
from bot.services.turn.standing import StandingRefusals

logger = logging.getLogger(__name__)

PAUSE_S: Final = 600.0
"""Between two refusals of one user in one channel: who goes on asking knows it already, and so do the others."""
BUSY_PAUSE_S: Final = 60.0
MOST_BUSY: Final = 20
"""One who was told so often in a channel that too many wait, each time within ``BUSY_PAUSE_S``, is not told again until
as much time has gone by without it."""
MOST_KEPT: Final = 10_000
MOST_NAMED: Final = 3
"""Channels that are named to somebody who asked in one that is refused."""
MOST_LOOKED_AT: Final = 100
"""Channels that are looked at to find those."""

HINT_PAUSE_S: Final = 86_400.0
"""Between two hints to one user in one channel how a reply is to be made that the bot can read."""

_HINTS: Final = frozenset({Refusal.UNREADABLE, Refusal.NEVER_PINGS})
"""What is said of messages that may not be meant for the bot."""
_REPEATED: Final = frozenset({Refusal.CHANNEL, Refusal.ROLE})
"""What stays true whatever is asked. What can be asked in other words is told each time."""


_Told: TypeAlias = OrderedDict[tuple[int, int], float]
"""When each user was told something in each channel."""


class RefusalPace:
    """Keeps the bot from being used to fill a channel that it is not to talk in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: _Told = OrderedDict()
        self._hinted: _Told = OrderedDict()
        self._busy: OrderedDict[tuple[int, int], tuple[float, int]] = OrderedDict()
        """When each user was last told in each channel that too many wait, and how often in a row."""

    def may_say(self, ask: Ask, refusal: Refusal) -> bool:
        """Whether a refusal is to be said, which then counts as said. A command is always answered: it waits for it."""
        if refusal not in _REPEATED or ask.source is Source.INTERACTION:
            return True
        due = self._since(self._said, ask) >= PAUSE_S
        if due:
            self._note(self._said, ask)
        return due

    def may_hint(self, ask: Ask) -> bool:
        """Whether somebody is to be told how to reply, which then counts as told."""
        due = self._since(self._hinted, ask) >= HINT_PAUSE_S
        if due:
            self._note(self._hinted, ask)
        return due

    def note_busy(self, ask: Ask) -> None:
        """Note that somebody is told that too many wait."""
        key = (ask.place.channel_id, ask.user.id)
        self._busy[key] = (self._clock.monotonic(), self._busy_told(ask) + 1)
        self._busy.move_to_end(key)
        while len(self._busy) > MOST_KEPT:
            self._busy.popitem(last=False)

    def knows_busy(self, ask: Ask) -> bool:
        """Whether somebody was told again and again of late that too many wait, and is not to be told once more."""
        return ask.source is not Source.INTERACTION and self._busy_told(ask) >= MOST_BUSY

    def _busy_told(self, ask: Ask) -> int:
        at, times = self._busy.get((ask.place.channel_id, ask.user.id), (-math.inf, 0))
        return times if self._clock.monotonic() - at < BUSY_PAUSE_S else 0

    def _since(self, told: _Told, ask: Ask) -> float:
        at = told.get((ask.place.channel_id, ask.user.id))
        return math.inf if at is None else self._clock.monotonic() - at

    def _note(self, told: _Told, ask: Ask) -> None:
        key = (ask.place.channel_id, ask.user.id)
        told[key] = self._clock.monotonic()
        told.move_to_end(key)
        while len(told) > MOST_KEPT:
            told.popitem(last=False)


class RefusalService:
    """Tells the user alone where Discord can do that; else as the place wants it: words that go again, a sign, nothing.

    Words that can't be said are a sign instead, and a sign that can't be set is nothing. What was said goes with the
    message that was refused, and gives way to its answer.
    """

    def __init__(
        self,
        settings: SettingsService,
        surroundings: Surroundings,
        notices: PassingNotices,
        standing: StandingRefusals,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self._notices = notices
        self._standing = standing
        self._pace = RefusalPace(clock)

    def note_busy(self, ask: Ask) -> None:
        """Note that somebody is told that too many wait."""
        self._pace.note_busy(ask)

    def knows_busy(self, ask: Ask) -> bool:
        """Whether somebody was told again and again of late that too many wait, and is not to be told once more."""
        return self._pace.knows_busy(ask)

    async def tell(self, ask: Ask, sink: ReplySink, refusal: Refusal, settings: InForce) -> None:
        """Tell somebody why their question is not taken up, as often as it may be told; nobody, where nobody asked."""
        if ask.overheard:
            return
        alone = ask.source is Source.INTERACTION or ask.place.is_direct
        how = Refusals.WORDS if alone else settings.place.refusals
        if await self._standing.stands(ask) or how is Refusals.QUIET or not self._pace.may_say(ask, refusal):
            return
        if alone:
            await self._say(ask, sink, refusal)
            return
        if how is Refusals.WORDS and not self._notices.full and (said := await self._say(ask, sink, refusal)):
            await self._notices.keep(ask.place.channel_id, said)
            return
        if await self._surroundings.react(ask):
            await self._standing.keep(ask, ask.id)

    async def say(self, ask: Ask, sink: ReplySink, problem: Problem) -> None:
        """Say why a question is not taken up, in words that stay; nobody is told, where nobody asked."""
        if ask.overheard or await self._standing.stands(ask):
            return
        if problem in _HINTS:
            if not self._pace.may_hint(ask):
                return
            ask = replace(ask, pings=False)
        await self._say(ask, sink, problem)

    async def make_way(self, ask: Ask) -> Ask:
        """Let the answer to an edited message begin in what was said instead of one."""
        return await self._standing.take_over(ask)

    async def _say(self, ask: Ask, sink: ReplySink, problem: Problem) -> tuple[int, ...]:
        """Say it; returns the messages that say it."""
        channels = await self._open_channels(ask) if problem is Refusal.CHANNEL else ()
        ask = await self._standing.take_over(ask)
        options = ReplyOptions(message_ids=ask.response_ids, refusal=True)
        async with sink.open_reply(ask, options) as reply:
            await finish(reply, Ending(state=TurnState.FAILED, problem=problem, open_channels=channels))
            said = reply.message_ids
        if said:
            await self._standing.keep(ask, said[0])
        return said

    async def _open_channels(self, ask: Ask) -> tuple[int, ...]:
        """Find channels where somebody may ask: they and the bot can write there, and no rule of it is against them."""
        found: list[int] = []
        for place in islice(self._surroundings.open_to(ask), MOST_LOOKED_AT):
            try:
                settings = await self._settings.in_force(place)
            except StorageError:
                break
            if not refused_place(place, settings) and not refused_roles(place, ask.user.role_ids or (), settings):
                found.append(place.channel_id)
            if len(found) == MOST_NAMED:
                break
        return tuple(found)


async def finish(reply: Reply, ending: Ending) -> bool:
    """Bring a reply's last state onto Discord; False where Discord did not take it."""
    try:
        return await reply.finish(ending)
    except Exception:
        # The reply's writer is a task of its own, which may meet what nobody thought of; the turn still ends.
        logger.exception("a reply broke")
        return False
