"""How a rule of a place is told: to the user alone, in words that go again, by a sign, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.people import Place
from bot.domain.reply.ending import Ending
from bot.domain.settings.choices import Refusals
from bot.domain.turn.ask import Source
from bot.domain.turn.notice import PassingNotice
from bot.errors import Refusal
from bot.services.turn import notices as passing
from bot.services.turn.notices import PassingNotices
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.clock import START, FakeClock
from tests.fakes.houses.bank import Bank
from tests.fakes.houses.house import GONE, FakeSurroundings, cancel
from tests.fakes.reply.replies import FakeReply, FakeSink
from tests.fakes.stores.notices import FakeNoticeStore

RULE = {"channels_refused": (1000,)}
OPEN = [replace(HERE, channel_id=number) for number in (1001, 1002, 1003, 1004)]


async def told(house: Bank, *, number: int = 5000, prepare: bool = True, **changes: Any) -> FakeSink:
    sink = FakeSink(first_id=number + 4000, prepare=None if prepare else _refuse_all)
    await house.chat.respond(ask(number, **changes), sink)
    return sink


def _refuse_all(reply: FakeReply) -> None:
    async def finish(ending: Ending) -> bool:
        return False

    reply.finish = finish  # type: ignore[method-assign]  # Discord takes none of it


async def test_words_name_three_open_channels_and_are_to_go_in_a_minute() -> None:
    house = Bank(operator={"channels_refused": (1000, 1002)})
    house.surroundings.channels = [HERE, *OPEN, replace(HERE, channel_id=1005)]
    sink = await told(house)
    assert sink.reply.ending.problem is Refusal.CHANNEL
    assert sink.reply.ending.open_channels == (1001, 1003, 1004)
    (kept,) = house.notices.kept.values()
    assert kept == PassingNotice(channel_id=1000, message_id=9000, delete_at=house.clock.now() + timedelta(minutes=1))
    assert house.surroundings.reacted == []
    assert (house.turns.turns, house.model.requests, house.said) == ({}, [], [])


@pytest.mark.parametrize(
    ("operator", "asked", "named"),
    [
        ({"channels_allowed": (1004,)}, {}, (1004,)),
        ({"channels_refused": (1000, 1001, 1002, 1003, 1004)}, {}, ()),
        ({"roles_refused": (77,)}, {"user": replace(ANN, role_ids=(77,))}, ()),
        ({"forbidden_words": ("hello",)}, {}, ()),
    ],
    ids=["an allowed one", "none is open", "a role is refused anywhere", "a word as well"],
)
async def test_only_what_is_open_to_them_is_named(
    operator: dict[str, Any], asked: dict[str, Any], named: tuple[int, ...]
) -> None:
    house = Bank(operator=operator)
    house.surroundings.channels = OPEN
    sink = await told(house, **asked)
    assert sink.reply.ending.open_channels == named
    assert len(house.notices.kept) == 1


async def test_so_many_channels_are_looked_at_and_no_more() -> None:
    house = Bank(operator={"channels_allowed": (1,)})
    asked: list[int] = []

    def endless(*_: object) -> object:
        while True:
            asked.append(1)
            yield OPEN[0]

    house.surroundings.open_to = endless  # type: ignore[assignment,method-assign]  # a guild of any size
    assert (await told(house)).reply.ending.open_channels == ()
    assert len(asked) == 100


@pytest.mark.parametrize("rule", [RULE, {"roles_refused": (1,)}, {"forbidden_words": ("hello",)}])
@pytest.mark.parametrize(("how", "signs"), [("reaction", [5000]), ("quiet", [])])
async def test_a_place_may_want_a_sign_or_nothing(rule: dict[str, Any], how: str, signs: list[int]) -> None:
    house = Bank(operator={**rule, "refusals": Refusals(how)})
    sink = await told(house)
    assert sink.replies == []
    assert house.surroundings.reacted == signs
    assert house.notices.kept == {}
    assert house.model.requests == []


async def test_a_sign_is_set_as_seldom_as_words_are_said() -> None:
    house = Bank(operator={**RULE, "refusals": Refusals.REACTION})
    for number in (5000, 5001):
        await told(house, number=number)
    await told(house, number=5002, user=BOB)
    assert house.surroundings.reacted == [5000, 5002]


async def test_words_that_discord_does_not_take_are_a_sign_instead() -> None:
    house = Bank(operator=RULE)
    await told(house, prepare=False)
    assert house.surroundings.reacted == [5000]
    assert house.notices.kept == {}


@pytest.mark.parametrize("how", ["words", "reaction", "quiet"])
@pytest.mark.parametrize(
    "changes",
    [{"source": Source.INTERACTION, "response_id": 5001}, {"place": Place(channel_id=1000)}],
    ids=["a command", "a direct message"],
)
async def test_who_reads_it_alone_is_told_in_words_that_stay(how: str, changes: dict[str, Any]) -> None:
    house = Bank(operator={"forbidden_words": ("hello",), "refusals": Refusals(how)})
    sink = await told(house, **changes)
    assert sink.reply.ending.problem is Refusal.FORBIDDEN_WORD
    assert sink.reply.options.refusal
    assert house.notices.kept == {}
    assert house.surroundings.reacted == []


async def test_what_was_only_overheard_is_neither_told_nor_counted_as_told() -> None:
    house = Bank(operator={"listening": "all", "forbidden_words": ("hello",)})
    assert (await told(house, overheard=True)).replies == []
    assert house.surroundings.reacted == []


# --- what goes again ---------------------------------------------------------------------------------------------


class Stand:
    """Passing notices over stores in memory."""

    def __init__(self) -> None:
        self.store, self.surroundings, self.clock = FakeNoticeStore(), FakeSurroundings(), FakeClock()
        self.notices = self.restarted()

    def restarted(self) -> PassingNotices:
        return PassingNotices(self.store, self.surroundings, self.clock)


async def test_a_message_goes_when_its_minute_is_over() -> None:
    stand = Stand()
    task = asyncio.create_task(stand.notices.keep_up())
    await asyncio.sleep(10)
    await stand.notices.keep(1000, (9000, 9001))
    await asyncio.sleep(59)
    assert stand.surroundings.taken_away == []
    await asyncio.sleep(2)
    assert stand.surroundings.taken_away == [9000, 9001]
    assert stand.store.kept == {}
    await cancel(task)


async def test_what_a_kill_left_goes_after_the_next_start() -> None:
    stand = Stand()
    await stand.notices.keep(1000, (9000,))
    later = stand.restarted()
    await asyncio.sleep(20)
    task = asyncio.create_task(later.keep_up())
    await asyncio.sleep(39)
    assert stand.surroundings.taken_away == []
    await asyncio.sleep(2)
    assert (stand.surroundings.taken_away, stand.store.kept) == ([9000], {})
    await cancel(task)


async def test_what_fails_is_tried_again_and_given_up_in_the_end() -> None:
    stand = Stand()
    stand.surroundings.takes_away = False
    task = asyncio.create_task(stand.notices.keep_up())
    await stand.notices.keep(1000, (9000,))
    await asyncio.sleep(60 + passing.AGAIN_S * 3 + 1)
    assert len(stand.surroundings.taken_away) == 4
    await asyncio.sleep(passing.AGAIN_S * passing.MOST_TRIES * 2)
    assert len(stand.surroundings.taken_away) == passing.MOST_TRIES
    assert len(stand.store.kept) == 1, "the next start tries again"
    await cancel(task)


async def test_a_database_that_is_away_keeps_nothing_from_going() -> None:
    stand = Stand()
    await stand.store.add(PassingNotice(channel_id=7, message_id=70, delete_at=START))
    stand.store.failing = GONE
    task = asyncio.create_task(stand.notices.keep_up())
    await stand.notices.keep(1000, (9000,))
    await asyncio.sleep(61)
    assert stand.surroundings.taken_away == [9000]
    stand.store.failing = None
    await asyncio.sleep(passing.AGAIN_S + 1)
    assert stand.surroundings.taken_away == [9000, 70], "what the last process left is read when the database is back"
    assert stand.store.kept == {}
    await cancel(task)


async def test_where_very_many_stand_a_sign_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "MOST_STANDING", 2)
    house = Bank(operator={"forbidden_words": ("hello",)})
    sinks = [await told(house, number=5000 + number) for number in range(3)]
    assert [len(sink.replies) for sink in sinks] == [1, 1, 0]
    assert house.surroundings.reacted == [5002]
