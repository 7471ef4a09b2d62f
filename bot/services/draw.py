"""A picture asked for by a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.drawings import drawing_denial
from bot.domain.messages import PromptMessage, Role
from bot.domain.ports import ModelRequest, Reply, ReplySink
from bot.domain.replies import Ending
from bot.domain.turns import Ask, Mode, Turn, TurnState
from bot.errors import ErrorKind, ProviderError, QuotaUsedUpError
from bot.services.conversation import Conversation
from bot.services.quota import QuotaService
from bot.services.records import Answer
from bot.services.runner import TurnRunner
from bot.services.settings import SettingsService


class DrawService:
    """Answers ``/draw``."""

    def __init__(
        self,
        runner: TurnRunner,
        conversation: Conversation,
        settings: SettingsService,
        quota: QuotaService,
        *,
        user_key: Callable[[int], str],
    ) -> None:
        self._runner = runner
        self._conversation = conversation
        self._settings = settings
        self._quota = quota
        self._user_key = user_key

    async def draw(self, ask: Ask, sink: ReplySink) -> None:
        """Draw one picture; every failure ends in the reply, in words."""
        await self._runner.run(ask, sink, self._answer)

    async def answer_anew(self, ask: Ask, turn: Turn, sink: ReplySink) -> bool:
        """Draw once more, in the messages of the turn's reply; False where it is under way or unknown."""
        return await self._runner.rerun(ask, turn, sink, self._answer)

    async def draw_wanted(self, ask: Ask, request: ModelRequest, reply: Reply, answer: Answer) -> Ending:
        """Make the drawing that a question turned out to want: the same request once more, in the same reply."""
        settings = await self._settings.in_force(ask.place, ask.person.id)
        try:
            granted = await self._quota.reserve(ask, settings, answer, request.messages, pictures=1)
        except QuotaUsedUpError as error:
            # The question was answered: it would be a picture, and there is none left.
            return Ending(state=TurnState.COMPLETE, problem=error.shortage)
        reply.show_drawing()
        sampling = replace(request.sampling, max_new_tokens=granted.new_tokens)
        ending = await self._conversation.ask(ask, replace(request, draw=True, sampling=sampling), reply, answer)
        return ending or _answered_in_words()

    async def _answer(self, ask: Ask, reply: Reply, answer: Answer) -> Ending:
        settings = await self._settings.in_force(ask.place, ask.person.id)
        denial = drawing_denial(ask.place, allowed=settings.drawing_allowed)
        if denial is not None:
            # A command wants a picture for certain: nothing is spent to find out.
            return Ending(state=TurnState.COMPLETE, problem=denial)
        messages = (PromptMessage(role=Role.USER, content=ask.text),)
        granted = await self._quota.reserve(ask, settings, answer, messages, pictures=1)
        reply.show_drawing()
        request = ModelRequest(
            mode=Mode.DRAW,
            messages=messages,
            user_key=self._user_key(ask.person.id),
            draw=True,
            sampling=replace(settings.sampling, max_new_tokens=granted.new_tokens),
            drawing=settings.drawing,
        )
        ending = await self._conversation.ask(ask, request, reply, answer)
        if ending is None or (ending.state is TurnState.COMPLETE and not ending.pictures):
            # The endpoint took the prompt for talk. Its words stand; they are no picture.
            return _answered_in_words()
        return ending


def _answered_in_words() -> Ending:
    return Ending(state=TurnState.FAILED, problem=ProviderError(ErrorKind.DRAWING_FAILED, "answered in words"))
