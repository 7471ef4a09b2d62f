"""What is suggested while somebody fills in a drawing: at once, and never in the way."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from bot.domain.clock import Clock
from bot.domain.drawing.recipes import ANY_SIZE, fit_size, sizes_within
from bot.domain.people import Place, User
from bot.domain.picture.parameters import Size
from bot.domain.picture.ports import DrawingStore
from bot.domain.settings.catalogue import parse_setting
from bot.errors import StorageError
from bot.services.settings.service import SettingsService

logger = logging.getLogger(__name__)

KNOWN_MODELS = ("Artist_V0.1.3", "Artist V0.3.0 Beta", "Artist v0.3.5 Beta", "Artist v0.4.0 Beta")
"""The names known of Miaohua, each as it is written there (endpoints.md, section 1)."""
SUGGESTIONS = 25
"""Discord's limit for one answer."""
LOOK_S = 1.0
"""How long the database may take; Discord waits 3 s for an answer."""
FRESH_S = 30.0
"""How long what was used lately is believed: a user types on for about that long."""
REMEMBERED = 500
"""People whose models are remembered."""


class DrawSuggestions:
    """Suggests models and sizes. No method raises."""

    def __init__(self, drawings: DrawingStore, settings: SettingsService, clock: Clock) -> None:
        self._drawings = drawings
        self._settings = settings
        self._clock = clock
        self._lately: OrderedDict[tuple[int, int | None], tuple[float, tuple[str, ...]]] = OrderedDict()

    @property
    def allowed_models(self) -> frozenset[str] | None:
        """The models that the operator allows; None allows all."""
        return self._settings.operator.available.get("drawing_model")

    async def models(self, place: Place, user: User, typed: str) -> tuple[str, ...]:
        """Suggest models that hold what was typed: those in use here, the latest first, then the known ones.

        Where the operator allows some only, those.
        """
        allowed = self.allowed_models
        names = dict.fromkeys((*await self._used(place, user), *(KNOWN_MODELS if allowed is None else sorted(allowed))))
        wanted = typed.strip().casefold()
        offered = (name for name in names if allowed is None or name in allowed)
        return tuple(name for name in offered if wanted in name.casefold())[:SUGGESTIONS]

    async def sizes(
        self, place: Place, user: User, typed: str, *, named: Callable[[Size], str] = str
    ) -> tuple[Size, ...]:
        """Suggest sizes: what was typed where it is one, as far as the place allows, then the known ones.

        They are found by their numbers and by how they are ``named`` to the user.
        """
        ceiling = ANY_SIZE
        with suppress(StorageError, TimeoutError):
            async with asyncio.timeout(LOOK_S):
                ceiling = (await self._settings.in_force(place, user.id)).size_ceiling
        name = typed.strip().casefold()
        wanted = name.replace("×", "x").replace("*", "x").replace(" ", "")
        sizes = [size for size in sizes_within(ceiling) if wanted in str(size) or name in named(size).casefold()]
        with suppress(ValueError):
            own = fit_size(parse_setting("size", wanted), ceiling)
            sizes = [own, *(size for size in sizes if size != own)]
        return tuple(sizes[:SUGGESTIONS])

    async def _used(self, place: Place, user: User) -> tuple[str, ...]:
        key = (user.id, place.ruling_guild_id)
        now = self._clock.monotonic()
        known = self._lately.get(key)
        if known is not None and now - known[0] < FRESH_S:
            return known[1]
        try:
            async with asyncio.timeout(LOOK_S):
                names = await self._drawings.models(asker_id=user.id, guild_id=place.ruling_guild_id, limit=SUGGESTIONS)
        except (StorageError, TimeoutError) as error:
            logger.warning("the models in use could not be read: %s", type(error).__name__)
            return known[1] if known is not None else ()
        self._lately[key] = (now, names)
        self._lately.move_to_end(key)
        while len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)
        return names
