"""Threads, by ids alone."""

from __future__ import annotations

from bot.library.threads import add_member, open_again, start_thread
from tests.unit.presentation.on_discord.conftest import Stage


async def test_a_thread_is_started_joined_and_opened_again(stage: Stage) -> None:
    world = stage.world
    general, alice = world.channel("general"), world.person("alice")
    said = await world.say(alice, general, "hello")
    await start_thread(stage.client, general.id, said.id, "foxes")
    await add_member(stage.client, said.id, alice.id)
    state = world.channels[said.id].thread
    assert state is not None
    assert world.channels[said.id].name == "foxes"
    assert alice.id in state.members
    state.archived = True
    await open_again(stage.client, said.id)
    assert not state.archived
