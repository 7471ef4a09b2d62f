"""Decides what is drawn, before anything is asked of the model."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.drawing.plan import Commission, DrawingCard, DrawPlan
from bot.domain.drawing.recipes import changed_prompt, plan_drawing, resolved, wish_of
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import Mode
from bot.domain.picture.parameters import SEED_MAX
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.ask import Ask
from bot.errors import StorageError
from bot.services.drawing.origins import as_it_stands
from bot.services.picture.keeper import KeptDrawing
from bot.services.settings.service import SettingsService
from bot.services.turn.stores import Stores

logger = logging.getLogger(__name__)


def random_seed() -> int:
    """Return a seed that nobody can guess, from 0 to the largest that endpoints take."""
    return secrets.randbelow(SEED_MAX + 1)


class DrawingPlanner:
    """Makes plans and commissions. ``capabilities`` returns what the endpoint of a name can do."""

    def __init__(
        self,
        stores: Stores,
        settings: SettingsService,
        capabilities: Callable[[str], Capabilities],
        *,
        random_seed: Callable[[], int] = random_seed,
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._capabilities = capabilities
        self._random_seed = random_seed

    def wish(self, ask: Ask, settings: Settings) -> DrawWish:
        """Return the ask's wish with its seed resolved, so that the same turn gives the same picture again."""
        honoured = self._honoured(settings)
        return resolved(ask.wish or DrawWish(), settings, random_seed=self._random_seed(), honoured=honoured)

    def plan(self, ask: Ask, settings: Settings, wish: DrawWish | None = None) -> DrawPlan:
        """Decide what is drawn for an ask: its own wish unless one is given."""
        return plan_drawing(
            wish or ask.wish or DrawWish(),
            settings,
            random_seed=self._random_seed(),
            honoured=self._honoured(settings),
            age_restricted=ask.place.age_restricted,
            models=self._settings.operator.available.get("drawing_model"),
        )

    async def commission(self, ask: Ask, settings: Settings, replied_to: int | None) -> Commission:
        """Decide what is drawn if a question turns out to want a drawing. Raises ``StorageError``.

        ``replied_to`` is the message that it replies to.

        A reply to a picture of the bot's starts from its recipe: the same parameters and seed, and a prompt that holds
        the old one and what is to change, so that the new picture can be made again by its own recipe alone.
        """
        drawings = await self._stores.drawings.by_message(replied_to) if replied_to is not None else ()
        # If a question is answered in a thread of its own, what it replies to stands in the thread's channel.
        near = (ask.place.channel_id, ask.place.parent_id)
        others = bool(drawings) and drawings[0].private and drawings[0].asker_id != ask.user.id
        if not drawings or others or not drawings[0].prompt or drawings[0].channel_id not in near:
            return Commission(plan=self.plan(ask, settings), prompt=ask.text)
        first = drawings[0]
        wish = wish_of(
            first.parameters,
            honoured=self._honoured(settings),
            spoiler=first.spoiler or None,
            origin=Origin(channel_id=first.channel_id, message_id=first.message_id or 0),
        )
        prompt = changed_prompt(first.prompt, ask.text)
        return Commission(plan=self.plan(ask, settings, wish), prompt=prompt, changes=True)

    async def leading(self, commission: Commission) -> Commission:
        """Let a card link to what it came from only if that is there."""
        try:
            return replace(commission, plan=await as_it_stands(self._stores, commission.plan))
        except StorageError as error:
            logger.warning("what a drawing came from could not be looked up: %s", error)
            return commission

    async def recovered(self, ask: Ask, made: Sequence[KeptDrawing]) -> DrawingCard:
        """Say on a card what is known of pictures that a process made which died before it delivered them."""
        drawings = [one.drawing for one in made]
        try:
            settings = await self._settings.in_force(ask.place, ask.user.id)
            # A question may have replied to a picture, which is where this one came from.
            if ask.mode is Mode.CHAT:
                plan = (await self.commission(ask, settings, await self._reply_to(ask))).plan
            else:
                plan = self.plan(ask, settings)
            plan = await as_it_stands(self._stores, plan)
        except StorageError:
            plan = DrawPlan(pictures=())
        pictures = tuple(drawing.parameters for drawing in drawings)
        wished = len(plan.pictures)
        plan = replace(plan, pictures=pictures, spoiler=drawings[0].spoiler)
        return DrawingCard(
            prompt=drawings[0].prompt,
            pictures=pictures,
            asker_id=ask.user.id,
            took_s=max(drawing.took_s or 0.0 for drawing in drawings),
            plan=plan,
            missing=max(0, wished - len(drawings)),
        )

    def _honoured(self, settings: Settings) -> frozenset[str]:
        return self._capabilities(settings.provider).drawing_fields

    async def _reply_to(self, ask: Ask) -> int | None:
        """Find what a question replies to that is answered anew, from the history."""
        line = await self._stores.history.get(ask.place.channel_id, ask.id)
        return line.reply_to if line is not None else None
