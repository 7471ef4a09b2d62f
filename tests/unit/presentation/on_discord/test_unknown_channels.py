"""Questions in threads that the library knows nothing of."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.admission import refused_place
from bot.presentation.inbound.lookup import AGAIN_S, MOST_ASKED, MOST_KEPT, ChannelLookup
from bot.presentation.inbound.places import may_write, place_of_message
from sandbox.discord import Fault
from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel
from tests.unit.presentation.on_discord.conftest import Stage


async def unknown_thread(stage: Stage, name: str = "foxes") -> Channel:
    """Have Bob start a thread, and let the library forget it."""
    world = stage.world
    thread = await world.start_thread(world.person("bob"), world.channel("general"), name)
    guild = stage.client.get_guild(thread.guild_id or 0)
    assert guild is not None
    for _ in range(500):
        if (known := guild.get_thread(thread.id)) is not None:
            guild._remove_thread(known)
            break
        await asyncio.sleep(0.01)
    return thread


def asked(stage: Stage) -> int:
    return len([one for one in stage.local.requests if one.method == "GET" and "/channels/" in one.path])


async def said(stage: Stage, thread: Channel) -> Place:
    world = stage.world
    message = await world.say(world.person("alice"), thread, f"{world.bot.mention} hello")
    heard = await stage.hears(message)
    assert isinstance(heard.channel, discord.PartialMessageable)
    return place_of_message(heard)


async def test_a_thread_of_a_refused_channel_is_refused(stage: Stage) -> None:
    thread = await unknown_thread(stage)
    refusing = Settings(channels_refused=(thread.parent_id or 0,))
    place = await said(stage, thread)
    assert not place.certain
    assert refused_place(place, refusing), "as long as it is not known where it is"
    found = await ChannelLookup(stage.client).placed(place)
    assert (found.parent_id, found.certain) == (thread.parent_id, True)
    assert refused_place(found, refusing)
    assert not refused_place(found, Settings(channels_refused=(1,)))


async def test_a_channel_is_asked_for_once(stage: Stage) -> None:
    place = await said(stage, await unknown_thread(stage))
    lookup = ChannelLookup(stage.client)
    before = asked(stage)
    first = await asyncio.gather(*(lookup.placed(place) for _ in range(5)))
    assert await lookup.placed(place) == first[0]
    assert len(set(first)) == 1
    assert asked(stage) - before == 1


@pytest.mark.parametrize("denied", [None, Permission.SEND_MESSAGES_IN_THREADS, Permission.SEND_MESSAGES])
async def test_in_a_thread_the_rights_of_its_channel_count(stage: Stage, denied: Permission | None) -> None:
    thread = await unknown_thread(stage)
    world = stage.world
    general = world.channel("general")
    if denied is not None:
        change_permissions(world, world.guild(), channel=general, deny=denied)
    message = await world.say(world.person("alice"), thread, f"{world.bot.mention} hello")
    heard = await stage.hears(message)
    assert isinstance(heard.channel, discord.PartialMessageable)
    place = await ChannelLookup(stage.client).placed(place_of_message(heard))
    assert may_write(heard, place.parent_id) == (denied is not Permission.SEND_MESSAGES_IN_THREADS)


async def test_what_is_known_is_not_asked_for(stage: Stage) -> None:
    before = asked(stage)
    place = Place(channel_id=stage.world.channel("general").id, guild_id=1)
    assert await ChannelLookup(stage.client).placed(place) is place
    assert asked(stage) == before


@pytest.mark.parametrize("fault", [Fault(path="/channels/", status=403), Fault(path="/channels/", status=404)])
async def test_what_can_not_be_found_out_stays_unknown_and_is_not_asked_for_at_once(
    stage: Stage, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await said(stage, await unknown_thread(stage))
    lookup = ChannelLookup(stage.client)
    stage.local.faults.add(fault)
    before = asked(stage)
    for _ in range(3):
        assert await lookup.placed(place) == place
    assert asked(stage) - before == 1
    stage.local.faults.clear()
    lookup._missed[place.channel_id] -= AGAIN_S
    assert (await lookup.placed(place)).certain


async def test_what_is_kept_and_asked_at_once_is_bounded(stage: Stage) -> None:
    lookup = ChannelLookup(stage.client)
    before = asked(stage)
    places = [Place(channel_id=number, guild_id=1, certain=False) for number in range(1, 3 * MOST_ASKED)]
    assert all(not place.certain for place in await asyncio.gather(*map(lookup.placed, places)))
    assert asked(stage) - before == MOST_ASKED
    lookup._missed.update(dict.fromkeys(range(10_000, 10_000 + 2 * MOST_KEPT), 0.0))
    await lookup.placed(Place(channel_id=999, guild_id=1, certain=False))
    assert len(lookup._missed) == MOST_KEPT
