"""Presses and forms of drawings' cards, from the library's interactions to what is asked of the services."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from bot.domain.drawing.form import DrawForm, WishField, write_numbers
from bot.domain.drawing.form_id import FormId, FormStep, form_id
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.parameters import PARAMETER_FIELDS, DrawingParameters, Recipe, Size, SizeCeiling
from bot.domain.reply.controls import Action, PressRefusal, custom_id
from bot.errors import StorageError, Trouble
from bot.presentation.drawing.forms import form_embed
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.drawing.cards import Card, CardService
from bot.services.drawing.service import DrawService
from bot.services.turn.presses import Press
from cogs.cards import CardsCog
from tests.fakes.houses.house import House
from tests.fakes.words import worded_in
from tests.unit.cogs.interactions import Answers, FakeDesk, FakeDraw, heard, told_alone
from tests.unit.presentation.discord_objects import ANN, CHANNEL, ME, Offline, payload, user

LOCALE = "zh-TW"
NUMBERS = write_numbers(
    {WishField.STEPS: "50", WishField.SCALE: "7", WishField.SEED: "5", WishField.COUNT: "1"},
    CardWords(LOCALE).number_names,
)
RECIPE = Recipe(prompt="a fox", parameters=DrawingParameters(seed=5, size=Size(width=512, height=512)))
AT = Origin(channel_id=CHANNEL, message_id=9000)
CARD = Card(
    turn_id=7,
    recipe=RECIPE,
    recipes=(RECIPE,),
    count=1,
    ceiling=SizeCeiling(sides=Size(width=1024, height=1024), pixels=1024 * 1024),
    honoured=PARAMETER_FIELDS,
    origin=AT,
)


class FakeCards(CardService):
    """The card service with one card; the rest of it is the real one's."""

    def __init__(self) -> None:
        house = House()
        super().__init__(house.stores, house.settings, lambda _: house.model.capabilities, random_seed=lambda: 555)
        self.found: Card | PressRefusal = CARD
        self.presses: list[Press] = []
        self.failing: Exception | None = None
        self.slow = False

    async def card(self, press: Press) -> Card | PressRefusal:
        self.presses.append(press)
        await self._read()
        return self.found

    async def known(self, turn_id: int, place: Place, user: User) -> Card | None:
        await self._read()
        return self.found if isinstance(self.found, Card) and turn_id == self.found.turn_id else None

    async def _read(self) -> None:
        if self.slow:
            await asyncio.sleep(60)
        if self.failing is not None:
            raise self.failing


class Stage:
    """The cog between fakes."""

    def __init__(self) -> None:
        self.offline = Offline()
        self.answers = Answers()
        self.desk = FakeDesk(self.answers)
        self.cards = FakeCards()
        self.service = FakeDraw()
        self.cog = CardsCog(self.cards, cast("DrawService", self.service), cast("ReplyDesk", self.desk))

    async def hears(self, **changes: Any) -> None:
        await self.cog.on_interaction(heard(self.offline, self.answers, **changes))

    async def press(self, action: Action) -> None:
        await self.hears(type=3, data={"custom_id": custom_id(action, 7), "component_type": 2})

    async def send(self, step: FormStep, turn_id: int = 7, **fields: str) -> None:
        """Send a form."""
        known = form_id(FormId(step=step, turn_id=turn_id, message_id=9000))
        inputs = [
            {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}} for name, value in fields.items()
        ]
        await self.hears(type=5, data={"custom_id": known, "components": inputs})

    async def press_under(self, step: FormStep, form: DrawForm | None, turn_id: int = 7) -> None:
        """Press a button under a message that shows a form."""
        embeds = [] if form is None else [form_embed(form, CardWords(LOCALE)).to_dict()]
        message = payload(50, "", author=user(ME, "Fusion"), embeds=embeds, flags=64)
        known = form_id(FormId(step=step, turn_id=turn_id, message_id=9000))
        await self.hears(type=3, data={"custom_id": known, "component_type": 2}, message=message)

    @property
    def asked(self) -> tuple[str, DrawWish | None]:
        """What the one drawing asks for."""
        (ask,) = self.service.asks
        assert (ask.id, ask.mode, ask.user.id) == (5000, Mode.DRAW, ANN)
        return ask.text, ask.wish

    @property
    def opened(self) -> dict[str, Any]:
        """The one form that was opened: its id, and its values by name."""
        (modal,) = self.answers.modals
        inputs = {one["component"]["custom_id"]: one["component"].get("value") for one in modal["components"]}
        return {"id": modal["custom_id"], **inputs}


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_again_draws_at_once_on_a_new_card(stage: Stage) -> None:
    await stage.press(Action.AGAIN)
    assert stage.asked == ("a fox", CARD.wish(RECIPE, seed=555))
    assert stage.desk.acknowledged == [{"anew": True, "private": False}]
    (press,) = stage.cards.presses
    assert (press.action, press.turn_id, press.user.id, press.place.channel_id) == (Action.AGAIN, 7, ANN, CHANNEL)


