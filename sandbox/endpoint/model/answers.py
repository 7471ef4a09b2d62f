"""Answers by the model: one after the other where many ask, by script where it can't or where that is better."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import aiohttp

from sandbox.endpoint.answers.messages import utterances
from sandbox.endpoint.answers.scripted import ScriptedAnswerer, knows
from sandbox.endpoint.model.files import MODEL_NAME
from sandbox.endpoint.model.prompt import PROMPT_TOKENS, model_prompt, mostly_chinese
from sandbox.endpoint.model.stream import ModelStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from types import TracebackType

    from sandbox.endpoint.answers.answerer import Answerer, Sampling
    from sandbox.endpoint.answers.messages import Message
    from sandbox.endpoint.answers.pace import Piece
    from sandbox.endpoint.model.process import ModelJob, ModelServer, State

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 8
LOAD_S: Final = 20.0
"""How long an answer waits for the model to be loaded; that takes about a second."""
SEAT_S: Final = 60.0
IDLE_S: Final = 30.0
"""How long it may be silent: before the first token it reads the prompt."""
ANSWER_S: Final = 120.0
# A small model falls into loops and odd words: these keep it from both, whatever the request wishes beside.
_STEADY: Final = {
    "min_p": 0.2,
    "repeat_last_n": 256,
    "dry_multiplier": 0.8,
    "dry_allowed_length": 3,
    # The usual ones (line ends, colons) would let it repeat whole lines for ever.
    "dry_sequence_breakers": ["<|im_start|>"],
}
_REPETITION: Final = 1.05
"""What "no penalty" means here."""
_BUDGETS_TOKENS: Final = (PROMPT_TOKENS, PROMPT_TOKENS // 2, PROMPT_TOKENS // 4, PROMPT_TOKENS // 8)
"""The prompt's tokens are an estimate: where it was too low, a shorter prompt is tried."""
_STOPS: Final = ("<|im_start|>", "<|im_end|>")
_PENALTIES: Final = (0.5, 2.0)
"""Beyond these the model only stammers, and a number that a float32 can't hold is none for it."""


class ModelSource(Protocol):
    """Where a model may be found (see `ModelProcess`)."""

    @property
    def job(self) -> ModelJob:
        """What is run."""

    @property
    def state(self) -> State:
        """Whether it is there."""

    async def server(self, timeout_s: float) -> ModelServer | None:
        """Return where it answers, waiting for it; None where it is not there in time."""


class _TooLongError(Exception):
    """The model's context can't take the prompt."""


class ModelAnswerer:
    """Answers by the model in `process`; an async context manager.

    As many answers at once as the process has slots; up to eight wait for theirs, first come first served. Chinese is
    answered by script, which speaks it better; so are sums and other things that a small model gets wrong and the
    script knows, what the model has no answer for, and everything while it is not there.
    """

    def __init__(
        self,
        process: ModelSource,
        *,
        name: str = MODEL_NAME,
        load_s: float = LOAD_S,
        seat_s: float = SEAT_S,
        idle_s: float = IDLE_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name: Final = f"{name}, on this machine"
        self._process = process
        self._alone: Answerer = ScriptedAnswerer()
        self._beside: Answerer = ScriptedAnswerer(beside=name)
        self._load_s, self._seat_s, self._idle_s, self._answer_s = load_s, seat_s, idle_s, answer_s
        self._seats = asyncio.Semaphore(process.job.slots)
        self._waiting = 0
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # Nothing but loopback: a proxy of the surroundings has no part in it.
        # Each answer has a connection of its own, which ends it: the server closes kept ones without a word.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def busy(self) -> bool:
        """Whether as many wait as may."""
        return self._waiting >= MOST_WAITING

    async def answer(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[str | Piece]:
        """Yield the model's tokens as pieces, or a scripted answer as text."""
        asked = next((one.content for one in reversed(messages) if one.role == "user"), "")
        by_script = mostly_chinese(utterances(asked)[-1].text) or knows(messages)
        if not by_script and self._process.state != "failed":
            begun = False
            try:
                async with aclosing(self._seated(messages, sampling)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                if begun:
                    raise ConnectionResetError("the model broke off") from error
                logger.warning("the model gave no answer: %s", type(error).__name__)
            if begun:
                return
        scripted = self._alone if self._process.state == "failed" else self._beside
        async with aclosing(scripted.answer(messages, sampling)) as text:
            async for fragment in text:
                yield fragment

    async def _seated(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Piece]:
        """Yield the answer once there is a seat and the model is loaded; nothing where it is not, or says nothing."""
        async with self._seat():
            server = await self._process.server(self._load_s)
            if server is None:
                return
            for budget_tokens in _BUDGETS_TOKENS:
                try:
                    async with aclosing(self._asked(server, messages, sampling, budget_tokens)) as pieces:
                        async for piece in pieces:
                            yield piece
                except _TooLongError:
                    continue
                return

    @asynccontextmanager
    async def _seat(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seat_s):
                await self._seats.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._seats.release()

    async def _asked(
        self, server: ModelServer, messages: Sequence[Message], sampling: Sampling, budget_tokens: int
    ) -> AsyncGenerator[Piece]:
        assert self._session is not None  # noqa: S101  (it is used inside its own `async with`)
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._answer_s
        body = {
            "messages": model_prompt(messages, budget_tokens),
            "stream": True,
            "stream_options": {"include_usage": True},
            **_wishes(sampling, self._process.job.answer_tokens, _speakers(messages)),
        }
        # The deadlines are held here, one for each step: aiohttp's would count the time that the reader takes.
        async with asyncio.timeout(self._idle_s):
            response = await self._session.post(
                f"{server.address}/v1/chat/completions",
                json=body,
                headers={"Authorization": f"Bearer {server.key}"},
                timeout=aiohttp.ClientTimeout(total=None),
            )
        try:
            if response.status == 400:
                raise _TooLongError
            response.raise_for_status()
            stream = ModelStream()
            while not stream.done and not stream.looping:
                async with asyncio.timeout(min(self._idle_s, max(0.0, ends - loop.time()))):
                    line = await response.content.readline()
                if not line:
                    raise aiohttp.ClientPayloadError("the answer ended early")
                if piece := stream.hear(line):
                    yield piece
            if stream.said:
                yield stream.end()
        finally:
            response.close()  # the model stops when the connection goes


def _speakers(messages: Sequence[Message]) -> list[str]:
    """Return the people who are named last, a few of them: the model is not to speak for them."""
    said = [one for message in messages[-5:] if message.role == "user" for one in utterances(message.content)]
    return list(dict.fromkeys(one.speaker for one in reversed(said) if one.speaker))[:8]


def _wishes(sampling: Sampling, answer_tokens: int, speakers: Sequence[str]) -> dict[str, Any]:
    low, high = _PENALTIES
    return {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": answer_tokens if sampling.limit_tokens is None else min(sampling.limit_tokens, answer_tokens),
        "repeat_penalty": min(high, max(low, sampling.repetition_penalty * _REPETITION)),
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "stop": [*sampling.stops, *_STOPS, *(f"\n{name}:" for name in speakers)],
        **_STEADY,
    }
