"""Channels, threads and servers that are gone take with them what is kept of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.history.removals import SETTINGS_GRACE, Scope
from bot.domain.model.events import Finish, FinishReason, TextDelta
from bot.services.history.removals import RemovalService
from tests.contract.samples import drawing
from tests.fakes.asks import HERE, ask, said
from tests.fakes.houses.house import House, cancel, kept_turn
from tests.fakes.reply.replies import FakeSink
from tests.unit.services.history.test_catch_up import FakeReader

ELSEWHERE, OF_CHANNEL, OF_THREAD = "elsewhere", "of the channel", "of its thread"


class Town(House):
    """A house with talk in a channel, in its thread, and elsewhere."""

    def __init__(self) -> None:
        super().__init__(side_by_side=9)
        self.reader = FakeReader()
        self.keep_turn(kept_turn(5000, prompt=OF_CHANNEL, text="", reply_ids=()))
        self.keep_turn(kept_turn(6000, prompt=OF_THREAD, text="", reply_ids=(), channel_id=2000, parent_id=1000))
        self.keep_turn(kept_turn(7000, prompt=ELSEWHERE, text="", reply_ids=(), channel_id=3000, guild_id=2))

    @property
    def removals_service(self) -> RemovalService:
        return self.services.removals

    @property
    def kept(self) -> list[str]:
        return [text for _, text in self.said]

    async def clear(self) -> None:
        await self.removals_service.clear()


@pytest.fixture
def town() -> Town:
    return Town()


async def test_a_channel_takes_its_threads_with_it(town: Town) -> None:
    await town.removals_service.channel_removed(1000, 1)
    await town.clear()
    assert town.kept == [ELSEWHERE]
    assert set(town.turns.turns) == {7000}
    assert town.removals.without_settings == [(Scope.CHANNEL, 1000), (Scope.CHANNEL, 2000)]
    assert await town.removals.pending() == ()


async def test_a_thread_leaves_its_channel(town: Town) -> None:
    await town.removals_service.channel_removed(2000, 1)
    await town.clear()
    assert sorted(town.kept) == sorted([OF_CHANNEL, ELSEWHERE])


async def test_a_server_s_talk_goes_at_once_and_its_settings_after_a_while(town: Town) -> None:
    town.removals.settings = {1, 2}
    await asyncio.sleep(1)
    await town.removals_service.guild_removed(1)
    await town.clear()
    assert town.kept == [ELSEWHERE]
    assert town.removals.settings == {1, 2}
    await asyncio.sleep((SETTINGS_GRACE - timedelta(hours=1)).total_seconds())
    await town.clear()
    assert town.removals.settings == {1, 2}
    await asyncio.sleep(7200)
    await town.clear()
    assert town.removals.settings == {2}
    assert await town.removals.pending() == ()


async def test_a_server_that_comes_back_has_its_settings_and_none_of_its_talk(town: Town) -> None:
    town.removals.settings = {1}
    await asyncio.sleep(1)
    await town.removals_service.guild_removed(1)
    await town.removals_service.guild_returned(1)
    town.keep(said(8000, "new talk", created_at=town.clock.now()))
    await town.clear()
    await asyncio.sleep(SETTINGS_GRACE.total_seconds() + 1)
    await town.clear()
    assert sorted(town.kept) == sorted([ELSEWHERE, "new talk"])
    assert town.removals.settings == {1}


async def test_a_server_that_was_never_away_loses_nothing_when_discord_names_it_again(town: Town) -> None:
    await town.removals_service.guild_returned(1)
    await town.clear()
    assert len(town.kept) == 3


async def test_servers_that_went_while_the_bot_was_away_are_noticed(town: Town) -> None:
    town.reader.gone_guilds = {1}
    await asyncio.sleep(1)
    await town.removals_service.look({2}, town.reader)
    await town.clear()
    assert town.kept == [ELSEWHERE]


async def test_an_outage_is_no_removal(town: Town) -> None:
    # Discord names neither, and says of neither that there is no such server.
    await town.removals_service.look((), town.reader)
    await town.clear()
    assert len(town.kept) == 3


async def test_where_the_bot_was_only_carried_along_nothing_is_gone(town: Town) -> None:
    town.history.messages.clear()
    town.turns.turns.clear()
    town.keep(said(4000, "Ann's own", only_for=11))
    town.turns.turns[4000] = kept_turn(4000, only_for=11)
    town.reader.gone_guilds = {1}
    await town.removals_service.look((), town.reader)
    await town.clear()
    assert town.kept == ["Ann's own"]


async def test_servers_of_other_processes_are_theirs(town: Town) -> None:
    town.our_guilds = lambda guild_id: guild_id == 2
    town.restart()
    town.reader.gone_guilds = {1, 2}
    await asyncio.sleep(1)
    await town.removals_service.look((), town.reader)
    await town.clear()
    assert sorted(town.kept) == sorted([OF_CHANNEL, OF_THREAD])


async def test_an_answer_that_grows_there_ends_and_is_not_kept(town: Town) -> None:
    town.model.script(TextDelta(text="Half of it"), 3600.0, Finish(reason=FinishReason.STOP))
    asking = asyncio.create_task(town.chat.respond(ask(8000, "hello"), FakeSink()))
    await asyncio.sleep(1)
    await town.removals_service.guild_removed(HERE.guild_id or 0)
    await asking
    await town.clear()
    assert town.kept == [ELSEWHERE]
    assert set(town.turns.turns) == {7000}


async def test_what_a_kill_left_is_taken_up_by_the_next_start(town: Town) -> None:
    await town.removals_service.channel_removed(1000, 1)
    following = town.restart().removals
    clearing = asyncio.create_task(following.keep_clearing())
    await asyncio.sleep(10)
    assert len(town.kept) == 3  # not before it is known which servers there are
    await following.look({1, 2}, town.reader)
    await asyncio.sleep(10)
    assert town.kept == [ELSEWHERE]
    await cancel(clearing)


async def test_pictures_go_with_their_place(town: Town) -> None:
    town.drawings.drawings[5000, 0] = replace(drawing(5000), channel_id=1000, guild_id=1, stored="5000-0.png")
    town.files.files["5000-0.png"] = b"a fox"
    await town.removals_service.channel_removed(1000, 1)
    await town.clear()
    assert town.drawings.drawings == {}
    assert town.files.files == {}
