"""What only one person saw goes into no answer that others see: with commands, threads, replies, drawings, retries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.events import DrawingIntent, Finish, FinishReason, PictureUrl
from bot.domain.model.messages import Role
from bot.domain.people import Place, User
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.turn.ask import Ask, Source
from bot.services.reply.again import place_of
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, BOB, HERE, ME, ask, referred, said
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeSink
from tests.unit.services.chat.test_and_drawing import Talk

ABROAD = Place(channel_id=1000, guild_id=1, by_token_only=True)
IN_DM = Place(channel_id=1000)
CARRIED: dict[str, Any] = {}
ALONE: dict[str, Any] = {"private": True, "alone": True}
UNTOLD: dict[str, Any] = {"private": True}


@pytest.fixture
def house() -> Talk:
    return Talk()


def command(ask_id: int, text: str, *, user: User = ANN, place: Place = ABROAD, **whose: Any) -> Ask:
    return ask(ask_id, text, user=user, place=place, source=Source.INTERACTION, response_id=ask_id + 1, **whose)


def texts(house: House) -> str:
    """All that the newest request holds."""
    return "\n".join(text for _, text in house.sent)


@pytest.mark.parametrize(
    ("before", "by", "after", "told"),
    [
        (CARRIED, BOB, CARRIED, False),
        (CARRIED, ANN, CARRIED, True),
        (CARRIED, ANN, ALONE, True),
        (ALONE, BOB, CARRIED, False),
        (ALONE, BOB, ALONE, False),
        (ALONE, ANN, ALONE, True),
        # The answer is seen by everybody: it is made of nothing that only one person saw.
        (ALONE, ANN, CARRIED, False),
        # Nobody told who sees the answer.
        (ALONE, ANN, UNTOLD, False),
        (UNTOLD, ANN, CARRIED, False),
        (UNTOLD, ANN, ALONE, True),
    ],
)
async def test_where_the_bot_is_carried_along_talk_is_its_asker_s(
    house: Talk, before: dict[str, Any], by: User, after: dict[str, Any], told: bool
) -> None:
    await house.asks(command(5000, "my SECRET is x", **before))
    await house.asks(command(5010, "what was said before?", user=by, **after))
    assert ("SECRET" in texts(house)) is told
    assert house.sent[-1] == (Role.USER, "what was said before?")


@pytest.mark.parametrize(
    ("by", "after", "told"), [(BOB, CARRIED, False), (ANN, CARRIED, False), (ANN, ALONE, True), (BOB, ALONE, False)]
)
async def test_an_answer_that_discord_showed_to_one_person_is_theirs_where_the_bot_is_a_member(
    house: Talk, by: User, after: dict[str, Any], told: bool
) -> None:
    await house.asks(command(5000, "my SECRET is x", place=HERE, private=True, alone=True))
    await house.asks(command(5010, "what was said before?", user=by, place=HERE, **after))
    assert ("SECRET" in texts(house)) is told


async def test_a_mention_hears_nothing_of_it(house: Talk) -> None:
    await house.asks(command(5000, "my SECRET is x", place=HERE, private=True, alone=True))
    await house.asks(ask(5010, "what was said before?", user=BOB))
    await house.asks(ask(5020, "and for me?", user=ANN))
    assert "SECRET" not in texts(house)


async def test_in_the_bot_s_own_direct_messages_nobody_else_is_there(house: Talk) -> None:
    await house.draws(
        command(5000, "a SECRET fox", place=IN_DM, wish=DrawWish(private=True), private=True, alone=True),
        PictureUrl(url="https://pictures.example/a.png"),
        Finish(reason=FinishReason.STOP),
    )
    await house.asks(ask(5010, "what did I draw?", place=IN_DM))
    assert "SECRET" in texts(house)


async def test_what_was_said_before_the_bot_came_is_not_the_members(house: Talk) -> None:
    await house.asks(command(5000, "my SECRET is x"))
    await house.asks(ask(5010, "what was said before?", user=BOB))
    assert "SECRET" not in texts(house)


async def test_what_was_said_while_the_bot_was_a_member_is_nobody_s_who_brings_it_along(house: Talk) -> None:
    await house.asks(ask(5000, "the members' SECRET"))
    await house.asks(command(5010, "what was said before?", user=BOB))
    assert house.sent == [(Role.USER, "what was said before?")]


async def test_a_thread_that_grew_from_an_answer_tells_others_nothing_of_the_question(house: Talk) -> None:
    await house.asks(command(5000, "my SECRET is x"))
    thread = Place(channel_id=5001, guild_id=1, parent_id=1000, by_token_only=True)
    await house.asks(command(5010, "what was said before?", user=BOB, place=thread))
    assert house.sent == [(Role.USER, "what was said before?")]
    await house.asks(command(5020, "what was said before?", place=thread))
    assert "SECRET" in texts(house)


async def test_a_reply_finds_nothing_that_is_another_person_s(house: Talk) -> None:
    house.keep(said(4000, "SECRET", only_for=ANN.id, private=True))
    await house.asks(ask(5000, "what is this?", user=BOB, reference=referred(4000, "")))
    assert "SECRET" not in texts(house)


async def test_a_late_answer_goes_along_with_its_own_person_s_question_alone(house: Talk) -> None:
    turn = kept_turn(4000, reply_ids=(6000,), only_for=ANN.id)
    house.keep_turn(turn)
    house.keep(
        said(4000, "hello"), said(6000, "SECRET", user=ME, reply_to=4000, only_for=ANN.id), said(5000, "and me?")
    )
    house.turns.turns[4000] = turn
    await house.asks(ask(5000, "and me?", user=BOB))
    assert "SECRET" not in texts(house)


@pytest.mark.parametrize(("by", "told"), [(ANN, True), (BOB, False)])
async def test_a_picture_out_of_a_conversation_is_drawn_again_without_what_is_another_s(
    house: Talk, by: User, told: bool
) -> None:
    intent: tuple[Step, ...] = (DrawingIntent(), Finish(reason=FinishReason.STOP))
    picture: tuple[Step, ...] = (PictureUrl(url="https://pictures.example/a.png"), Finish(reason=FinishReason.STOP))
    await house.asks(command(5000, "my SECRET is a fox"))
    house.model.script(*intent)
    house.model.script(*picture)
    await house.chat.respond(command(5010, "draw it"), FakeSink(first_id=5011))
    (drawing,) = house.drawings.drawings.values()
    assert drawing.private
    wish = DrawWish(origin=Origin(channel_id=1000, message_id=drawing.message_id or 0))
    await house.draws(replace(command(5020, drawing.prompt, user=by), wish=wish), *picture)
    assert ("SECRET" in texts(house)) is told


async def test_the_models_that_somebody_drew_with_abroad_are_suggested_to_nobody_else(house: Talk) -> None:
    await house.draws(
        command(5000, "a fox", wish=DrawWish(model="My Own Model")),
        PictureUrl(url="https://pictures.example/a.png"),
        Finish(reason=FinishReason.STOP),
    )
    assert "My Own Model" in await house.services.suggestions.models(ABROAD, ANN, "")
    assert "My Own Model" not in await house.services.suggestions.models(ABROAD, BOB, "")
    assert "My Own Model" not in await house.services.suggestions.models(HERE, BOB, "")


@pytest.mark.parametrize("action", [Action.RETRY, Action.DELETE, Action.CONTINUE])
async def test_buttons_of_what_discord_showed_to_one_person_are_unknown_to_others(house: Talk, action: Action) -> None:
    await house.asks(command(5000, "my SECRET is x", place=HERE, private=True, alone=True))
    press = Press(action=action, turn_id=5000, user=BOB, place=HERE, manages_messages=True)
    assert await house.control().press(press, house.sink_for) is PressRefusal.UNKNOWN
    assert await house.services.cards.known(5000, HERE, BOB) is None


async def test_a_retry_of_what_one_person_sees_goes_on_as_theirs(house: Talk) -> None:
    await house.asks(command(5000, "my SECRET is x", **ALONE))
    await house.asks(command(5010, "and now?", **ALONE))
    house.model.script(*[Finish(reason=FinishReason.STOP)])
    press = Press(action=Action.RETRY, turn_id=5010, user=ANN, place=ABROAD, manages_messages=False, private=True)
    assert await house.control().press(press, house.sink_for) is None
    assert "SECRET" in texts(house)
    assert {line.only_for for line in house.history.messages.values()} == {ANN.id}
    assert {line.private for line in house.history.messages.values()} == {True}


async def test_a_retry_after_the_bot_became_a_member_keeps_the_answer_with_its_question(house: Talk) -> None:
    await house.asks(command(5000, "my SECRET is x"))
    press = Press(action=Action.RETRY, turn_id=5000, user=ANN, place=HERE, manages_messages=False)
    house.model.script(*[Finish(reason=FinishReason.STOP)])
    assert await house.control().press(press, house.sink_for) is None
    assert {line.only_for for line in house.history.messages.values()} == {ANN.id}


def test_nothing_leads_after_a_start_to_where_a_token_alone_led() -> None:
    assert place_of(kept_turn(only_for=ANN.id)).by_token_only
    assert place_of(kept_turn(only_for=ANN.id, private=True)).by_token_only
    assert not place_of(kept_turn()).by_token_only


async def test_recipes_are_not_told_of_a_reply_to_another_s_private_picture(house: Talk) -> None:
    await house.draws(
        command(5000, "a SECRET fox", wish=DrawWish(private=True)),
        PictureUrl(url="https://pictures.example/a.png"),
        Finish(reason=FinishReason.STOP),
    )
    house.model.script(Finish(reason=FinishReason.STOP))
    settings = await house.settings.in_force(HERE, BOB.id)
    commission = await house.services.planner.commission(ask(5010, "darker", user=BOB), settings, 5001)
    assert commission.prompt == "darker"
    assert not commission.changes
