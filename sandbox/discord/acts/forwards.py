"""Forwards: a message that carries copies of another, which stay as they were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.bodies.message import Answered
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.state.records import Attachment, Channel, Message, MessageFlag, Reference

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def forward(world: WorldState, channel: Channel, answered: Answered, message: Message) -> None:
    """Make `message` forward another to `channel`. Raises 10003, 10008 where that is not there, 50001 where its author
    may not see it.
    """
    source = world.channels.get(answered.channel_id or 0)
    if source is None or not world.can_see(message.author.id, source):
        raise refusal(10003 if source is None else 50001)
    target = source.messages.get(answered.message_id)
    if target is None:
        raise refusal(10008)
    message.reference = Reference(
        channel_id=source.id, message_id=target.id, guild_id=source.guild_id, forward=True
    )  # fmt: skip
    message.flags |= MessageFlag.HAS_SNAPSHOT
    # What is itself a forward is forwarded with what it forwards: snapshots do not nest.
    message.snapshots = [_copy(world, channel, one) for one in target.snapshots or [target]]


def _copy(world: WorldState, channel: Channel, message: Message) -> Message:
    """Return a message as it stands now, with files of its own, which stay when the original goes."""
    return replace(
        message,
        attachments=[_copy_file(world, channel, one) for one in message.attachments],
        mentions=list(message.mentions), mention_roles=list(message.mention_roles), poll=None,
        embeds=list(message.embeds), components=list(message.components), stickers=list(message.stickers),
    )  # fmt: skip


def _copy_file(world: WorldState, channel: Channel, attachment: Attachment) -> Attachment:
    copy = replace(attachment, id=world.ids.next(), channel_id=channel.id)
    file = world.cdn.get(attachment.id)
    if file is not None:
        world.cdn.put(copy.id, file.data, file.content_type)
    return copy
