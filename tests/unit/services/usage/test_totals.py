"""Quotas over all places together: a user's and the whole bot's, which only the operator sets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.bounds import ADay, Bounds
from bot.domain.people import Place
from bot.domain.usage.quota import QuotaLeft
from bot.errors import Holder, Resource, Shortage
from bot.services.usage.report import Span, UsageScope
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.clock import settle
from tests.fakes.houses.bank import ANNS, HI, Bank, shortage
from tests.fakes.houses.house import kept_turn
from tests.fakes.reply.replies import FakeSink

PLACES = (HERE, Place(channel_id=2000, guild_id=2), Place(channel_id=3000, guild_id=3), Place(channel_id=4000))


async def test_eight_at_once_over_three_guilds_and_a_direct_message_make_the_three_calls_that_a_user_has() -> None:
    bank = Bank(bounds=Bounds(person=ADay(calls=3)))
    for _ in range(8):
        bank.model.script(*HI)
    asks = [ask(5000 + 10 * number, place=PLACES[number % 4]) for number in range(8)]
    replies = await asyncio.gather(*(bank.asks(each) for each in asks))
    assert len(bank.model.requests) == 3
    refused = [reply.ending.problem for reply in replies if reply.ending.problem is not None]
    assert [type(problem) for problem in refused] == [Shortage] * 5
    assert {shortage(reply) for reply in replies if reply.ending.problem is not None} == {
        (Resource.CALLS, Holder.EVERYWHERE)
    }
    assert (await bank.asks(ask(5900, user=BOB), *HI)).text == "Hi"


async def test_the_whole_bots_quota_is_everybodys_everywhere() -> None:
    bank = Bank(bounds=Bounds(bot=ADay(calls=2)))
    await bank.asks(ask(5000), *HI)
    await bank.asks(ask(5010, user=BOB, place=PLACES[3]), *HI)
    assert shortage(await bank.asks(ask(5020, place=PLACES[1]))) == (Resource.CALLS, Holder.BOT)


async def test_the_operator_is_told_once_a_day_that_it_is_used_up(caplog: pytest.LogCaptureFixture) -> None:
    bank = Bank(bounds=Bounds(bot=ADay(calls=1), person=ADay(calls=1)))

    def warned() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]

    await bank.asks(ask(5000), *HI)
    await bank.asks(ask(5010))
    assert warned() == []  # one user's own quota
    await bank.asks(ask(5020, user=BOB))
    await bank.asks(ask(5030, user=BOB, place=PLACES[1]))
    (line,) = warned()
    assert "0 of TOTAL_CALLS_A_DAY=1 are left, until 2026-03-02" in line
    await bank.clock.sleep(24 * 3600)
    await bank.asks(ask(5040), *HI)
    await bank.asks(ask(5050, user=BOB))
    assert len(warned()) == 2


async def test_tokens_and_pictures_are_counted_over_everything_too() -> None:
    bank = Bank(bounds=Bounds(person=ADay(tokens=200, pictures=1)))
    await bank.asks(ask(5000), *HI)
    (first,) = bank.model.requests
    assert first.sampling.max_new_tokens < 200
    await bank.asks(ask(5010, place=PLACES[1]), *HI)
    assert bank.model.requests[1].sampling.max_new_tokens < first.sampling.max_new_tokens - 30


async def test_a_new_day_has_a_new_quota() -> None:
    bank = Bank(bounds=Bounds(person=ADay(calls=1)))
    await bank.asks(ask(5000), *HI)
    assert shortage(await bank.asks(ask(5010, place=PLACES[1]))) == (Resource.CALLS, Holder.EVERYWHERE)
    await bank.clock.sleep(24 * 3600)
    assert (await bank.asks(ask(5020, place=PLACES[1]), *HI)).text == "Hi"


async def test_who_has_anothers_question_answered_again_pays_from_their_own() -> None:
    bank = Bank(bounds=Bounds(person=ADay(calls=1)))
    await bank.asks(ask(5000, user=BOB, place=PLACES[1]), *HI)
    bank.keep_turn(kept_turn())
    sink = FakeSink()
    await bank.chat.answer_anew(ask(payer=BOB), bank.turns.turns[5000], sink)
    assert shortage(sink.reply) == (Resource.CALLS, Holder.EVERYWHERE)


async def test_what_a_kill_left_reserved_counts_as_the_one_call_that_it_was() -> None:
    bank = Bank(bounds=Bounds(person=ADay(calls=3, tokens=100_000)))
    bank.model.script(asyncio.Event())
    task = asyncio.create_task(bank.chat.respond(ask(), FakeSink()))
    await settle()
    held = bank.usage.held[5000]
    task.cancel()
    await asyncio.wait((task,))
    bank.usage.used.clear()
    bank.usage.held[5000] = held  # as a killed process leaves it
    await bank.restart().quota.settle_orphan(bank.turns.turns[5000])
    spent = (await bank.usage.spent(ANNS)).everywhere
    assert (spent.calls, spent.tokens < held[1].tokens) == (1, True)


@pytest.mark.parametrize(
    ("here", "everywhere", "holder"),
    [(5, 1, Holder.EVERYWHERE), (1, 5, Holder.PERSON)],
    ids=["everywhere is tighter", "the place is tighter"],
)
async def test_what_is_left_is_told_of_the_tightest_quota(here: int, everywhere: int, holder: Holder) -> None:
    bank = Bank(operator={"person_calls_a_day": here}, bounds=Bounds(person=ADay(calls=everywhere)))
    (told,) = (await bank.asks(ask(), *HI)).ending.notices
    assert isinstance(told, QuotaLeft)
    assert (told.holder, told.left) == (holder, 0)


async def test_a_report_about_another_says_nothing_of_what_they_do_elsewhere() -> None:
    bank = Bank(bounds=Bounds(person=ADay(calls=3)))
    await bank.asks(ask(5000, place=PLACES[1]), *HI)
    usage = bank.services.usage
    own = await usage.report(HERE, ANN.id, UsageScope.PERSON, Span.DAY, manages_guild=False)
    assert [(each.holder, each.left) for each in own.left] == [(Holder.EVERYWHERE, 2)]
    of_ann = await usage.report(HERE, BOB.id, UsageScope.PERSON, Span.DAY, manages_guild=True, user_id=ANN.id)
    assert of_ann.left == ()


async def test_without_such_a_quota_nothing_is_reserved() -> None:
    bank = Bank(bounds=Bounds())
    await bank.asks(ask(5000, place=replace(HERE, guild_id=5)), *HI)
    assert bank.usage.asked == []
