"""What is learnt of how models count tokens, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.model.calibration import Known, ModelName
from tests.fakes.clock import START
from tests.fakes.stores.base import FailingStore


class FakeCalibrationStore(FailingStore):
    """``CalibrationStore`` in memory; ``writes`` is what was kept by each call."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[ModelName, dict[str, Known]] = {}
        self.kept_at: dict[ModelName, datetime] = {}
        self.writes: list[Mapping[ModelName, Mapping[str, Known]]] = []

    async def load(self) -> Mapping[ModelName, Mapping[str, Known]]:
        self._check()
        return {name: dict(terms) for name, terms in self.kept.items()}

    async def keep(self, learnt: Mapping[ModelName, Mapping[str, Known]], *, at: datetime, most_models: int) -> None:
        self._check()
        self.writes.append(learnt)
        for name, terms in learnt.items():
            self.kept[name] = {**self.kept.get(name, {}), **terms}
            self.kept_at[name] = at
        ages = {name: at - self.kept_at.get(name, START) for name in self.kept}
        for name in sorted(self.kept, key=lambda each: (ages[each], each.provider, each.model))[most_models:]:
            del self.kept[name]
