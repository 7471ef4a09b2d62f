"""Conversations that are longer than the model's context window: asked once more with less, and never stuck."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.model.events import DrawingIntent, Failure, Finish, FinishReason, PictureUrl, TextDelta, Usage
from bot.domain.model.messages import Role
from bot.domain.reply.ending import Ending
from bot.domain.settings.choices import IntentCheck
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.model.windows import LASTS_S
from tests.fakes.asks import HERE, ME, ask, said
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.narrow import CUES, NarrowModel
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
TOO_LONG = Failure(error=ProviderError(ErrorKind.TOO_LONG, status=400))
BARE = Failure(error=ProviderError(ErrorKind.EMPTY, bare=True))
ROWS = "\n".join(" ".join(f"{7919 * (6 * row + n) % 90000 / 1000 + 10:.4f}" for n in range(6)) for row in range(33))
TABLE = f"what is the mean here?\n{ROWS}"
"""33 lines of six numbers, some 1,750 characters: about four times as many tokens as the same length of English."""


class Channel:
    """A channel in which questions are asked one after the other."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._asked = 5000

    async def asks(self, text: str) -> FakeReply:
        self._asked += 10
        sink = FakeSink(first_id=self._asked + 1)
        await self.house.chat.respond(ask(self._asked, text), sink)
        return sink.reply


def narrow(window: int, cue: str, *, intent_check: bool = False, **operator: object) -> tuple[Channel, NarrowModel]:
    model = NarrowModel(window, CUES[cue], intent_check=intent_check)
    return Channel(House(operator=dict(operator), endpoint=model)), model


def kind(ending: Ending) -> ErrorKind | None:
    return ending.problem.kind if isinstance(ending.problem, ProviderError) else None


# What can't tell a long prompt from one that may have been drawn, and billed, is not asked again.
ADAPTERS = [
    (cue, intent_check) for cue in CUES for intent_check in (False, True) if not (intent_check and "nothing" in cue)
]


@pytest.mark.parametrize("window", [1024, 4096, 8192])
@pytest.mark.parametrize(("cue", "intent_check"), ADAPTERS)
async def test_no_channel_is_ever_stuck(window: int, cue: str, intent_check: bool) -> None:
    channel, model = narrow(window, cue, intent_check=intent_check)
    for number in range(12):
        pasted = await channel.asks(TABLE)
        if window > 2 * 1750:
            assert pasted.ending.state is TurnState.COMPLETE, number
        short = await channel.asks(("hi", "thanks, and now?", "hello?")[number % 3])
        assert short.ending.state is TurnState.COMPLETE, number
        assert short.text == "Hi"
    assert len(model.requests) <= 2 * 24


@pytest.mark.parametrize("cue", ["both lengths", "the window", "no length"])
async def test_a_table_that_was_pasted_again_and_again_is_answered(cue: str) -> None:
    channel, model = narrow(8192, cue)
    replies = [await channel.asks(TABLE) for _ in range(8)] + [await channel.asks("hi")]
    assert [reply.ending.state for reply in replies] == [TurnState.COMPLETE] * 9
    assert [reply.text for reply in replies] == ["Hi"] * 9
    assert model.refusals <= 1
    assert model.requests[-1].messages[-1].content == "hi"


async def test_a_prompt_that_was_too_long_goes_once_more_as_long_as_fits() -> None:
    channel, model = narrow(4096, "both lengths", max_new_tokens=1000, context_tokens=6000)
    for _ in range(3):
        await channel.asks(TABLE)
    refused, taken = model.lengths[-2:]
    assert refused > 4096
    assert 1400 < taken <= 3096
    assert model.requests[-1].messages[-1].content == TABLE


async def test_the_answer_gets_half_of_a_small_window_at_most() -> None:
    channel, model = narrow(2000, "both lengths", max_new_tokens=2048)
    await channel.asks("word " * 900)
    await channel.asks(TABLE)
    assert model.refusals == 1
    assert model.requests[-1].sampling.max_new_tokens == 1000
    await channel.asks("and now?")
    assert model.requests[-1].sampling.max_new_tokens == 1000
    assert model.refusals == 1


