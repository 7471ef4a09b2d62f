"""What turns may spend: reserved before a call, settled when they end, told before it runs out and when it has."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import (
    DrawingIntent,
    Failure,
    FinishReason,
    ModelEvent,
    ReasoningDelta,
    Retraction,
    TextDelta,
)
from bot.domain.model.request import Mode
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.settings.choices import IntentCheck
from bot.domain.settings.scopes import Actor, Target
from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import Used
from bot.domain.usage.quota import Cost, QuotaLeft
from bot.errors import ErrorKind, Holder, ProviderError, Resource, Shortage, StopReason, Trouble
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.changes import set_one
from tests.fakes.clock import settle
from tests.fakes.houses.bank import ANNS, DONE, DRAWN, HI, TOLD, Bank, shortage
from tests.fakes.houses.house import GONE, kept_turn
from tests.fakes.reply.replies import FakeSink


async def test_what_a_turn_used_is_counted_without_a_quota_too() -> None:
    house = Bank()
    reply = await house.asks(ask(), *HI)
    assert house.usage.used == {ANNS: Used(calls=1, prompt_tokens=30, completion_tokens=10, total_tokens=40)}
    assert house.usage.asked == []  # nothing was reserved: nobody waits for a counter that nobody needs
    assert reply.ending.notices == ()


async def test_the_last_call_is_told_and_the_next_one_refused() -> None:
    house = Bank(operator={"person_calls_a_day": 2})
    first = await house.asks(ask(5000), *HI)
    second = await house.asks(ask(5010), *HI)
    third = await house.asks(ask(5020))
    (left,) = first.ending.notices
    assert isinstance(left, QuotaLeft)
    assert (left.resource, left.left, left.limit) == (Resource.CALLS, 1, 2)
    (none_left,) = second.ending.notices
    assert isinstance(none_left, QuotaLeft)
    assert none_left.left == 0
    assert shortage(third) == (Resource.CALLS, Holder.PERSON)
    assert third.ending.state is TurnState.FAILED
    assert len(house.model.requests) == 2
    other = await house.asks(ask(5030, user=BOB), *HI)
    assert other.text == "Hi"
    assert house.left() == {}


async def test_a_guild_s_quota_is_everybody_s() -> None:
    house = Bank(operator={"guild_calls_a_day": 1})
    await house.asks(ask(5000), *HI)
    assert shortage(await house.asks(ask(5010, user=BOB))) == (Resource.CALLS, Holder.GUILD)
    direct = replace(HERE, guild_id=None)
    assert (await house.asks(ask(5020, place=direct), *HI)).text == "Hi"


async def test_where_the_bot_is_no_member_nothing_of_the_guild_is_spent_or_asked() -> None:
    """Somebody carries it along: neither the guild's quotas nor its settings are theirs."""
    bank = Bank(operator={"person_calls_a_day": 2, "guild_calls_a_day": 1})
    owner = Actor(user=BOB, guild_id=1, manages_guild=True)
    await set_one(bank.settings, Target.guild(1), "channels_refused", str(HERE.channel_id), owner)
    abroad = replace(HERE, by_token_only=True)
    for number in range(2):
        assert (await bank.asks(ask(5000 + 10 * number, place=abroad), *HI)).ending.problem is None
    assert set(bank.usage.used) == {replace(ANNS, guild_id=0)}
    elsewhere = replace(abroad, guild_id=2, channel_id=3000)
    refused = await bank.asks(ask(5020, place=elsewhere))
    assert shortage(refused) == (Resource.CALLS, Holder.PERSON)


async def test_an_answer_is_as_long_as_the_quota_lets_it_be() -> None:
    house = Bank(operator={"person_tokens_a_day": 200})
    await house.asks(ask(), *HI)
    (request,) = house.model.requests
    assert 150 <= request.sampling.max_new_tokens <= 198
    await house.asks(ask(5010), TextDelta(text="Hi"), replace(TOLD, total_tokens=120), DONE)
    assert house.model.requests[1].sampling.max_new_tokens < 160
    assert shortage(await house.asks(ask(5020))) == (Resource.TOKENS, Holder.PERSON)


async def test_an_endpoint_that_tells_no_usage_is_estimated() -> None:
    house = Bank(operator={"person_tokens_a_day": 10_000})
    await house.asks(ask(text="four " * 40), TextDelta(text="word" * 20), DONE)
    used = house.usage.used[ANNS]
    assert 50 <= used.prompt_tokens <= 60
    assert used.completion_tokens == 22
    assert used.total_tokens == used.prompt_tokens + 22


