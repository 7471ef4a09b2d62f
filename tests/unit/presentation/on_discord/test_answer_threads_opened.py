"""Threads that are started for an answer."""

from __future__ import annotations

from typing import cast

from bot.presentation.inbound import ask_of_message
from bot.presentation.threads import open_thread
from sandbox.discord import Fault
from tests.unit.presentation.on_discord.conftest import Stage


async def test_a_thread_is_started_once(stage: Stage) -> None:
    world = stage.world
    general = world.channel("general")
    said = await world.say(world.person("alice"), general, f"{world.bot.mention} {'long ' * 40}\nquestion")
    message = await stage.hears(said)
    me = stage.client.user
    assert me is not None
    ask = ask_of_message(message, me)
    moved = await open_thread(message, ask)
    assert (moved.place.channel_id, moved.place.parent_id) == (said.id, general.id)
    assert len(cast("str", world.channels[said.id].name)) <= 80
    assert await open_thread(message, ask) == ask  # it has one already


async def test_where_no_thread_can_be_started_the_question_stays(stage: Stage) -> None:
    world = stage.world
    message = await stage.hears(await world.say(world.person("alice"), world.channel("general"), world.bot.mention))
    me = stage.client.user
    assert me is not None
    ask = ask_of_message(message, me)
    stage.local.faults.add(
        Fault(method="POST", path="/threads$", status=403, json={"code": 50013, "message": "no"}, times=1)
    )
    assert await open_thread(message, ask) == ask
    direct = await world.open_dm(world.person("alice"))
    private = await stage.hears(await world.say(world.person("alice"), direct, "hello"))
    asked = ask_of_message(private, me)
    assert await open_thread(private, asked) == asked
