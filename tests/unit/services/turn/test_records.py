"""What is kept of a turn while and after it is answered."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.drawing.wish import DrawWish
from bot.domain.history.messages import Kind
from bot.domain.model.messages import Role
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.errors import StopReason
from bot.services.model.round import Answerer, Round
from tests.fakes.answers import COMPLETE, hello
from tests.fakes.asks import ask
from tests.fakes.clock import settle
from tests.fakes.houses.house import House
from tests.fakes.model import picture
from tests.fakes.reply.replies import FakeReply, FakeSink


@pytest.fixture
def house() -> House:
    return House()


async def test_how_far_a_turn_is_is_kept_at_once_and_about_every_second(house: House) -> None:
    kept: list[tuple[float, str]] = []

    async def slowly(turn: Round) -> Ending:
        for n in range(30):
            await asyncio.sleep(0.1)
            turn.answer.parts.append(str(n % 10))
            turn.reply.push(str(n % 10))
            await settle()
            text = house.turns.turns[turn.ask.id].text
            if not kept or kept[-1][1] != text:
                kept.append((round(asyncio.get_running_loop().time(), 1), text))
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), slowly)
    assert kept[0] == (0.1, "0")
    assert [len(text) for _, text in kept] == pytest.approx([1, 11, 21], abs=1)


async def test_a_checkpoint_that_fails_is_made_up_for(house: House) -> None:
    texts: list[str] = []

    async def look(turn: Round) -> Ending:
        house.fail()
        await hello(turn)
        await asyncio.sleep(3)
        house.mend()
        await asyncio.sleep(1.5)
        texts.append(house.turns.turns[turn.ask.id].text)
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), look)
    assert texts == ["Hi"]


def drawing_foxes(house: House) -> Answerer:
    """Draw two foxes, which are kept before the reply ends."""

    async def draw(turn: Round) -> Ending:
        turn.reply.show_drawing()
        for index in (0, 1):
            drawing = Drawing(
                turn_id=turn.ask.id,
                index=index,
                channel_id=turn.ask.place.channel_id,
                message_id=None,
                prompt="a fox",
                parameters=DrawingParameters(steps=20, seed=42 + index),
                filename=f"fox-{index}.png",
                created_at=house.clock.now(),
            )
            turn.answer.made[index] = await house.keeper.keep(drawing, picture())
        return Ending(state=TurnState.COMPLETE, pictures=turn.answer.files)

    return draw


async def test_a_drawing_is_remembered_by_its_recipe(house: House) -> None:
    await house.runner.run(ask(text="a fox"), FakeSink(), drawing_foxes(house))
    reply = house.history.messages[1000, 9000]
    told = "a fox (model Artist_V0.1.3, 960x960, seeds 42, 43, steps 20, scale 7)"
    assert (reply.kind, reply.text) == (Kind.DRAWING, told)
    kept = house.drawings.drawings
    assert [(one.filename, one.message_id) for one in kept.values()] == [("fox-0.png", 9000), ("fox-1.png", 9000)]
    assert (kept[5000, 0].prompt, kept[5000, 0].parameters.steps) == ("a fox", 20)
    assert set(house.files.files) == {"5000-0.png", "5000-1.png"}


async def test_words_with_a_picture_are_remembered_with_its_recipe(house: House) -> None:
    draw = drawing_foxes(house)

    async def draw_and_talk(turn: Round) -> Ending:
        turn.answer.parts.append("Here they are.")
        turn.reply.push("Here they are.")
        return await draw(turn)

    await house.runner.run(ask(text="a fox"), FakeSink(), draw_and_talk)
    reply = house.history.messages[1000, 9000]
    recipe = "a fox (model Artist_V0.1.3, 960x960, seeds 42, 43, steps 20, scale 7)"
    assert (reply.kind, reply.text, reply.drawn) == (Kind.TEXT, "Here they are.", recipe)


async def test_a_further_version_is_remembered_as_what_it_is(house: House) -> None:
    """Words that take a picture's place are no recipe, and a picture that takes theirs is not said."""
    await house.runner.run(ask(text="a fox"), FakeSink(), drawing_foxes(house))
    await house.runner.rerun(ask(text="a fox"), house.turns.turns[5000], FakeSink(), hello)
    reply = house.history.messages[1000, 9000]
    assert (reply.kind, reply.text, reply.drawn) == (Kind.TEXT, "Hi", "")
    await house.runner.rerun(ask(text="a fox"), house.turns.turns[5000], FakeSink(), drawing_foxes(house))
    assert house.history.messages[1000, 9000].kind is Kind.DRAWING


async def test_a_drawing_that_discord_did_not_take_is_not_remembered_as_sent(house: House) -> None:
    def prepare(reply: FakeReply) -> None:
        reply.takes = False

    await house.runner.run(ask(text="a fox"), FakeSink(prepare=prepare), drawing_foxes(house))
    assert house.said == [(Role.USER, "a fox")]
    assert [one.message_id for one in house.drawings.drawings.values()] == [None, None]


async def test_a_private_drawing_is_kept_as_its_asker_s_alone(house: House) -> None:
    await house.runner.run(ask(text="a fox", wish=DrawWish(private=True)), FakeSink(), drawing_foxes(house))
    lines = house.history.messages.values()
    assert [(line.role, line.only_for, line.private) for line in lines] == [
        (Role.USER, 11, True),
        (Role.ASSISTANT, 11, True),
    ]
    assert (house.turns.turns[5000].only_for, house.turns.turns[5000].private) == (11, True)
    assert house.drawings.drawings[5000, 0].message_id == 9000


async def test_a_further_version_takes_the_place_of_the_pictures_before(house: House) -> None:
    await house.runner.run(ask(text="a fox"), FakeSink(), drawing_foxes(house))
    await house.runner.rerun(ask(text="a fox"), house.turns.turns[5000], FakeSink(), hello)
    assert house.drawings.drawings == {}
    assert house.files.files == {}


async def test_a_reply_that_is_taken_away_takes_its_pictures_with_it(house: House) -> None:
    draw = drawing_foxes(house)

    async def draw_and_stop(turn: Round) -> Ending:
        ending = await draw(turn)
        house.coordinator.stop(turn.ask.id, StopReason.PROMPT_DELETED)
        await asyncio.Event().wait()
        return ending

    sink = FakeSink()
    await house.runner.run(ask(text="a fox"), sink, draw_and_stop)
    assert sink.reply.discarded
    assert house.drawings.drawings == {}
    assert house.files.files == {}


async def test_a_reply_that_never_stood_on_discord_is_not_remembered(house: House) -> None:
    async def fail(turn: Round) -> Ending:
        turn.answer.parts.append("unseen")
        return COMPLETE

    def prepare(reply: FakeReply) -> None:
        reply.takes = False

    await house.runner.run(ask(), FakeSink(prepare=prepare), fail)
    assert house.said == [(Role.USER, "hello")]
    assert house.turns.turns[5000].text == ""