async def test_what_failed_without_an_answer_costs_nothing() -> None:
    house = Bank(operator={"person_calls_a_day": 1})
    await house.asks(ask(5000), Failure(error=ProviderError(ErrorKind.NETWORK)))
    assert house.usage.used == {}
    assert house.left() == {}
    assert (await house.asks(ask(5010), *HI)).text == "Hi"


THOUGHT = (ReasoningDelta(text="thought " * 20), ReasoningDelta(text="thought " * 20))


@pytest.mark.parametrize(
    "events",
    [
        (*THOUGHT, Failure(error=ProviderError(ErrorKind.THOUGHT_TOO_LONG))),
        (*THOUGHT, TextDelta(text="So."), DONE),
        (TextDelta(text="thought " * 40), Retraction(), Failure(error=ProviderError(ErrorKind.ONLY_THOUGHT))),
    ],
    ids=["nothing but thought", "an answer behind it", "text that turned out to be thought"],
)
async def test_thinking_that_no_usage_tells_of_is_no_way_around_a_quota(
    events: tuple[ModelEvent, ...],
) -> None:
    house = Bank(operator={"person_calls_a_day": 1})
    await house.asks(ask(5000), *events)
    assert house.usage.used[ANNS].calls == 1
    assert house.usage.used[ANNS].completion_tokens >= 40
    assert shortage(await house.asks(ask(5010))) == (Resource.CALLS, Holder.PERSON)


async def test_half_an_answer_counts_as_far_as_it_came() -> None:
    house = Bank(operator={"person_calls_a_day": 5})
    await house.asks(ask(), TextDelta(text="word" * 10), Failure(error=ProviderError(ErrorKind.NETWORK)))
    assert (house.usage.used[ANNS].calls, house.usage.used[ANNS].completion_tokens) == (1, 11)


async def test_stopping_an_answer_before_it_came_is_no_way_around_a_quota() -> None:
    house = Bank(operator={"person_calls_a_day": 1})
    house.model.script(asyncio.Event())
    task = asyncio.create_task(house.chat.respond(ask(), FakeSink()))
    await settle()
    assert house.coordinator.stop(5000, StopReason.ASKED)
    await task
    assert house.usage.used[ANNS].calls == 1
    assert house.left() == {}


@pytest.mark.parametrize("reason", [StopReason.PROMPT_DELETED, StopReason.REPLY_DELETED])
async def test_deleting_a_question_gives_nothing_back_of_what_came(reason: StopReason) -> None:
    house = Bank(operator={"person_tokens_a_day": 5000})
    house.model.script(TextDelta(text="word" * 10), asyncio.Event())
    task = asyncio.create_task(house.chat.respond(ask(), FakeSink()))
    await settle()
    assert house.coordinator.stop(5000, reason)
    await task
    assert house.usage.used[ANNS].completion_tokens == 11


async def test_a_cancelled_turn_is_settled_once() -> None:
    house = Bank(operator={"person_calls_a_day": 5})
    house.model.script(TextDelta(text="Hi"), asyncio.Event())
    task = asyncio.create_task(house.chat.respond(ask(), FakeSink()))
    await settle()
    task.cancel()
    await asyncio.wait((task,))
    assert house.usage.used[ANNS].calls == 1
    assert house.left() == {}


async def test_a_quota_of_pictures_that_is_used_up_leaves_the_talking() -> None:
    house = Bank(operator={"person_pictures_a_day": 1})
    drawn = await house.asks(ask(5000, "draw a fox"), *DRAWN)
    assert len(drawn.ending.pictures) == 1
    (left,) = drawn.ending.notices
    assert isinstance(left, QuotaLeft)
    assert (left.resource, left.left) == (Resource.PICTURES, 0)
    talk = await house.asks(ask(5010), *HI)
    assert (talk.text, talk.ending.problem, talk.ending.notices) == ("Hi", None, ())
    wanted = await house.asks(ask(5020, "draw a cat"), DrawingIntent(), TOLD, DONE)
    assert shortage(wanted) == (Resource.PICTURES, Holder.PERSON)
    assert wanted.ending.state is TurnState.COMPLETE
    # One call each: the intent is checked first, and nothing is drawn.
    assert house.told == [True, False, False]


async def test_a_command_for_a_picture_that_there_is_no_quota_for_asks_nothing() -> None:
    house = Bank(operator={"guild_pictures_a_day": 1})
    await house.draws(ask(5000), *DRAWN)
    refused = await house.draws(ask(5010))
    assert shortage(refused) == (Resource.PICTURES, Holder.GUILD)
    assert len(house.model.requests) == 1


async def test_a_picture_that_did_not_come_is_given_back() -> None:
    house = Bank(operator={"person_pictures_a_day": 1})
    await house.draws(ask(5000), Failure(error=ProviderError(ErrorKind.DRAWING_FAILED)))
    assert len((await house.draws(ask(5010), *DRAWN)).ending.pictures) == 1


