"""Drawings taken up again by the buttons and forms of their cards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.bounds import Bounds
from bot.domain.drawing.form import NUMBERS, DrawForm, WishField, form_of
from bot.domain.drawing.form_id import FormStep
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import PARAMETER_FIELDS, SEED_MAX, ControlNet, DrawingParameters, Recipe, Size
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.settings.choices import Buttons
from bot.domain.turn.record import TurnState
from bot.errors import StorageError
from bot.services.drawing.cards import Card, CardService, typed_form
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, BOB, HERE, said
from tests.fakes.clock import START
from tests.fakes.houses.house import House, kept_turn

NAMES = {field: field.value for field in NUMBERS}
MADE = DrawingParameters(
    model="M", size=Size(width=512, height=768), steps=20, scale=9, seed=100, enhance=True, control=ControlNet.CANNY
)
CARD_ID = 9000
AT = Origin(channel_id=HERE.channel_id, message_id=CARD_ID)


class Table(House):
    """A house with drawings in it; ``heeded`` is what its endpoint honours."""

    def __init__(self, **operator: Any) -> None:
        super().__init__(operator=operator)
        self.heeded = PARAMETER_FIELDS
        self.seed = 555

    @property
    def service(self) -> CardService:
        plain = self.model.capabilities
        return CardService(
            self.stores,
            self.settings,
            lambda _: replace(plain, drawing_fields=self.heeded),
            random_seed=lambda: self.seed,
        )

    def drawn(self, count: int = 1, *, turn_id: int = 5000, message_id: int = CARD_ID, **wish: Any) -> None:
        """Keep a drawing of Ann's that has been delivered."""
        asked = DrawWish(seed=MADE.seed, count=count, **wish)
        self.keep_turn(kept_turn(turn_id, mode=Mode.DRAW, prompt="a fox", wish=asked, reply_ids=(message_id,)))
        for index in range(count):
            self.drawings.drawings[turn_id, index] = Drawing(
                turn_id=turn_id,
                index=index,
                channel_id=HERE.channel_id,
                message_id=message_id,
                prompt="a fox",
                parameters=replace(MADE, seed=MADE.seed + index),
                filename=f"{index}.png",
                created_at=START,
                guild_id=HERE.guild_id,
                asker_id=ANN.id,
            )

    async def card(self, **changes: Any) -> Card:
        found = await self.service.card(press(**changes))
        assert isinstance(found, Card)
        return found


def press(action: Action = Action.AGAIN, *, user: User = ANN, place: Place = HERE, turn_id: int = 5000) -> Press:
    return Press(action=action, turn_id=turn_id, user=user, place=place, manages_messages=False)


@pytest.fixture
def table() -> Table:
    return Table()


# --- who may, and what is known -------------------------------------------------------------------------------------


async def test_only_the_asker_may_but_where_the_place_lets_everyone(table: Table) -> None:
    table.drawn()
    assert await table.service.card(press(user=BOB)) is PressRefusal.NOT_YOURS
    table.operator["buttons_for"] = Buttons.EVERYONE
    assert isinstance(await table.card(user=BOB), Card)


@pytest.mark.parametrize("changes", [{"turn_id": 4999}, {"place": Place(channel_id=77, guild_id=1)}])
async def test_a_drawing_of_nowhere_or_elsewhere_is_unknown(table: Table, changes: Any) -> None:
    table.drawn()
    assert await table.service.card(press(**changes)) is PressRefusal.UNKNOWN


async def test_what_is_made_of_a_card_that_discord_showed_to_one_person_is_private(table: Table) -> None:
    table.drawn()
    table.turns.turns[5000] = replace(table.turns.turns[5000], private=True, only_for=11)
    card = await table.service.card(press())
    assert isinstance(card, Card)
    assert table.service.again(card).private


async def test_a_private_drawing_is_unknown_to_everybody_else(table: Table) -> None:
    table.drawn(private=True)
    table.operator["buttons_for"] = Buttons.EVERYONE
    forged = replace(press(user=BOB), manages_messages=True)
    assert await table.service.card(forged) is PressRefusal.UNKNOWN
    assert await table.service.known(5000, HERE, BOB) is None
    assert await table.service.recipe_of(HERE, BOB, CARD_ID) is None
    assert isinstance(await table.card(), Card)
    assert await table.service.known(5000, HERE, ANN) is not None
    assert await table.service.recipe_of(HERE, ANN, CARD_ID) is not None