async def test_upscale_draws_at_once_where_there_is_nothing_to_choose(stage: Stage) -> None:
    await stage.press(Action.UPSCALE)
    assert stage.asked == ("a fox", CARD.wish(RECIPE, size=Size(width=640, height=640)))


async def test_upscale_asks_which_of_several(stage: Stage) -> None:
    stage.cards.found = Card(
        turn_id=7, recipe=RECIPE, recipes=(RECIPE,) * 2, count=2, ceiling=CARD.ceiling, honoured=PARAMETER_FIELDS
    )
    await stage.press(Action.UPSCALE)
    assert stage.opened["id"] == "draw:upscale:7:0"
    assert stage.service.asks == []


async def test_at_the_top_there_is_nothing_larger(stage: Stage) -> None:
    stage.cards.found = Card(
        turn_id=7,
        recipe=RECIPE,
        recipes=(RECIPE,),
        count=1,
        ceiling=SizeCeiling(sides=Size(width=512, height=512), pixels=512 * 512),
        honoured=frozenset(),
    )
    await stage.press(Action.UPSCALE)
    assert worded_in(LOCALE, "drawing.largest_already") in told_alone(stage.answers)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (Action.VARY, {"id": "draw:vary:7:9000", "steps": "50", "scale": "7"}),
        (Action.SIZE, {"id": "draw:size:7:9000", "size": None, "other_size": None}),
        (
            Action.EDIT,
            {
                "id": "draw:edit:7:9000",
                "prompt": "a fox",
                "model": "Artist_V0.1.3",
                "size": "512x512",
                "numbers": NUMBERS,
                "control": None,
            },
        ),
    ],
)
async def test_a_form_opens_with_what_there_is(stage: Stage, action: Action, fields: dict[str, Any]) -> None:
    await stage.press(action)
    assert stage.opened == fields
    assert stage.desk.acknowledged == []
    assert stage.service.asks == []


async def test_a_form_that_is_sent_draws(stage: Stage) -> None:
    await stage.send(FormStep.VARY, scale="3")
    assert stage.asked == ("a fox", CARD.wish(RECIPE, scale=3))


async def test_a_private_card_s_followers_are_private(stage: Stage) -> None:
    stage.cards.found = Card(
        turn_id=7, recipe=RECIPE, recipes=(), count=1, ceiling=CARD.ceiling, honoured=frozenset(), private=True
    )
    await stage.send(FormStep.EDIT, prompt="a cat")
    assert stage.desk.acknowledged == [{"anew": True, "private": True}]


async def test_what_is_wrong_with_a_form_is_told_with_everything_that_was_typed(stage: Stage) -> None:
    await stage.send(FormStep.EDIT, prompt="a *cat*", numbers="steps 0", size="huge", model="M")
    said = told_alone(stage.answers)
    assert f"**{worded_in(LOCALE, 'drawing.field.steps')}**" in said
    assert f"**{worded_in(LOCALE, 'drawing.field.size')}**" in said
    ((_, how),) = stage.answers.told
    assert how["embed"].description == r"a \*cat\*"
    assert [field.value for field in how["embed"].fields] == ["M", "huge", "steps 0", "—"]
    (button,) = how["view"].children
    assert button.custom_id == "draw:refill:7:9000"
    assert stage.service.asks == []


async def test_the_button_under_it_opens_the_form_again(stage: Stage) -> None:
    await stage.press_under(FormStep.REFILL, DrawForm(prompt="a *cat*", numbers="steps 0", size="huge", model="M"))
    assert stage.opened == {
        "id": "draw:edit:7:9000",
        "prompt": "a *cat*",
        "model": "M",
        "size": "huge",
        "numbers": "steps 0",
        "control": None,
    }


async def test_what_a_form_says_is_kept_for_a_refusal(stage: Stage) -> None:
    await stage.send(FormStep.EDIT, prompt="a cat", model="M", numbers="steps 5")
    await stage.press(Action.AGAIN)
    edited, again = stage.desk.kept
    assert edited is not None
    assert edited.form == DrawForm(prompt="a cat", model="M", numbers="steps 5")
    assert edited.about == FormId(step=FormStep.EDIT, turn_id=7, message_id=9000)
    assert again is None  # nothing was typed


