"""The edits that Discord allows, shared by the replies that grow in one channel.

The rules are ``bot.domain.reply.pacing``'s; here is only the waiting, and the headers as they come by.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.domain.clock import Clock
from bot.domain.reply.crowd import Crowd
from bot.domain.reply.lasting import Lasting
from bot.domain.reply.pacing import ChannelWindow, Waiting, next_grant
from bot.domain.reply.whole import Urgency
from bot.presentation.outbound.whole import BotBudget, wait_for_change

TYPING_EVERY_S = 8.0
"""Discord shows typing for 10 s (Discord documentation, Trigger Typing Indicator); replies ask again after 9."""
BUDGETS_KEPT = 1000
"""How many windows are remembered once no reply grows in them."""
_CREATE = re.compile(r"/channels/(?P<channel>\d+)/messages$")
_EDIT = re.compile(r"/(?:channels/(?P<channel>\d+)|webhooks/\d+/(?P<token>[^/]+))/messages/[^/]+$")


@dataclass(slots=True)
class Learnt:
    """What all buckets have learnt: how long answers last, and whether windows were seen to reset as a whole."""

    lasting: Lasting = field(default_factory=Lasting)
    whole: bool = False


class EditBudget:
    """One bucket, the edits of a channel or of an interaction's messages, and the whole bot's budget behind it."""

    def __init__(
        self,
        clock: Clock,
        window: ChannelWindow,
        *,
        whole: BotBudget | None = None,
        creates: EditBudget | None = None,
        learnt: Learnt | None = None,
    ) -> None:
        self._clock = clock
        self._window = window
        self._whole = whole
        self._learnt = learnt or Learnt()
        self._began: dict[int, float] = {}
        self.creates = creates
        """The bucket of the channel's creates, where it is told apart."""
        self._waiting: dict[int, Waiting] = {}
        self._crowd = Crowd()
        self._streams = 0
        self._typed_at = -math.inf
        self._out = 0
        self._changed = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether no reply grows here."""
        return self._streams == 0

    def open_stream(self, key: int, owner: int | None = None) -> None:
        """Note that a reply begins to grow; ``owner`` is whom it is for, else somebody of their own."""
        self._streams += 1
        owner = key if owner is None else owner
        self._crowd.begin(key, owner)
        if self._whole is not None:
            self._whole.crowd.begin(key, owner)
            self._whole.expect_first(key)

    def close_stream(self, key: int) -> None:
        """Note that a reply has ended; whoever waits has more room."""
        self._streams -= 1
        now = self._clock.monotonic()
        self._began.pop(key, None)
        self._crowd.end(key, now=now)
        if self._whole is not None:
            self._whole.crowd.end(key, now=now)
            self._whole.first_came(key)
            self._whole.text_ended(key)
        self._wake()

    def text_came(self, key: int) -> None:
        """Note that there is text of a reply; only the first time counts."""
        if key in self._began:
            return
        self._began[key] = now = self._clock.monotonic()
        if self._whole is not None:
            self._whole.text_came(key, now)

    def _yields(self, key: int, *, one_of_many: bool) -> bool:
        """Whether a reply's request leaves room for others here: where others are, and it has had its share."""
        if not self._crowd.is_shared(now=self._clock.monotonic()):
            return False
        return one_of_many or self._crowd.is_further(key)

    def _yields_to_all(self, key: int) -> bool:
        """Whether it leaves room for the whole bot's other replies."""
        return self._whole is not None and self._whole.crowd.is_further(key)

    def takes_typing(self) -> bool:
        """Whether typing may be shown now: it is the channel's, however many replies begin there."""
        now = self._clock.monotonic()
        if now - self._typed_at < TYPING_EVERY_S or not (self._whole is None or self._whole.has_room()):
            return False
        self._typed_at = now
        return True

    async def acquire(self, key: int, *, shown_at: float, final: bool, last: bool = True) -> None:
        """Wait until the reply ``key`` may send one edit; ``returned`` must follow.

        ``shown_at`` is when the reply was last seen to change, monotonic seconds. A ``final`` edit that is not the
        ``last`` is of one message of several. Cancelling gives the place up.
        """
        many = final and not last
        await self._acquire(
            Waiting(
                key=key,
                shown_at=shown_at,
                final=final,
                yields=self._yields(key, one_of_many=many),
                began_at=self._began.get(key),
            ),
            to_all=self._yields_to_all(key),
        )

    async def _acquire(self, one: Waiting, *, to_all: bool) -> None:
        key, shown_at = one.key, one.shown_at
        self._waiting[key] = one
        self._wake()
        try:
            while True:
                now = self._clock.monotonic()
                waiting = tuple(self._waiting.values())
                window = replace(self._window, whole=self._learnt.whole)
                grant = next_grant(
                    window, now=now, waiting=waiting, streams=max(1, self._streams), lasting=self._learnt.lasting
                )
                if grant is not None and grant.key == key and grant.at <= now:
                    self._window = self._window.sent(now)
                    self._out += 1
                    break
                await wait_for_change(self._changed, grant.at - now if grant is not None and grant.key == key else None)
            final = self._waiting[key].final
        finally:
            self._waiting.pop(key, None)
            self._wake()
        try:
            urgency = Urgency.FINAL if final else Urgency.INTERMEDIATE
            await self._admit(urgency, since=shown_at, key=(id(self), key), yields=to_all)
        except BaseException:
            self.returned()
            raise

    @asynccontextmanager
    async def sending(self, key: int, *, first: bool) -> AsyncIterator[None]:
        """Wait until a message may be made, and hold its place meanwhile; the ``first`` of a reply goes before all.

        Creates have a window of their own, which Discord counts apart from the edits'.
        """
        urgency = Urgency.FIRST if first else Urgency.FINAL
        if self.creates is None:
            await self._admit(urgency)
            yield
            return
        shown_at, yields = 0.0 if first else self._clock.monotonic(), self._yields(key, one_of_many=not first)
        one = Waiting(key=key, shown_at=shown_at, final=True, yields=yields)
        await self.creates._acquire(one, to_all=False)  # noqa: SLF001  # of this class too
        try:
            await self._admit(urgency, yields=self._yields_to_all(key))
            if self._whole is not None:
                self._whole.first_came(key)
            yield
        finally:
            if self._whole is not None:
                self._whole.settle()
            self.creates.returned()

    async def _admit(self, urgency: Urgency, *, since: float = 0.0, key: object = None, yields: bool = False) -> None:
        if self._whole is not None:
            await self._whole.admit(urgency, since=since, key=key, yields=yields)

    def promote(self, key: int) -> None:
        """Note that a reply's text is whole: an edit of it that waits is its final one."""
        if (began := self._began.pop(key, None)) is not None:
            self._learnt.lasting.saw(self._clock.monotonic() - began)
        if self._whole is not None:
            self._whole.text_ended(key)
        if key in self._waiting:
            self._waiting[key] = replace(self._waiting[key], final=True)
            self._wake()
        elif self._whole is not None:
            self._whole.promote((id(self), key))

    def answered(self, headers: Mapping[str, str]) -> None:
        """Note an answer with its ``X-RateLimit-…`` headers, where there are any."""
        self._window = self._window.observe(
            now=self._clock.monotonic(),
            limit=_number(headers.get("X-RateLimit-Limit")),
            remaining=_number(headers.get("X-RateLimit-Remaining")),
            reset_after_s=_seconds(headers.get("X-RateLimit-Reset-After")),
        )
        self._learnt.whole = self._learnt.whole or self._window.whole
        self._wake()

    def returned(self) -> None:
        """Note that the call of a request is over; one whose headers were not seen is taken to have counted."""
        if self._whole is not None:
            self._whole.settle()
        self._out -= 1
        if self._window.in_flight > self._out:
            self._window = self._window.failed(self._clock.monotonic())
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class EditBudgets:
    """The budgets of all channels and interactions, fed by what the library's requests were answered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._learnt = Learnt()
        self.whole = BotBudget(clock, self._learnt.lasting)
        """The requests of the whole bot."""
        self._kept: dict[str, EditBudget] = {}

    def channel(self, channel_id: int) -> EditBudget:
        """Find the budget of a channel's edits."""

        def make() -> EditBudget:
            creates = EditBudget(self._clock, ChannelWindow(), learnt=self._learnt)
            return EditBudget(self._clock, ChannelWindow(), whole=self.whole, creates=creates, learnt=self._learnt)

        return self._find(f"channels/{channel_id}", make)

    def interaction(self, token: str) -> EditBudget:
        """Find the budget of an interaction's messages: about 5 requests in 2 s (observed)."""
        # Interactions do not count towards the whole bot's requests (Discord documentation, Rate Limits).
        window = ChannelWindow(limit=5, length_s=2.0, remaining=5)
        return self._find(f"webhooks/{token}", lambda: EditBudget(self._clock, window, learnt=self._learnt))

    def note_response(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Take the headers of an answer from Discord, where it was to an edit that a budget was asked for."""
        if method == "POST" and (match := _CREATE.search(path)) is not None:
            known = self._kept.get(f"channels/{match['channel']}")
            if known is not None and known.creates is not None:
                known.creates.answered(headers)
            return
        match = _EDIT.search(path)
        if method != "PATCH" or match is None:
            return
        key = f"channels/{match['channel']}" if match["channel"] else f"webhooks/{match['token']}"
        if (budget := self._kept.get(key)) is not None:
            budget.answered(headers)

    def _find(self, key: str, make: Callable[[], EditBudget]) -> EditBudget:
        budget = self._kept.pop(key, None) or make()
        self._kept[key] = budget  # the newest last
        surplus = max(0, len(self._kept) - BUDGETS_KEPT)
        for old in [old for old, kept in itertools.islice(self._kept.items(), surplus) if kept.idle]:
            del self._kept[old]
        return budget


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
