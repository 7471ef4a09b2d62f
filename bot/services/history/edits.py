"""What people do to messages afterwards: edits and deletes are control, and the history follows them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.domain.clock import Clock
from bot.domain.model.messages import Role
from bot.domain.people import Place
from bot.domain.reply.ending import ReplyOptions
from bot.domain.reply.ports import ReplySink
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.forbidden import has_forbidden_word
from bot.domain.turn.record import Turn
from bot.errors import StopReason
from bot.services.chat.service import ChatService
from bot.services.history.proxies import ProxyService
from bot.services.picture.keeper import PictureKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.again import SinkFor, ask_of
from bot.services.settings.service import SettingsService
from bot.services.turn.backlog import Backlog
from bot.services.turn.lines import forget_question
from bot.services.turn.standing import StandingRefusals
from bot.services.turn.stores import Stores

logger = logging.getLogger(__name__)

EDITS_AT_ONCE: Final = 2
"""How many edits are looked up at a time: who edits a message all the time reads no more of the database than that."""
UNFINISHED_AT_ONCE: Final = 100


class HistoryService:
    """Follows edits and deletes.

    Many arguments: what people do to a message concerns its turn, its pictures, the history and the reply.
    """

    def __init__(
        self,
        stores: Stores,
        backlog: Backlog,
        pictures: PictureKeeper,
        coordinator: TurnCoordinator,
        chat: ChatService,
        settings: SettingsService,
        refusals: StandingRefusals,
        proxies: ProxyService,
        clock: Clock,
        *,
        sink_for: SinkFor,
    ) -> None:
        self._stores = stores
        self._backlog = backlog
        self._pictures = pictures
        self._coordinator = coordinator
        self._chat = chat
        self._settings = settings
        self._refusals = refusals
        self._proxies = proxies
        self._clock = clock
        self._sink_for = sink_for
        self._edits: dict[int, Ask] = {}
        """The newest edit of each message whose edits are followed now."""
        self._looking = asyncio.Semaphore(EDITS_AT_ONCE)

    async def edited(self, ask: Ask, sink_for: Callable[[int, tuple[int, ...]], ReplySink]) -> None:
        """Follow an edit of a user's message: the history has the new text, a recent question is answered anew.

        ``sink_for`` takes the version's number and the reply's messages. While the database is away this waits for it.
        What came of no edit (a pin, a new nickname), or of one that was seen already, changes nothing.
        Raises ``StorageError`` if that takes too long.
        """
        followed = self._edits.get(ask.id)
        if followed is not None and not _is_later(ask, followed.edited_at):
            return
        newest = self._edits[ask.id] = ask
        changes = False
        self._chat.rewritten(ask)
        # It may not be kept yet: the edit came while it was being taken up.
        await self._coordinator.arrivals.settled(ask.id)
        self._chat.rewritten(newest)

        async def follow() -> None:
            nonlocal ask, sink_for, changes
            async with self._looking:
                if self._edits.get(ask.id) is not newest:
                    return  # another edit of it has come since
                known = await self._stores.history.get(ask.place.channel_id, ask.id)
                in_thread = await self._stores.history.get(ask.id, ask.id) if known is None else None
            if known is None and (known := in_thread) is not None:
                # It was answered in a thread of its own, which has its id.
                ask = replace(ask, place=replace(ask.place, channel_id=ask.id, parent_id=ask.place.channel_id))
                sink_for = partial(self._sink_for, ask)
            if known is None or known.role is not Role.USER or not ask.text:
                return
            changes = changes or (_is_later(ask, known.edited_at) and known.text != ask.text)
            if changes:
                await self._follow_edit(ask, sink_for)

        try:
            await self._backlog.until_taken(follow)
        finally:
            if self._edits.get(ask.id) is newest:
                del self._edits[ask.id]

    async def _follow_edit(self, ask: Ask, sink_for: Callable[[int, tuple[int, ...]], ReplySink]) -> None:
        settings = await self._settings.in_force(ask.place, ask.user.id)
        await self.edited_meanwhile(ask.place, ask.id, ask.text, edited_at=ask.edited_at)
        turn = await self._stores.turns.get(ask.id)
        if turn is None and (turn := await self._stores.turns.by_part(ask.place.channel_id, ask.id)) is not None:
            # A further message of it: the question itself says what it said.
            ask = ask_of(turn, replace(ask.place, channel_id=turn.channel_id))
            sink_for = partial(self._sink_for, ask)
        if turn is not None and self._is_recent(turn, settings):
            await self._answer_anew(ask, turn, sink_for)

    def _is_recent(self, turn: Turn, settings: Settings) -> bool:
        """Whether a question that has changed is answered anew."""
        window = timedelta(seconds=settings.rerun_on_edit_s)
        # Clocks differ: a question may come from the future, and is not answered anew either where that is off.
        return bool(window) and self._clock.now() - turn.created_at <= window

    async def _answer_anew(self, ask: Ask, turn: Turn, sink_for: Callable[[int, tuple[int, ...]], ReplySink]) -> None:
        if self._coordinator.stop(ask.id, StopReason.PROMPT_EDITED):
            await self._coordinator.ended(ask.id)
            turn = await self._stores.turns.get(ask.id) or turn
        versions = await self._stores.turns.versions(ask.id)
        number = max((version.number for version in versions), default=0) + 1
        await self._chat.answer_anew(ask, turn, sink_for(number, turn.reply_ids))

    async def deleted(self, place: Place, message_ids: Sequence[int], *, now: bool = True) -> None:
        """Follow deletes: a question that is gone takes its answer with it, an answer that is gone ends.

        One that has lost one of its further messages is answered anew, as after an edit, if that happened just ``now``.
        While the database is away this waits for it. Raises ``StorageError`` if that takes too long.
        """
        begun = self._coordinator.begun
        known = self._proxies.known(message_ids)
        for message_id in known:
            # At once, also if the database can't tell now that it is a question.
            self._coordinator.stop(message_id, StopReason.PROMPT_DELETED)
        self._chat.taken_back(known)
        with self._backlog.hiding(place.channel_id, known):
            await self._backlog.until_taken(lambda: self._follow_those_meant(place, message_ids, begun))
        if now:
            await self._backlog.until_taken(lambda: self._follow_lost_parts(place, message_ids))

    async def _follow_lost_parts(self, place: Place, message_ids: Sequence[int]) -> None:
        found = [await self._stores.turns.by_part(place.channel_id, message_id) for message_id in message_ids]
        for turn in {turn.id: turn for turn in found if turn is not None and turn.prompt}.values():
            ask = ask_of(turn, replace(place, channel_id=turn.channel_id))
            settings = await self._settings.in_force(ask.place, ask.user.id)
            if self._is_recent(turn, settings):
                await self._answer_anew(ask, turn, partial(self._sink_for, ask))

    async def _follow_those_meant(self, place: Place, message_ids: Sequence[int], begun: int) -> None:
        await self._follow_deletes(place, await self._proxies.meant(message_ids), begun)

    async def stand_in(self, question_id: int) -> int | None:
        """Return the proxy's message that stands for a question, None if none does. Raises ``StorageError``."""
        turn = await self._stores.turns.get(question_id)
        return None if turn is None else turn.proxied_as

    async def refusals_missed(self, channel_id: int, shown: Container[int], *, first: int, last: int) -> None:
        """Follow the deletes of refused messages that nobody told of. Raises ``StorageError``."""
        await self._refusals.missed(channel_id, shown, first=first, last=last)

    async def finish_deletes(self) -> None:
        """Follow to their end the deletes that a kill interrupted. Raises ``StorageError``."""
        after = 0
        while found := await self._stores.turns.half_forgotten(after=after, limit=UNFINISHED_AT_ONCE):
            for turn in found:
                if turn.source is Source.MESSAGE:
                    # By its own id, whatever stood for it: that it is deleted is known.
                    place = Place(channel_id=turn.asked_in, guild_id=turn.guild_id)
                    await self._follow_deletes(place, (turn.id,), self._coordinator.begun)
                else:
                    await self._command_deleted(turn)
            after = found[-1].id

    async def _follow_deletes(self, place: Place, message_ids: Sequence[int], begun: int) -> None:
        # The memory first: a question that is asked meanwhile must not see what was taken back.
        # With the answer to a command its question, in one transaction: a kill behind that leaves what tells of it.
        now = self._clock.now()
        commands = [turn for one in message_ids if (turn := await self._command_above(one)) is not None]
        gone = (*message_ids, *(turn.id for turn in commands))
        await self._stores.history.delete(place.channel_id, gone, deleted_at=now)
        await self._refusals.taken_back(message_ids)
        for message_id in message_ids:
            # A thread that grew from the message has it as its first line; the thread's id is the message's.
            await self._stores.history.delete(message_id, (message_id,), deleted_at=now)
        questions: list[Turn] = []
        for message_id in message_ids:
            turn = await self._stores.turns.get(message_id)
            if turn is not None and turn.source is Source.MESSAGE:
                self._coordinator.stop(turn.id, StopReason.PROMPT_DELETED)
                await forget_question(self._stores.history, turn, deleted_at=now)
                questions.append(turn)
        # Behind the questions, whose reason to stop is the one that counts.
        ending = [turn.id for turn in questions if self._coordinator.is_under_way(turn.id)]
        answers: list[int] = []
        for message_id in message_ids:
            turn = await self._stores.turns.by_reply(message_id)
            # Another answer that began since then makes up for the page, and is not what was deleted.
            if turn is not None and self._coordinator.stop(turn.id, StopReason.REPLY_DELETED, begun=begun):
                ending.append(turn.id)
            if turn is not None and turn.source is Source.MESSAGE and message_id == turn.reply_ids[0]:
                answers.append(turn.id)
            for drawing in await self._stores.drawings.by_message(message_id):
                # A card that is gone takes its pictures with it.
                await self._pictures.forget(drawing.turn_id)
        for turn in questions:
            await self._question_deleted(turn, replace(place, channel_id=turn.channel_id))
        if ending:
            for turn_id in ending:
                await self._coordinator.ended(turn_id)
            # An answer that was whole when the stop came was remembered after all.
            await self._stores.history.delete(place.channel_id, gone, deleted_at=self._clock.now())
        for turn in commands:
            await self._command_deleted(turn)
        for turn_id in answers:
            if not self._coordinator.is_under_way(turn_id):
                await self._stores.turns.forget_answers(turn_id)

    async def _question_deleted(self, turn: Turn, place: Place) -> None:
        """Take the answer to a question back, wherever it is."""
        if self._coordinator.is_under_way(turn.id):
            # What still grew has gone when its turn has ended; one that was whole already stands, and goes here. Not
            # forgotten before that: after a kill in between, the next start has to find it under way.
            await self._coordinator.ended(turn.id)
            turn = await self._stores.turns.get(turn.id) or turn
        if turn.id in self._backlog:
            # It has ended and is not kept yet: all its messages are not known before.
            await self._backlog.settled(turn.id)
            turn = await self._stores.turns.get(turn.id) or turn
        await self._stores.history.delete(turn.channel_id, turn.reply_ids, deleted_at=self._clock.now())
        if turn.reply_ids:
            ask = ask_of(turn, place)
            options = ReplyOptions(message_ids=turn.reply_ids)
            sink = self._sink_for(ask, turn.version, turn.reply_ids)
            async with sink.open_reply(ask, options) as reply:
                await reply.discard()
        # Last: after a kill before it the next start finds a turn whose question is deleted, and does the rest.
        await self._stores.turns.forget((turn.id,))

    async def _command_above(self, message_id: int) -> Turn | None:
        """Find the command whose answer begins in a message: its question stood above that, and nowhere else."""
        turn = await self._stores.turns.by_reply(message_id)
        begins = turn is not None and turn.source is Source.INTERACTION and message_id == turn.reply_ids[0]
        return turn if begins else None

    async def _command_deleted(self, turn: Turn) -> None:
        """Forget a command whose answer is gone, unless another one has begun meanwhile."""
        await forget_question(self._stores.history, turn, deleted_at=self._clock.now())
        await self._backlog.settled(turn.id)
        turn = await self._stores.turns.get(turn.id) or turn
        if turn.state.final and not self._coordinator.is_under_way(turn.id):
            await self._stores.turns.forget((turn.id,))

    async def edited_meanwhile(
        self, place: Place, message_id: int, text: str, *, edited_at: datetime | None = None
    ) -> None:
        """Give a line of the history its new text; ``edited_at`` is when that was, by Discord's clock.

        What is not to be asked does not go along with what is asked next either; the line stays, for a further edit.
        """
        settings = await self._settings.in_force(place)
        kept = "" if has_forbidden_word(text, settings.forbidden_words) else text
        edit = partial(self._stores.history.edit, text=kept, edited_at=edited_at or self._clock.now())
        # A thread that grew from the message begins with it, and so does one that grew from the answer to it.
        for channel_id in dict.fromkeys((place.channel_id, message_id)):
            await edit(channel_id, message_id)
        turn = await self._stores.turns.get(message_id)
        for page in turn.reply_ids[:1] if turn is not None else ():
            await edit(page, message_id)


def _is_later(ask: Ask, seen: datetime | None) -> bool:
    """Whether a message comes from a later edit than the one that was seen."""
    return ask.edited_at is not None and (seen is None or ask.edited_at > seen)
