"""What is asked of the model: the history, threads, what is replied to, settings; and ``/draw``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.chat.talk import GO_ON
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import DrawingIntent, Failure, Finish, FinishReason, PictureUrl, Retraction, TextDelta
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.people import Place
from bot.domain.picture.parameters import Size
from bot.domain.settings.choices import IntentCheck
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Refusal, StorageError, Trouble
from tests.fakes.asks import BOB, ME, ask, referred, said
from tests.fakes.clock import START
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
HI = (TextDelta(text="Hi"), DONE)
THREAD = Place(channel_id=2000, guild_id=1, parent_id=1000)


class Talk(House):
    """A house in which things are asked."""

    async def asks(self, asked: Ask, *steps: Step) -> FakeReply:
        self.model.script(*(steps or HI))
        sink = FakeSink(first_id=asked.id + 1)
        await self.chat.respond(asked, sink)
        return sink.reply

    async def draws(self, asked: Ask, *steps: Step) -> FakeReply:
        self.model.script(*steps)
        sink = FakeSink(first_id=asked.id + 1)
        await self.draw.draw(replace(asked, mode=Mode.DRAW), sink)
        return sink.reply


@pytest.fixture
def house() -> Talk:
    return Talk()


async def test_the_channel_s_history_is_sent_and_grows_by_the_answer(house: Talk) -> None:
    house.keep(said(10, "old", channel_id=1))
    await house.asks(ask(5000, "one"))
    await house.asks(ask(5010, "two"))
    assert house.sent == [(Role.USER, "one"), (Role.ASSISTANT, "Hi"), (Role.USER, "two")]
    assert house.model.requests[0].user_key == "key-11"
    assert house.model.requests[0].mode is Mode.CHAT


async def test_what_was_said_after_the_question_is_not_sent(house: Talk) -> None:
    house.keep(said(6000, "later"))
    await house.asks(ask(5000, "one"))
    assert house.sent == [(Role.USER, "one")]


async def test_settings_in_force_are_sent() -> None:
    house = Talk(operator={"persona": "Be brief.", "temperature": 0.5, "size": Size(width=64, height=128)})
    await house.asks(ask())
    request = house.model.requests[0]
    assert (request.persona, request.sampling.temperature, request.drawing.size) == (
        "Be brief.",
        0.5,
        Size(width=64, height=128),
    )


async def test_the_window_is_as_long_as_set() -> None:
    house = Talk(operator={"context_messages": 3})
    for number in range(4):
        await house.asks(ask(5000 + 10 * number, f"question {number}"))
    assert [text for _, text in house.sent] == ["question 2", "Hi", "question 3"]


async def test_a_drawing_is_only_asked_for_where_files_may_be_attached(house: Talk) -> None:
    await house.asks(ask(1, place=Place(channel_id=1, can_attach=True)))
    reply = await house.asks(ask(2, place=Place(channel_id=2, can_attach=False)), DrawingIntent(), DONE)
    assert [request.draw for request in house.model.requests] == [True, False]
    assert reply.ending.problem is DrawingDenial.CANNOT_ATTACH


async def test_a_drawing_that_is_switched_off_is_not_asked_for(house: Talk) -> None:
    house.operator["drawing_allowed"] = False
    reply = await house.asks(ask(), DrawingIntent(), DONE)
    assert [request.draw for request in house.model.requests] == [False]
    assert reply.ending.problem is DrawingDenial.SWITCHED_OFF
    reply = await house.draws(ask(6000))
    assert reply.ending.problem is DrawingDenial.SWITCHED_OFF
    assert len(house.model.requests) == 1


async def test_a_drawing_that_is_recognised_first_is_made_by_the_same_request_once_more(house: Talk) -> None:
    house.operator["intent_check"] = IntentCheck.ALWAYS
    house.model.script(DrawingIntent(), DONE)
    house.model.script(PictureUrl(url="http://h/1"), DONE)
    sink = FakeSink()
    await house.chat.respond(ask(text="draw a fox"), sink)
    first, second = house.model.requests
    assert (first.draw, first.certain, second) == (False, False, replace(first, draw=True, certain=True))
    assert sink.reply.drawing
    assert len(sink.reply.ending.pictures) == 1


async def test_an_endpoint_that_only_ever_recognises_a_drawing_is_asked_twice_at_most(house: Talk) -> None:
    house.operator["intent_check"] = IntentCheck.ALWAYS
    house.model.script(DrawingIntent(), DONE)
    house.model.script(DrawingIntent(), DONE)
    sink = FakeSink()
    await house.chat.respond(ask(text="draw a fox"), sink)
    assert isinstance(sink.reply.ending.problem, ProviderError)
    assert sink.reply.ending.problem.kind is ErrorKind.DRAWING_FAILED


async def test_what_is_replied_to_comes_along_where_the_history_does_not_have_it(house: Talk) -> None:
    await house.asks(ask(5000, "what is that?", reference=referred(10, "a riddle of Bob's")))
    assert "a riddle of Bob's" in house.sent[0][1]
    assert "Bob" in house.sent[0][1]


async def test_what_is_replied_to_is_taken_as_it_was_kept(house: Talk) -> None:
    house.operator["context_messages"] = 2
    house.keep(said(10, "the whole answer, all pages", user=ME), *(said(20 + n, "filler") for n in range(5)))
    await house.asks(ask(5000, "go on", reference=referred(10, "the first page", user=ME)))
    assert "the whole answer, all pages" in house.sent[0][1]


async def test_a_reply_to_something_without_words_is_a_question_by_itself(house: Talk) -> None:
    await house.asks(ask(5000, "well?", reference=referred(10, "  ")))
    assert house.sent == [(Role.USER, "well?")]


async def test_a_thread_begins_with_the_kept_message_it_grew_from(house: Talk) -> None:
    house.keep(said(1990, "before"), said(2000, "about foxes"), said(2005, "after"))
    await house.asks(ask(5000, "go on", place=THREAD))
    assert house.sent == [(Role.USER, "about foxes\ngo on")]
    assert house.starters.asked == []
    await house.asks(ask(5010, "and on", place=THREAD))
    assert house.sent[0] == (Role.USER, "about foxes\ngo on")
    assert len(house.history.messages) == 3 + 5


async def test_a_thread_that_grew_from_an_answer_begins_with_its_question(house: Talk) -> None:
    house.keep(said(1990, "what is a fox?"), said(2000, "an animal", user=ME, reply_to=1990))
    await house.asks(ask(5000, "go on", place=THREAD))
    assert house.sent == [(Role.USER, "what is a fox?"), (Role.ASSISTANT, "an animal"), (Role.USER, "go on")]


async def test_a_thread_s_starter_that_was_not_kept_is_asked_of_discord(house: Talk) -> None:
    house.starters.found = referred(2000, "about foxes", user=BOB)
    await house.asks(ask(5000, "go on", place=THREAD))
    assert house.sent == [(Role.USER, "Bob: about foxes\nAnn: go on")]
    await house.asks(ask(5010, "and on", place=THREAD))
    assert house.starters.asked == [2000]


async def test_a_thread_may_have_grown_from_nothing(house: Talk) -> None:
    await house.asks(ask(5000, "go on", place=THREAD))
    assert house.sent == [(Role.USER, "go on")]


async def test_a_starter_that_the_window_is_too_short_for_is_not_asked_for(house: Talk) -> None:
    house.operator["context_messages"] = 1
    house.starters.found = referred(2000, "about foxes")
    await house.asks(ask(5000, "go on", place=THREAD))
    assert house.starters.asked == []
    assert house.sent == [(Role.USER, "go on")]


async def test_a_history_that_fails_is_told(house: Talk) -> None:
    async def fail(*_: object, **__: object) -> tuple[()]:
        raise StorageError("gone")

    house.history.recent = fail  # type: ignore[method-assign]  # this one call fails, after the question was kept
    house.model.script(*HI)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert sink.reply.ending.problem is Trouble.STORAGE
    assert house.model.requests == []


async def test_what_is_not_taken_up_is_told_and_not_kept(house: Talk) -> None:
    sink = FakeSink()
    await house.chat.refuse(ask(), sink, Refusal.UNREADABLE)
    assert sink.reply.ending.problem is Refusal.UNREADABLE
    assert house.turns.turns == {}


async def test_draw_asks_for_nothing_but_the_picture(house: Talk) -> None:
    house.keep(said(10, "earlier"))
    reply = await house.draws(ask(5000, "a fox"), PictureUrl(url="http://h/1"), DONE)
    request = house.model.requests[0]
    assert (request.mode, request.draw, house.sent) == (Mode.DRAW, True, [(Role.USER, "a fox")])
    assert reply.drawing
    assert len(reply.ending.pictures) == 1


async def test_draw_spends_nothing_where_no_file_may_be_attached(house: Talk) -> None:
    reply = await house.draws(ask(place=Place(channel_id=1000, guild_id=1, can_attach=False)))
    assert reply.ending.problem is DrawingDenial.CANNOT_ATTACH
    assert house.model.requests == []
    assert not reply.drawing


async def test_draw_answered_in_words_is_a_failed_drawing(house: Talk) -> None:
    reply = await house.draws(ask(), *HI)
    assert reply.ending.state is TurnState.FAILED
    assert isinstance(reply.ending.problem, ProviderError)
    assert reply.ending.problem.kind is ErrorKind.DRAWING_FAILED
    assert reply.text == "Hi"


async def test_draw_tells_the_endpoint_s_own_error(house: Talk) -> None:
    error = ProviderError(ErrorKind.UNKNOWN_MODEL, sentence="no such model")
    reply = await house.draws(ask(), Failure(error=error))
    assert reply.ending.problem is error


async def test_what_is_replied_to_is_as_discord_shows_it_where_no_answer_of_it_was_kept(house: Talk) -> None:
    house.keep(said(10, "", user=ME))
    await house.asks(ask(5000, "why?", reference=referred(10, "it could not be reached", user=ME)))
    assert "it could not be reached" in house.sent[0][1]


async def test_an_answer_goes_on_behind_its_text(house: Talk) -> None:
    turn = kept_turn(text="Once upon", reason=FinishReason.LENGTH)
    house.keep_turn(turn)
    house.model.script(TextDelta(text=" a time"), DONE)
    sink = FakeSink()
    assert await house.chat.go_on(ask(), turn, sink)
    assert house.sent == [(Role.USER, "hello"), (Role.ASSISTANT, "Once upon"), (Role.USER, GO_ON)]
    assert sink.reply.text == "Once upon a time"
    assert (house.turns.turns[5000].version, house.turns.turns[5000].text) == (2, "Once upon a time")
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Once upon a time")]


async def test_what_stood_before_an_answer_went_on_is_not_taken_back_with_it(house: Talk) -> None:
    turn = kept_turn(text="Once upon", reason=FinishReason.LENGTH)
    house.keep_turn(turn)
    house.model.script(TextDelta(text=" hm"), Retraction(), TextDelta(text=" a time"), DONE)
    sink = FakeSink()
    assert await house.chat.go_on(ask(), turn, sink)
    assert sink.reply.text == house.turns.turns[5000].text == "Once upon a time"


async def test_an_answer_is_made_anew_of_the_question_as_it_is_now(house: Talk) -> None:
    turn = kept_turn()
    house.keep_turn(turn)
    await house.history.edit(1000, 5000, text="good day", edited_at=START)
    house.model.script(*HI)
    assert await house.chat.answer_anew(ask(text="good day"), turn, FakeSink())
    assert house.sent == [(Role.USER, "good day")]
    house.model.script(PictureUrl(url="http://h/1"), DONE)
    sink = FakeSink()
    assert await house.draw.answer_anew(ask(text="a fox"), house.turns.turns[5000], sink)
    assert len(sink.reply.ending.pictures) == 1
