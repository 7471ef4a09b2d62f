"""A drawing's card, taken up again: what its buttons and forms ask for, and the recipe behind it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.domain.drawing.form import (
    OTHER_SIZE,
    Checked,
    DrawForm,
    WishFault,
    WishField,
    check_form,
    check_values,
    form_of,
    hold_to_models,
)
from bot.domain.drawing.form_id import FormStep
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS, next_size, plan_drawing, sizes_within, wish_of
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.parameters import SEED_MAX, Recipe, Size, SizeCeiling
from bot.domain.reply.controls import PressRefusal
from bot.domain.turn.record import Turn
from bot.services.drawing.origins import OriginState, origin_state
from bot.services.settings.service import SettingsService
from bot.services.turn.presses import Press, find_pressed, hidden_from
from bot.services.turn.stores import Stores

CHAIN_LENGTH = 5
"""How many cards back a recipe tells where it came from."""
ALL = "all"
"""The choice of all of a card's pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A drawing as it can be taken up again.

    ``recipe`` is what was asked for, of ``count`` pictures with seeds from its own on; ``recipes`` are those of the
    pictures that came, in order. ``ceiling`` is how large pictures may be in the place, ``honoured`` is what the
    endpoint heeds.
    """

    turn_id: int
    recipe: Recipe
    recipes: tuple[Recipe, ...]
    count: int
    ceiling: SizeCeiling
    honoured: frozenset[str]
    spoiler: bool | None = None
    private: bool = False
    origin: Origin | None = None

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The known sizes that the place allows."""
        return sizes_within(self.ceiling)

    @property
    def larger(self) -> Size | None:
        """The next larger size that it can be drawn in."""
        return next_size(self.recipe.parameters.size, self.ceiling)

    def wish(self, recipe: Recipe, **changes: object) -> DrawWish:
        """Wish for one of its pictures once more; ``changes`` are fields of ``DrawWish``."""
        plain = wish_of(
            recipe.parameters,
            honoured=self.honoured,
            spoiler=self.spoiler,
            private=self.private,
            origin=self.origin,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]  # fields of DrawWish


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form that was sent: what was asked, and what the whole form would look like with it."""

    checked: Checked
    form: DrawForm


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecipe:
    """What a message's pictures were made with; ``chain`` are the cards that it came from, the nearest first.

    Without a ``card`` all that is known is what the picture itself says.
    """

    recipe: Recipe
    recipes: tuple[Recipe, ...]
    card: Card | None = None
    asker_id: int = 0
    chain: tuple[Origin, ...] = ()


class CardService:
    """Knows the drawings behind cards. Every method raises ``StorageError`` where the database fails.

    ``capabilities`` tells what the endpoint of a setting's name can do.
    """

    def __init__(
        self,
        stores: Stores,
        settings: SettingsService,
        capabilities: Callable[[str], Capabilities],
        *,
        random_seed: Callable[[], int] = lambda: secrets.randbelow(SEED_MAX + 1),
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._capabilities = capabilities
        self._random_seed = random_seed

    async def card(self, press: Press) -> Card | PressRefusal:
        """Find the drawing whose button was pressed, or why nothing is to be done."""
        turn = await find_pressed(press, self._stores.turns, self._settings)
        if isinstance(turn, PressRefusal):
            return turn
        if not turn.prompt:
            return PressRefusal.UNKNOWN
        return await self._card(turn, press.place, press.user)

    async def known(self, turn_id: int, place: Place, user: User) -> Card | None:
        """Find a drawing again whose form was opened before, by whoever opened it; None where it is gone."""
        turn = await self._stores.turns.get(turn_id) if turn_id else None
        if turn is None or not turn.prompt or turn.channel_id != place.channel_id or hidden_from(turn, user):
            return None
        return await self._card(turn, place, user)

    async def recipe_of(self, place: Place, user: User, message_id: int) -> FoundRecipe | None:
        """Find what the pictures of one of the bot's messages were made with."""
        drawings = await self._stores.drawings.by_message(message_id)
        card = await self.known(drawings[0].turn_id, place, user) if drawings else None
        if card is None or not card.recipes:
            return None
        chain = await self._chain(card.turn_id)
        return FoundRecipe(
            recipe=card.recipe, recipes=card.recipes, card=card, asker_id=drawings[0].asker_id, chain=chain
        )

    def again(self, card: Card) -> DrawWish:
        """Wish for a card's drawing with another seed."""
        seed = self._random_seed()
        if seed == card.recipe.parameters.seed:
            seed = (seed + card.count) % (SEED_MAX + 1)
        asked = {"seed": seed} if "seed" in card.honoured else {}
        return card.wish(card.recipe, count=card.count, **asked)

    def filled(self, step: FormStep, card: Card, fields: Mapping[str, str], names: Mapping[WishField, str]) -> Filled:
        """Check a form for a variation, a size or a larger picture; ``fields`` are its values as they were sent."""
        picture = fields.get(WishField.PICTURE, ALL)
        recipe = _picked(card, picture)
        if recipe is None:
            fault = WishFault(field=WishField.PICTURE, given=picture[:20])
            form = form_of(card.recipe, card.count, names)
            return Filled(checked=Checked(prompt="", wish=DrawWish(), faults=(fault,)), form=form)
        count = card.count if picture == ALL else 1
        asked = _asked(step, recipe, fields)
        form = form_of(recipe, count, names, asked)
        # The prompt is not what was filled in: one of a long message, which no form would hold, stays as it is.
        checked = check_values({WishField.PROMPT: recipe.prompt[:PROMPT_MAX_CHARS], **asked})
        if checked.faults:
            return Filled(checked=checked, form=form)
        changes = {field.value: getattr(checked.wish, field.value) for field in asked}
        wish = card.wish(recipe, count=count, **changes)
        return Filled(checked=replace(checked, prompt=recipe.prompt, wish=wish), form=form)

    def edited(
        self,
        card: Card | None,
        form: DrawForm,
        origin: Origin | None = None,
        *,
        spoiler: bool | None = None,
        private: bool = False,
    ) -> Filled:
        """Check a whole form, about a card, or about a picture of ``origin`` of which no card is known.

        ``spoiler`` and ``private`` hold where no card tells them.
        """
        if card is None:
            checked = hold_to_models(check_form(form, spoiler=spoiler, private=private), self._allowed_models)
            return Filled(checked=replace(checked, wish=replace(checked.wish, origin=origin)), form=form)
        kept = card.recipe.prompt
        # A prompt that is longer than a form holds is not cut by a change of something else.
        same = form.prompt[:PROMPT_MAX_CHARS].strip() == kept[:PROMPT_MAX_CHARS].strip()
        checked = check_form(
            replace(form, prompt=kept[:PROMPT_MAX_CHARS]) if same else form,
            spoiler=card.spoiler,
            private=card.private,
        )
        form = replace(form, prompt=kept) if same else form
        # What the endpoint does not heed, and was left as it was, is not asked for.
        unchanged = {
            field: None
            for field in ("model", "size", "steps", "scale", "seed", "enhance", "control")
            if field not in card.honoured and getattr(checked.wish, field) == getattr(card.recipe.parameters, field)
        }
        wish = replace(checked.wish, origin=card.origin, **unchanged)  # type: ignore[arg-type]  # None fits each of them
        checked = replace(checked, prompt=kept if same else checked.prompt, wish=wish)
        return Filled(checked=hold_to_models(checked, self._allowed_models), form=form)

    @property
    def _allowed_models(self) -> frozenset[str] | None:
        return self._settings.operator.available.get("drawing_model")

    async def _card(self, turn: Turn, place: Place, user: User) -> Card:
        settings = await self._settings.in_force(place, user.id)
        drawings = [one for one in await self._stores.drawings.by_turn(turn.id) if one.prompt]
        honoured = self._capabilities(settings.provider).drawing_fields
        wish = turn.wish or DrawWish()
        message_id = drawings[0].message_id if drawings else None
        # A question asks for no spoiler; its picture may be one all the same, as the one was that it changes.
        spoiler = (drawings[0].spoiler or None) if drawings and wish.spoiler is None else wish.spoiler
        recipes = tuple(Recipe(prompt=one.prompt, parameters=one.parameters) for one in drawings)
        if recipes:
            # Where the first ones did not come, the drawing still began with the seed that was asked for.
            seed = recipes[0].parameters.seed if wish.seed is None else wish.seed
            recipe = replace(recipes[0], parameters=replace(recipes[0].parameters, seed=seed))
        else:
            plan = plan_drawing(
                wish, settings, random_seed=self._random_seed(), honoured=honoured, models=self._allowed_models
            )
            recipe = Recipe(prompt=turn.prompt, parameters=plan.pictures[0])
            message_id = turn.reply_ids[-1] if turn.reply_ids else None
        return Card(
            turn_id=turn.id,
            recipe=recipe,
            recipes=recipes,
            count=max(wish.count, len(drawings)),
            ceiling=settings.size_ceiling,
            honoured=honoured,
            spoiler=spoiler,
            private=wish.private or turn.private,
            origin=None if message_id is None else Origin(channel_id=turn.channel_id, message_id=message_id),
        )

    async def _replied_to(self, turn: Turn) -> Origin | None:
        """Find the picture that a question replied to, which its own drawing started from."""
        question = await self._stores.history.get(turn.channel_id, turn.id)
        if question is None or question.reply_to is None:
            return None
        drawings = await self._stores.drawings.by_message(question.reply_to)
        return Origin(channel_id=drawings[0].channel_id, message_id=question.reply_to) if drawings else None

    async def _chain(self, turn_id: int) -> tuple[Origin, ...]:
        chain: list[Origin] = []
        for _ in range(CHAIN_LENGTH):
            turn = await self._stores.turns.get(turn_id)
            origin = turn.wish.origin if turn is not None and turn.wish is not None else None
            if turn is not None and turn.mode is Mode.CHAT:
                origin = await self._replied_to(turn)
            if origin is None or origin in chain or await origin_state(self._stores, origin) is not OriginState.STANDS:
                break
            chain.append(origin)
            found = await self._stores.drawings.by_message(origin.message_id)
            if not found:
                break
            turn_id = found[0].turn_id
        return tuple(chain)


