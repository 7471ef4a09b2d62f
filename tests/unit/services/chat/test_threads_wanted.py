"""Which questions are answered in a thread of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.settings.choices import Listening
from bot.domain.turn.ask import Ask
from bot.domain.usage.counts import Used
from bot.domain.usage.quota import Account, day_of
from tests.fakes.asks import ANN, HERE, ask
from tests.fakes.clock import START
from tests.fakes.houses.bank import HI
from tests.fakes.houses.house import GONE, House
from tests.fakes.reply.replies import FakeSink

ANNS = Account(day=day_of(START), guild_id=1, channel_id=1000, user_id=11)
ON: dict[str, Any] = {"answer_in_thread": True}


class Opened(Exception):  # noqa: N818  # no error, but a way out
    """A thread is to be started."""


async def opens(house: House, asked: Ask) -> bool:
    """Whether a question is to be answered in a thread of its own."""

    async def open_thread(ask: Ask) -> Ask:
        raise Opened

    house.model.script(*HI)
    try:
        await house.chat.respond(asked, FakeSink(), open_thread=open_thread)
    except Opened:
        return True
    return False


async def wants(asked: dict[str, Any] | None = None, **operator: Any) -> bool:
    house = House(operator={**ON, "listening": Listening.ALL, **operator})
    house.usage.used[ANNS] = Used(calls=3, total_tokens=900)
    return await opens(house, ask(**(asked or {})))


async def test_where_the_place_wants_it() -> None:
    assert await wants()
    assert not await wants(answer_in_thread=False)


@pytest.mark.parametrize(
    "asked",
    [
        {"place": replace(HERE, guild_id=None)},
        {"place": replace(HERE, channel_id=1001, parent_id=1000)},
        {"text": ""},
    ],
    ids=["a_direct_message", "in_a_thread_already", "nothing"],
)
async def test_where_there_is_none_to_start(asked: dict[str, Any]) -> None:
    assert not await wants(asked)


@pytest.mark.parametrize(
    "rule", [{"channels_refused": (1000,)}, {"forbidden_words": ("hello",)}, {"roles_allowed": (5,)}]
)
async def test_who_may_not_ask_starts_none(rule: dict[str, Any]) -> None:
    assert not await wants(None, **rule)
    assert not await wants({"overheard": True}, **rule)


@pytest.mark.parametrize("rule", [{"person_calls_a_day": 3}, {"guild_tokens_a_day": 901}])
async def test_a_quota_leaves_no_empty_thread_where_nobody_asked(rule: dict[str, Any]) -> None:
    assert not await wants({"overheard": True}, **rule)
    assert await wants(None, **rule)  # who asked is told why


async def test_what_is_left_of_a_quota_is_enough() -> None:
    rules = {"person_calls_a_day": 4, "guild_tokens_a_day": 2000, "person_pictures_a_day": 1}
    assert await wants({"overheard": True}, **rules)


async def test_a_failing_database_is_the_turn_s_to_tell() -> None:
    house = House(operator={**ON, "listening": Listening.ALL, "person_calls_a_day": 4})
    house.usage.failing = GONE
    assert not await opens(house, ask(overheard=True))
    assert await opens(house, ask(5001, user=ANN))
