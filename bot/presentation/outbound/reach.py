"""Which channels the bot sees: what Discord has told of them, and what it has refused."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import discord

from bot.domain.reply.ways import View

MOST_KEPT: Final = 1000
_VOCAL = (discord.VoiceChannel, discord.StageChannel)


class ChannelReach:
    """Says whether the bot sees a channel; one for the process.

    Rights come with the interaction, or are known of the server. What no right tells (a private thread is seen by its
    members alone) is learned from Discord's first answer and kept until an event may have changed it.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._learned: OrderedDict[int, tuple[View, int | None]] = OrderedDict()
        """By the id of the channel, with its server's."""

    def of_channel(self, channel_id: int, guild_id: int | None) -> View:
        """Say what is known of a channel now."""
        if guild_id is None:
            return View.OPEN
        told = self._told(channel_id, guild_id)
        if told is View.SHUT or channel_id not in self._learned:
            return told
        return self._learned[channel_id][0]

    def of_interaction(self, interaction: discord.Interaction) -> View:
        """Say what is known of the channel of an interaction, which tells what the bot may do there."""
        channel_id, guild_id = interaction.channel_id, interaction.guild_id
        if guild_id is None or channel_id is None:
            return View.OPEN
        learned = self._learned.get(channel_id)
        rights = interaction.app_permissions
        if not rights.value:
            # No right at all, or the field was left out: both look alike.
            shut = self._told(channel_id, guild_id) is View.SHUT
            return View.SHUT if shut else learned[0] if learned is not None else View.UNKNOWN
        told = _view(interaction.channel, rights)
        return learned[0] if told is View.UNKNOWN and learned is not None else told

    def take(self, interaction: discord.Interaction) -> None:
        """Keep what an interaction tells of its channel: it is newer than what was learned before."""
        channel_id, view = interaction.channel_id, self.of_interaction(interaction)
        if channel_id is not None and (view is View.SHUT or (view is View.OPEN and channel_id in self._learned)):
            self.note(channel_id, interaction.guild_id, view)

    def note(self, channel_id: int, guild_id: int | None, view: View) -> None:
        """Keep what an answer of Discord's has told."""
        self._learned[channel_id] = (view, guild_id)
        self._learned.move_to_end(channel_id)
        while len(self._learned) > MOST_KEPT:
            self._learned.popitem(last=False)

    def forget(self, guild_id: int | None = None) -> None:
        """Forget what was learned of a server, whose channels or rights have changed; of all without one."""
        for channel_id in [one for one, (_, of) in self._learned.items() if guild_id is None or of == guild_id]:
            del self._learned[channel_id]

    def _told(self, channel_id: int, guild_id: int) -> View:
        guild = self._client.get_guild(guild_id)
        # A server that has not arrived yet tells nothing.
        me: discord.Member | None = guild.me if guild is not None and not guild.unavailable else None
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        if me is None or channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
            return View.UNKNOWN
        return _view(channel, channel.permissions_for(me))


def _view(channel: object, rights: discord.Permissions) -> View:
    """Say whether the bot sees a channel with these rights there (Discord documentation, Permissions)."""
    if rights.administrator:
        return View.OPEN
    if not rights.view_channel or (isinstance(channel, _VOCAL) and not rights.connect):
        return View.SHUT
    private = isinstance(channel, discord.Thread) and channel.is_private() and channel.me is None
    return View.UNKNOWN if private and not rights.manage_threads else View.OPEN
