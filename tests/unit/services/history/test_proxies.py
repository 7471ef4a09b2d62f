"""Questions that proxies say again: in both orders, while they are answered and after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.history.ports import SeenMessage, Unread
from bot.domain.model.events import Finish, FinishReason, TextDelta
from bot.domain.model.messages import Role
from bot.domain.people import Place
from bot.domain.turn.proxies import Said
from bot.domain.turn.record import TurnState
from bot.services.background import going_on
from bot.services.history import proxies
from bot.services.history.proxies import FIRST_GRACE_S, GRACE_S, SEEN_S, YOUNG_S
from tests.fakes.answers import endless
from tests.fakes.asks import BOB, HERE, ask, said
from tests.fakes.clock import START, VirtualTimeLoop, settle
from tests.fakes.houses.house import GONE, House, kept_turn
from tests.fakes.reply.replies import FakeSink

DONE = Finish(reason=FinishReason.STOP)
QUESTION, ANSWER = (Role.USER, "hello"), (Role.ASSISTANT, "Hi")
TYPED = Said(id=5000, channel_id=1000, text="L: <@99> hello")
REPEAT = Said(id=6000, channel_id=1000, text="<@99> hello")


class Proxied(House):
    """A house in which a person speaks by a proxy."""

    def __init__(self) -> None:
        super().__init__(side_by_side=9)

    async def deletes(self, message_id: int = 5000, place: Place = HERE) -> bool:
        """Delete a message, as the cog hears of it; returns whether a proxy has taken it over."""
        if await self.services.proxies.took_over(place, message_id):
            return True
        await self.follower().deleted(place, (message_id,))
        return False

    async def kept(self) -> None:
        """Ask and answer."""
        self.services.proxies.asked(TYPED)
        self.keep_turn(kept_turn())

    def repeats(self, said: Said = REPEAT) -> None:
        self.services.proxies.repeated(said, "Luna")

    def sees_a_proxy(self, channel_id: int = 1000) -> None:
        """Let a proxy say something that nobody asked."""
        self.repeats(Said(id=100, channel_id=channel_id, text="good morning", by=14))


@pytest.fixture
async def house() -> AsyncIterator[Proxied]:
    house = Proxied()
    async with going_on(house.services.backlog.keep_trying(), "backlog"):
        yield house


@pytest.mark.parametrize("apart_s", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("repeat_first", [True, False])
async def test_a_repeat_takes_the_question_over_with_its_answer(
    house: Proxied, repeat_first: bool, apart_s: float
) -> None:
    house.sees_a_proxy()
    await house.kept()
    if repeat_first:
        house.repeats()
        await asyncio.sleep(apart_s)
        assert await house.deletes()
    else:
        deleting = asyncio.create_task(house.deletes())
        await asyncio.sleep(apart_s)
        house.repeats()
        assert await deleting
    assert (house.said, house.opened) == ([QUESTION, ANSWER], [])
    assert house.turns.turns[5000].proxied_as == 6000
    assert house.history.messages[1000, 5000].author_name == "Luna"
    assert house.turns.turns[5000].asker_id == 11, "its quotas and buttons stay the person's"


async def test_an_answer_under_way_goes_on_for_the_repeat(house: Proxied) -> None:
    house.sees_a_proxy()
    house.services.proxies.asked(TYPED)
    answering = asyncio.create_task(house.runner.run(ask(), sink := FakeSink(), endless))
    await settle()
    deleting = asyncio.create_task(house.deletes())
    await asyncio.sleep(1)
    house.repeats()
    assert await deleting
    assert house.coordinator.is_under_way(5000)
    assert not sink.reply.closed
    assert house.services.proxies.stand_in(5000) == 6000
    await house.follower().deleted(HERE, (5000,))
    assert house.coordinator.is_under_way(5000), "the event of the delete may come twice"
    await house.follower().deleted(HERE, (6000,))
    await answering
    assert sink.reply.discarded
    assert house.turns.turns[5000].state is TurnState.STOPPED


@pytest.mark.parametrize("where", ["nowhere", "another channel", "long ago"])
async def test_where_no_proxy_was_seen_of_late_a_deleted_question_goes_soon(house: Proxied, where: str) -> None:
    if where != "nowhere":
        house.sees_a_proxy(2000 if where == "another channel" else 1000)
        await asyncio.sleep(SEEN_S + 1 if where == "long ago" else 0)
    await house.kept()
    before = asyncio.get_running_loop().time()
    assert not await house.deletes()
    assert asyncio.get_running_loop().time() - before == pytest.approx(FIRST_GRACE_S, abs=0.01)


@pytest.mark.parametrize("repeat_first", [True, False])
async def test_the_first_question_by_a_proxy_in_a_channel_is_taken_over_as_well(
    house: Proxied, repeat_first: bool
) -> None:
    await house.kept()
    if repeat_first:  # as they do it: a second or so later the message goes
        house.repeats()
        await asyncio.sleep(3)
        assert await house.deletes()
        return
    deleting = asyncio.create_task(house.deletes())
    await asyncio.sleep(FIRST_GRACE_S - 0.1)
    house.repeats()
    assert await deleting
    # From now on it is known there, though no application is named.
    house.services.proxies.asked(replace(TYPED, id=5001))
    house.keep_turn(kept_turn(5001, reply_ids=(9001,)))
    deleting = asyncio.create_task(house.deletes(5001))
    await asyncio.sleep(GRACE_S - 0.1)
    house.repeats(replace(REPEAT, id=6001))
    assert await deleting


async def test_a_moment_in_which_the_process_hears_nothing_takes_little_of_the_wait(house: Proxied) -> None:
    await house.kept()
    deleting = asyncio.create_task(house.deletes())
    await settle()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.stall(2 * FIRST_GRACE_S)
    await settle()  # timers come before what the network has brought meanwhile
    house.repeats()
    assert await deleting


async def test_a_delete_that_is_told_twice_is_one(house: Proxied) -> None:
    await house.kept()
    deleting = asyncio.create_task(house.deletes())
    await settle()
    assert await house.deletes()
    house.repeats()
    assert await deleting
    assert house.said == [QUESTION, ANSWER]


async def test_a_question_that_nobody_says_again_goes_a_moment_later_with_its_answer(house: Proxied) -> None:
    house.sees_a_proxy()
    await house.kept()
    deleting = asyncio.create_task(house.deletes())
    await asyncio.sleep(GRACE_S - 0.5)
    house.repeats(replace(REPEAT, text="<@99> something else"))
    assert house.said == [QUESTION, ANSWER]
    assert not await deleting
    assert house.said == []
    assert house.reply.discarded


@pytest.mark.parametrize("age_s", [YOUNG_S + 1, None], ids=["an older one", "one from before the start"])
async def test_a_message_that_is_not_young_goes_at_once(house: Proxied, age_s: float | None) -> None:
    if age_s is None:
        house.keep_turn(kept_turn())
    else:
        await house.kept()
        await asyncio.sleep(age_s)
    before = asyncio.get_running_loop().time()
    assert not await house.deletes()
    assert asyncio.get_running_loop().time() == before
    assert house.said == []


async def test_in_a_direct_message_there_is_no_proxy(house: Proxied) -> None:
    await house.kept()
    before = asyncio.get_running_loop().time()
    assert not await house.deletes(place=Place(channel_id=1000))
    assert asyncio.get_running_loop().time() == before


async def test_while_it_is_not_known_others_do_not_see_it(house: Proxied) -> None:
    await house.kept()
    deleting = asyncio.create_task(house.deletes())
    await settle()
    house.model.script(TextDelta(text="Next."), DONE)
    await house.chat.respond(ask(9500, "and now?", user=BOB), FakeSink(first_id=9501))
    assert [content for _, content in house.sent] == ["and now?"]
    house.repeats()
    assert await deleting
    house.model.script(TextDelta(text="Next."), DONE)
    await house.chat.respond(ask(9600, "and then?", user=BOB), FakeSink(first_id=9601))
    assert house.sent[0] == (Role.USER, "Luna: hello")


async def test_a_question_that_is_deleted_before_it_is_read_is_answered_for_its_repeat(house: Proxied) -> None:
    house.services.proxies.asked(TYPED)
    deleting = asyncio.create_task(house.deletes())
    await settle()
    house.model.script(TextDelta(text="Hello!"), DONE)
    await house.chat.respond(ask(), FakeSink())
    house.repeats()
    assert await deleting
    assert house.said == [QUESTION, (Role.ASSISTANT, "Hello!")]


async def test_one_repeat_stands_for_one_question(house: Proxied) -> None:
    await house.kept()
    house.services.proxies.asked(replace(TYPED, id=5001))
    house.keep_turn(kept_turn(5001, reply_ids=(9001,)))
    deleting = [asyncio.create_task(house.deletes(one)) for one in (5000, 5001)]
    await settle()
    house.repeats()
    assert [await one for one in deleting] == [True, False]
    house.repeats(replace(REPEAT, id=6001))
    assert not await house.deletes(5001)


async def test_a_repeat_of_what_is_not_answered_stands_for_nothing(house: Proxied) -> None:
    house.services.proxies.asked(TYPED)
    house.repeats()
    assert not await house.deletes()
    assert house.services.proxies.stand_in(5000) == 5000


async def test_a_webhook_that_repeats_nothing_is_forgotten(house: Proxied) -> None:
    house.repeats(replace(REPEAT, text=""))
    house.repeats()
    await asyncio.sleep(YOUNG_S + 1)
    await house.kept()
    assert not await house.deletes()


async def test_a_reply_that_a_known_proxy_hides_is_taken_over(house: Proxied) -> None:
    hidden = replace(REPEAT, id=6001, text="", by=14)
    reply = replace(TYPED, id=5001, text="L: and then?", hidden_again=True)
    house.services.proxies.asked(reply)
    house.keep_turn(kept_turn(5001, reply_ids=(9001,)))
    house.repeats(hidden)
    assert not await house.deletes(5001), "nobody knows what it is"
    await house.kept()
    house.repeats(replace(REPEAT, by=14))
    assert await house.deletes()
    house.services.proxies.asked(replace(reply, id=5002))
    house.keep_turn(kept_turn(5002, reply_ids=(9002,)))
    house.repeats(hidden)
    assert await house.deletes(5002)


async def test_few_are_remembered(house: Proxied, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "MOST_KEPT", 2)
    await house.kept()
    for number in (1, 2):
        house.services.proxies.asked(replace(TYPED, id=number))
    house.repeats()
    assert not await house.deletes()


async def handed_over(house: Proxied) -> None:
    await house.kept()
    house.repeats()
    assert await house.deletes()


async def test_deleting_the_repeat_deletes_the_question_after_a_restart_too(house: Proxied) -> None:
    await handed_over(house)
    house.restart()
    await house.follower().deleted(HERE, (5000,))
    assert house.said == [QUESTION, ANSWER]
    await house.follower().deleted(HERE, (6000, 1))
    assert house.said == []
    assert house.reply.discarded
    assert house.turns.turns[5000].prompt == ""


async def test_a_repeat_is_known_by_the_question_that_it_stands_for(house: Proxied) -> None:
    await handed_over(house)
    for services in (house.services, house.restart()):
        found = await services.proxies.said_for(1000, 6000)
        assert found is not None
        assert (found.turn.id, found.message_id) == (5000, 5000)
        assert await services.proxies.said_for(1000, 6001) is None


async def test_a_delete_that_a_kill_interrupted_is_followed_to_its_end(house: Proxied) -> None:
    await handed_over(house)
    await house.history.delete(1000, (5000,), deleted_at=START)
    house.restart()
    await house.follower().finish_deletes()
    assert house.turns.turns[5000].prompt == ""


async def test_while_the_database_is_away_a_repeat_is_followed_when_it_is_back(house: Proxied) -> None:
    await house.kept()
    house.repeats()
    house.fail()
    deleting = asyncio.create_task(house.deletes())
    await asyncio.sleep(5)
    house.mend()
    assert await deleting
    house.proxied.failing = GONE
    assert house.turns.turns[5000].proxied_as == 6000


# --- what was missed -------------------------------------------------------------------------------------------------


class Reader:
    """Shows what stands."""

    def __init__(self, *seen: SeenMessage, gone: bool) -> None:
        self._seen = seen
        self._gone = gone

    async def page(self, channel_id: int, *, before: int | None = None) -> tuple[SeenMessage, ...]:
        return self._seen

    async def starter(self, thread_id: int) -> Unread:
        return Unread.HIDDEN

    async def is_gone(self, channel_id: int, message_id: int) -> bool:
        return self._gone

    async def guild_is_gone(self, guild_id: int) -> bool:
        return False


async def caught_up(house: Proxied, reader: Reader) -> None:
    async def gone(channel_id: int, guild_id: int) -> None:
        raise AssertionError

    await house.services.catch_up.catch_up(reader, gone)


async def test_a_question_is_where_its_repeat_is_for_what_was_missed(house: Proxied) -> None:
    await handed_over(house)
    answer = SeenMessage(id=9000, text=None)
    await caught_up(house, Reader(SeenMessage(id=6000, text=None), answer, gone=False))
    await caught_up(house, Reader(answer, gone=False))
    assert house.said == [QUESTION, ANSWER]
    edited = SeenMessage(id=6000, text="good day", edited_at=START + timedelta(seconds=9))
    await caught_up(house, Reader(edited, answer, gone=False))
    assert house.said == [(Role.USER, "good day"), ANSWER]
    await caught_up(house, Reader(answer, gone=True))
    assert house.said == []


async def test_a_further_message_of_a_question_stays_a_part_of_it(house: Proxied) -> None:
    house.keep_turn(kept_turn())
    house.keep(said(5100, "and this", part_of=5000))
    house.services.proxies.asked(Said(id=5100, channel_id=1000, text="L: and this"))
    house.repeats(Said(id=6000, channel_id=1000, text="and this"))
    assert await house.deletes(5100)
    assert [(part.id, part.text) for part in await house.history.parts(5000)] == [(6000, "and this")]
    assert house.model.requests == []
    # What stands for it is deleted as it would have been.
    house.model.script(TextDelta(text="Hello!"), DONE)
    assert not await house.deletes(6000)
    assert await house.history.parts(5000) == ()
    assert house.sent == [QUESTION]


async def test_a_further_message_that_is_kept_late_is_said_again_as_well(house: Proxied) -> None:
    house.keep_turn(kept_turn())
    house.services.proxies.asked(Said(id=5100, channel_id=1000, text="L: and this"))
    house.repeats(Said(id=6000, channel_id=1000, text="and this"))
    deleting = asyncio.create_task(house.deletes(5100))
    await asyncio.sleep(1)
    house.keep(said(5100, "L: and this", part_of=5000))
    assert await deleting
    assert [(part.id, part.text) for part in await house.history.parts(5000)] == [(6000, "L: and this")]
    assert house.services.proxies.stand_in(5100) == 5100


async def test_an_edit_of_what_a_proxy_said_changes_the_further_message(house: Proxied) -> None:
    house.keep_turn(kept_turn())
    house.keep(said(6000, "and this", part_of=5000))
    for services in (house.services, house.restart()):
        found = await services.proxies.said_for(1000, 6000)
        assert found is not None
        assert (found.turn.id, found.message_id) == (5000, 6000)
