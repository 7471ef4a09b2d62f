"""Thread starters fetched from Discord, and the desk that opens replies."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from bot.domain.model.request import Mode
from bot.domain.people import Place
from bot.presentation.inbound.questions import parse_command
from bot.presentation.outbound.interactions import open_form, tell
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.reply.threads import MISSES_KEPT, DiscordThreadStarters
from sandbox.discord import Fault
from tests.fakes.clock import FakeClock
from tests.unit.presentation.on_discord.conftest import READY_S, Stage


async def started(stage: Stage, words: str) -> Place:
    """Have Bob start a thread from what Alice said."""
    world = stage.world
    general = world.channel("general")
    starter = await world.say(world.person("alice"), general, words)
    thread = await world.start_thread(world.person("bob"), starter, "foxes")
    return Place(channel_id=thread.id, guild_id=general.guild_id, parent_id=general.id)


def fetched(stage: Stage) -> int:
    return len(
        [request for request in stage.local.requests if request.method == "GET" and "/messages/" in request.path]
    )


async def test_a_thread_s_starter_is_fetched_from_its_channel(stage: Stage) -> None:
    # Without the privileged intent Discord shows the words only where they are for the bot.
    place = await started(stage, f"{stage.world.bot.mention} about foxes")
    found = await DiscordThreadStarters(stage.client).starter(place)
    assert found is not None
    assert (found.id, found.text, found.from_bot) == (place.channel_id, "about foxes", False)


async def test_a_channel_is_no_thread(stage: Stage) -> None:
    starters = DiscordThreadStarters(stage.client)
    assert await starters.starter(Place(channel_id=stage.world.channel("general").id, guild_id=1)) is None
    assert fetched(stage) == 0


async def test_a_thread_that_grew_from_nothing_is_asked_about_once(stage: Stage) -> None:
    world = stage.world
    general = world.channel("general")
    thread = await world.start_thread(world.person("bob"), general, "empty")
    place = Place(channel_id=thread.id, guild_id=general.guild_id, parent_id=general.id)
    starters = DiscordThreadStarters(stage.client)
    assert [await starters.starter(place) for _ in range(3)] == [None] * 3
    assert fetched(stage) == 1


@pytest.mark.parametrize("fault", [Fault(path="/messages/", status=403), Fault(path="/messages/", reset=True)])
async def test_a_fault_is_not_remembered(stage: Stage, fault: Fault) -> None:
    place = await started(stage, f"{stage.world.bot.mention} about foxes")
    starters = DiscordThreadStarters(stage.client)
    stage.local.faults.add(fault)
    assert await starters.starter(place) is None
    stage.local.faults.clear()
    assert await starters.starter(place) is not None


async def test_threads_without_a_starter_are_remembered_in_a_bounded_way(stage: Stage) -> None:
    starters = DiscordThreadStarters(stage.client)
    starters._misses.update(dict.fromkeys(range(MISSES_KEPT)))
    general = stage.world.channel("general")
    thread = await stage.world.start_thread(stage.world.person("bob"), general, "empty")
    await starters.starter(Place(channel_id=thread.id, guild_id=general.guild_id, parent_id=general.id))
    assert len(starters._misses) == MISSES_KEPT
    assert thread.id in starters._misses
    assert 0 not in starters._misses


async def commanded(stage: Stage) -> discord.Interaction[Any]:
    command = {"name": "ask", "description": "Ask", "options": []}
    await stage.client.http.bulk_upsert_global_commands(stage.world.application.id, [command])
    await stage.world.slash(stage.world.person("alice"), stage.world.channel("general"), "ask", {})
    async with asyncio.timeout(READY_S):
        return await stage.client.interactions.get()


@pytest.mark.parametrize("fault", [Fault(path="/callback", status=404), Fault(path="/callback", reset=True)])
async def test_a_command_that_can_not_be_acknowledged_is_told(stage: Stage, fault: Fault) -> None:
    desk = ReplyDesk(stage.client, stage.wire, EditBudgets(FakeClock()), FakeClock())
    stage.local.faults.add(fault)
    assert not await desk.acknowledge(await commanded(stage))
    stage.local.faults.clear()
    assert await desk.acknowledge(await commanded(stage))


async def test_a_command_whose_acknowledgement_was_lost_on_the_way_is_answered(stage: Stage) -> None:
    desk = ReplyDesk(stage.client, stage.wire, EditBudgets(FakeClock()), FakeClock())
    stage.local.faults.add(Fault(path="/callback", reset=True, after=True, times=1))
    interaction = await commanded(stage)
    assert await desk.acknowledge(interaction)
    await tell(interaction, "heard")
    response = stage.world.interactions[interaction.id].response
    assert response is not None
    # What is said first after a deferral takes its place.
    assert response.content == "heard"


async def test_an_acknowledgement_that_an_outage_hid_counts_and_another_s_does_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = ReplyDesk(stage.client, stage.wire, EditBudgets(FakeClock()), FakeClock())
    interaction = await commanded(stage)
    assert await desk.acknowledge(interaction)
    interaction.response._response_type = None  # the same event, once more
    assert not await desk.acknowledge(interaction)
    adapter = discord.webhook.async_.AsyncWebhookAdapter
    plain = adapter.create_interaction_response

    async def after_an_outage(*given: Any, **named: Any) -> Any:
        stage.wire.note_status(502)  # the library tries again by itself
        return await plain(*given, **named)

    monkeypatch.setattr(adapter, "create_interaction_response", after_an_outage)
    assert await desk.acknowledge(interaction)
    assert not interaction.response.is_done()


async def test_the_message_that_discord_makes_for_a_command_is_known_at_once(stage: Stage) -> None:
    desk = ReplyDesk(stage.client, stage.wire, EditBudgets(FakeClock()), FakeClock())
    interaction = await commanded(stage)
    assert parse_command(interaction, Mode.CHAT, "hello").response_id is None
    assert await desk.acknowledge(interaction)
    response = stage.world.interactions[interaction.id].response
    assert response is not None
    assert parse_command(interaction, Mode.CHAT, "hello").response_id == response.id


async def test_a_discord_that_takes_an_answer_without_saying_what_it_made_of_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = discord.webhook.async_.AsyncWebhookAdapter
    plain = adapter.create_interaction_response

    async def without_words(*given: Any, **named: Any) -> str:
        await plain(*given, **named)
        return ""  # what the library makes of 204

    monkeypatch.setattr(adapter, "create_interaction_response", without_words)
    desk = ReplyDesk(stage.client, stage.wire, EditBudgets(FakeClock()), FakeClock())
    put_off, told, asked = [await commanded(stage) for _ in range(3)]
    assert await desk.acknowledge(put_off)
    # The message itself is looked up: it tells its id, and who sees it.
    response = stage.world.interactions[put_off.id].response
    assert response is not None
    asked_for = parse_command(put_off, Mode.CHAT, "hello")
    assert (asked_for.response_id, asked_for.private) == (response.id, False)
    await tell(told, "no")
    form = discord.ui.Modal(title="A form", custom_id="a-form")
    form.add_item(discord.ui.Label(text="What", component=discord.ui.TextInput(custom_id="what")))
    form.stop()
    await open_form(asked, form)
    assert all(interaction.response.is_done() for interaction in (put_off, told, asked))
