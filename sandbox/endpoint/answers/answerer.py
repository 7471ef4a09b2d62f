"""Who answers in chat: the interface, and what a request wishes of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from sandbox.endpoint.answers.messages import Message
    from sandbox.endpoint.answers.pace import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """A request's wishes: temperature 0…2, `top_p` 0…1, penalties as their endpoint defines them.

    `repetition_penalty` (fusion) multiplies and is above 0, 1 meaning none; the other two (chat completions) subtract,
    -2…2. `limit_tokens` None means no limit. The answer ends before the first of the `stops`.
    """

    temperature: float = 0.8
    top_p: float = 0.7
    limit_tokens: int | None = None
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    stops: tuple[str, ...] = ()


class Answerer(Protocol):
    """Answers a conversation."""

    @property
    def name(self) -> str:
        """What answers, for people: a model's name, or that it is scripted."""

    @property
    def busy(self) -> bool:
        """Whether it has no room for one more conversation now."""

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[str | Piece]:
        """Yield the answer to the last message: either as text, in fragments of any size, or as counted pieces.

        Text is limited and stopped by the one who reads it; who gives pieces heeds `sampling` in all and ends with one
        that says how it ended. Raises ConnectionError where an answer that has begun can't go on. The generator is
        closed early when the client goes or has enough; an implementation then stops its work.
        """
