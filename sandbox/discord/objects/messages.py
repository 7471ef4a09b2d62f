"""Discord's JSON of messages, their attachments and media, and what is left of them without the content intent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.bodies.components import FILE
from sandbox.discord.objects.places import render_channel, render_member, render_reactions, render_user
from sandbox.discord.objects.posts import render_poll
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.state.records import Attachment, Channel, Message, MessageFlag, MessageType

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_POINTS_BACK: Final = (MessageType.REPLY, MessageType.THREAD_STARTER)
_CONTENT_FIELDS: Final[dict[str, Any]] = {"content": "", "embeds": [], "attachments": [], "components": []}
_SNAPSHOT_FIELDS: Final = (
    "type", "content", "timestamp", "edited_timestamp", "flags", "mentions", "mention_roles", "attachments", "embeds",
    "components", "sticker_items",
)  # fmt: skip
"""What a forward copies: no author, no place and no poll (documentation, "Message Snapshot Object")."""


def render_attachment(world: WorldState, attachment: Attachment) -> dict[str, Any]:
    """Render a file with a freshly signed address."""
    url = world.cdn.sign(world.base_url, attachment)
    found: dict[str, Any] = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
        "flags": 8 if attachment.spoiler else 0,
    }
    optional = {
        "content_type": attachment.content_type,
        "width": attachment.width,
        "height": attachment.height,
        "description": attachment.description,
        "title": attachment.title,
        "ephemeral": attachment.ephemeral or None,
        "duration_secs": attachment.duration_s,
        "waveform": attachment.waveform,
    }
    return found | {key: value for key, value in optional.items() if value is not None}


def render_message(
    world: WorldState, message: Message, viewer: int | None = None, *, nested: bool = False, sending: bool = False
) -> dict[str, Any]:
    """Render a message.

    `nested` is the form inside another message, which does not point further back; `sending` adds the nonce, which
    Discord gives back only when the message is new.
    """
    found: dict[str, Any] = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "type": int(message.type),
        "author": _author(world, message),
        "content": message.content,
        "timestamp": iso(message.created_at),
        "edited_timestamp": None if message.edited_at is None else iso(message.edited_at),
        "tts": message.tts,
        "mention_everyone": message.mention_everyone,
        "mentions": [render_user(user) for user in message.mentions],
        "mention_roles": [str(role) for role in message.mention_roles],
        "attachments": [render_attachment(world, one) for one in message.attachments],
        "embeds": [] if message.flags & MessageFlag.SUPPRESS_EMBEDS else _with_media(world, message, message.embeds),
        "components": _with_media(world, message, message.components),
        "pinned": message.pinned_at is not None,
        "flags": int(message.flags),
    }
    if message.reactions:
        found["reactions"] = render_reactions(message, viewer)
    if message.position is not None:
        found["position"] = message.position
    if message.application_id is not None:
        found["application_id"] = str(message.application_id)
    if message.webhook_id is not None:
        found["webhook_id"] = str(message.webhook_id)
    if message.interaction_metadata is not None:
        found["interaction_metadata"] = message.interaction_metadata
    if message.interaction is not None:
        found["interaction"] = message.interaction
    if message.stickers:
        found["sticker_items"] = message.stickers
    if message.poll is not None:
        found["poll"] = render_poll(message.poll, viewer)
    if message.snapshots:
        found["message_snapshots"] = [{"message": _snapshot(world, one)} for one in message.snapshots]
    if sending and message.nonce is not None:
        found["nonce"] = message.nonce
    _add_reference(world, message, found, viewer, nested=nested)
    thread = world.channels.get(message.id) if message.flags & MessageFlag.HAS_THREAD else None
    if thread is not None and not nested:
        found["thread"] = render_channel(world, thread, viewer)
    return found


def _author(world: WorldState, message: Message) -> dict[str, Any]:
    """Render the author; a webhook is no user, and its discriminator is 0000."""
    found = render_user(message.author)
    if message.webhook_id is not None and message.author.id not in world.users:
        found["discriminator"] = "0000"
    return found


def _snapshot(world: WorldState, message: Message) -> dict[str, Any]:
    whole = render_message(world, message, nested=True)
    return {key: whole[key] for key in _SNAPSHOT_FIELDS if key in whole}


def _add_reference(
    world: WorldState, message: Message, found: dict[str, Any], viewer: int | None, *, nested: bool
) -> None:
    reference = message.reference
    if reference is None:
        return
    pointer: dict[str, Any] = {"type": int(reference.forward), "channel_id": str(reference.channel_id)}
    if reference.message_id is not None:
        pointer["message_id"] = str(reference.message_id)
    if reference.guild_id is not None:
        pointer["guild_id"] = str(reference.guild_id)
    found["message_reference"] = pointer
    if message.type in _POINTS_BACK and not nested and reference.message_id is not None:
        source = world.channels.get(reference.channel_id)
        target = _seen_by_readers_of(message, source, reference.message_id) if source else None
        found["referenced_message"] = None if target is None else render_message(world, target, viewer, nested=True)


def _seen_by_readers_of(message: Message, source: Channel, target_id: int) -> Message | None:
    """Return the message that another one answers, an ephemeral one only where both are for the same person."""
    hidden = source.ephemerals.get(target_id)
    if hidden is not None and hidden.reader_id == message.reader_id:
        return hidden
    return source.messages.get(target_id)


def render_dispatch(world: WorldState, message: Message, *, sending: bool = False) -> dict[str, Any]:
    """Render a message as the gateway sends it: with the guild, the author's and the mentioned members."""
    found = render_message(world, message, sending=sending)
    channel = world.channels.get(message.channel_id)
    if channel is not None:
        found["channel_type"] = int(channel.type)
    guild = world.guilds.get(message.guild_id) if message.guild_id is not None else None
    if guild is None:
        return found
    found["guild_id"] = str(guild.id)
    author = guild.members.get(message.author.id)
    if author is not None and author.user.id not in world.without_member:
        found["member"] = render_member(author, user=False)
    for user in found["mentions"]:
        member = guild.members.get(int(user["id"]))
        if member is not None:
            user["member"] = render_member(member, user=False)
    return found