async def test_the_window_is_remembered_for_every_channel_and_forgotten_in_time() -> None:
    channel, model = narrow(1500, "both lengths", max_new_tokens=500)
    lines = [said(number, "word " * 200, channel_id=c) for c in (1000, 1001, 1002) for number in range(1, 9)]
    channel.house.keep(*lines)
    await channel.asks("hi")
    assert (model.refusals, len(model.requests)) == (1, 2)
    elsewhere = replace(HERE, channel_id=1001)
    await channel.house.chat.respond(ask(6000, "hi", place=elsewhere), FakeSink())
    assert (model.refusals, len(model.requests)) == (1, 3)
    await channel.house.clock.sleep(LASTS_S + 1)
    model.window = 9999
    await channel.house.chat.respond(ask(7000, "hi", place=replace(HERE, channel_id=1002)), FakeSink())
    assert model.lengths[-1] > 1500


async def test_what_was_too_long_for_one_model_is_not_too_long_for_another() -> None:
    channel, model = narrow(1500, "both lengths")
    channel.house.keep(*(said(number, "word " * 200) for number in range(1, 9)))
    await channel.asks("hi")
    shortened = model.lengths[-1]
    channel.house.operator["chat_model"] = "larger"
    model.window = 9999
    await channel.asks("hi")
    assert model.lengths[-1] > shortened


def scripted(*answers: object, **operator: object) -> House:
    """Make a house with a channel that holds something, and a model that gives these answers."""
    house = House(operator=dict(operator))
    house.keep(said(10, "old " * 100), said(11, "answer " * 100, user=ME), said(20, "newer"), said(21, "ok", user=ME))
    for answer in answers:
        house.model.script(*(answer if isinstance(answer, tuple) else (answer,)))
    return house


HI = (TextDelta(text="Hi"), Usage(prompt_tokens=30, completion_tokens=2), DONE)


async def test_nothing_of_the_first_try_remains_and_one_call_counts() -> None:
    house = scripted(TOO_LONG, HI, person_calls_a_day=1)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert (sink.reply.text, sink.reply.ending.state, sink.reply.ending.problem) == ("Hi", TurnState.COMPLETE, None)
    (used,) = house.usage.used.values()
    assert (used.calls, used.prompt_tokens, used.completion_tokens) == (1, 30, 2)
    first, second = house.model.requests
    assert len(second.messages) < len(first.messages)
    assert second.messages[-1] == first.messages[-1]


@pytest.mark.parametrize("window", [1, 10, 100])
async def test_a_number_that_is_no_window_makes_no_answer_short(window: int) -> None:
    lie = ProviderError(ErrorKind.TOO_LONG, status=400, window_tokens=window, prompt_tokens=1_000_000)
    house = scripted(Failure(error=lie), HI, HI)
    for number in (5000, 5010):
        await house.chat.respond(ask(number), sink := FakeSink())
        assert sink.reply.text == "Hi"
    lengths = {request.sampling.max_new_tokens for request in house.model.requests}
    assert lengths == {house.model.requests[0].sampling.max_new_tokens}


async def test_where_nothing_is_reported_the_prompt_that_was_taken_is_what_counts() -> None:
    house = scripted(TOO_LONG, (TextDelta(text="Hi"), DONE))
    await house.chat.respond(ask(), FakeSink())
    (used,) = house.usage.used.values()
    assert used.calls == 1
    assert used.prompt_tokens < 100


async def test_what_is_too_long_twice_is_told_and_costs_nothing() -> None:
    house = scripted(TOO_LONG, TOO_LONG)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert (kind(sink.reply.ending), sink.reply.ending.state) == (ErrorKind.TOO_LONG, TurnState.FAILED)
    assert len(house.model.requests) == 2
    assert not any(used.calls for used in house.usage.used.values())


