"""Threads that are started for an answer."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.domain.turn.ask import Ask
from bot.presentation.inbound.questions import ask_of_message
from bot.presentation.reply import threads
from bot.presentation.reply.threads import ThreadOpener, bring_in, open_thread
from sandbox.discord import Fault
from tests.unit.presentation.on_discord.conftest import Stage


async def asked(stage: Stage) -> tuple[discord.Message, Ask]:
    """Have Alice ask something in #general."""
    world, me = stage.world, stage.client.user
    assert me is not None
    said = await world.say(world.person("alice"), world.channel("general"), f"{world.bot.mention} hello")
    message = await stage.hears(said)
    return message, ask_of_message(message, me)


async def test_a_thread_is_started_once(stage: Stage) -> None:
    world = stage.world
    general = world.channel("general")
    said = await world.say(world.person("alice"), general, f"{world.bot.mention} {'long ' * 40}\nquestion")
    message = await stage.hears(said)
    me = stage.client.user
    assert me is not None
    ask = ask_of_message(message, me)
    moved = await open_thread(stage.client, stage.wire, message, ask)
    assert (moved.place.channel_id, moved.place.parent_id) == (said.id, general.id)
    assert len(world.channels[said.id].name) <= 80
    # Tried again, by the library or with an event that was seen before, it is the one that is there.
    assert await open_thread(stage.client, stage.wire, message, ask) == moved
    assert [thread.id for thread in world.guild().threads.values() if thread.parent_id == general.id] == [said.id]


@pytest.mark.parametrize("missing", ["create_public_threads", "send_messages_in_threads"])
async def test_what_is_not_allowed_is_not_tried(stage: Stage, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message, ask = await asked(stage)
    allowed = discord.Permissions.all()
    allowed.update(**{missing: False})
    monkeypatch.setattr(discord.TextChannel, "permissions_for", lambda *_: allowed)
    assert await open_thread(stage.client, stage.wire, message, ask) == ask
    assert stage.sent("POST", "/threads") == []


async def test_where_threads_are_held_back_nobody_waits_for_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    message, ask = await asked(stage)
    monkeypatch.setattr(threads, "THREAD_S", 0.05)
    stage.local.faults.add(Fault(method="POST", path="/threads$", delay_s=5.0, times=1))
    assert await open_thread(stage.client, stage.wire, message, ask) == ask


async def test_where_no_thread_can_be_started_the_question_stays(stage: Stage) -> None:
    world = stage.world
    message = await stage.hears(await world.say(world.person("alice"), world.channel("general"), world.bot.mention))
    me = stage.client.user
    assert me is not None
    ask = ask_of_message(message, me)
    stage.local.faults.add(
        Fault(method="POST", path="/threads$", status=403, json={"code": 50013, "message": "no"}, times=1)
    )
    assert await open_thread(stage.client, stage.wire, message, ask) == ask
    direct = await world.open_dm(world.person("alice"))
    private = await stage.hears(await world.say(world.person("alice"), direct, "hello"))
    asked = ask_of_message(private, me)
    assert await open_thread(stage.client, stage.wire, private, asked) == asked


async def test_who_asked_is_brought_into_the_thread(stage: Stage) -> None:
    message, ask = await asked(stage)
    moved = await open_thread(stage.client, stage.wire, message, ask)
    await bring_in(stage.client, stage.wire, moved)
    await bring_in(stage.client, stage.wire, moved)  # who is there already stays so
    state = stage.world.channels[message.id].thread
    assert state is not None
    assert set(state.members) == {stage.world.bot.id, ask.user.id}


@pytest.mark.parametrize("fault", [Fault(method="PUT", status=403), Fault(method="PUT", reset=True)])
async def test_who_can_not_be_brought_in_is_answered_all_the_same(stage: Stage, fault: Fault) -> None:
    message, ask = await asked(stage)
    moved = await open_thread(stage.client, stage.wire, message, ask)
    stage.local.faults.add(fault)
    await bring_in(stage.client, stage.wire, moved)
    state = stage.world.channels[message.id].thread
    assert state is not None
    assert set(state.members) == {stage.world.bot.id}


async def test_leaving_the_opener_waits_until_who_asked_is_there(stage: Stage) -> None:
    message, ask = await asked(stage)
    async with ThreadOpener(stage.client, stage.wire, message) as opener:
        moved = await opener(ask)
        assert moved.place.channel_id == message.id
    state = stage.world.channels[message.id].thread
    assert state is not None
    assert ask.user.id in state.members


async def test_nobody_is_brought_in_any_more_when_the_answer_was_cancelled(stage: Stage) -> None:
    message, ask = await asked(stage)
    stage.local.faults.add(Fault(method="PUT", delay_s=5.0))
    answered, leaving = asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        async with ThreadOpener(stage.client, stage.wire, message) as opener:
            await opener(ask)
            answered.set()
            await leaving.wait()

    for leaves in (False, True):
        answered.clear()
        answering = asyncio.create_task(answer())
        await answered.wait()
        if leaves:
            leaving.set()
            await asyncio.sleep(0)  # It waits for the request now.
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        assert [task for task in asyncio.all_tasks() if task.get_name() == f"bring-in-{ask.id}"] == []