def redact(
    message: dict[str, Any], reader_id: int, *, direct: bool, whole: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a rendered message as a bot without the message content intent gets it.

    Content stays in direct messages, in the bot's own messages and in those that mention it; the message replied to
    is judged by itself (Discord's documentation, "Message Content Intent"). A part of a message is judged by the
    `whole` of it.
    """
    if direct:
        return message
    found = message
    reader = str(reader_id)
    judged = whole or message
    mentioned = any(user["id"] == reader for user in judged["mentions"])
    if judged["author"]["id"] != reader and judged.get("application_id") != reader and not mentioned:
        found = message | {key: value for key, value in _CONTENT_FIELDS.items() if key in message}
        found.pop("poll", None)
        if "message_snapshots" in found:
            bare = [{"message": one["message"] | _CONTENT_FIELDS} for one in found["message_snapshots"]]
            found["message_snapshots"] = bare
    earlier = message.get("referenced_message")
    if earlier:
        found = found | {"referenced_message": redact(earlier, reader_id, direct=False)}
    return found


def _with_media(world: WorldState, message: Message, tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return embeds or components in which `attachment://` addresses are the signed ones of the message's files."""
    if not tree:
        return []
    files = {one.filename: one for one in message.attachments}

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(one) for one in node]
        if not isinstance(node, dict):
            return node
        found = {key: resolve(value) for key, value in node.items()}
        url = node.get("url")
        if isinstance(url, str) and url.startswith("attachment://"):
            found |= _media(world, files.get(url.removeprefix("attachment://")), component="id" in node)
        if node.get("type") == FILE and "file" in node:
            file = files.get(str(node["name"]))
            found["size"] = None if file is None else file.size
        icon = node.get("icon_url")
        if isinstance(icon, str) and icon.startswith("attachment://"):
            file = files.get(icon.removeprefix("attachment://"))
            if file is not None:
                found["icon_url"] = found["proxy_icon_url"] = world.cdn.sign(world.base_url, file)
        return found

    return [resolve(one) for one in tree]


def _media(world: WorldState, file: Attachment | None, *, component: bool) -> dict[str, Any]:
    """Return the fields of a medium that is a file of the message."""
    if file is None:
        return {}
    url = world.cdn.sign(world.base_url, file)
    found: dict[str, Any] = {"url": url, "proxy_url": url}
    if file.width is not None and file.height is not None:
        found |= {"width": file.width, "height": file.height}
    if file.content_type is not None:
        found["content_type"] = file.content_type
    if component:
        found["attachment_id"] = str(file.id)
    return found
