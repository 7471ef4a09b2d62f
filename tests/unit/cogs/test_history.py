"""Which edits and deletes are followed, and when the history is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import discord
import pytest

from bot.domain.history.ports import ChannelReader
from bot.domain.people import Place
from bot.domain.reply.ports import ReplySink
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn
from bot.errors import StorageError
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.reply.desk import ReplyDesk
from bot.services.history.catch_up import CatchUpService
from bot.services.history.comparing import ChannelGone
from bot.services.history.edits import HistoryService
from bot.services.history.proxies import ProxyService, SaidFor
from bot.services.history.removals import RemovalService
from cogs.history import HistoryCog
from tests.fakes.clock import settle
from tests.fakes.houses.house import kept_turn
from tests.unit.presentation.discord_objects import BOB, CHANNEL, GUILD, ME, MENTION_OF_ME, Offline, payload, user

EDITED = "2026-01-01T00:00:05.123000+00:00"
AT_ME = f"<@{ME}>"


class FakeHistory:
    """The service: keeps what it is told."""

    def __init__(self) -> None:
        self.edits: list[Ask] = []
        self.deletes: list[tuple[Place, tuple[int, ...]]] = []
        self.failing: StorageError | None = None

    async def edited(self, ask: Ask, sink_for: Callable[[int, tuple[int, ...]], ReplySink]) -> None:
        if self.failing is not None:
            raise self.failing
        self.edits.append(ask)
        sink_for(2, (9000,))

    async def deleted(self, place: Place, message_ids: Sequence[int]) -> None:
        if self.failing is not None:
            raise self.failing
        self.deletes.append((place, tuple(message_ids)))


class FakeCatchUp:
    """Compares until it is let go, or is to give way."""

    def __init__(self) -> None:
        self.compared = 0
        self.go = asyncio.Event()

    def give_way(self) -> None:
        self.go.set()

    async def catch_up(self, reader: ChannelReader, gone: ChannelGone) -> None:
        self.go.clear()
        self.compared += 1
        await self.go.wait()


class FakeRemovals:
    """Keeps what is gone."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.failing: StorageError | None = None

    async def look(self, present: frozenset[int], reader: ChannelReader) -> None:
        self.told.append(("present", *present))

    async def channel_removed(self, channel_id: int, guild_id: int) -> None:
        if self.failing is not None:
            raise self.failing
        self.told.append(("channel", channel_id, guild_id))

    async def guild_removed(self, guild_id: int) -> None:
        self.told.append(("guild", guild_id))

    async def guild_returned(self, guild_id: int) -> None:
        self.told.append(("returned", guild_id))


class FakeProxies:
    """Knows which messages were said again, and for which turns others stand."""

    def __init__(self) -> None:
        self.said_again: set[int] = set()
        self.turns: dict[int, Turn] = {}
        self.parts: dict[int, int] = {}
        self.failing: StorageError | None = None

    async def took_over(self, place: Place, message_id: int) -> bool:
        if self.failing is not None:
            raise self.failing
        return message_id in self.said_again

    async def said_for(self, channel_id: int, message_id: int) -> SaidFor | None:
        if self.failing is not None:
            raise self.failing
        turn = self.turns.get(message_id)
        return None if turn is None else SaidFor(turn=turn, message_id=self.parts.get(message_id, turn.id))


