"""How the library reads events, and in which tasks it answers them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.library.events import answering, hear_presses, read_carefully
from tests.unit.presentation.on_discord.conftest import Stage


def parsers(client: discord.Client) -> dict[str, Any]:
    return cast("dict[str, Any]", client._connection.parsers)


async def test_what_reads_events_is_a_table_of_functions_by_event() -> None:
    client = discord.Client(intents=discord.Intents.none())
    assert {"READY", "MESSAGE_CREATE", "INTERACTION_CREATE", "GUILD_CREATE"} <= parsers(client).keys()
    assert all(map(callable, parsers(client).values()))
    with pytest.raises(KeyError):
        parsers(client)["MESSAGE_CREATE"]({})


async def test_every_event_but_ready_is_left_out_when_it_can_not_be_read(caplog: pytest.LogCaptureFixture) -> None:
    client = discord.Client(intents=discord.Intents.none())
    table, ready = parsers(client), parsers(client)["READY"]
    read_carefully(client)
    assert parsers(client) is table
    assert table["READY"] is ready
    table["MESSAGE_CREATE"]({})
    assert "an event MESSAGE_CREATE can't be read" in caplog.text


@pytest.mark.parametrize(
    "update", [{"id": "1", "channel_id": "2", "embeds": []}, {"id": "1", "channel_id": "2", "author": {"id": "3"}}]
)
async def test_an_update_that_is_no_whole_message_is_left_out_in_silence(
    update: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = discord.Client(intents=discord.Intents.none())
    read: list[object] = []
    parsers(client)["MESSAGE_UPDATE"] = read.append
    read_carefully(client)
    parsers(client)["MESSAGE_UPDATE"](update)
    assert read == []
    assert "MESSAGE_UPDATE" not in caplog.text
    whole = {**update, "author": {"id": "3"}, "content": ""}
    parsers(client)["MESSAGE_UPDATE"](whole)
    assert read == [whole]


async def test_a_connection_reads_through_the_same_table(stage: Stage) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    table = parsers(stage.client)
    plain = table["MESSAGE_CREATE"]
    table["MESSAGE_CREATE"] = broken
    read_carefully(stage.client)
    world, general = stage.world, stage.world.channel("general")
    await world.say(world.person("alice"), general, "left out")
    table["MESSAGE_CREATE"] = plain
    heard = await stage.hears(await world.say(world.person("alice"), general, "heard"))
    assert heard.channel.id == general.id
    assert not stage.client.is_closed()


async def test_the_tasks_of_listeners_and_of_a_bot_s_listeners_are_found() -> None:
    seen: dict[str, bool] = {}

    class Listening(commands.Bot):
        async def on_greeting(self) -> None:
            seen["method"] = asyncio.current_task() in answering()

    async def on_greeting() -> None:
        seen["listener"] = asyncio.current_task() in answering()

    async with Listening(command_prefix=(), intents=discord.Intents.none()) as bot:
        bot.add_listener(on_greeting)
        bot.dispatch("greeting")
        found = answering()
        assert len(found) == 2
        await asyncio.wait(found)
    assert seen == {"method": True, "listener": True}
    assert not answering()


async def test_the_tasks_of_commands_are_found() -> None:
    found: list[bool] = []

    class Tree(app_commands.CommandTree[discord.Client]):
        async def _call(self, interaction: discord.Interaction[discord.Client]) -> None:
            found.append(asyncio.current_task() in answering())

    async with discord.Client(intents=discord.Intents.none()) as client:
        Tree(client)._from_interaction(cast("Any", None))
        await asyncio.wait(answering())
    assert found == [True]


async def test_connecting_launches_the_shards_by_the_method_that_the_bot_overrides() -> None:
    class Launching(commands.AutoShardedBot):
        async def launch_shards(self) -> None:
            raise ZeroDivisionError

    async with Launching(command_prefix=(), intents=discord.Intents.none()) as bot:
        with pytest.raises(ZeroDivisionError):
            await bot.connect(reconnect=False)


async def test_an_interaction_of_one_who_is_not_heard_is_left_out_before_it_is_read() -> None:
    client = discord.Client(intents=discord.Intents.none())
    read: list[object] = []
    parsers(client)["INTERACTION_CREATE"] = read.append
    asked: list[tuple[int, bool]] = []

    def hears(user_id: int, *, typing: bool) -> bool:
        asked.append((user_id, typing))
        return user_id != 7

    hear_presses(client, hears)
    events = [
        {"type": 3, "member": {"user": {"id": "7"}}},
        {"type": 3, "user": {"id": "8"}},
        {"type": 4, "member": {"user": {"id": "9"}}},
    ]
    for event in events:
        parsers(client)["INTERACTION_CREATE"](event)
    assert read == events[1:]
    assert asked == [(7, False), (8, False), (9, True)]
