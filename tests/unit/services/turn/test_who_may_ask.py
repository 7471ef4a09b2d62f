"""Who may ask what where: channels, roles and words, the language that is spoken, and what was only overheard."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.reply.controls import Action
from bot.domain.settings.choices import Listening
from bot.domain.settings.scopes import Actor, Target
from bot.domain.turn.ask import Ask, Reference
from bot.domain.usage.counts import Used
from bot.errors import Refusal
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.changes import set_one
from tests.fakes.clock import START
from tests.fakes.houses.bank import ANNS, DRAWN, HI, Bank
from tests.fakes.houses.house import kept_turn
from tests.fakes.reply.replies import FakeSink


async def test_a_refused_channel_is_told_once_in_ten_minutes_and_nothing_is_kept() -> None:
    house = Bank(operator={"channels_refused": (1000,)})
    chat = house.chat
    sinks = [FakeSink() for _ in range(4)]
    await chat.respond(ask(5000), sinks[0])
    await chat.respond(ask(5001), sinks[1])
    await chat.respond(ask(5002, user=BOB), sinks[2])
    await asyncio.sleep(601)
    await chat.respond(ask(5003), sinks[3])
    assert [len(sink.replies) for sink in sinks] == [1, 0, 1, 1]
    assert sinks[0].reply.ending.problem is Refusal.CHANNEL
    assert (house.turns.turns, house.model.requests, house.said) == ({}, [], [])


async def test_a_user_whose_roles_are_refused() -> None:
    house = Bank(operator={"roles_refused": (77,)})
    refused = await house.asks(ask(user=replace(ANN, role_ids=(77,))))
    assert refused.ending.problem is Refusal.ROLE
    assert (await house.asks(ask(5010), *HI)).text == "Hi"


@pytest.mark.parametrize("rule", [{"roles_refused": (77,)}, {"roles_allowed": (5,)}])
@pytest.mark.parametrize("roles", [(77,), (77, 78)])
async def test_who_may_not_ask_any_more_gets_nothing_by_a_button(
    rule: dict[str, object], roles: tuple[int, ...]
) -> None:
    house = Bank(operator=rule)
    house.keep_turn(kept_turn())
    press = Press(
        action=Action.RETRY, turn_id=5000, user=replace(ANN, role_ids=roles), place=HERE, manages_messages=False
    )
    assert await house.control().press(press, house.sink_for) is Refusal.ROLE
    assert house.model.requests == []
    assert house.opened == [], "who pressed is told alone, and the answer that stands stays so"
    assert house.turns.turns[5000].version == 1


@pytest.mark.parametrize("action", [Action.RETRY, Action.CONTINUE, Action.DRAW])
@pytest.mark.parametrize(
    ("rule", "problem"),
    [({"channels_refused": (1000,)}, Refusal.CHANNEL), ({"forbidden_words": ("hello",)}, Refusal.FORBIDDEN_WORD)],
)
async def test_a_rule_that_came_later_leaves_the_answer_as_it_is(
    action: Action, rule: dict[str, object], problem: Refusal
) -> None:
    house = Bank(operator=rule)
    house.keep_turn(kept_turn())
    press = Press(action=action, turn_id=5000, user=ANN, place=HERE, manages_messages=False)
    assert await house.control().press(press, house.sink_for) is problem
    assert house.opened == []
    assert house.turns.turns[5000] == kept_turn()
    away = replace(press, action=Action.DELETE)
    assert await house.control().press(away, house.sink_for) is None, "what asks nothing is bound by no rule"


async def test_who_lost_every_role_gets_nothing_by_a_button_or_an_edit() -> None:
    house = Bank(operator={"roles_allowed": (5,)})
    house.keep_turn(kept_turn())
    nobody = replace(ANN, role_ids=())
    press = Press(action=Action.RETRY, turn_id=5000, user=nobody, place=HERE, manages_messages=False)
    assert await house.control().press(press, house.sink_for) is Refusal.ROLE
    sink = FakeSink()
    assert await house.chat.answer_anew(ask(user=nobody, text="other words"), house.turns.turns[5000], sink)
    assert sink.reply.ending.problem is Refusal.ROLE
    assert house.model.requests == []


async def test_those_who_manage_messages_ask_again_for_somebody_whose_roles_are_not_known() -> None:
    house = Bank(operator={"roles_allowed": (5,)})
    house.keep_turn(kept_turn())
    house.model.script(*HI)
    press = Press(action=Action.RETRY, turn_id=5000, user=replace(BOB, role_ids=()), place=HERE, manages_messages=True)
    assert await house.control().press(press, house.sink_for) is None
    assert house.reply.text == "Hi"


async def test_a_forbidden_word_is_refused_each_time_before_anything_is_spent() -> None:
    house = Bank(operator={"forbidden_words": ("spam",), "person_calls_a_day": 1})
    for number in (5000, 5010):
        assert (await house.draws(ask(number, "a Spam can"))).ending.problem is Refusal.FORBIDDEN_WORD
    assert (house.model.requests, house.usage.asked, house.turns.turns) == ([], [], {})


async def test_a_forbidden_word_does_not_come_in_by_a_user_s_own_default_model() -> None:
    house = Bank(operator={"forbidden_words": ("spam", "beta"), "drawing_model": "Artist beta"})
    assert (await house.draws(ask(5000, "a fox"), *DRAWN)).ending.problem is None, "the place's own is no person's word"
    await set_one(house.settings, Target.user(ANN.id), "drawing_model", "Spam 1", Actor(user=ANN))
    assert (await house.draws(ask(5010, "a fox"))).ending.problem is Refusal.FORBIDDEN_WORD
    assert (await house.asks(ask(5020), *HI)).text == "Hi"
    assert (await house.draws(ask(5030, "a fox", user=BOB), *DRAWN)).ending.problem is None
    assert len(house.model.requests) == 3


@pytest.mark.parametrize(("from_bot", "refused"), [(False, True), (True, False)])
async def test_a_forbidden_word_in_what_is_replied_to_goes_to_no_model(from_bot: bool, refused: bool) -> None:
    house = Bank(operator={"forbidden_words": ("spam",), "answer_in_thread": True})
    told = Reference(id=4000, author=BOB, text="all about spam", from_bot=from_bot, created_at=START)
    asked = ask(text="explain that", reference=told)
    opened: list[Ask] = []

    async def open_thread(ask: Ask) -> Ask:
        opened.append(ask)
        return ask

    if not refused:
        house.model.script(*HI)
    sink = FakeSink()
    await house.chat.respond(asked, sink, open_thread=open_thread)
    assert bool(opened) is not refused
    reply = sink.reply
    assert reply.ending.problem is (Refusal.FORBIDDEN_WORD if refused else None)
    assert len(house.model.requests) == (0 if refused else 1)


async def test_a_question_that_is_edited_to_hold_a_forbidden_word_is_not_answered_anew() -> None:
    house = Bank(operator={"forbidden_words": ("spam",)})
    house.keep_turn(kept_turn())
    sink = FakeSink()
    assert await house.chat.answer_anew(ask(text="spam"), kept_turn(), sink)
    assert sink.reply.ending.problem is Refusal.FORBIDDEN_WORD
    assert house.model.requests == []


async def test_the_language_that_is_set_is_spoken() -> None:
    house = Bank(operator={"language": "zh-CN"})
    await house.asks(ask(), *HI)
    assert house.turns.turns[5000].locale == "zh-CN"


async def test_what_was_only_overheard_is_refused_in_silence() -> None:
    rules: list[dict[str, object]] = [
        {"channels_refused": (1000,)},
        {"forbidden_words": ("hello",)},
        {"person_calls_a_day": 1},
    ]
    for operator in rules:
        house = Bank(operator={"listening": Listening.ALL, **operator})
        house.usage.used[ANNS] = Used(calls=1)
        sink = FakeSink()
        await house.chat.respond(ask(overheard=True), sink)
        assert all(reply.discarded for reply in sink.replies)
        assert house.model.requests == []
        assert house.left() == {}


async def test_a_place_may_want_everything_answered() -> None:
    async def answers(**operator: Any) -> bool:
        house, sink = Bank(operator=operator), FakeSink()
        house.model.script(*HI)
        await house.chat.respond(ask(overheard=True), sink)
        return bool(sink.replies)

    assert not await answers()
    assert await answers(listening=Listening.ALL)
    assert not await answers(listening=Listening.ALL, channels_refused=(1000,))


async def test_what_can_not_be_read_is_told_only_where_one_may_ask() -> None:
    house = Bank(operator={"channels_refused": (1000,)})
    sink = FakeSink()
    await house.chat.refuse(ask(text=""), sink, Refusal.UNREADABLE)
    assert sink.replies == []