async def test_a_forgotten_drawing_is_unknown(table: Table) -> None:
    table.drawn()
    await table.turns.forget((5000,))
    assert await table.service.card(press()) is PressRefusal.UNKNOWN
    assert await table.service.known(5000, HERE, ANN) is None


async def test_a_card_knows_its_recipe_place_and_next_size(table: Table) -> None:
    table.drawn(2)
    card = await table.card()
    assert card.recipe == Recipe(prompt="a fox", parameters=MADE)
    assert [one.parameters.seed for one in card.recipes] == [100, 101]
    assert (card.count, card.origin, card.larger) == (2, AT, Size(width=640, height=960))
    table.operator["max_size"] = Size(width=600, height=800)
    assert (await table.card()).larger is None
    assert Size(width=960, height=960) not in (await table.card()).sizes


async def test_a_form_takes_the_models_that_the_operator_allows(table: Table) -> None:
    table.drawn()
    table.bounds = Bounds(models={"drawing_model": ("b", "a")})
    card = await table.card()
    for known in (card, None):
        form = replace(form_of(card.recipe, 1, NAMES), model="dear")
        (fault,) = table.service.edited(known, form).checked.faults
        assert (fault.field, fault.given, fault.allowed) == (WishField.MODEL, "dear", ("a", "b"))
        assert table.service.edited(known, replace(form, model="a")).checked.faults == ()
        assert table.service.edited(known, replace(form, model="")).checked.faults == ()


@pytest.mark.parametrize(("asked", "made", "again"), [(None, True, True), (None, False, None), (False, True, False)])
async def test_what_follows_a_spoiler_is_one(table: Table, asked: Any, made: bool, again: Any) -> None:
    table.drawn(spoiler=asked)
    table.drawings.drawings[5000, 0] = replace(table.drawings.drawings[5000, 0], spoiler=made)
    assert table.service.again(await table.card()).spoiler is again


async def test_a_prompt_that_is_longer_than_a_form_stays_whole(table: Table) -> None:
    long = f"a fox {'x' * PROMPT_MAX_CHARS}"
    table.drawn()
    table.drawings.drawings[5000, 0] = replace(table.drawings.drawings[5000, 0], prompt=long)
    card = await table.card()
    varied = table.service.filled(FormStep.VARY, card, {"scale": "3"}, NAMES).checked
    assert (varied.faults, varied.prompt, varied.wish.scale) == ((), long, 3)
    form = replace(form_of(card.recipe, 1, NAMES), prompt=long[:PROMPT_MAX_CHARS])
    assert table.service.edited(card, form).checked.prompt == long
    assert table.service.edited(card, replace(form, prompt="a cat")).checked.prompt == "a cat"


async def test_a_drawing_that_failed_is_taken_up_as_it_would_be_drawn(table: Table) -> None:
    wish = DrawWish(steps=9, seed=3, count=2)
    turn = kept_turn(mode=Mode.DRAW, prompt="a fox", wish=wish, state=TurnState.FAILED, text="")
    table.keep_turn(turn)
    card = await table.card(action=Action.EDIT)
    assert card.recipes == ()
    assert card.recipe == Recipe(prompt="a fox", parameters=DrawingParameters(steps=9, seed=3))
    assert (card.count, card.origin) == (2, AT)


async def test_where_the_first_pictures_did_not_come_the_drawing_still_began_with_its_seed(table: Table) -> None:
    table.drawn(3)
    del table.drawings.drawings[5000, 0]
    card = await table.card()
    assert card.recipe.parameters.seed == 100
    assert [one.parameters.seed for one in card.recipes] == [101, 102]
    assert card.count == 3


async def test_a_database_that_is_gone_is_told(table: Table) -> None:
    table.drawn()
    table.fail()
    for work in (table.service.card(press()), table.service.known(5000, HERE, ANN)):
        with pytest.raises(StorageError):
            await work


# --- the wishes -----------------------------------------------------------------------------------------------------


