"""Which settings are in force where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.messages import Place
from bot.domain.settings import Settings


class SettingsService:
    """Resolves settings: the built-in defaults, and the operator's over them."""

    def __init__(self, operator: Mapping[str, Any]) -> None:
        self._operator = Settings(**operator)

    async def in_force(self, place: Place, person_id: int | None = None) -> Settings:  # noqa: ARG002  # a guild's own values come between, by place
        """Return the settings that hold in a place, for a person where one is named. Raises ``StorageError``."""
        return self._operator