async def test_the_second_call_of_a_turn_counts_and_may_be_refused() -> None:
    house = Bank(operator={"intent_check": IntentCheck.ALWAYS, "person_calls_a_day": 3})
    house.model.script(DrawingIntent(), TOLD, DONE)
    house.model.script(*DRAWN)
    drawn = await house.asks(ask(5000, "draw a fox"))
    assert len(drawn.ending.pictures) == 1
    assert house.usage.used[ANNS] == Used(calls=2, prompt_tokens=60, completion_tokens=20, total_tokens=80, pictures=1)
    refused = await house.asks(ask(5010, "draw a cat"), DrawingIntent(), TOLD, DONE)
    assert shortage(refused) == (Resource.CALLS, Holder.PERSON)
    assert house.usage.used[ANNS].calls == 3
    assert house.left() == {}


async def test_answering_anew_and_going_on_count_too() -> None:
    house = Bank(operator={"person_calls_a_day": 2})
    turn = kept_turn(text="Once upon", reason=FinishReason.LENGTH)
    house.keep_turn(turn)
    house.model.script(TextDelta(text=" a time"), DONE)
    await house.chat.go_on(ask(), turn, FakeSink())
    assert house.usage.used[ANNS].completion_tokens == 2
    house.model.script(*HI)
    await house.chat.answer_anew(ask(), house.turns.turns[5000], FakeSink())
    sink = FakeSink()
    await house.chat.answer_anew(ask(), house.turns.turns[5000], sink)
    assert shortage(sink.reply) == (Resource.CALLS, Holder.PERSON)


async def test_an_answer_that_a_quota_did_not_allow_says_so_when_it_is_shown_again() -> None:
    house = Bank(operator={"person_calls_a_day": 1})
    await house.asks(ask(), *HI)
    assert await house.chat.answer_anew(ask(), house.turns.turns[5000], FakeSink())
    kept = await house.turns.versions(5000)
    assert [version.error_kind for version in kept] == [None, Trouble.QUOTA_THEN]


async def test_prices_that_are_set_are_told() -> None:
    house = Bank(operator={"cost_per_1000_tokens": 0.5, "cost_per_picture": 2.0, "cost_currency": "USD"})
    assert (await house.asks(ask(5000), *HI)).ending.notices == (Cost(amount=0.02, currency="USD"),)
    assert (await house.draws(ask(5010), *DRAWN)).ending.notices == (Cost(amount=2.02, currency="USD"),)


async def test_a_database_that_fails_refuses_where_there_is_a_quota() -> None:
    house = Bank(operator={"person_calls_a_day": 5})
    house.usage.failing = GONE
    reply = await house.asks(ask())
    assert reply.ending.problem is Trouble.STORAGE
    assert house.model.requests == []
    free = Bank()
    free.usage.failing = GONE
    assert (await free.asks(ask(), *HI)).ending.problem is None


async def test_a_killed_turn_s_call_counts_and_the_rest_is_given_back() -> None:
    house = Bank(operator={"person_calls_a_day": 5})
    house.model.script(asyncio.Event())
    task = asyncio.create_task(house.chat.respond(ask(text="four" * 10), FakeSink()))
    await settle()
    assert set(house.left()) == {5000}
    killed = kept_turn(text="word" * 3, prompt="four" * 10, state=TurnState.STREAMING)
    await house.quota.settle_orphan(killed)
    assert house.left() == {}
    assert house.usage.used[ANNS] == Used(calls=1, prompt_tokens=11, completion_tokens=4, total_tokens=15)
    await house.quota.settle_orphan(replace(killed, id=1))
    assert house.usage.used[ANNS].calls == 1
    task.cancel()
    await asyncio.wait((task,))


async def test_what_is_left_can_be_asked() -> None:
    house = Bank(operator={"person_calls_a_day": 5, "guild_pictures_a_day": 3})
    settings = await house.settings.in_force(HERE, ANN.id)
    await house.asks(ask(), *HI)
    assert [(left.resource, left.left) for left in await house.quota.left(HERE, ANN.id, settings)] == [
        (Resource.CALLS, 4),
        (Resource.PICTURES, 3),
    ]
    plain = Bank()
    assert await plain.quota.left(HERE, ANN.id, await plain.settings.in_force(HERE, ANN.id)) == ()


@pytest.mark.parametrize(
    ("operator", "place", "denial"),
    [
        ({"drawing_allowed": False}, HERE, DrawingDenial.SWITCHED_OFF),
        ({}, replace(HERE, can_attach=False), DrawingDenial.CANNOT_ATTACH),
    ],
)
async def test_each_denial_asks_once_and_first(
    operator: dict[str, object], place: object, denial: DrawingDenial
) -> None:
    house = Bank(operator=operator)
    reply = await house.asks(ask(5000, "draw", place=place), DrawingIntent(), DONE)
    assert (reply.ending.problem, house.told) == (denial, [False])
    reply = await house.asks(ask(5010, place=place), *HI)
    assert (reply.text, house.told) == ("Hi", [False, False])


