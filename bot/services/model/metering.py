"""How each model counts tokens: learnt from its answers, kept in the database, asked by all that estimate."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from bot.domain.clock import Clock
from bot.domain.model.calibration import TERMS, Calibration, Known, ModelName, learn, restored, weigh_prompt
from bot.domain.model.events import Finish, FinishReason, ModelEvent, Usage
from bot.domain.model.ports import CalibrationStore
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.model.tokens import CountTokens
from bot.errors import StorageError
from bot.services.model.registry import Models

logger = logging.getLogger(__name__)

MOST_MODELS: Final = 128
"""Models that are remembered; servers may choose any name."""
KEEP_S: Final = 60.0
"""How often what was learnt is written down."""
_TELLING: Final = 0.03
"""Changes of a term that are written down, as a share of what it was doubted by at first: 2 % of a factor."""


class Metering:
    """Knows of each model how many tokens a text is, as far as its endpoint has told.

    Everything is in memory; the database is read once, and written by ``keep_up`` and ``keep`` alone.
    """

    def __init__(self, store: CalibrationStore, models: Models, clock: Clock) -> None:
        self._store = store
        self._models = models
        self._clock = clock
        self._known: OrderedDict[ModelName, Calibration] = OrderedDict()
        self._kept: dict[ModelName, Mapping[str, Known]] = {}
        self._loaded = self._failing = False

    def of(self, provider: str, chat_model: str) -> Calibration:
        """Return what is known of a model, by the settings of these names; empty is the operator's."""
        return self._known.get(self._models.name_of(provider, chat_model)) or Calibration()

    def counter(self, provider: str, chat_model: str) -> CountTokens:
        """Return what counts tokens as that model does."""
        return self.of(provider, chat_model).counter()

    def note(self, request: ModelRequest, ended: ModelEvent | None, usage: Usage) -> None:
        """Learn from one call of a model, which ended so, and from what its endpoint said that it used.

        Only a whole answer in words counts its prompt alone: a drawing may count pictures, too.
        """
        whole = isinstance(ended, Finish) and ended.reason is not FinishReason.FILTERED
        if whole and not usage.pictures and not request.certain:
            self.note_prompt(request, usage.prompt_tokens)

    def note_prompt(self, request: ModelRequest, prompt_tokens: int) -> None:
        """Learn how many tokens the endpoint has counted in the messages of a request for words."""
        if request.mode is not Mode.CHAT or prompt_tokens <= 0:
            return
        name = self._models.name_of(request.provider, request.chat_model)
        known = self._known.get(name) or Calibration()
        self._known[name] = learn(known, weigh_prompt(request.messages, request.persona), prompt_tokens)
        self._known.move_to_end(name)
        while len(self._known) > MOST_MODELS:
            forgotten, _ = self._known.popitem(last=False)
            self._kept.pop(forgotten, None)

    async def load(self) -> None:
        """Read what is kept, once; while the database fails, what is learnt now holds."""
        if self._loaded:
            return
        try:
            kept = await self._store.load()
        except StorageError as error:
            self._note_failure(error)
            return
        self._loaded, self._failing = True, False
        self._kept = dict(kept)
        for name, terms in kept.items():
            if name not in self._known:
                self._known[name] = restored(terms)
                self._known.move_to_end(name, last=False)

    async def keep(self) -> None:
        """Write down what has changed enough; a failing database is logged, and asked again the next time."""
        await self.load()
        changed = {name: terms for name, known in self._known.items() if (terms := self._changed(name, known))}
        if not changed or not self._loaded:
            return
        try:
            await self._store.keep(changed, at=self._clock.now(), most_models=MOST_MODELS)
        except StorageError as error:
            self._note_failure(error)
            return
        self._failing = False
        for name, terms in changed.items():
            self._kept[name] = {**self._kept.get(name, {}), **terms}

    async def keep_up(self) -> None:
        """Write down what is learnt, once in a while, for ever."""
        while True:
            await self._clock.sleep(KEEP_S)
            await self.keep()

    def _changed(self, name: ModelName, known: Calibration) -> dict[str, Known]:
        kept = self._kept.get(name, {})
        return {term: now for term, now in known.terms.items() if _tells(term, kept.get(term), now)}

    def _note_failure(self, error: StorageError) -> None:
        if not self._failing:
            self._failing = True
            logger.warning("What is learnt of the models' tokens can't be kept for now: %s", error)


def _tells(term: str, kept: Known | None, now: Known) -> bool:
    """Say whether a term has changed enough to be written down."""
    before = kept or Known(value=TERMS[term].value, doubt=TERMS[term].doubt)
    moved = abs(now.value - before.value) >= _TELLING * TERMS[term].doubt
    return moved or now.doubt < before.doubt * 0.7
