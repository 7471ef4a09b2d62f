"""A channel's history, compared with what Discord shows of the channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.clock import Clock
from bot.domain.history.messages import HistoryMessage
from bot.domain.history.ports import NEWEST, ChannelReader, ComparisonStore, SeenMessage, Unread
from bot.domain.history.removals import Comparison
from bot.domain.model.messages import Role
from bot.domain.people import LARGEST_ID, Place
from bot.domain.turn.ask import Source
from bot.services.history.edits import HistoryService
from bot.services.turn.stores import Stores

PAUSE_S: Final = 1.0
"""Between two looks at Discord in the background: its limits are for answers."""
LINES_AT_ONCE: Final = 200

ChannelGone = Callable[[int, int], Awaitable[None]]
"""Takes a channel of which Discord says that there is none, and its server."""


class Comparing:
    """Compares channels; what it has seen of the channels of threads' questions is remembered."""

    def __init__(
        self,
        stores: Stores,
        comparisons: ComparisonStore,
        history: HistoryService,
        clock: Clock,
        reader: ChannelReader,
        gone: ChannelGone,
    ) -> None:
        self._stores = stores
        self._comparisons = comparisons
        self._history = history
        self._clock = clock
        self._reader = reader
        self._gone = gone
        self._read: dict[int, Sequence[SeenMessage] | Unread] = {}

    async def channel(self, channel_id: int, began: datetime, *, pages: int) -> bool:
        """Compare a channel, at most so many pages of it; False if more is to be compared. Raises ``StorageError``."""
        # Read before Discord is asked: what is said meanwhile is kept, and not in what Discord showed.
        newest = await self._newest(channel_id)
        done = newest is None or await self._pages(channel_id, began, newest, pages=pages)
        await self._question(channel_id)
        return done

    async def _pages(self, channel_id: int, began: datetime, newest: HistoryMessage, *, pages: int) -> bool:
        (oldest,) = await self._stores.history.range(channel_id, after=channel_id, limit=1) or (newest,)
        progress = await self._comparisons.comparison(channel_id)
        if progress is None or progress.down_to is None:
            progress = Comparison(channel_id=channel_id, begun_at=began)
        before: int | None = None
        for number in range(pages):
            if number:
                await self._clock.sleep(PAUSE_S)
            seen = await self._page(channel_id, before, newest)
            if isinstance(seen, Unread):
                if seen is Unread.GONE and newest.guild_id is not None:
                    await self._gone(channel_id, newest.guild_id)
                return True  # it can't be compared now; the next start tries again
            # Fewer than Discord shows at once are all that there are. What the channel grew from is not in it.
            first = min(message.id for message in seen) if len(seen) >= NEWEST else channel_id + 1
            last = newest.id if before is None else min(newest.id, before - 1)
            await self._compare(channel_id, seen, first=first, last=last)
            if first <= oldest.id:
                await self._comparisons.note(Comparison(channel_id=channel_id, begun_at=progress.begun_at))
                return progress.begun_at >= began
            before = first if number or progress.down_to is None else min(first, progress.down_to)
        await self._comparisons.note(Comparison(channel_id=channel_id, begun_at=progress.begun_at, down_to=before))
        return False

    async def _page(
        self, channel_id: int, before: int | None, newest: HistoryMessage
    ) -> Sequence[SeenMessage] | Unread:
        seen = await self._reader.page(channel_id, before=before)
        if not seen and before is None and not await self._reader.is_gone(channel_id, newest.id):
            seen = Unread.HIDDEN  # there are messages, which the bot may not read
        if before is None:
            self._read[channel_id] = seen
        return seen

    async def _newest(self, channel_id: int) -> HistoryMessage | None:
        """Find the newest line that everybody saw: Discord does not show the bot what is one person's alone."""
        lines = await self._stores.history.recent(channel_id, limit=1)
        if lines and lines[0].only_for is not None:
            lines = await self._stores.history.recent(channel_id, limit=LINES_AT_ONCE)
        return next((line for line in reversed(lines) if line.only_for is None), None)

    async def _compare(self, channel_id: int, seen: Sequence[SeenMessage], *, first: int, last: int) -> None:
        """Follow what has become of the lines from ``first`` to ``last``, of which Discord shows what is ``seen``."""
        shown = {message.id: message for message in seen}
        missing: list[HistoryMessage] = []
        after = first - 1
        while after < last:
            kept = await self._stores.history.range(channel_id, after=after, limit=LINES_AT_ONCE)
            for line in (line for line in kept if line.id <= last and line.only_for is None):
                if line.id not in shown:
                    missing += [line] if await self._was_message(line) else []
                    continue
                place = Place(channel_id=channel_id, guild_id=line.guild_id)
                await self._follow_edit(place, line, shown[line.id])
            after = kept[-1].id if len(kept) == LINES_AT_ONCE else last
        gone = [one for line in missing if (one := await self._gone_message(line, shown)) is not None]
        await self._history.refusals_missed(channel_id, shown, first=first, last=max(shown, default=last))
        if gone:
            await self._history.deleted(Place(channel_id=channel_id, guild_id=missing[0].guild_id), gone)

    async def _gone_message(self, line: HistoryMessage, shown: Mapping[int, SeenMessage]) -> int | None:
        """Return the message that is gone with a line that Discord does not show; None if a proxy's stands for it."""
        stand_in = await self._history.stand_in(line.id)
        if stand_in is None:
            return line.id
        place = Place(channel_id=line.channel_id, guild_id=line.guild_id)
        if (seen := shown.get(stand_in)) is not None:
            await self._follow_edit(place, line, seen)
            return None
        return stand_in if await self._reader.is_gone(line.channel_id, stand_in) else None

    async def _question(self, thread_id: int) -> None:
        """Compare the question that a thread was started for: it stands in the thread's channel, not in the thread."""
        line = await self._stores.history.get(thread_id, thread_id)
        if line is None:
            return
        turn = await self._stores.turns.get(thread_id)
        if turn is None or turn.asked_in == thread_id:
            await self._starter(line)
            return
        # The question was there long before Discord is asked: what is missing now was deleted.
        if turn.asked_in not in self._read:
            self._read[turn.asked_in] = await self._reader.page(turn.asked_in)
        seen = self._read[turn.asked_in]
        if isinstance(seen, Unread):
            await self._starter(line)  # a forum has no messages of its own
            return
        shown = {message.id: message for message in seen}
        if turn.asked_by not in shown:
            reached = turn.asked_by >= min(shown, default=LARGEST_ID)
            if reached or await self._reader.is_gone(turn.asked_in, turn.asked_by):
                await self._history.deleted(Place(channel_id=turn.asked_in, guild_id=line.guild_id), (turn.asked_by,))
            return
        place = Place(channel_id=thread_id, guild_id=line.guild_id, parent_id=turn.asked_in)
        await self._follow_edit(place, line, shown[turn.asked_by])

    async def _starter(self, line: HistoryMessage) -> None:
        """Compare what a thread grew from, or the first message of a forum's post, which may be a question."""
        seen = await self._reader.starter(line.id) if line.text or line.drawn else Unread.HIDDEN
        place = Place(channel_id=line.channel_id, guild_id=line.guild_id)
        if seen is Unread.GONE:
            await self._history.deleted(place, (line.id,))
        elif isinstance(seen, SeenMessage):
            await self._follow_edit(place, line, seen)

    async def _follow_edit(self, place: Place, line: HistoryMessage, seen: SeenMessage) -> None:
        """Let a line say what Discord shows, if its message was edited since: names in it may differ without that."""
        if line.role is not Role.USER or not seen.text or seen.text == line.text:
            return
        before, now = line.edited_at if line.text else None, seen.edited_at
        if before is None or now is None or now > before:
            await self._history.edited_meanwhile(place, line.id, seen.text, edited_at=seen.edited_at)

    async def _was_message(self, line: HistoryMessage) -> bool:
        turn = await self._stores.turns.get(line.id)
        return turn is None or turn.source is Source.MESSAGE
