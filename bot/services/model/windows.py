"""What is remembered of how long a prompt each model takes, and asking once more with less."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Generic, TypeVar

from bot.domain.chat.talk import Talk
from bot.domain.clock import Clock
from bot.domain.model.request import ModelRequest
from bot.domain.model.tokens import MESSAGE_TOKENS
from bot.domain.model.window import LEAST_WINDOW_TOKENS, Bound, Limit, answer_room
from bot.errors import ErrorKind, ProviderError
from bot.services.model.round import Round

logger = logging.getLogger(__name__)

LASTS_S: Final = 3600.0
"""How long a limit is believed: the operator may give the model a larger window, and what a channel says changes."""
KEPT: Final = 1024
"""Models and channels that are remembered, each; the one that was longest of no use goes first."""
HOPELESS: Final = 3
"""Refusals in a row after which a question goes alone: the one before it was refused with less, too."""

Ask = Callable[[ModelRequest], Awaitable[ProviderError | None]]
"""Asks once; returns what failed if nothing at all came of it, and None otherwise."""


Key = TypeVar("Key")
Value = TypeVar("Value")


class _Kept(Generic[Key, Value]):
    """A bounded number of values, none older than ``LASTS_S``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[Value, float]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        value, since_s = self._kept.get(key, (None, 0.0))
        if value is None or self._clock.monotonic() - since_s > LASTS_S:
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> None:
        self._kept[key] = (value, self._clock.monotonic())
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


_Model = tuple[str, str, str, str]


class Windows:
    """Lets a conversation that was too long for the model go once more, with less of its history.

    The model's window holds for every channel. What its tokens are to the estimate is a channel's own: a table of
    digits has four times as many as the same length of English.
    """

    def __init__(self, clock: Clock) -> None:
        self._windows: _Kept[_Model, int] = _Kept(clock)
        self._limits: _Kept[tuple[_Model, int], Limit] = _Kept(clock)

    def fit(self, turn: Round, talk: Talk, request: ModelRequest) -> ModelRequest:
        """Write the conversation into a request, as long as is known to fit."""
        most = self._limit(turn, request).most(self._window(request), request.sampling.max_new_tokens)
        return self._bounded(talk, request, None if most is None else Bound(most_tokens=most))

    async def ask(
        self, turn: Round, talk: Talk, request: ModelRequest, ask: Ask, *, paid: bool
    ) -> ProviderError | None:
        """Ask, and once more with less if the conversation was too long; returns what failed at last.

        ``paid``: the call may have been billed although nothing came of it, so that only an endpoint that says that the
        conversation is too long is asked again.
        """
        error = await ask(request)
        if error is None:
            self._taken(turn, request)
            return None
        if not _too_long(error, paid=paid):
            return error
        shorter = self._shorter(turn, talk, request, error)
        if shorter is None:
            return error
        logger.info("the prompt of turn %s is too long for the model, and is shortened once", turn.ask.id)
        again = await ask(shorter)
        if again is None:
            if error.bare:  # so it was the length
                self._learn(turn, talk, request, error, sure=True)
            self._taken(turn, shorter)
            return None
        if not _too_long(again, paid=paid):
            return again
        self._learn(turn, talk, shorter, again, sure=not again.bare)
        # An endpoint that says nothing twice is taken to have the same reason as one that says it.
        return again if again.kind is ErrorKind.TOO_LONG else ProviderError(ErrorKind.TOO_LONG, again.detail)

    def _shorter(self, turn: Round, talk: Talk, request: ModelRequest, error: ProviderError) -> ModelRequest | None:
        """Write a request that should fit; None if there is nothing to leave out."""
        limit = self._learn(turn, talk, request, error, sure=not error.bare)
        bound = Bound(most_tokens=limit.most_tokens or 1, alone=limit.misses >= HOPELESS, whole=error.bare)
        shorter = self._bounded(talk, request, bound)
        return None if shorter.messages == request.messages else shorter

    def _learn(self, turn: Round, talk: Talk, request: ModelRequest, error: ProviderError, *, sure: bool) -> Limit:
        """Learn from a refusal; returns what it says. If it is not ``sure``, only that it came is kept."""
        if error.window_tokens is not None and error.window_tokens >= LEAST_WINDOW_TOKENS:
            self._windows.put(_model(request), error.window_tokens)
        before = self._limit(turn, request)
        limit = before.refused(
            _estimate(talk, request),
            answer_tokens=request.sampling.max_new_tokens,
            window_tokens=self._window(request),
            prompt_tokens=error.prompt_tokens,
        )
        self._keep(turn, request, limit if sure else replace(before, misses=limit.misses))
        return limit

    def _bounded(self, talk: Talk, request: ModelRequest, bound: Bound | None) -> ModelRequest:
        """Write a conversation into a request, whose persona and marks have their part of the bound."""
        window = self._window(request)
        if window is not None:
            room = answer_room(window, request.sampling.max_new_tokens)
            request = replace(request, sampling=replace(request.sampling, max_new_tokens=room))
        if bound is not None:
            most = bound.most_tokens - talk.count(request.persona) - MESSAGE_TOKENS
            bound = replace(bound, most_tokens=max(1, most))
        return replace(request, messages=talk.messages(bound))

    def _taken(self, turn: Round, request: ModelRequest) -> None:
        limit = self._limit(turn, request)
        if limit.misses:
            self._keep(turn, request, replace(limit, misses=0))

    def _keep(self, turn: Round, request: ModelRequest, limit: Limit) -> None:
        self._limits.put((_model(request), turn.ask.place.channel_id), limit)

    def _limit(self, turn: Round, request: ModelRequest) -> Limit:
        return self._limits.get((_model(request), turn.ask.place.channel_id)) or Limit()

    def _window(self, request: ModelRequest) -> int | None:
        return self._windows.get(_model(request))


def _model(request: ModelRequest) -> _Model:
    return (request.provider, request.mode.value, request.chat_model, request.image_model)


def _too_long(error: ProviderError, *, paid: bool) -> bool:
    return error.kind is ErrorKind.TOO_LONG or (error.kind is ErrorKind.EMPTY and error.bare and not paid)


def _estimate(talk: Talk, request: ModelRequest) -> int:
    told = sum(talk.count(message.content) + MESSAGE_TOKENS for message in request.messages)
    return told + talk.count(request.persona)
