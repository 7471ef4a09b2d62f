"""A question in words: history and prompt to the model, the answer back into the channel."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.drawings import drawing_denial
from bot.domain.messages import HistoryMessage, Role
from bot.domain.ports import HistoryStore, ModelRequest, Reply, ReplySink, ThreadStarters
from bot.domain.prompt import build_prompt
from bot.domain.replies import Ending
from bot.domain.settings import Settings
from bot.domain.turns import Ask, Mode, Reference
from bot.errors import Refusal
from bot.services.conversation import Conversation
from bot.services.runner import Answer, TurnRunner
from bot.services.settings import SettingsService


class ChatService:
    """Answers a mention, a reply, a direct message or ``/ask``."""

    def __init__(
        self,
        runner: TurnRunner,
        conversation: Conversation,
        history: HistoryStore,
        settings: SettingsService,
        starters: ThreadStarters,
        *,
        user_key: Callable[[int], str],
    ) -> None:
        self._runner = runner
        self._conversation = conversation
        self._history = history
        self._settings = settings
        self._starters = starters
        self._user_key = user_key

    async def respond(self, ask: Ask, sink: ReplySink) -> None:
        """Answer one turn; every failure ends in the reply, in words."""
        await self._runner.run(ask, sink, self._answer)

    async def refuse(self, ask: Ask, sink: ReplySink, reason: Refusal) -> None:
        """Say why a turn is not taken up; nothing is kept of it."""
        await self._runner.refuse(ask, sink, reason)

    async def _answer(self, ask: Ask, reply: Reply, answer: Answer) -> Ending:
        settings = self._settings.in_force(ask.place)
        request = ModelRequest(
            mode=Mode.CHAT,
            messages=build_prompt(
                await self._recent(ask, settings),
                budget_messages=settings.context_messages,
                budget_tokens=settings.context_tokens,
                referenced=await self._referenced(ask),
            ),
            persona=settings.persona,
            user_key=self._user_key(ask.person.id),
            draw=drawing_denial(ask.place) is None,
            sampling=settings.sampling,
            drawing=settings.drawing,
        )
        return await self._conversation.ask(ask, request, reply, answer)

    async def _recent(self, ask: Ask, settings: Settings) -> tuple[HistoryMessage, ...]:
        place = ask.place
        recent = await self._history.recent(place.channel_id, limit=settings.context_messages, up_to=ask.id)
        if place.parent_id is None or len(recent) >= settings.context_messages:
            return recent
        if any(message.id <= place.channel_id for message in recent):
            return recent
        starter = await self._starter(ask)
        return recent if starter is None else (starter, *recent)

    async def _starter(self, ask: Ask) -> HistoryMessage | None:
        """Make the message that a thread grew from the first line of the thread's own history.

        Its id is the thread's (Discord documentation, Threads), so it is older than everything in it.
        """
        place = ask.place
        if place.parent_id is None:
            return None
        known = await self._history.get(place.parent_id, place.channel_id)
        found = known or _as_history(ask, await self._starters.starter(place))
        if found is None:
            return None
        first = HistoryMessage(
            id=place.channel_id,
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            author_id=found.author_id,
            author_name=found.author_name,
            role=found.role,
            text=found.text,
            created_at=found.created_at,
            kind=found.kind,
        )
        await self._history.append(first)
        return first

    async def _referenced(self, ask: Ask) -> HistoryMessage | None:
        """Find what the prompt replies to: as it was kept, else as Discord showed it."""
        if ask.reference is None:
            return None
        known = await self._history.get(ask.place.channel_id, ask.reference.id)
        return known or _as_history(ask, ask.reference)


def _as_history(ask: Ask, reference: Reference | None) -> HistoryMessage | None:
    if reference is None or not reference.text.strip():
        return None
    return HistoryMessage(
        id=reference.id,
        channel_id=ask.place.channel_id,
        guild_id=ask.place.guild_id,
        author_id=reference.author.id,
        author_name=reference.author.name,
        role=Role.ASSISTANT if reference.from_bot else Role.USER,
        text=reference.text,
        created_at=reference.created_at,
    )
