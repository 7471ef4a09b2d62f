"""Drawings that come out of a conversation, and go on in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.history.messages import Kind
from bot.domain.model.events import DrawingIntent, Failure, TextDelta
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.people import Place
from bot.domain.reply.controls import Action
from bot.domain.settings.choices import IntentCheck
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Refusal
from tests.fakes.asks import ME, ask, referred, said
from tests.fakes.clock import START
from tests.fakes.houses.house import kept_turn
from tests.fakes.houses.studio import DONE, FOX, Studio
from tests.fakes.reply.replies import FakeSink


@pytest.fixture
def studio() -> Studio:
    return Studio()


async def test_a_drawing_is_remembered_with_its_recipe_and_told_to_the_model(studio: Studio) -> None:
    studio.model.script(*FOX)
    await studio.asks(ask(5000, "draw a fox"))
    studio.model.script(TextDelta(text="A fox."), DONE)
    await studio.asks(ask(9100, "what did you draw for me?"))
    recipe = "model Artist_V0.1.3, 960x960, seed 4711, steps 50, scale 7"
    told = f"draw a fox\n[A picture was drawn for this and sent on 2026-03-01: draw a fox ({recipe})]"
    assert studio.sent[:2] == [(Role.USER, told), (Role.ASSISTANT, "Here you are!")]


async def test_a_reply_to_a_picture_that_wants_a_change_starts_from_its_recipe(studio: Studio) -> None:
    old = studio.keep_drawing()
    studio.model.script(DrawingIntent(), DONE)
    studio.model.script(*FOX)
    reply = await studio.asks(ask(5000, "make it darker", reference=referred(101, "", user=ME)))
    first, second = studio.model.requests
    assert (first.draw, first.mode, first.drawing) == (False, Mode.CHAT, old.parameters)
    assert (second.draw, second.mode, second.drawing) == (True, Mode.DRAW, old.parameters)
    assert studio.sent == [(Role.USER, "a fox, make it darker")]
    card = reply.ending.card
    assert card is not None
    assert (card.prompt, card.pictures) == ("a fox, make it darker", (old.parameters,))
    assert card.plan.origin == Origin(channel_id=1000, message_id=101)
    kept = studio.drawings.drawings[5000, 0]
    assert (kept.prompt, kept.parameters) == ("a fox, make it darker", old.parameters)


async def test_a_reply_that_is_answered_in_a_thread_of_its_own_starts_from_the_recipe_too(studio: Studio) -> None:
    old = studio.keep_drawing()
    studio.keep(said(101, "a fox (seed 5)", user=ME, kind=Kind.DRAWING))
    studio.model.script(DrawingIntent(), DONE)
    studio.model.script(*FOX)
    thread = Place(channel_id=5000, guild_id=1, parent_id=1000)
    await studio.asks(ask(5000, "make it darker", place=thread, reference=referred(101, "> a fox", user=ME)))
    check, made = studio.model.requests
    assert "[A picture was drawn for this and sent on 2026-03-01: a fox (seed 5)]" in check.messages[-1].content
    assert (made.drawing, made.messages[-1].content) == (old.parameters, "a fox, make it darker")


async def test_a_change_that_is_drawn_without_a_check_has_the_prompt_that_it_was_drawn_by(studio: Studio) -> None:
    old = studio.keep_drawing()
    studio.operator["intent_check"] = IntentCheck.NEVER
    studio.model.script(*FOX)
    reply = await studio.asks(ask(5000, "make it darker", reference=referred(101, "", user=ME)))
    assert [(request.mode, request.drawing) for request in studio.model.requests] == [(Mode.CHAT, old.parameters)]
    assert reply.ending.card is not None
    assert reply.ending.card.prompt == studio.drawings.drawings[5000, 0].prompt == "make it darker"


async def test_a_reply_to_a_picture_that_wants_words_gets_words(studio: Studio) -> None:
    studio.keep_drawing()
    studio.keep(said(101, "a fox (seed 5)", user=ME, kind=Kind.DRAWING))
    studio.model.script(TextDelta(text="Thank you"), DONE)
    reply = await studio.asks(ask(5000, "lovely", reference=referred(101, "", user=ME)))
    assert (reply.text, len(studio.model.requests)) == ("Thank you", 1)
    assert "[A picture was drawn for this and sent on 2026-03-01: a fox (seed 5)]" in studio.sent[0][1]


async def test_a_change_that_is_drawn_anew_finds_its_picture_again(studio: Studio) -> None:
    old = studio.keep_drawing()
    studio.model.script(DrawingIntent(), DONE)
    studio.model.script(Failure(error=ProviderError(ErrorKind.OVERLOADED)))
    await studio.asks(ask(5000, "make it darker", reference=referred(101, "", user=ME)))
    studio.model.script(DrawingIntent(), DONE)
    studio.model.script(*FOX)
    assert await studio.chat.answer_anew(ask(5000, "make it darker"), studio.turns.turns[5000], FakeSink())
    assert studio.sent == [(Role.USER, "a fox, make it darker")]
    assert studio.seeds == [old.parameters.seed] * 4


@pytest.mark.parametrize("changes", [{"channel_id": 2000}, {"prompt": ""}], ids=["elsewhere", "forgotten"])
async def test_a_picture_of_another_channel_or_none_that_is_known_is_not_started_from(
    studio: Studio, changes: dict[str, Any]
) -> None:
    studio.keep_drawing(**changes)
    studio.model.script(*FOX)
    reply = await studio.asks(ask(5000, "make it darker", reference=referred(101, "", user=ME)))
    assert reply.ending.card is not None
    assert reply.ending.card.prompt == "make it darker"


async def test_where_a_change_may_not_be_drawn_it_is_said(studio: Studio) -> None:
    studio.keep_drawing()
    studio.operator["drawing_allowed"] = False
    studio.model.script(DrawingIntent(), DONE)
    reply = await studio.asks(ask(5000, "make it darker", reference=referred(101, "", user=ME)))
    assert reply.ending.problem is DrawingDenial.SWITCHED_OFF


async def test_a_picture_whose_prompt_holds_a_word_that_was_forbidden_since_is_not_changed(studio: Studio) -> None:
    studio.keep_drawing()
    studio.operator["forbidden_words"] = ("fox",)
    studio.model.script(DrawingIntent(), DONE)
    reply = await studio.asks(ask(5000, "make it darker", reference=referred(101, "", user=ME)))
    assert reply.ending.problem is Refusal.FORBIDDEN_WORD
    assert [request.draw for request in studio.model.requests] == [False]


@pytest.mark.parametrize("first", [(), (DrawingIntent(), DONE)], ids=["at once", "after a check"])
async def test_a_picture_that_was_refused_can_be_edited_and_talk_can_not(
    studio: Studio, first: tuple[Any, ...]
) -> None:
    if first:
        studio.operator["intent_check"] = "always"
        studio.model.script(*first)
    for drawing in (True, False):
        refused = ProviderError(ErrorKind.CONTENT_FILTERED, drawing=drawing)
        studio.model.script(Failure(error=refused))
        reply = await studio.asks(ask(5000 + drawing, "draw a fox"))
        assert reply.ending.controls is not None
        assert (Action.EDIT in reply.ending.controls.actions) is drawing


async def test_again_asks_the_conversation_again_that_a_picture_came_out_of(studio: Studio) -> None:
    studio.keep_turn(kept_turn(4000, prompt="draw a fox", text="(a fox)", reply_ids=(4001,)))
    studio.keep_turn(kept_turn(5000, prompt="make it darker", text="", reply_ids=(9000,)))
    studio.keep(said(8000, "something later"))
    studio.keep_drawing(5000, 9000, prompt="make it darker")
    studio.model.script(*FOX)
    wish = DrawWish(seed=77, origin=Origin(channel_id=1000, message_id=9000))
    reply = await studio.draws(9500, "make it darker", wish=wish)
    request = studio.model.requests[0]
    assert (request.mode, request.draw, request.drawing.seed) == (Mode.CHAT, True, 77)
    assert [text for _, text in studio.sent] == ["draw a fox", "(a fox)", "make it darker"]
    assert reply.ending.card is not None
    assert reply.ending.card.plan.origin == wish.origin
    # Again on that card still knows where its prompt comes from.
    studio.model.script(*FOX)
    origin = Origin(channel_id=1000, message_id=13500)
    await studio.draws(14000, "make it darker", wish=DrawWish(seed=78, origin=origin))
    assert [text for _, text in studio.sent] == ["draw a fox", "(a fox)", "make it darker"]
    # A prompt that was written anew stands by itself.
    studio.model.script(*FOX)
    await studio.draws(15000, "a dark fox", wish=DrawWish(seed=78, origin=origin))
    assert studio.sent == [(Role.USER, "a dark fox")]


@pytest.mark.parametrize("deleted", ["before", "meanwhile", "never"])
async def test_a_card_links_to_what_it_came_from_as_long_as_that_stands(studio: Studio, deleted: str) -> None:
    origin = Origin(channel_id=1000, message_id=9000)
    studio.keep_turn(kept_turn(5000, mode=Mode.DRAW, prompt="a fox", text="", reply_ids=(9000,)))
    studio.keep_drawing(5000, 9000, prompt="a fox")
    if deleted == "before":
        await studio.follower().deleted(ask().place, (9000,))
    goes_on = asyncio.Event()
    studio.model.script(goes_on, *FOX)
    drawing = asyncio.create_task(studio.draws(9500, "a fox", wish=DrawWish(origin=origin)))
    while not studio.model.requests:  # noqa: ASYNC110  # the fake tells nobody
        await asyncio.sleep(0)
    if deleted == "meanwhile":
        await studio.follower().deleted(ask().place, (9000,))
    goes_on.set()
    reply = await drawing
    assert reply.ending.card is not None
    plan = reply.ending.card.plan
    assert (plan.origin, plan.origin_deleted) == (origin, deleted != "never")


async def test_a_card_links_to_no_drawing_that_failed(studio: Studio) -> None:
    origin = Origin(channel_id=1000, message_id=9000)
    failed = kept_turn(5000, mode=Mode.DRAW, prompt="a fox", text="", reply_ids=(9000,))
    refused = replace(failed, error_kind=DrawingDenial.SWITCHED_OFF)
    for turn_id, kept in ((9500, replace(failed, state=TurnState.FAILED)), (9600, refused)):
        studio.keep_turn(kept)
        studio.model.script(*FOX)
        reply = await studio.draws(turn_id, "a fox", wish=DrawWish(origin=origin))
        assert reply.ending.card is not None
        assert (reply.ending.card.plan.origin, reply.ending.card.plan.origin_deleted) == (None, False)


async def test_a_card_links_to_somebody_s_message_that_its_recipe_was_read_from(studio: Studio) -> None:
    studio.model.script(*FOX)
    origin = Origin(channel_id=1000, message_id=404)
    reply = await studio.draws(9500, "a fox", wish=DrawWish(origin=origin))
    assert reply.ending.card is not None
    assert (reply.ending.card.plan.origin, reply.ending.card.plan.origin_deleted) == (origin, False)


async def test_again_where_the_question_was_taken_back_draws_the_prompt_alone(studio: Studio) -> None:
    studio.keep_turn(kept_turn(5000, prompt="draw a fox", text="", reply_ids=(9000,)))
    studio.keep_drawing(5000, 9000, prompt="draw a fox")
    await studio.history.delete(1000, (5000,), deleted_at=START)
    studio.model.script(*FOX)
    await studio.draws(9500, "draw a fox", wish=DrawWish(origin=Origin(channel_id=1000, message_id=9000)))
    assert (studio.model.requests[0].mode, studio.sent) == (Mode.DRAW, [(Role.USER, "draw a fox")])


async def test_a_card_that_is_deleted_takes_its_pictures_with_it(studio: Studio) -> None:
    studio.model.script(*FOX)
    await studio.draws()
    assert set(studio.files.files) == {"5000-0.png"}
    await studio.follower().deleted(ask().place, (9000,))
    assert studio.files.files == {}
    assert studio.drawings.drawings == {}