async def test_a_full_line_of_drawings_leaves_the_talking(monkeypatch: pytest.MonkeyPatch) -> None:
    house = Bank()
    monkeypatch.setattr(house.coordinator, "queue_full", lambda *_: True)
    reply = await house.asks(ask(5000, "draw"), DrawingIntent(), DONE)
    assert (reply.ending.problem, house.told) == (DrawingDenial.QUEUE_FULL, [False])
    assert (await house.asks(ask(5010), *HI)).text == "Hi"


async def test_a_picture_is_made_only_once_the_asker_has_agreed() -> None:
    house = Bank(
        operator={
            "intent_check": IntentCheck.CONFIRM,
            "person_pictures_a_day": 9,
            "cost_per_picture": 0.5,
            "cost_currency": "USD",
        }
    )
    offer = await house.asks(ask(5000, "draw a fox"), DrawingIntent(), TOLD, DONE)
    assert offer.ending.problem is DrawingDenial.CONFIRM
    left, cost = offer.ending.notices
    assert isinstance(left, QuotaLeft)
    assert (left.left, cost) == (9, Cost(amount=0.5, currency="USD"))
    assert offer.ending.controls is not None
    assert offer.ending.controls.actions == (Action.DRAW, Action.DELETE)
    control = house.control()
    press = Press(action=Action.DRAW, turn_id=5000, user=BOB, place=HERE, manages_messages=True)
    assert await control.press(press, house.sink_for) is PressRefusal.NOT_YOURS
    house.model.script(*DRAWN)
    assert await control.press(replace(press, user=ANN), house.sink_for) is None
    assert len(house.reply.ending.pictures) == 1
    assert house.told == [False, True]
    assert house.usage.used[ANNS].pictures == 1


async def test_an_offer_that_can_no_longer_be_kept_says_why() -> None:
    house = Bank(operator={"intent_check": IntentCheck.CONFIRM, "person_pictures_a_day": 1})
    await house.asks(ask(5000, "draw a fox"), DrawingIntent(), TOLD, DONE)
    await house.draws(ask(5010, "a cat"), *DRAWN)
    press = Press(action=Action.DRAW, turn_id=5000, user=ANN, place=HERE, manages_messages=False)
    assert await house.control().press(press, house.sink_for) is None
    assert shortage(house.reply) == (Resource.PICTURES, Holder.PERSON)
    house.operator["drawing_allowed"] = False
    assert await house.control().press(press, house.sink_for) is None
    assert house.reply.ending.problem is DrawingDenial.SWITCHED_OFF
    assert len(house.model.requests) == 2


async def test_talk_needs_no_agreement() -> None:
    house = Bank(operator={"intent_check": IntentCheck.CONFIRM})
    assert (await house.asks(ask(), *HI)).text == "Hi"
    assert house.told == [False]


def pressed_by_bob() -> Press:
    """Let Bob, who manages messages, press Retry under the answer to Ann."""
    return Press(action=Action.RETRY, turn_id=5000, user=BOB, place=HERE, manages_messages=True)


async def test_who_has_another_s_question_answered_again_pays_for_it() -> None:
    house = Bank(operator={"person_calls_a_day": 1})
    await house.asks(ask(), *HI)
    house.model.script(*HI)
    assert await house.control().press(pressed_by_bob(), house.sink_for) is None
    assert house.reply.ending.problem is None
    assert {account.user_id: used.calls for account, used in house.usage.used.items()} == {ANN.id: 1, BOB.id: 1}
    # He alone is told that he has no more; the answer that stands is left as it is.
    refused = await house.control().press(pressed_by_bob(), house.sink_for)
    assert isinstance(refused, Shortage)
    assert refused.resource is Resource.CALLS
    assert (len(house.sinks), house.turns.turns[5000].version) == (1, 2)


async def test_a_quota_of_pictures_does_not_keep_anybody_from_words() -> None:
    house = Bank(operator={"person_pictures_a_day": 1})
    house.usage.used[replace(ANNS, user_id=BOB.id)] = Used(pictures=1)
    house.keep_turn(kept_turn())
    house.model.script(*HI)
    assert await house.control().press(pressed_by_bob(), house.sink_for) is None
    assert house.reply.text == "Hi"
    house.keep_turn(kept_turn(mode=Mode.DRAW))
    assert isinstance(await house.control().press(pressed_by_bob(), house.sink_for), Shortage)