def typed_form(fields: Mapping[str, str]) -> DrawForm:
    """Make a form of the values of its fields as they were sent; missing ones are empty."""
    return DrawForm(
        prompt=fields.get(WishField.PROMPT, ""),
        model=fields.get(WishField.MODEL, ""),
        size=fields.get(WishField.SIZE, ""),
        numbers=fields.get(WishField.NUMBERS, ""),
        options=fields.get(WishField.CONTROL, ""),
    )


def _picked(card: Card, picture: str) -> Recipe | None:
    """Find the picture that was chosen: ``all`` is the first, whose seed the others follow."""
    if picture == ALL:
        return card.recipe
    if not picture.isascii() or not picture.isdecimal() or len(picture) > 2:
        return None
    return card.recipes[int(picture) - 1] if 1 <= int(picture) <= len(card.recipes) else None


def _asked(step: FormStep, recipe: Recipe, fields: Mapping[str, str]) -> dict[WishField, str]:
    """Find what a form asks to be different from the recipe, as it was typed; nothing checked."""
    if step is FormStep.UPSCALE:
        # A ceiling that was lowered meanwhile says so on the new card.
        return {WishField.SIZE: str(next_size(recipe.parameters.size) or recipe.parameters.size)}
    typed = {field: fields.get(field, "").strip() for field in (WishField.SIZE, WishField.STEPS, WishField.SCALE)}
    if other := fields.get(OTHER_SIZE, "").strip():
        typed[WishField.SIZE] = other
    return {field: text for field, text in typed.items() if text}
