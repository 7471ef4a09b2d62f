"""Changes of channels, threads and rights: what was learned of them is asked again when it is needed next."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.client import FusionBot
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.outbound.reach import ChannelReach


class ChannelsCog(commands.Cog):
    """Tells those who remember something of channels that it may be so no more."""

    def __init__(self, client: discord.Client, lookup: ChannelLookup, reach: ChannelReach) -> None:
        self._client = client
        self._lookup = lookup
        self._reach = reach

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Forget all: a new session tells nothing of what was missed."""
        self._reach.forget()
        self._lookup.forget()

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """Forget a channel that has other rights, another category or other bounds now, with its threads."""
        self._reach.forget(after.guild.id)
        self._lookup.forget(after.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _: discord.Role, after: discord.Role) -> None:
        """Forget where the bot could not get to in a server: the role may be the bot's."""
        self._reach.forget(after.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, _: discord.Member, after: discord.Member) -> None:
        """Forget the same if the bot has other roles; of others Discord does not tell it."""
        if self._client.user is not None and after.id == self._client.user.id:
            self._reach.forget(after.guild.id)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """Forget a thread that has changed."""
        self._reach.forget(payload.guild_id)
        self._lookup.forget(payload.thread_id)

    @commands.Cog.listener()
    async def on_thread_join(self, thread: discord.Thread) -> None:
        """Notice that the bot was let into a thread."""
        self._reach.forget(thread.guild.id)

    @commands.Cog.listener()
    async def on_thread_remove(self, thread: discord.Thread) -> None:
        """Notice that the bot was taken out of a thread."""
        self._reach.forget(thread.guild.id)


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(ChannelsCog(bot, services.lookup, services.desk.reach))
