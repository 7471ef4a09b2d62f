"""A model with a context window and a tokenizer of its own, which refuses what is longer."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.domain.model.events import Failure, Finish, FinishReason, ModelEvent, TextDelta
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import ModelRequest
from bot.errors import ErrorKind, ProviderError

Refuse = Callable[[int, int], ProviderError]
"""Makes an error of the window and the prompt's length, in tokens."""

CUES: dict[str, Refuse] = {
    "both lengths": lambda window, prompt: ProviderError(
        ErrorKind.TOO_LONG, window_tokens=window, prompt_tokens=prompt, status=400
    ),
    "the window": lambda window, _: ProviderError(ErrorKind.TOO_LONG, window_tokens=window, status=400),
    "no length": lambda _window, _prompt: ProviderError(ErrorKind.TOO_LONG, status=400),
    "nothing at all": lambda _window, _prompt: ProviderError(ErrorKind.EMPTY, bare=True),
}
"""What endpoints say of a prompt that is too long."""


def qwen_like(text: str) -> int:
    """Count tokens about as Qwen does: each digit is one, so is each punctuation mark, a word is one or two."""
    words = re.findall(r"[A-Za-z]+", text)
    others = len(re.findall(r"[^\sA-Za-z]", text)) + text.count("\n")
    return others + sum(math.ceil(len(word) / 6) for word in words)


class NarrowModel:
    """Fulfils ``ChatModel``; answers "Hi" to what fits. ``lengths`` are those of all prompts, in its own tokens."""

    def __init__(self, window: int, refuse: Refuse, *, intent_check: bool = False) -> None:
        self.capabilities = Capabilities(
            intent_check=intent_check, pictures_per_call=1, drawing_fields=frozenset({"model", "size"})
        )
        self.window = window
        self.requests: list[ModelRequest] = []
        self.lengths: list[int] = []
        self._refuse = refuse

    @property
    def refusals(self) -> int:
        """How many prompts were too long."""
        return sum(length > self.window for length in self.lengths)

    @asynccontextmanager
    async def stream(self, request: ModelRequest) -> AsyncIterator[AsyncIterator[ModelEvent]]:
        length = sum(qwen_like(message.content) + 5 for message in request.messages) + qwen_like(request.persona)
        self.requests.append(request)
        self.lengths.append(length)
        yield self._events(length)

    async def _events(self, length: int) -> AsyncGenerator[ModelEvent, None]:
        if length > self.window:
            yield Failure(error=self._refuse(self.window, length))
            return
        yield TextDelta(text="Hi")
        yield Finish(reason=FinishReason.STOP)
