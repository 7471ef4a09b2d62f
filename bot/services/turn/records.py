"""What is kept of a turn: before, while and after it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

from bot.domain.chat.notes import kept_words
from bot.domain.clock import Clock
from bot.domain.drawing.recipes import told_drawing
from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.model.messages import Role
from bot.domain.people import User
from bot.domain.picture.parameters import PARAMETER_FIELDS
from bot.domain.reply.ending import Ending, kind_of
from bot.domain.reply.ports import Reply
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.closed import ClosedTurn
from bot.domain.turn.gathering import as_one
from bot.domain.turn.record import Turn, TurnState
from bot.domain.usage.counts import Settlement
from bot.errors import BotError, StorageError, TakenOverError
from bot.services.background import going_on
from bot.services.model.answer import Answer
from bot.services.picture.keeper import PictureKeeper
from bot.services.turn.backlog import Backlog
from bot.services.turn.lines import forget_question
from bot.services.turn.stores import Stores

logger = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
"""How often a growing answer is kept."""


class TurnRecords:
    """Keeps turns, with their prompts and replies in the history."""

    def __init__(
        self, stores: Stores, backlog: Backlog, pictures: PictureKeeper, clock: Clock, *, me: Callable[[], User]
    ) -> None:
        self._stores = stores
        self._backlog = backlog
        self._pictures = pictures
        self._clock = clock
        self._me = me

    async def keep(self, ask: Ask, before: Sequence[Ask] = ()) -> bool:
        """Keep a new turn and its prompt, with what was said ``before`` it and is a part of it, at once.

        False where it is there already, or its message is gone. Raises ``StorageError``.
        """
        place = ask.place
        turn = Turn(
            id=ask.id,
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            parent_id=place.parent_id,
            asker_id=ask.user.id,
            asker_name=ask.user.name,
            mode=ask.mode,
            source=ask.source,
            state=TurnState.QUEUED,
            prompt=ask.text,
            locale=place.locale,
            created_at=ask.created_at,
            updated_at=self._clock.now(),
            reply_ids=ask.response_ids,
            wish=ask.wish,
            only_for=ask.only_for,
            private=ask.is_private,
        )
        parts = tuple(replace(_line_of(part, ask), part_of=ask.id) for part in before)
        try:
            created = await self._stores.turns.create(turn, _line_of(ask, ask), parts)
        except StorageError as error:
            self._backlog.note_away(error)
            raise
        self._backlog.note_back()
        if created and self._backlog.was_deleted(ask.id):
            await self.forget(turn)  # the event of it came first, and found nothing
            return False
        for part in parts if created else ():
            if self._backlog.was_deleted(part.id):
                await self._stores.history.delete(part.channel_id, (part.id,), deleted_at=self._clock.now())
        return created

    def may_be_gone(self, ask: Ask) -> bool:
        """Whether a message was deleted, though a proxy may still say it again."""
        return self._backlog.was_deleted(ask.id) or self._backlog.is_held(ask.place.channel_id, ask.id)

    async def keep_part(self, question: Ask, part: Ask) -> bool:
        """Keep a further message of a question; False if it is gone. Raises ``StorageError``."""
        line = replace(_line_of(part, question), part_of=question.id)
        try:
            await self._stores.history.append(line)
        except StorageError as error:
            self._backlog.note_away(error)
            raise
        self._backlog.note_back()
        if self._backlog.was_deleted(part.id):
            await self._stores.history.delete(line.channel_id, (line.id,), deleted_at=self._clock.now())
            return False
        return True

    async def whole(self, ask: Ask) -> Ask:
        """Return a question with what is kept of its further messages. Raises ``StorageError``."""
        parts = await self._stores.history.parts(ask.id) if ask.source is Source.MESSAGE else ()
        if not parts:
            return ask
        said = {part.id: part.text for part in parts} | {ask.id: ask.text}
        text = as_one(text for _, text in sorted(said.items()))
        return replace(ask, text=text, parts=tuple(part.id for part in parts))

    async def begin_version(self, ask: Ask) -> int | None:
        """Begin another answer to a turn that has ended; returns its number. Raises ``StorageError``.

        Pictures of the answer before give way to what comes.
        """
        await self._backlog.settled(ask.id)
        number = await self._stores.turns.begin_version(ask.id, updated_at=self._clock.now(), prompt=ask.text)
        if number is not None:
            try:
                await self._pictures.forget(ask.id)
            except StorageError as error:
                logger.warning("the pictures of the version before could not be forgotten: %s", error)
        return number

    async def go_back(self, ask: Ask, version: int) -> None:
        """Let an earlier answer stand again, as Discord has taken nothing of the one that was closed. Never raises."""
        now = self._clock.now()
        try:
            await self._backlog.settled(ask.id)
            turn = await self._stores.turns.get(ask.id)
            versions = await self._stores.turns.versions(ask.id)
            stood = next((one for one in versions if one.number == version), None)
            if turn is None or stood is None or not turn.reply_ids:
                return
            if await self._stores.turns.show_version(ask.id, version, updated_at=now):
                first = turn.reply_ids[0]
                await self._stores.history.edit(turn.channel_id, first, text=stood.text, edited_at=now)
        except StorageError as error:
            logger.warning("the version before could not be made to stand again: %s", error)

    @asynccontextmanager
    async def journal(self, turn_id: int, reply: Reply, answer: Answer, changed: asyncio.Event) -> AsyncIterator[None]:
        """Keep, while inside, the reply's ids as soon as there are new ones, and its text about once a second."""
        async with going_on(self._checkpoint(turn_id, reply, answer, changed), f"journal-{turn_id}"):
            yield

    async def close(
        self,
        ask: Ask,
        ids: tuple[int, ...],
        answer: Answer,
        ending: Ending,
        *,
        delivered: bool,
        settlement: Settlement | None = None,
    ) -> None:
        """Close a turn: how it ended, what became of it in the history, its pictures and what it used.

        ``ids`` are the messages of its reply. All of it or nothing is kept, and tried again until it is if the database
        fails.
        """
        drawn = ending.pictures != () and delivered and ids != ()
        made = tuple(answer.made.values())
        ended_at = answer.spending.ended_at = answer.spending.ended_at or self._clock.now()
        closed = ClosedTurn(
            turn_id=ask.id,
            channel_id=ask.place.channel_id,
            version=answer.version,
            state=ending.state,
            reply_ids=ids,
            text=answer.text,
            ended_at=ended_at,
            reason=ending.reason,
            error_kind=kind_of(ending.problem),
            usage=answer.usage,
            line=self._line(ask, ids, answer, drawn=drawn) if ids else None,
            drawings=self._pictures.delivered(made, ids[-1]) if drawn else (),
            forgets_drawings=bool(made) and not ids,  # the reply was taken away, and its pictures with it
            settlement=settlement,
        )
        await self._backlog.close(closed, partial(self._pictures.settle, made, delivered=drawn))

    async def forget(self, turn: Turn) -> None:
        """Forget a turn whose question is gone, and its lines of the history. Raises ``StorageError``."""
        await self.forget_lines(turn)
        await self._stores.turns.forget((turn.id,))

    async def forget_lines(self, turn: Turn) -> None:
        """Take a turn's question and answer out of the history. Raises ``StorageError``."""
        now = self._clock.now()
        await self._stores.history.delete(turn.channel_id, turn.reply_ids, deleted_at=now)
        await forget_question(self._stores.history, turn, deleted_at=now)

    async def _checkpoint(self, turn_id: int, reply: Reply, answer: Answer, changed: asyncio.Event) -> None:
        kept: tuple[tuple[int, ...], int] = ((), 0)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECKPOINT_S):
                    await changed.wait()
            changed.clear()
            now = (reply.message_ids, len(answer.parts))
            if now == kept:
                continue
            try:
                await self._stores.turns.checkpoint(
                    turn_id, reply_ids=now[0], text=answer.text, updated_at=self._clock.now()
                )
                kept = now
            except TakenOverError:
                return  # what becomes of the turn is the other process's
            except BotError as error:
                self._backlog.note_away(error)
            else:
                self._backlog.note_back()

    def _line(self, ask: Ask, ids: tuple[int, ...], answer: Answer, *, drawn: bool) -> HistoryMessage | None:
        """Make the reply's line in the channel's history: its words, and the recipe of what was drawn and arrived.

        A further version without an answer has none: the one before it no longer counts, and its line stays, blank, for
        the next one, since what is deleted from the history never comes back.
        """
        text, recipe, kind = kept_words(answer.text), "", Kind.TEXT
        now = self._clock.now()
        if drawn and answer.made:
            honoured = answer.commission.plan.honoured if answer.commission is not None else PARAMETER_FIELDS
            recipe = told_drawing(answer.made[min(answer.made)].drawing.prompt, answer.recipes, honoured)
        if recipe and not text.strip():
            text, recipe, kind = recipe, "", Kind.DRAWING
        me = self._me()
        return HistoryMessage(
            id=ids[0],
            channel_id=ask.place.channel_id,
            guild_id=ask.place.guild_id,
            author_id=me.id,
            author_name=me.name,
            role=Role.ASSISTANT,
            text=text if text.strip() else "",
            created_at=now,
            kind=kind,
            reply_to=ask.id,
            drawn=recipe,
            only_for=ask.only_for,
            private=ask.is_private,
        )


def _line_of(said: Ask, question: Ask) -> HistoryMessage:
    """Make the line of a message, which is kept for those who may read the question."""
    return HistoryMessage(
        id=said.id,
        channel_id=said.place.channel_id,
        guild_id=said.place.guild_id,
        author_id=said.user.id,
        author_name=said.user.name,
        role=Role.USER,
        text=said.text,
        created_at=said.created_at,
        reply_to=said.reference.id if said.reference else None,
        edited_at=said.edited_at,
        only_for=question.only_for,
        private=question.is_private,
    )