class FakeDesk:
    """Keeps what was to be opened."""

    def __init__(self) -> None:
        self.opened: list[tuple[int, int, tuple[int, ...]]] = []

    def anew(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> object:
        self.opened.append((ask.id, version, reply_ids))
        return object()


class Stage:
    """The cog between fakes."""

    def __init__(self) -> None:
        self.offline = Offline()
        self.history = FakeHistory()
        self.catch_up = FakeCatchUp()
        self.removals = FakeRemovals()
        self.proxies = FakeProxies()
        self.desk = FakeDesk()
        self.cog = HistoryCog(
            self.offline.client,
            cast("HistoryService", self.history),
            cast("CatchUpService", self.catch_up),
            cast("RemovalService", self.removals),
            cast("ProxyService", self.proxies),
            cast("ReplyDesk", self.desk),
            cast("ChannelReader", None),
            ChannelLookup(self.offline.client),
        )

    async def edited(self, content: str, **changes: Any) -> None:
        data = payload(50, content, **{"edited_timestamp": EDITED, **changes})
        message = self.offline.message(data)
        await self.cog.on_raw_message_edit(discord.RawMessageUpdateEvent(cast("Any", data), message))


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_an_edit_is_read_as_a_question(stage: Stage) -> None:
    await stage.edited(f"{AT_ME} good day", mentions=[MENTION_OF_ME])
    (ask,) = stage.history.edits
    assert (ask.id, ask.text, ask.place.channel_id) == (50, "good day", CHANNEL)
    assert stage.desk.opened == [(50, 2, (9000,))]


async def test_an_edit_that_takes_the_mention_away_is_followed_too(stage: Stage) -> None:
    await stage.edited("good day")
    assert [ask.text for ask in stage.history.edits] == ["good day"]


@pytest.mark.parametrize(
    "changes",
    [
        {"edited_timestamp": None},
        {"content": ""},
        {"author": user(ME, "Fusion")},
        {"author": user(BOB, "Bob", bot=True)},
    ],
    ids=str,
)
async def test_what_is_no_edit_has_no_words_or_comes_of_a_bot_is_not_followed(
    stage: Stage, changes: dict[str, Any]
) -> None:
    await stage.edited(**{"content": "good day", **changes})
    assert stage.history.edits == []


async def test_nothing_is_followed_before_the_bot_knows_itself(stage: Stage) -> None:
    stage.offline.client._connection.user = None
    await stage.edited("good day")
    assert stage.history.edits == []


async def test_deletes_are_followed_one_by_one_and_in_bulk(stage: Stage) -> None:
    one: Any = {"id": "50", "channel_id": str(CHANNEL), "guild_id": str(GUILD)}
    many: Any = {"ids": ["50", "51"], "channel_id": str(CHANNEL)}
    await stage.cog.on_raw_message_delete(discord.RawMessageDeleteEvent(one))
    await stage.cog.on_raw_bulk_message_delete(discord.RawBulkMessageDeleteEvent(many))
    (first, ids), (second, both) = stage.history.deletes
    assert (first, ids) == (Place(channel_id=CHANNEL, guild_id=GUILD), (50,))
    assert (second, set(both)) == (Place(channel_id=CHANNEL), {50, 51})


async def test_a_database_that_is_gone_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.history.failing = StorageError("gone")
    await stage.edited("good day")
    await stage.cog.on_raw_message_delete(discord.RawMessageDeleteEvent(cast("Any", {"id": "50", "channel_id": "1"})))
    assert [record.message for record in caplog.records] == [
        "an edit could not be followed: gone",
        "a delete could not be followed: gone",
    ]


async def test_each_new_session_compares_anew_and_one_at_a_time(stage: Stage) -> None:
    await stage.cog.on_ready()
    await settle()
    assert (stage.catch_up.compared, stage.removals.told) == (1, [("present", GUILD)])
    await stage.cog.on_ready()
    await settle()
    assert stage.catch_up.compared == 2
    await stage.cog.cog_unload()
    await settle()


async def test_places_that_are_gone_are_told(stage: Stage) -> None:
    guild = stage.offline.client.guilds[0]
    thread: Any = {"id": "2000", "guild_id": str(GUILD), "parent_id": str(CHANNEL), "type": 11}
    channel = guild.get_channel(CHANNEL)
    assert channel is not None
    await stage.cog.on_guild_channel_delete(channel)
    await stage.cog.on_raw_thread_delete(discord.RawThreadDeleteEvent(thread))
    await stage.cog.on_guild_remove(guild)
    await stage.cog.on_guild_join(guild)
    gone = [("channel", CHANNEL, GUILD), ("channel", 2000, GUILD), ("guild", GUILD), ("returned", GUILD)]
    assert stage.removals.told == gone


async def test_the_end_of_a_place_that_can_not_be_followed_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.removals.failing = StorageError("gone")
    channel = stage.offline.client.guilds[0].get_channel(CHANNEL)
    assert channel is not None
    await stage.cog.on_guild_channel_delete(channel)
    assert [record.message for record in caplog.records] == ["the end of a place could not be followed: gone"]


async def test_what_is_still_compared_is_given_up_when_the_bot_leaves(stage: Stage) -> None:
    await stage.cog.cog_unload()
    await stage.cog.on_ready()
    await settle()
    await stage.cog.cog_unload()
    await settle()
    assert len(asyncio.all_tasks()) == 1


# --- proxies -----------------------------------------------------------------------------------------


HOOK = {"webhook_id": "13", "author": user(13, "Luna", bot=True)}


async def test_an_edit_of_what_a_proxy_said_is_one_of_the_question(stage: Stage) -> None:
    await stage.edited(f"{AT_ME} good day", mentions=[MENTION_OF_ME], **HOOK)
    assert stage.history.edits == [], "it stands for nothing"
    stage.proxies.turns[50] = kept_turn(40)
    await stage.edited(f"{AT_ME} good day", mentions=[MENTION_OF_ME], **HOOK)
    (ask,) = stage.history.edits
    assert (ask.id, ask.text, ask.user.id, ask.user.name) == (40, "good day", 11, "Luna")
    assert stage.desk.opened == [(40, 2, (9000,))]


async def test_an_edit_of_what_a_proxy_said_may_be_one_of_a_further_message(stage: Stage) -> None:
    stage.proxies.turns[50], stage.proxies.parts[50] = kept_turn(40), 50
    await stage.edited(f"{AT_ME} good day", mentions=[MENTION_OF_ME], **HOOK)
    (ask,) = stage.history.edits
    assert (ask.id, ask.user.id) == (50, 11)


async def test_the_bot_s_own_followups_stand_for_nothing(stage: Stage) -> None:
    stage.proxies.turns[50] = kept_turn(40)
    await stage.edited("an answer", webhook_id=str(ME), author=user(ME, "Fusion"))
    assert stage.history.edits == []


async def test_what_a_proxy_says_again_is_not_deleted(stage: Stage) -> None:
    def event(message_id: int) -> discord.RawMessageDeleteEvent:
        data = {"id": str(message_id), "channel_id": str(CHANNEL), "guild_id": str(GUILD)}
        return discord.RawMessageDeleteEvent(cast("Any", data))

    stage.proxies.said_again = {50}
    for message_id in (50, 51):
        await stage.cog.on_raw_message_delete(event(message_id))
    stage.proxies.failing = StorageError("the disk is gone")
    await stage.cog.on_raw_message_delete(event(52))
    await stage.edited("good day", **HOOK)
    assert [ids for _, ids in stage.history.deletes] == [(51,), (52,)]
    assert stage.history.edits == []
