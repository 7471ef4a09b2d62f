"""The endpoints that the operator has set up, behind one door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager

from bot.domain.model.calibration import ModelName
from bot.domain.model.events import ModelEvent
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import ModelRequest


class Models:
    """Hands each request to the endpoint that it names.

    ``models`` are those that are set up, by the names of the setting ``provider``; ``default`` is the operator's. A
    name that is not among them stands for the operator's too: a key may have been taken away after a guild chose it.
    ``chat_models`` are the operator's models at those endpoints that have several to choose from.
    """

    def __init__(
        self, models: Mapping[str, ChatModel], *, default: str, chat_models: Mapping[str, str] | None = None
    ) -> None:
        if default not in models:
            raise ValueError(default)
        self._models = dict(models)
        self._default = default
        self._chat_models = dict(chat_models or {})

    @property
    def names(self) -> frozenset[str]:
        """Name the endpoints that can be chosen."""
        return frozenset(self._models)

    def of(self, provider: str) -> ChatModel:
        """Return the endpoint of a name; empty is the operator's."""
        return self._models.get(provider, self._models[self._default])

    def name_of(self, provider: str, chat_model: str) -> ModelName:
        """Name the model that talks where settings are these; empty is the operator's."""
        provider = provider if provider in self._models else self._default
        if provider not in self._chat_models:
            return ModelName(provider=provider)
        return ModelName(provider=provider, model=chat_model or self._chat_models[provider])

    def stream(self, request: ModelRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelEvent]]:
        """Ask the endpoint that the request names; see ``ChatModel.stream``."""
        return self.of(request.provider).stream(request)
