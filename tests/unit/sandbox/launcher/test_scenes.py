"""What the demo's channel #posts holds from the start."""

from __future__ import annotations

from sandbox.discord.state.records import MessageFlag
from sandbox.discord.world import World
from sandbox.launcher.scenes import PLACE, seed_scenes


def test_the_demo_begins_with_one_of_each_kind_of_post() -> None:
    world = World()
    place = seed_scenes(world)
    messages = list(place.messages.values())
    assert world.channel(PLACE) is place
    assert [one.content for one in messages if one.snapshots] == [""]
    assert [one.poll.votes for one in messages if one.poll] == [3]
    assert [one.embeds[0]["title"] for one in messages if one.embeds] == ["Build 482 failed"]
    assert [bool(one.components) for one in messages if one.flags & MessageFlag.COMPONENTS_V2] == [True]
    assert [one.attachments[0].filename for one in messages if one.attachments] == ["message.txt"]
    assert sum(one.webhook_id is not None for one in messages) == 2


def test_the_scenes_come_back_after_a_reset() -> None:
    world = World()
    seed_scenes(world)
    world.reset()
    assert len(seed_scenes(world).messages) == 6


async def test_everyone_in_the_server_sees_them() -> None:
    world = World()
    place = seed_scenes(world)
    assert len(world.history(world.person("dora"), place)) == 6
