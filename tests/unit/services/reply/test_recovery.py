"""Turns that were under way when a process died."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from bot.domain.lease.record import Holder, Shards
from bot.domain.model.events import FinishReason
from bot.domain.model.messages import Role
from bot.domain.reply.controls import Action
from bot.domain.reply.ending import Ending
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import StandingEnd, Turn, TurnState
from bot.domain.usage.counts import Reservation, Used
from bot.domain.usage.quota import Account, Amount, Demand, Quotas
from bot.errors import ErrorKind, StorageError, Trouble
from bot.services.reply.recovery import RecoveryService
from tests.fakes.asks import ME
from tests.fakes.clock import START
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.reply.replies import FakeReply, FakeSink

NEXT = START + timedelta(seconds=1)
INTERRUPTED = Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)


def orphan(turn_id: int, **changes: object) -> Turn:
    """Make a turn that nothing was said in yet."""
    return kept_turn(turn_id, **{"state": TurnState.STREAMING, "text": "", "reply_ids": (), **changes})


class Ward(House):
    """A house with turns to recover."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[int] = set()
        """Turns whose reply can't be opened."""
        self.ours = lambda turn: turn.guild_id == 1

    @property
    def service(self) -> RecoveryService:
        return self.services.recovery

    def sink_for(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> FakeSink:
        if ask.id in self.broken:
            raise RuntimeError("no client")
        return super().sink_for(ask, version, reply_ids)

    async def recover(self, *turns: Turn) -> None:
        self.turns.turns.update({turn.id: turn for turn in turns})
        await self.service.recover(await self.service.orphans())


@pytest.fixture
def ward() -> Ward:
    return Ward()


async def test_only_turns_that_are_ours_and_not_ended_are_taken_oldest_first(ward: Ward) -> None:
    turns = (orphan(30), orphan(10, state=TurnState.QUEUED), kept_turn(20), orphan(40, guild_id=2))
    ward.turns.turns.update({turn.id: turn for turn in turns})
    assert [turn.id for turn in await ward.service.orphans()] == [10, 30]


async def test_a_database_that_is_gone_is_told(ward: Ward) -> None:
    ward.turns.failing = StorageError("gone")
    with pytest.raises(StorageError):
        await ward.service.orphans()


async def test_what_was_said_is_ended_in_its_own_messages_and_kept(ward: Ward) -> None:
    await ward.recover(orphan(10, text="Half", reply_ids=(11, 12), version=2))
    assert [opened[1:] for opened in ward.opened] == [(2, (11, 12))]
    assert ward.reply.options.message_ids == (11, 12)
    assert (ward.reply.text, ward.reply.outcome) == ("Half", INTERRUPTED)
    controls = ward.reply.ending.controls
    assert controls is not None
    assert (controls.turn_id, controls.version, controls.versions) == (10, 2, 2)
    assert {Action.RETRY, Action.CONTINUE} <= {*controls.actions}
    ended = ward.turns.turns[10]
    assert (ended.state, ended.text, ended.reply_ids) == (TurnState.INTERRUPTED, "Half", (11, 12))
    (line,) = ward.history.messages.values()
    assert (line.id, line.role, line.text, line.reply_to, line.author_id) == (11, Role.ASSISTANT, "Half", 10, ME.id)


async def test_an_answer_whose_end_stands_on_discord_is_kept_and_left_as_it_is(ward: Ward) -> None:
    ward.finder.stands, ward.finder.end = "All of it.", StandingEnd(state=TurnState.COMPLETE)
    await ward.recover(orphan(10, text="All", reply_ids=(11, 12)))
    assert ward.sinks == []
    ended = ward.turns.turns[10]
    assert (ended.state, ended.text, ended.reply_ids) == (TurnState.COMPLETE, "All of it.", (11, 12))
    assert [line.text for line in ward.history.messages.values()] == ["All of it."]


async def test_an_end_that_stands_says_what_went_wrong(ward: Ward) -> None:
    ward.finder.end = StandingEnd(state=TurnState.FAILED, reason=FinishReason.LENGTH, error_kind=ErrorKind.TIMEOUT_IDLE)
    await ward.recover(orphan(10, text="Half", reply_ids=(11,)))
    (version,) = await ward.turns.versions(10)
    assert (version.state, version.reason) == (TurnState.FAILED, FinishReason.LENGTH)
    assert (version.error_kind, version.text) == (ErrorKind.TIMEOUT_IDLE, "Half")


async def test_more_than_was_kept_is_ended_and_not_cut_back(ward: Ward) -> None:
    ward.finder.stands = "Half of a long answer"
    await ward.recover(orphan(10, text="Half", reply_ids=(11,)))
    assert (ward.reply.text, ward.reply.outcome) == ("Half of a long answer", INTERRUPTED)
    assert ward.turns.turns[10].text == "Half of a long answer"


async def test_what_discord_does_not_show_stays_as_it_is(ward: Ward) -> None:
    ward.finder.away = True
    await ward.recover(orphan(10, text="Half", reply_ids=(11,)))
    assert ward.reply.endings == []
    assert (ward.turns.turns[10].state, ward.turns.turns[10].text) == (TurnState.INTERRUPTED, "Half")


async def test_what_discord_does_not_take_of_what_was_kept_is_ended_with_what_it_shows(ward: Ward) -> None:
    ward.finder.shows, ward.finder.stands = True, "Half"

    def prepare(reply: FakeReply) -> None:
        """Refuse the first try, of all that was kept."""
        if reply.options.message_ids and len(ward.sinks) == 1:
            reply.loss, reply.shown_limit = Trouble.TEXT_REFUSED, 0

    ward.prepare = prepare
    await ward.recover(orphan(5000, text="Half of evil", reply_ids=(9000,)))
    first, second = (sink.reply for sink in ward.sinks)
    assert (first.text, second.text) == ("Half of evil", "Half")
    turn = ward.turns.turns[5000]
    assert (turn.state, turn.error_kind, turn.text) == (TurnState.INTERRUPTED, Trouble.INTERRUPTED, "Half")
    assert (Role.ASSISTANT, "Half") in ward.said


async def test_what_discord_shows_is_remembered_where_it_takes_nothing(ward: Ward) -> None:
    ward.finder.shows, ward.finder.stands = True, "Half"

    def prepare(reply: FakeReply) -> None:
        reply.loss, reply.shown_limit, reply.takes = Trouble.UNWRITABLE, 0, False

    ward.prepare = prepare
    await ward.recover(orphan(5000, text="Half of it", reply_ids=(9000,)))
    assert ward.turns.turns[5000].text == "Half"
    assert (Role.ASSISTANT, "Half") in ward.said


async def test_a_question_that_is_gone_takes_its_answer_with_it(ward: Ward) -> None:
    ward.finder.gone = True
    await ward.recover(orphan(10, text="Half", reply_ids=(11,)))
    assert ward.reply.discarded
    ended = ward.turns.turns[10]
    assert (ended.state, ended.text, ended.prompt) == (TurnState.STOPPED, "", "")
    assert not [line for line in ward.history.messages.values() if line.text]


async def test_a_question_that_is_gone_leaves_the_history(ward: Ward) -> None:
    ward.finder.gone = True
    ward.keep_turn(orphan(10, text="Half", reply_ids=(11,)))
    await ward.recover()
    assert ward.said == []


async def test_pages_that_were_not_kept_are_ended_with_the_others(ward: Ward) -> None:
    ward.finder.missed = (12,)
    await ward.recover(orphan(10, text="Half", reply_ids=(11,)))
    assert ward.reply.options.message_ids == (11, 12)


async def test_text_that_is_longer_than_a_page_is_pushed_whole(ward: Ward) -> None:
    text = "word " * 3000
    await ward.recover(orphan(10, text=text, reply_ids=(11,)))
    assert ward.reply.text == text
    assert ward.turns.turns[10].text == text


async def test_a_reply_whose_message_was_not_kept_is_found_with_its_words(ward: Ward) -> None:
    ward.finder.stands = "Half of"
    await ward.recover(orphan(10, state=TurnState.QUEUED))
    assert ward.finder.asked == [10]
    assert [opened[1:] for opened in ward.opened] == [(1, (11,))]
    assert (ward.reply.text, ward.reply.outcome) == ("Half of", INTERRUPTED)
    assert (ward.turns.turns[10].text, ward.turns.turns[10].reply_ids) == ("Half of", (11,))


@pytest.mark.parametrize("away", [False, True])
async def test_what_said_nothing_is_ended_without_a_line_in_the_history(ward: Ward, away: bool) -> None:
    ward.finder.away = away
    await ward.recover(orphan(10, state=TurnState.QUEUED))
    assert ward.turns.turns[10].state is TurnState.INTERRUPTED
    assert ward.turns.turns[10].reply_ids == (() if away else (11,))
    assert ward.history.messages == {}
    # Where no message is known, none is made: the finder has tried.
    assert ward.reply.endings == ([] if away else [ward.reply.ending])


async def test_one_that_can_not_be_ended_does_not_keep_the_others(ward: Ward, caplog: pytest.LogCaptureFixture) -> None:
    ward.broken.add(10)
    await ward.recover(orphan(10, text="Half", reply_ids=(11,)), orphan(20))
    assert ward.turns.turns[10].state is TurnState.STREAMING
    assert ward.turns.turns[20].state is TurnState.INTERRUPTED
    assert "turn 10 could not be ended" in caplog.text


async def test_a_database_that_fails_meanwhile_keeps_nobody_from_the_words(ward: Ward) -> None:
    ward.turns.turns.update({10: orphan(10, text="Half", reply_ids=(11,)), 20: orphan(20)})
    orphans = await ward.service.orphans()
    ward.fail()
    await ward.service.recover(orphans)
    assert [sink.reply.outcome for sink in ward.sinks] == [INTERRUPTED] * 2


async def test_one_whose_close_the_database_breaks_off_is_tried_again(ward: Ward) -> None:
    ward.finder.gone = True
    ward.turns.turns[10] = orphan(10, text="Half", reply_ids=(11,))
    orphans = await ward.service.orphans()
    ward.fail()
    recovering = asyncio.create_task(ward.service.recover(orphans))
    await asyncio.sleep(60)
    ward.mend()
    await recovering
    assert ward.turns.turns[10].prompt == ""


async def test_what_a_start_could_not_read_is_ended_later(ward: Ward) -> None:
    ward.turns.turns.update({10: orphan(10, text="Half", reply_ids=(11,)), 20: orphan(20)})
    fence = await ward.turns.leases.take(Holder(id="this process"), Shards())
    assert isinstance(fence, int)
    ward.turns.fence = lambda: fence
    ward.turns.leases.turn_fences[20] = fence
    ward.fail()
    recovering = asyncio.create_task(ward.service.recover_later())
    await asyncio.sleep(60)
    ward.mend()
    await recovering
    assert ward.turns.turns[10].state is TurnState.INTERRUPTED
    assert ward.turns.turns[20].state is TurnState.STREAMING, "one of this process's own"


async def test_many_are_ended(ward: Ward) -> None:
    await ward.recover(*(orphan(number * 10) for number in range(1, 30)))
    assert await ward.turns.unfinished() == ()


async def test_nothing_to_recover_is_not_worth_a_word(ward: Ward, caplog: pytest.LogCaptureFixture) -> None:
    await ward.recover()
    assert caplog.records == []


async def test_what_a_killed_turn_had_reserved_is_settled(ward: Ward) -> None:
    account = Account(day=date(2026, 3, 1), guild_id=1, channel_id=1000, user_id=11)
    demand = Demand(prompt_tokens=10, new_tokens=500)
    limits = Quotas(user=Amount(calls=9, tokens=9000))
    for turn_id in (5000, 1):
        wanted = Reservation(
            turn_id=turn_id,
            account=account,
            demand=demand,
            limits=limits,
            made_at=START - timedelta(hours=2),
            used=Amount(),
        )
        await ward.usage.reserve(wanted)
    await ward.recover(orphan(5000, prompt="four", text="words of it"))
    assert ward.usage.held == {}
    # The call that was under way counts as far as it is known; what nobody knows of any more is given back.
    assert ward.usage.used == {account: Used(calls=1, prompt_tokens=2, completion_tokens=3, total_tokens=5)}
