"""What a question is asked with, before it is cut to a length."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.chat.frame import guarded
from bot.domain.chat.prompt import CEILING_TOKENS, build_prompt
from bot.domain.chat.shortening import end_of, fitted
from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.tokens import CountTokens, estimate_tokens
from bot.domain.model.window import Bound
from bot.domain.turn.ask import Reference

GO_ON = "Go on exactly where you stopped, without repeating anything."
"""What the prompt says behind an answer that was cut by its length."""

LEAST_QUESTION_TOKENS = 128
"""A question up to this long, by estimate, is not cut: no model's window is so small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation up to a question; see ``build_prompt`` for its parts.

    ``given`` is what there is of an answer that is to go on. ``count`` estimates tokens as the model counts them.
    """

    lines: tuple[HistoryMessage, ...]
    budget_messages: int
    budget_tokens: int
    referenced: Reference | None = None
    given: str = ""
    count: CountTokens = estimate_tokens

    def messages(self, bound: Bound | None = None) -> tuple[PromptMessage, ...]:
        """Write the messages of a request within the place's budget, and within a ``bound`` on all of them."""
        if bound is None:
            bound = Bound(most_tokens=max(self.budget_tokens, CEILING_TOKENS))
        going_on = self._going_on(bound.most_tokens)
        most = max(1, bound.most_tokens - sum(self.count(message.content) for message in going_on))
        prompt = build_prompt(
            self.lines,
            budget_messages=1 if bound.alone else self.budget_messages,
            budget_tokens=min(self.budget_tokens, most),
            referenced=None if bound.alone else self.referenced,
            ceiling_tokens=CEILING_TOKENS if bound.whole else max(LEAST_QUESTION_TOKENS, min(CEILING_TOKENS, most)),
            count=self.count,
        )
        return (*prompt, *going_on)

    def _going_on(self, most: int) -> tuple[PromptMessage, ...]:
        """Say that the answer goes on. Of a long one only the end is sent, so that half of the room is left."""
        if not self.given:
            return ()
        given = fitted(lambda room: end_of(self.given, room, self.count, guard=_guarded), most // 2, self.count)
        return (PromptMessage(role=Role.ASSISTANT, content=given), PromptMessage(role=Role.USER, content=GO_ON))


def _guarded(text: str) -> str:
    """Guard the lines of an answer that is to go on; the blanks at its end stay."""
    return guarded(text) + text[len(text.rstrip()) :]
