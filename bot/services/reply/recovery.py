"""After a start: turns that were under way when the last process died are ended in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.domain.reply.ending import Ending, ReplyOptions, problem_of
from bot.domain.turn.ports import ReplyFinder, TurnStore
from bot.domain.turn.record import StandingEnd, Turn, TurnState
from bot.errors import TakenOverError, Trouble
from bot.services.model.answer import Answer
from bot.services.picture.keeper import PictureKeeper
from bot.services.reply.again import SinkFor, ask_of, place_of
from bot.services.reply.undelivered import UndeliveredPictures
from bot.services.turn.backlog import Backlog
from bot.services.turn.records import TurnRecords
from bot.services.usage.quota import QuotaService

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""How many turns are ended side by side; the bot's budget orders the requests."""


class RecoveryService:
    """Ends orphaned turns. ``ours`` says whether this process is the one that answers in a turn's place.

    Many arguments: what a kill left is in the database, on the disk, on Discord and in the quotas.
    """

    def __init__(
        self,
        turn_store: TurnStore,
        backlog: Backlog,
        records: TurnRecords,
        pictures: PictureKeeper,
        undelivered: UndeliveredPictures,
        quota: QuotaService,
        finder: ReplyFinder,
        *,
        ours: Callable[[Turn], bool],
        sink_for: SinkFor,
    ) -> None:
        self._turn_store = turn_store
        self._backlog = backlog
        self._records = records
        self._pictures = pictures
        self._undelivered = undelivered
        self._quota = quota
        self._finder = finder
        self._ours = ours
        self._sink_for = sink_for

    async def orphans(self) -> tuple[Turn, ...]:
        """List the turns that no process works on; to be asked once this process has its lease. Raises StorageError.

        The pictures on disk and in the database agree afterwards.
        """
        await self._pictures.reconcile()
        return tuple(turn for turn in await self._turn_store.unfinished() if self._ours(turn))

    async def recover_later(self) -> None:
        """End the turns that no process works on once the database tells them: for a start at which that failed."""

        async def find() -> tuple[Turn, ...]:
            return tuple(turn for turn in await self._turn_store.unfinished() if self._ours(turn))

        found = await self._backlog.until_taken(find)
        await self._pictures.tidy()  # which sees what is on disk
        await self.recover(found)

    async def recover(self, orphans: tuple[Turn, ...]) -> None:
        """End the turns, oldest first; one that fails does not keep the others. What they had reserved is settled."""
        room = asyncio.Semaphore(AT_ONCE)

        async def end(turn: Turn) -> None:
            async with room:
                try:
                    await self._backlog.until_taken(partial(self._end, turn))
                except TakenOverError:
                    logger.info("turn %s is left to the process that has taken over", turn.id)
                except Exception:
                    logger.exception("turn %s could not be ended", turn.id)

        async with asyncio.TaskGroup() as group:
            for turn in orphans:
                group.create_task(end(turn), name=f"recover-{turn.id}")
        await self._quota.tidy()
        if orphans:
            logger.info("%s turns had been interrupted and are ended", len(orphans))

    async def _end(self, turn: Turn) -> None:
        """Bring what was kept onto Discord, with the word "interrupted", and close the turn.

        Pictures that were made are delivered: nobody has to pay for them twice. If they are all, nothing was
        interrupted but their way.
        """
        found = await self._finder.find(turn)
        turn = found.turn
        if not turn.prompt:
            await self._take_back(turn)
            return
        if await self._let_stand(turn, found.end):
            return
        # What can't be seen might be cut: it stays as it is.
        changeable = bool(turn.reply_ids) and not found.unread
        if not await self._ended(turn, found.shown, changeable=changeable):
            # What was kept had not been shown; what was shown has been taken once.
            await self._ended(replace(turn, text=found.shown or ""), None, changeable=changeable)

    async def _ended(self, turn: Turn, shown: str | None, *, changeable: bool) -> bool:
        """End a reply, which is ``shown`` so far, and close its turn; False if it is to be tried with that alone."""
        ask = ask_of(turn, place_of(turn))
        answer = Answer(version=turn.version, parts=[turn.text])
        ending = await self._undelivered.ending(turn, ask, answer)
        options = ReplyOptions(message_ids=turn.reply_ids)
        sink = self._sink_for(ask, turn.version, turn.reply_ids)
        async with sink.open_reply(ask, options) as reply:
            if turn.text:
                reply.push(turn.text)
            delivered = await reply.finish(ending) if changeable else False
            if reply.loss is Trouble.TEXT_REFUSED and shown and shown != turn.text:
                return False
            if changeable and (delivered or reply.shown_chars):
                answer.keep(reply.shown_chars)
            elif changeable and shown is not None:
                answer.parts[:] = [shown]  # nothing could be changed
            if changeable:
                ending = reply.ending or ending
            await self._quota.settle_orphan(turn, pictures=len(ending.pictures))
            await self._records.close(ask, reply.message_ids, answer, ending, delivered=delivered)
            return True

    async def _let_stand(self, turn: Turn, end: StandingEnd | None) -> bool:
        """Close a turn whose last state is on Discord: only its close was lost, and nothing there is changed.

        False if there is none, or pictures that were made are not there: they must still be delivered.
        """
        made = await self._pictures.made(turn.id)
        delivered = sum(one.drawing.message_id is not None for one in made)
        if end is None and delivered:
            end = StandingEnd(state=TurnState.COMPLETE, pictures=delivered)
        if end is None:
            return False
        if not end.pictures and any(one.drawing.message_id is None for one in made):
            return False
        if end.pictures and not made and turn.version > 1:
            return False  # the pictures of the version before, which were forgotten when this one began
        ask = ask_of(turn, place_of(turn))
        answer = Answer(version=turn.version, parts=[turn.text], usage=turn.usage)
        if end.pictures:
            answer.made = {one.drawing.index: one for one in made}
        ending = Ending(state=end.state, reason=end.reason, problem=problem_of(end.error_kind), pictures=answer.files)
        await self._quota.settle_orphan(turn, pictures=len(ending.pictures))
        await self._records.close(ask, turn.reply_ids, answer, ending, delivered=True)
        return True

    async def _take_back(self, turn: Turn) -> None:
        """Delete what stands of an answer whose question is gone, and forget the turn."""
        ask = ask_of(turn, place_of(turn))
        # The memory first: what is asked meanwhile must not see it.
        await self._records.forget_lines(turn)
        sink = self._sink_for(ask, turn.version, turn.reply_ids)
        async with sink.open_reply(ask, ReplyOptions(message_ids=turn.reply_ids)) as reply:
            await reply.discard()
            await self._quota.settle_orphan(turn)
            ending = Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED)
            await self._records.close(ask, reply.message_ids, Answer(version=turn.version), ending, delivered=True)
        # What asked is gone as well, even if this is the first to notice.
        await self._records.forget(turn)