async def test_a_question_that_is_alone_is_not_asked_again_in_the_same_words() -> None:
    house = House()
    house.model.script(TOO_LONG)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert kind(sink.reply.ending) is ErrorKind.TOO_LONG
    assert len(house.model.requests) == 1


@pytest.mark.parametrize("second", [BARE, TOO_LONG], ids=["bare", "too long"])
async def test_an_endpoint_that_says_nothing_twice_is_told_as_too_long(second: Failure) -> None:
    house = scripted(BARE, second, intent_check=IntentCheck.ALWAYS)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert kind(sink.reply.ending) is ErrorKind.TOO_LONG
    assert len(house.model.requests) == 2


async def test_an_endpoint_that_says_nothing_of_a_question_alone_is_empty() -> None:
    house = House(operator={"intent_check": IntentCheck.ALWAYS})
    house.model.script(BARE)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert kind(sink.reply.ending) is ErrorKind.EMPTY


async def test_an_endpoint_that_was_down_gets_the_whole_conversation_again() -> None:
    house = scripted(BARE, BARE, HI, intent_check=IntentCheck.ALWAYS)
    await house.chat.respond(ask(5000), FakeSink())
    await house.chat.respond(ask(5010), FakeSink(first_id=5011))
    assert house.model.requests[2].messages[:2] == house.model.requests[0].messages[:2]


async def test_an_empty_answer_of_a_call_that_may_have_been_billed_is_not_asked_for_again() -> None:
    house = scripted(BARE, intent_check=IntentCheck.NEVER)
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert [request.draw for request in house.model.requests] == [True]
    assert kind(sink.reply.ending) is ErrorKind.EMPTY


async def test_another_fault_of_the_second_try_is_told_as_it_is() -> None:
    house = scripted(TOO_LONG, Failure(error=ProviderError(ErrorKind.QUOTA)))
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert kind(sink.reply.ending) is ErrorKind.QUOTA


async def test_text_that_came_stands_and_nothing_is_asked_again() -> None:
    house = scripted((TextDelta(text="Half"), TOO_LONG))
    sink = FakeSink()
    await house.chat.respond(ask(), sink)
    assert (sink.reply.text, kind(sink.reply.ending)) == ("Half", ErrorKind.TOO_LONG)
    assert len(house.model.requests) == 1


async def test_an_answer_that_goes_on_keeps_its_end() -> None:
    house = House()
    turn = kept_turn(text="Once upon a time " * 200 + "there was", reason=FinishReason.LENGTH)
    house.keep_turn(turn)
    house.model.script(TOO_LONG)
    house.model.script(TextDelta(text=" a fox"), DONE)
    sink = FakeSink()
    assert await house.chat.go_on(ask(), turn, sink)
    first, second = house.model.requests
    assert first.messages[1].content == turn.text
    assert second.messages[0].content == "hello"
    assert second.messages[1].role is Role.ASSISTANT
    assert second.messages[1].content.startswith("[…]\n")
    assert second.messages[1].content.endswith("there was")
    assert len(second.messages[1].content) < len(turn.text) / 2
    assert sink.reply.text == f"{turn.text} a fox"


async def test_a_drawing_of_a_conversation_is_asked_for_with_less() -> None:
    picture = (PictureUrl(url="http://h/1"), DONE)
    house = scripted((DrawingIntent(), DONE), TOO_LONG, picture, intent_check=IntentCheck.ALWAYS)
    sink = FakeSink()
    await house.chat.respond(ask(text="draw a fox"), sink)
    assert len(sink.reply.ending.pictures) == 1
    _, refused, drawn = house.model.requests
    assert (refused.certain, drawn.certain) == (True, True)
    assert len(drawn.messages) < len(refused.messages)
    (used,) = house.usage.used.values()
    assert (used.calls, used.pictures) == (2, 1)