async def test_again_is_the_same_with_another_seed(table: Table) -> None:
    table.drawn(2, spoiler=True, private=True)
    card = await table.card()
    wish = table.service.again(card)
    assert wish == card.wish(card.recipe, seed=555, count=2)
    assert (wish.spoiler, wish.private, wish.origin, wish.steps) == (True, True, AT, 20)


async def test_again_never_gives_the_same_seeds(table: Table) -> None:
    table.drawn(2)
    table.seed = 100
    assert table.service.again(await table.card()).seed == 102
    table.drawings.drawings[5000, 0] = replace(
        table.drawings.drawings[5000, 0], parameters=replace(MADE, seed=SEED_MAX)
    )
    table.turns.turns[5000] = replace(table.turns.turns[5000], wish=DrawWish(seed=SEED_MAX, count=2))
    table.seed = SEED_MAX
    assert table.service.again(await table.card()).seed == 1


async def test_what_the_endpoint_does_not_heed_is_not_asked_for(table: Table) -> None:
    table.heeded = frozenset()
    table.drawn()
    assert table.service.again(await table.card()) == DrawWish(origin=AT)


@pytest.mark.parametrize(
    ("step", "fields", "changes"),
    [
        (FormStep.VARY, {"steps": " 30 ", "scale": ""}, {"steps": 30}),
        (FormStep.VARY, {"steps": "", "scale": "2"}, {"scale": 2}),
        (FormStep.VARY, {}, {}),
        (FormStep.VARY, {"scale": "2", "picture": "2"}, {"scale": 2, "seed": 101, "count": 1}),
        (FormStep.SIZE, {"size": "640x640", "other_size": ""}, {"size": Size(width=640, height=640)}),
        (FormStep.SIZE, {"size": "640x640", "other_size": "99x98"}, {"size": Size(width=99, height=98)}),
        (FormStep.UPSCALE, {"picture": "all"}, {"size": Size(width=640, height=960)}),
        (FormStep.UPSCALE, {"picture": "2"}, {"size": Size(width=640, height=960), "seed": 101, "count": 1}),
    ],
)
async def test_a_form_changes_what_it_says_and_keeps_the_seed(
    table: Table, step: FormStep, fields: dict[str, str], changes: dict[str, Any]
) -> None:
    table.drawn(2)
    card = await table.card()
    checked = table.service.filled(step, card, fields, NAMES).checked
    assert checked.faults == ()
    assert (checked.prompt, checked.wish) == ("a fox", card.wish(card.recipe, **{"count": 2, **changes}))


@pytest.mark.parametrize(
    ("step", "fields", "field"),
    [
        (FormStep.VARY, {"steps": "999"}, WishField.STEPS),
        (FormStep.VARY, {"scale": "much"}, WishField.SCALE),
        (FormStep.SIZE, {"other_size": "9x9"}, WishField.SIZE),
        *((FormStep.UPSCALE, {"picture": picture}, WishField.PICTURE) for picture in ("0", "3", "x", "٢", "999")),
    ],
)
async def test_what_is_wrong_with_a_form_is_told_and_what_was_typed_is_kept(
    table: Table, step: FormStep, fields: dict[str, str], field: WishField
) -> None:
    table.drawn(2)
    filled = table.service.filled(step, await table.card(), fields, NAMES)
    (fault,) = filled.checked.faults
    assert fault.field is field
    assert filled.form.prompt == "a fox"
    if field is not WishField.PICTURE:
        assert fault.given in (*filled.form.numbers.replace(",", "").split(), filled.form.size)


async def test_a_whole_form_is_a_new_wish_from_the_card(table: Table) -> None:
    table.drawn(spoiler=True, private=True)
    card = await table.card()
    form = typed_form(
        {"prompt": "a cat", "model": "N", "size": "64x64", "numbers": "seed 1 count 3", "control": "hed+enhance"}
    )
    filled = table.service.edited(card, form)
    assert filled.checked.prompt == "a cat"
    assert filled.checked.wish == DrawWish(
        model="N",
        size=Size(width=64, height=64),
        seed=1,
        count=3,
        control=ControlNet.HED,
        enhance=True,
        spoiler=True,
        private=True,
        origin=AT,
    )


