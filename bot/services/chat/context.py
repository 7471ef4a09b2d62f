"""What a question is asked with: the channel's newest messages, and what it replies to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.chat.notes import recipe_of, words_of
from bot.domain.chat.talk import Talk
from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.history.ports import HistoryStore
from bot.domain.model.messages import Role
from bot.domain.people import User
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.ask import Ask, Reference
from bot.domain.turn.ports import ThreadStarters
from bot.errors import StoppedError, StopReason
from bot.services.model.metering import Metering
from bot.services.turn.filter import WordFilter
from bot.services.turn.lines import read_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a question is asked with, and the message that it replies to, if it replies to one."""

    talk: Talk
    replied_to: int | None


class ContextReader:
    """Reads contexts from the history, and from Discord what the history does not have."""

    def __init__(self, history: HistoryStore, starters: ThreadStarters, metering: Metering, words: WordFilter) -> None:
        self._history = history
        self._starters = starters
        self._metering = metering
        self._words = words

    async def read(self, ask: Ask, settings: Settings) -> Context:
        """Return what a question is asked with, within the place's limits and rules.

        Raises ``StorageError``, and ``StoppedError`` if the question was deleted before anything could stop its turn.
        """
        recent = await self._recent(ask, settings)
        if not recent or recent[-1].id != ask.id:
            raise StoppedError(StopReason.PROMPT_DELETED)
        replied_to = _replied_to(ask, recent)
        forbidden = settings.forbidden_words
        recent = await self._words.lines(recent, forbidden, asked=ask.id)
        talk = Talk(
            lines=recent,
            budget_messages=settings.context_messages,
            budget_tokens=settings.context_tokens,
            referenced=await self._referenced(ask, replied_to, forbidden),
            count=self._metering.counter(settings.provider, settings.chat_model),
        )
        return Context(talk=talk, replied_to=replied_to)

    async def _recent(self, ask: Ask, settings: Settings) -> tuple[HistoryMessage, ...]:
        place = ask.place
        if ask.private and not ask.alone:
            # Nobody told who sees the answer: it is made of nothing but the question.
            own = await self._history.get(place.channel_id, ask.id)
            return (own,) if own is not None else ()
        recent = await read_lines(
            self._history,
            place.channel_id,
            limit=settings.context_messages,
            up_to=ask.id,
            reader=ask.reader,
            whole=bool(ask.parts),
        )
        if place.parent_id is None or len(recent) >= settings.context_messages:
            return recent
        if any(message.id <= place.channel_id for message in recent):
            return recent
        return (*await self._starter(ask, settings.forbidden_words), *recent)

    async def _starter(self, ask: Ask, forbidden: tuple[str, ...]) -> tuple[HistoryMessage, ...]:
        """Make what a thread grew from the first lines of the thread's own history.

        The starter's id is the thread's (Discord documentation, Threads), so it is older than everything in it. A
        starter that is a reply of the bot's brings the question with it: an answer alone opens no conversation. One
        that holds a forbidden word is kept without its words, so that it is not looked for again.
        """
        place = ask.place
        if place.parent_id is None:
            return ()
        lines: list[HistoryMessage] = []
        known = await self._known(ask, place.parent_id, place.channel_id)
        if known is not None:
            question = await self._known(ask, place.parent_id, known.reply_to) if known.reply_to else None
            lines = [known] if question is None or known.role is Role.USER else [question, known]
        elif (found := await self._starters.starter(place)) is not None:
            lines = [_as_history(ask, found)]
        allowed = {line.id for line in await self._words.lines(lines, forbidden, asked=None)}
        blank = [line if line.id in allowed else replace(line, text="", drawn="", kind=Kind.TEXT) for line in lines]
        moved = tuple(replace(line, channel_id=place.channel_id, reply_to=None) for line in blank)
        for line in moved:
            await self._history.append(line)
        return moved

    async def _known(self, ask: Ask, channel_id: int, message_id: int) -> HistoryMessage | None:
        """Find a line that may go along with a question."""
        line = await self._history.get(channel_id, message_id)
        return line if line is not None and ask.reader.may_read(line) else None

    async def _referenced(self, ask: Ask, replied_to: int | None, forbidden: tuple[str, ...]) -> Reference | None:
        """Find what the prompt replies to: as it was kept, else as Discord showed it."""
        reference, place = ask.reference, ask.place
        if replied_to is not None:
            # Of a question that is answered in a thread of its own it stands in the thread's channel.
            for channel_id in filter(None, (place.channel_id, place.parent_id)):
                known = await self._known(ask, channel_id, replied_to)
                if known is not None and known.text:
                    allowed = await self._words.lines((known,), forbidden, asked=None)
                    return _as_reference(allowed[0]) if allowed else None
        found = reference if reference is not None and reference.text.strip() else None
        return await self._words.reference(found, forbidden)


def _replied_to(ask: Ask, recent: Sequence[HistoryMessage]) -> int | None:
    """Tell which message a question replies to; one that is asked anew comes without it, its own line knows."""
    if ask.reference is not None:
        return ask.reference.id
    return next((line.reply_to for line in reversed(recent) if line.id == ask.id), None)


def _as_reference(line: HistoryMessage) -> Reference:
    return Reference(
        id=line.id,
        author=User(id=line.author_id, name=line.author_name),
        text=words_of(line),
        from_bot=line.role is Role.ASSISTANT,
        created_at=line.created_at,
        drawn=recipe_of(line),
    )


def _as_history(ask: Ask, reference: Reference) -> HistoryMessage:
    """Make a line of what Discord showed. The bot's own, whose question is not known, stands as something said."""
    return HistoryMessage(
        id=reference.id,
        channel_id=ask.place.channel_id,
        guild_id=ask.place.guild_id,
        author_id=reference.author.id,
        author_name=reference.author.name,
        role=Role.USER,
        text=reference.text,
        created_at=reference.created_at,
    )