async def test_a_command_that_was_refused_stays_private_and_a_spoiler_through_its_form(stage: Stage) -> None:
    known = "draw:refill:0:0:ps"
    embeds = [form_embed(DrawForm(prompt="a cat"), CardWords(LOCALE)).to_dict()]
    message = payload(50, "", author=user(ME, "Fusion"), embeds=embeds, flags=64)
    await stage.hears(type=3, data={"custom_id": known, "component_type": 2}, message=message)
    assert stage.opened["id"] == "draw:edit:0:0:ps"
    inputs = [{"type": 18, "component": {"type": 4, "custom_id": "prompt", "value": "a dog"}}]
    await stage.hears(type=5, data={"custom_id": "draw:edit:0:0:ps", "components": inputs})
    assert stage.asked == ("a dog", DrawWish(private=True, spoiler=True))
    assert stage.desk.acknowledged == [{"anew": True, "private": True}]


async def test_a_recipe_that_nothing_else_is_known_of_is_drawn_from_the_message(stage: Stage) -> None:
    form = DrawForm(prompt="a cat", size="512x512", numbers="seed 3", options="off")
    await stage.press_under(FormStep.REDRAW, form, turn_id=0)
    prompt, wish = stage.asked
    assert prompt == "a cat"
    assert wish is not None
    assert (wish.seed, wish.size, wish.origin) == (3, Size(width=512, height=512), AT)


@pytest.mark.parametrize("step", [FormStep.REFILL, FormStep.REDRAW])
async def test_a_message_without_a_form_is_told(stage: Stage, step: FormStep) -> None:
    await stage.press_under(step, None)
    assert "/draw" in told_alone(stage.answers)


async def test_a_drawing_that_is_gone_when_its_form_is_sent(stage: Stage) -> None:
    stage.cards.found = PressRefusal.UNKNOWN
    await stage.send(FormStep.VARY, scale="3")
    assert "/draw" in told_alone(stage.answers)
    await stage.send(FormStep.EDIT, prompt="a cat")
    assert stage.asked == ("a cat", DrawWish(origin=AT))


async def test_what_follows_a_private_card_that_is_gone_is_private(stage: Stage) -> None:
    stage.cards.found = PressRefusal.UNKNOWN
    form = DrawForm(prompt="a cat")
    await stage.press_under(FormStep.REDRAW, form)
    assert stage.asked == ("a cat", DrawWish(origin=AT, private=True))
    assert stage.desk.acknowledged[-1]["private"]


@pytest.mark.parametrize("refusal", PressRefusal)
async def test_who_may_not_is_told_alone(stage: Stage, refusal: PressRefusal) -> None:
    stage.cards.found = refusal
    await stage.press(Action.EDIT)
    assert told_alone(stage.answers) == notice(Words(LOCALE).press_refusal(refusal))
    assert stage.desk.acknowledged == []


@pytest.mark.parametrize("slow", [True, False])
async def test_a_database_that_is_slow_or_gone_is_told_in_time(
    stage: Stage, slow: bool, caplog: pytest.LogCaptureFixture
) -> None:
    stage.cards.slow = slow
    stage.cards.failing = None if slow else StorageError("gone")
    before = asyncio.get_running_loop().time()
    await stage.press(Action.EDIT)
    assert asyncio.get_running_loop().time() - before < 2.5
    assert told_alone(stage.answers) == notice(Words(LOCALE).problem(Trouble.STORAGE))
    assert "could not be taken up" in caplog.text


async def test_a_press_that_comes_too_late_is_left(stage: Stage) -> None:
    stage.desk.acknowledges = False
    await stage.press(Action.AGAIN)
    assert stage.service.asks == []


async def test_a_form_that_discord_does_not_take_is_no_fault(stage: Stage) -> None:
    stage.answers.failing = ConnectionResetError()
    await stage.press(Action.EDIT)
    assert stage.answers.modals == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": 3, "data": {}},
        {"type": 3, "data": {"custom_id": custom_id(Action.RETRY, 7), "component_type": 2}},
        {"type": 3, "data": {"custom_id": "somebody:else:7", "component_type": 2}},
        {"type": 5, "data": {"custom_id": "reply:again:7", "components": []}},
        {"type": 5, "data": {"custom_id": "draw:burn:7:0", "components": []}},
    ],
    ids=str,
)
async def test_every_other_interaction_is_left_to_its_owner(stage: Stage, changes: dict[str, Any]) -> None:
    await stage.hears(**changes)
    assert (stage.answers.told, stage.answers.modals, stage.service.asks, stage.cards.presses) == ([], [], [], [])
