"""What one person alone sees, told to nobody else: where a user carries the bot along."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel, User
from sandbox.discord.world import World
from tests.e2e.conftest import Stage, open_stage


async def asked(stage: Stage, user: User, channel: Channel, prompt: str) -> str:
    """Have somebody use /ask; returns all that the model was asked."""
    interaction = await stage.discord.world.slash(user, channel, "ask", {"prompt": prompt})
    await stage.ended(interaction.id)
    return str(stage.endpoint.requests[-1].body["messages"])


def _external_apps(world: World, *, allowed: bool) -> None:
    """Let everybody in the studio bring applications along, or have those answer them alone."""
    studio, right = world.guild("画室"), Permission.USE_EXTERNAL_APPS
    allow, deny = (right, Permission(0)) if allowed else (Permission(0), right)
    change_permissions(world, studio, role=studio.everyone, allow=allow, deny=deny)


@pytest.mark.parametrize("denied", [True, False], ids=["external apps denied", "external apps allowed"])
async def test_what_was_asked_where_the_bot_is_no_member_is_the_asker_s(tmp_path: Path, denied: bool) -> None:
    async with open_stage(tmp_path, start=False) as stage:
        world = stage.discord.world
        studio, channel = world.guild("画室"), world.channel("画室/闲聊")
        del studio.members[world.bot.id]
        alice, bob = world.person("alice"), world.person("bob")
        world.install_for(alice)
        world.install_for(bob)
        if denied:
            _external_apps(world, allowed=False)
        await stage.bot.start()
        await stage.connected()
        await stage.until(lambda: bool(world.application.commands))
        await asked(stage, alice, channel, "my SECRETDIAGNOSIS is x")
        assert (len(channel.messages), len(channel.ephemerals)) == ((0, 1) if denied else (1, 0))
        assert "SECRETDIAGNOSIS" not in await asked(stage, bob, channel, "what was said before?")
        assert "SECRETDIAGNOSIS" in await asked(stage, alice, channel, "and by me?")
        if denied:
            # From now on everybody sees the answers, which are made of nothing that they have not seen.
            _external_apps(world, allowed=True)
            assert "SECRETDIAGNOSIS" not in await asked(stage, alice, channel, "and now?")
        assert set(await stage.rows("SELECT only_for, private FROM messages WHERE text LIKE '%SECRET%'")) == {
            (alice.id, int(denied))
        }
