"""What is posted or changes without being a member's words: webhooks, crossposts, and updates that are no edits."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.discord.acts.messages import create_message, insert, publish_message
from sandbox.discord.bodies.message import Draft
from sandbox.discord.objects.messages import render_dispatch
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.state.events import Event
from sandbox.discord.state.posts import Webhook
from sandbox.discord.state.records import Channel, Message, MessageFlag, Reference, User

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sandbox.discord.state.world import WorldState


def create_webhook(
    world: WorldState, channel: Channel, name: str, *, application_id: int | None = None, user_id: int | None = None
) -> Webhook:
    """Make a webhook of a guild's channel. Raises 50024 elsewhere."""
    if channel.guild_id is None or channel.thread is not None:
        raise refusal(50024)
    webhook = Webhook(
        id=world.ids.next(), channel_id=channel.id, guild_id=channel.guild_id, name=name,
        token=secrets.token_urlsafe(51), application_id=application_id, user_id=user_id,
    )  # fmt: skip
    world.webhooks[webhook.id] = webhook
    _tell_of_webhooks(world, channel)
    return webhook


def delete_webhook(world: WorldState, webhook: Webhook) -> None:
    """Remove a webhook; what it posted stays."""
    world.webhooks.pop(webhook.id, None)
    _tell_of_webhooks(world, world.channel_by_id(webhook.channel_id))


def _tell_of_webhooks(world: WorldState, channel: Channel) -> None:
    body = {"guild_id": str(channel.guild_id), "channel_id": str(channel.id)}
    world.publish(Event(t="WEBHOOKS_UPDATE", d=body, guild_id=channel.guild_id, channel_id=channel.id))


def execute_webhook(
    world: WorldState, webhook: Webhook, draft: Draft, *, username: str | None = None, thread: Channel | None = None
) -> Message:
    """Post as a webhook, under its own name or another, in its channel or a thread of it. Raises as `create_message`.

    Raises 10003 for a thread of another channel.
    """
    channel = world.channel_by_id(webhook.channel_id) if thread is None else thread
    if thread is not None and thread.parent_id != webhook.channel_id:
        raise refusal(10003)
    author = User(id=webhook.id, username=username or webhook.name, bot=True)
    message = Message(
        id=world.ids.next(), channel_id=channel.id, guild_id=channel.guild_id, author=author,
        created_at=world.clock(), webhook_id=webhook.id, application_id=webhook.application_id,
    )  # fmt: skip
    return create_message(world, author, channel, draft, message=message)


def crosspost(world: WorldState, message: Message, follower: Channel) -> Message:
    """Publish a message to a channel that follows its own: both are marked, and the copy comes by a webhook."""
    message.flags |= MessageFlag.CROSSPOSTED
    publish_message(world, "MESSAGE_UPDATE", message)
    hook = create_webhook(world, follower, message.author.display_name)
    copy = replace(
        message, id=world.ids.next(), channel_id=follower.id, guild_id=follower.guild_id, webhook_id=hook.id,
        author=User(id=hook.id, username=hook.name, bot=True), created_at=world.clock(), position=None, reactions={},
        flags=(message.flags & ~MessageFlag.CROSSPOSTED) | MessageFlag.IS_CROSSPOST, pinned_at=None,
        reference=Reference(channel_id=message.channel_id, message_id=message.id, guild_id=message.guild_id),
    )  # fmt: skip
    insert(world, follower, copy)
    return copy


def unfurl(world: WorldState, message: Message, embeds: Sequence[dict[str, Any]], *, partial: bool = False) -> None:
    """Give a message the embeds of its links, moments after it was sent: an update that is no edit.

    `partial` leaves out of the event all but ids and embeds, as Discord did for years and documents as possible.
    """
    message.embeds = [*message.embeds, *embeds]
    tell_again(world, message, only=("embeds",) if partial else None)


def tell_again(world: WorldState, message: Message, *, only: Collection[str] | None = None) -> None:
    """Send a MESSAGE_UPDATE though nobody edited anything; `only` names the fields beside the ids."""
    if only is None:
        publish_message(world, "MESSAGE_UPDATE", message)
        return
    whole = render_dispatch(world, message)
    kept = {"id", "channel_id", "guild_id", *only}
    body = {key: value for key, value in whole.items() if key in kept}
    world.publish(
        Event(
            t="MESSAGE_UPDATE", d=body, guild_id=message.guild_id, channel_id=message.channel_id, whole=whole
        )
    )  # fmt: skip


def hide_embeds(world: WorldState, message: Message, *, hidden: bool = True) -> None:
    """Hide a message's embeds as a moderator does, or show them again: an update that is no edit."""
    flags = message.flags & ~MessageFlag.SUPPRESS_EMBEDS
    message.flags = flags | MessageFlag.SUPPRESS_EMBEDS if hidden else flags
    publish_message(world, "MESSAGE_UPDATE", message)
