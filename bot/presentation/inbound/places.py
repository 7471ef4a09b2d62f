"""Where something was asked, by whom, and what the bot may do there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.domain.people import Place, User
from bot.library.events import TOLD_CHANNEL

DEFAULT_LOCALE = "en-US"
LOCALE_CHARS = 16
"""No locale of Discord's is longer (its documentation, Reference, "Locales"); no more is kept."""


def user_of(user: discord.User | discord.Member) -> User:
    """Describe somebody; the roles are those of the guild where they act."""
    roles = tuple(role.id for role in user.roles if not role.is_default()) if isinstance(user, discord.Member) else None
    return User(id=user.id, name=user.display_name, role_ids=roles)


def place_of_message(message: discord.Message) -> Place:
    """Tell where a message is and what the bot may do there."""
    guild, channel = message.guild, message.channel
    if guild is None:
        # A guild that is not known is a guild all the same: what holds there can't be told.
        guild_id = channel.guild_id if isinstance(channel, discord.PartialMessageable) else None
        return Place(channel_id=channel.id, guild_id=guild_id, certain=guild_id is None)
    return Place(
        channel_id=channel.id,
        guild_id=guild.id,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        category_id=category_of(channel),
        age_restricted=age_restricted(channel),
        locale=guild.preferred_locale.value,
        can_attach=_permissions(message).attach_files,
        file_limit_bytes=guild.filesize_limit,
        certain=not isinstance(channel, discord.PartialMessageable),
    )


def place_of_interaction(interaction: discord.Interaction) -> Place:
    """Tell where an interaction is and what the bot may do there; the language is the user's own."""
    channel = interaction.channel
    return Place(
        channel_id=interaction.channel_id or interaction.user.id,
        guild_id=interaction.guild_id,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        category_id=category_of(channel),
        age_restricted=age_restricted(channel) or _told(interaction).get("nsfw") is True,
        by_token_only=_by_token_only(interaction),
        locale=(interaction.locale.value or DEFAULT_LOCALE)[:LOCALE_CHARS],
        can_attach=_may_attach(interaction),
        file_limit_bytes=interaction.filesize_limit,
    )


def _told(interaction: discord.Interaction) -> Mapping[str, object]:
    """What Discord tells of an interaction's channel; empty if it tells nothing."""
    data: Mapping[str, Any] = interaction.data or {}
    told = data.get(TOLD_CHANNEL)
    return told if isinstance(told, Mapping) else {}


def _may_attach(interaction: discord.Interaction) -> bool:
    """Whether the bot may attach files where somebody used it."""
    allowed = interaction.app_permissions
    if interaction.guild_id is None or allowed.value:
        return interaction.guild_id is None or allowed.attach_files
    # None at all: the library says so too where they were left out. What is known of the guild tells, or Discord will.
    guild, channel = interaction.client.get_guild(interaction.guild_id), interaction.channel
    me: discord.Member | None = guild.me if guild is not None else None
    if me is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    return channel.permissions_for(me).attach_files


def _by_token_only(interaction: discord.Interaction) -> bool:
    """Whether the bot is no member where somebody used it: a user carries it along (Discord documentation,
    Installation Contexts)."""
    if interaction.guild_id is not None:
        # Discord names every guild of the bot's when it connects, before any interaction.
        return interaction.client.get_guild(interaction.guild_id) is None
    return interaction.context.private_channel is True


def category_of(channel: object) -> int | None:
    """Tell the category of a channel, or of a thread's channel; None where it has none or it is not known."""
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return channel.category_id if isinstance(channel, discord.abc.GuildChannel) else None


def age_restricted(channel: object) -> bool:
    """Tell whether a channel, or a thread's channel, is for adults."""
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return bool(getattr(channel, "nsfw", False))


def may_write(message: discord.Message, parent_id: int | None = None) -> bool:
    """Say whether the bot may send messages where this one is.

    ``parent_id`` is the channel of a thread that the library does not know.
    """
    if message.guild is None:
        return True
    permissions = _permissions(message)
    in_thread = isinstance(message.channel, discord.Thread)
    if isinstance(message.channel, discord.PartialMessageable) and parent_id is not None:
        parent = message.guild.get_channel(parent_id)
        me: discord.Member | None = message.guild.me
        if parent is not None and me is not None and not message.guild.unavailable:
            permissions, in_thread = parent.permissions_for(me), True
    may_send = permissions.send_messages_in_threads if in_thread else permissions.send_messages
    return permissions.view_channel and may_send


def may_start_thread(message: discord.Message) -> bool:
    """Say whether the bot may start a thread from a message and answer in it: in a text or announcement channel."""
    permissions = _permissions(message)
    may = permissions.create_public_threads and permissions.send_messages_in_threads
    return isinstance(message.channel, discord.TextChannel) and may


def _permissions(message: discord.Message) -> discord.Permissions:
    guild = message.guild
    # A guild that has not arrived yet, or a channel that is not known, tells nothing: Discord will.
    if guild is None or isinstance(message.channel, discord.PartialMessageable) or guild.unavailable:
        return discord.Permissions.all()
    me: discord.Member | None = guild.me
    if me is None:  # the library promises it, and yet has it only once the guild told of its members
        return discord.Permissions.all()
    return message.channel.permissions_for(me)
