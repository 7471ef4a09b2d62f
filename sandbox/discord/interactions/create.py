"""What a bot gets when a person uses a command, a component or a modal: the object of INTERACTION_CREATE."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.membership import is_locked_to
from sandbox.discord.interactions.commands import has_bot
from sandbox.discord.interactions.lifecycle import expire, keep, move
from sandbox.discord.objects.messages import render_message
from sandbox.discord.objects.places import render_member, render_partial, render_user
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import DiscordError, refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.interaction import Interaction, Kind, State, new_token
from sandbox.discord.state.records import Application, Channel, Command, Message, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


_ABROAD: Final = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
"""What an application may do where its bot is not (documentation, "Interaction Object", app_permissions)."""


def owners_of(world: WorldState, application: Application, user: User, channel: Channel) -> dict[str, str]:
    """Return `authorizing_integration_owners`: who installed what is used here.

    "0" is the guild, or "0" in the bot's own direct messages; "1" the person who carries the application along.
    """
    if not has_bot(world, channel, application.id):
        return {"1": str(user.id)}
    return {"0": "0" if channel.guild_id is None else str(channel.guild_id)}


def is_carried(interaction: Interaction) -> bool:
    """Tell whether a person brought the application along to where it is not installed."""
    return "0" not in interaction.metadata["authorizing_integration_owners"]


def answers_alone(world: WorldState, interaction: Interaction) -> bool:
    """Tell whether the person alone sees the answers: the guild lets them bring no applications of their own.

    Documentation, "Permissions", USE_EXTERNAL_APPS; of applications that the guild has installed too it says nothing.
    The same where the thread was locked to the person already (discord-api-docs #6884).
    """
    if interaction.began_locked:
        return True
    channel = interaction.channel
    if channel.guild_id is None or not is_carried(interaction):
        return False
    return not world.permissions(interaction.user.id, channel) & Permission.USE_EXTERNAL_APPS


def _metadata(interaction_id: int, kind: Kind, user: User, owners: dict[str, str]) -> dict[str, Any]:
    return {
        "id": str(interaction_id),
        "type": int(Kind.COMMAND if kind is Kind.AUTOCOMPLETE else kind),
        "user": render_user(user),
        "authorizing_integration_owners": owners,
    }


def create_interaction(
    world: WorldState,
    kind: Kind,
    application: Application,
    user: User,
    channel: Channel,
    data: dict[str, Any],
    *,
    command: Command | None = None,
    source: Message | None = None,
    parent: Interaction | None = None,
) -> Interaction:
    """Start an interaction and send it to the bot. `parent` is the one whose modal is submitted."""
    expire(world)
    interaction_id = world.ids.next()
    metadata = _metadata(interaction_id, kind, user, owners_of(world, application, user, channel))
    if kind is Kind.COMPONENT and source is not None:
        metadata["interacted_message_id"] = str(source.id)
    if kind is Kind.COMMAND and "target_id" in data:
        _add_target(world, metadata, data)
    if parent is not None:
        metadata["triggering_interaction_metadata"] = parent.metadata
    interaction = Interaction(
        id=interaction_id,
        token=new_token(interaction_id),
        kind=kind,
        application=application,
        user=user,
        channel=channel,
        locale=user.locale,
        created_at=world.clock(),
        data=data,
        command=command,
        source=source,
        metadata=metadata,
        began_locked=is_locked_to(world, user, channel),
    )
    keep(world, interaction)
    world.publish(
        Event(
            t="INTERACTION_CREATE",
            d=render_interaction(world, interaction),
            guild_id=channel.guild_id,
            channel_id=channel.id,
            people=frozenset((application.bot.id,)),
        )
    )
    if interaction.state is State.WAITING:
        move(world, interaction, State.WAITING)
        # A little after the deadline, so that the clock has surely passed it.
        asyncio.get_running_loop().call_later(limits.INTERACTION_DEADLINE_S + 0.05, expire, world)
    return interaction


def _add_target(world: WorldState, metadata: dict[str, Any], data: dict[str, Any]) -> None:
    target = world.users.get(int(data["target_id"]))
    if target is not None:
        metadata["target_user"] = render_user(target)
    else:
        metadata["target_message_id"] = data["target_id"]


def check_thread(world: WorldState, interaction: Interaction, *, new: bool, ephemeral: bool) -> None:
    """Refuse what a token is used for in a thread that has closed since; what one person alone sees goes on.

    As reports have it (discord-api-docs #6884, #7707): 403 with 50083 where the thread is locked and the bot is in the
    guild, 50001 where the bot is not. Raises 50083 for edits in an archived thread too.
    """
    channel, bot = interaction.channel, interaction.application.bot
    if channel.thread is None or ephemeral:
        return
    if is_locked_to(world, bot, channel):
        present = has_bot(world, channel, interaction.application.id)
        raise DiscordError(403, 50083, "Thread is archived") if present else refusal(50001)
    if channel.thread.archived and not new:
        raise refusal(50083)


def render_interaction(world: WorldState, interaction: Interaction) -> dict[str, Any]:
    """Render an interaction for its bot."""
    channel = interaction.channel
    bot = interaction.application.bot
    present = has_bot(world, channel, bot.id)
    place = render_partial(world, channel, interaction.user.id, bot.id)
    found: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(interaction.application.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": place,
        "locale": interaction.locale,
        "app_permissions": str(int(world.stated_permissions(bot.id, channel) if present else _ABROAD)),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": interaction.metadata["authorizing_integration_owners"],
        "context": (1 if present else 2) if channel.is_dm else 0,
        "attachment_size_limit": world.file_limit_bytes(channel.guild_id),
    }
    if channel.guild_id is None:
        found["user"] = render_user(interaction.user)
    else:
        guild = world.guilds[channel.guild_id]
        rights = int(world.stated_permissions(interaction.user.id, channel))
        member = render_member(guild.members[interaction.user.id]) | {"permissions": str(rights)}
        found |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.preferred_locale, "features": []},
            "guild_locale": guild.preferred_locale,
            "member": member,
        }
    if interaction.source is not None:
        found["message"] = render_message(world, interaction.source, bot.id)
    return found
