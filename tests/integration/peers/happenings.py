"""What happens in the world while a bot listens: each kind of event once at least."""

from __future__ import annotations

from sandbox.discord import LocalDiscord
from sandbox.discord.control_permissions import change_permissions
from sandbox.discord.permissions import Permission


async def put_through_everything(discord: LocalDiscord) -> None:
    """Have people write, edit, react, pin, type, thread and delete, in a guild and in a direct message."""
    world = discord.world
    alice, general, guild = world.person("alice"), world.channel("general"), world.guild()
    first = await world.say(alice, general, "one")
    await world.edit(alice, first, "two")
    await world.react(alice, first, "👍")
    await world.react(alice, first, "👍", remove=True)
    await world.pin(alice, first)
    await world.typing(alice, general)
    thread = await world.start_thread(alice, first, "talk")
    await world.say(alice, thread, "in the thread")
    loose = await world.start_thread(alice, general, "loose")
    await world.say(alice, loose, "in a thread without a message")
    await world.say(alice, general, "with a reply", reply_to=first)
    direct = await world.open_dm(alice)
    last = await world.say(alice, direct, "hello")
    await world.typing(alice, direct)
    await world.edit(alice, last, "bye")
    await world.delete(alice, last)
    several = [await world.say(alice, general, text) for text in "ab"]
    await world.bulk_delete(alice, general, several)
    change_permissions(world, guild, deny=Permission.CHANGE_NICKNAME)
    change_permissions(world, guild, channel=general, deny=Permission.ADD_REACTIONS)
    change_permissions(world, guild, channel=general, allow=Permission.ADD_REACTIONS)
    await world.delete(alice, first)