async def test_a_form_that_was_left_as_it_was_asks_nothing_of_an_endpoint_that_heeds_nothing(table: Table) -> None:
    table.heeded = frozenset()
    table.drawn()
    card = await table.card()
    form = form_of(card.recipe, 1, NAMES)
    assert table.service.edited(card, form).checked.wish == DrawWish(origin=AT)
    changed = table.service.edited(card, replace(form, size="640x640")).checked.wish
    assert changed == DrawWish(origin=AT, size=Size(width=640, height=640))


async def test_a_form_about_a_picture_that_nothing_is_known_of(table: Table) -> None:
    form = DrawForm(prompt="a cat")
    assert table.service.edited(None, form, AT).checked.wish == DrawWish(origin=AT)
    assert table.service.edited(None, form).checked.wish == DrawWish()


# --- recipes --------------------------------------------------------------------------------------------------------


async def test_a_recipe_tells_the_cards_that_it_came_from(table: Table) -> None:
    table.drawn(turn_id=1, message_id=11)
    origins = [Origin(channel_id=HERE.channel_id, message_id=number) for number in (11, 12)]
    table.drawn(turn_id=2, message_id=12, origin=origins[0])
    table.drawn(turn_id=3, message_id=13, origin=origins[1])
    found = await table.service.recipe_of(HERE, BOB, 13)
    assert found is not None
    assert found.chain == (origins[1], origins[0])
    assert (found.recipe.parameters, found.asker_id) == (MADE, ANN.id)
    assert found.card is not None
    assert found.card.turn_id == 3


async def test_a_picture_that_a_reply_asked_to_change_tells_where_it_came_from(table: Table) -> None:
    table.drawn(turn_id=1, message_id=11)
    table.drawn(turn_id=2, message_id=12)
    table.turns.turns[2] = replace(table.turns.turns[2], mode=Mode.CHAT, wish=None)
    table.keep(said(2, "make it darker", reply_to=11))
    found = await table.service.recipe_of(HERE, ANN, 12)
    assert found is not None
    assert found.chain == (Origin(channel_id=HERE.channel_id, message_id=11),)
    table.keep(said(2, "make it darker", reply_to=404))
    found = await table.service.recipe_of(HERE, ANN, 12)
    assert found is not None
    assert found.chain == ()


async def test_a_picture_in_a_thread_of_its_own_tells_of_the_one_in_the_channel(table: Table) -> None:
    table.drawn(turn_id=1, message_id=11)
    thread = Place(channel_id=2, guild_id=1, parent_id=HERE.channel_id)
    table.keep_turn(kept_turn(2, channel_id=2, prompt="make it darker", reply_ids=(12,)))
    table.drawings.drawings[2, 0] = replace(table.drawings.drawings[1, 0], turn_id=2, message_id=12, channel_id=2)
    table.keep(said(2, "make it darker", channel_id=2, reply_to=11))
    found = await table.service.recipe_of(thread, ANN, 12)
    assert found is not None
    assert found.chain == (Origin(channel_id=HERE.channel_id, message_id=11),)


@pytest.mark.parametrize("gone", ["deleted", "forgotten", "failed"])
async def test_a_recipe_leads_to_no_card_that_is_gone_or_had_no_picture(table: Table, gone: str) -> None:
    origin = Origin(channel_id=HERE.channel_id, message_id=11)
    table.drawn(turn_id=1, message_id=11)
    table.drawn(turn_id=2, message_id=12, origin=origin)
    await table.drawings.remove((1,))
    if gone == "forgotten":
        await table.turns.forget((1,))
    elif gone == "failed":
        table.turns.turns[1] = replace(table.turns.turns[1], state=TurnState.FAILED)
    found = await table.service.recipe_of(HERE, ANN, 12)
    assert found is not None
    assert found.chain == ()


async def test_a_chain_that_bites_its_tail_ends(table: Table) -> None:
    table.drawn(origin=AT)
    found = await table.service.recipe_of(HERE, ANN, CARD_ID)
    assert found is not None
    assert found.chain == (AT,)


async def test_a_message_without_a_drawing_has_no_recipe(table: Table) -> None:
    assert await table.service.recipe_of(HERE, ANN, CARD_ID) is None
    table.drawn()
    assert await table.service.recipe_of(Place(channel_id=77), ANN, CARD_ID) is None
