"""Messages that change or go: edits with their attachments, deletion, reactions and pins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.messages import (
    check_media,
    drop_files,
    insert,
    publish_message,
    set_mentions,
    store_files,
)
from sandbox.discord.bodies.message import LEGACY_WORDS, Draft
from sandbox.discord.objects.places import render_member
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import fail
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.protocol.screening import screen
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.state.events import Event
from sandbox.discord.state.records import Attachment, Channel, Message, MessageFlag, MessageType, Reference, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def edit_message(world: WorldState, message: Message, draft: Draft, *, system: bool = False) -> None:
    """Change a message by a draft and tell of it. Raises 50006 where nothing would be left of it, 520003 for a poll,
    50162 for a voice message, and what the filter of this request says.

    With `system` it is not marked as edited: a response that ends its "thinking" is not.
    """
    channel = world.channel_by_id(message.channel_id)
    if message.poll is not None and (draft.texts or draft.components):
        raise refusal(520003)
    if message.flags & MessageFlag.VOICE_MESSAGE and (draft.texts or draft.components):
        raise refusal(50162)
    kept = _kept_files(message, draft)
    if len(kept) + len(draft.uploads) > limits.FILES:
        raise refusal(40005)
    content = message.content if draft.content is None else draft.content.strip()
    embeds = message.embeds if draft.embeds is None else draft.embeds
    components = message.components if draft.components is None else draft.components
    if not (content or embeds or components or kept or draft.uploads or _carries(message)):
        raise refusal(50006)
    screen(draft.texts, components=bool(draft.components))
    flags = _edited_flags(message, draft)
    if flags & MessageFlag.COMPONENTS_V2 and (content or embeds):
        raise fail(
            ("content" if content else "embeds",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", LEGACY_WORDS
        )
    changed = Message(
        id=message.id, channel_id=message.channel_id, guild_id=message.guild_id, author=message.author,
        created_at=message.created_at, content=content, components=components, flags=flags,
        attachments=[*kept, *store_files(world, channel, draft, ephemeral=message.ephemeral)],
    )  # fmt: skip
    check_media(changed)
    gone = {one.id for one in message.attachments} - {one.id for one in kept}
    for file_id in gone:
        world.cdn.drop(file_id)
    message.content, message.embeds, message.components = content, embeds, components
    message.attachments, message.flags = changed.attachments, flags
    if not system:
        message.edited_at = world.clock()
    if draft.content is not None or draft.components is not None:
        replied = _replied(world, message)
        # An edit without allowed_mentions falls back to parsing everything; a reply keeps whether it pinged.
        pinged = replied is not None and replied.author in message.mentions
        set_mentions(world, message, channel, draft.allowed, replied if pinged else None)
    publish_message(world, "MESSAGE_UPDATE", message)


def _carries(message: Message) -> bool:
    """Tell whether something stands in a message that no edit takes away."""
    return bool(message.snapshots or message.poll or message.stickers)


def _edited_flags(message: Message, draft: Draft) -> MessageFlag:
    """Return the flags after an edit: embeds hidden or shown, components V2 for good, no longer loading."""
    flags = message.flags & ~MessageFlag.LOADING
    if draft.flags is not None:
        flags &= ~MessageFlag.SUPPRESS_EMBEDS
        flags |= draft.flags & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2)
    return flags


def _kept_files(message: Message, draft: Draft) -> list[Attachment]:
    """Return the files that an edit leaves: all without the field `attachments`, else those that it lists."""
    if draft.notes is None:
        return list(message.attachments)
    notes = {note.id: note for note in draft.notes}
    kept = [one for one in message.attachments if one.id in notes]
    for one in kept:
        note = notes[one.id]
        if "description" in note.fields:
            one.description = note.description or None
        if note.spoiler is not None:
            one.spoiler = note.spoiler
    return kept


def _replied(world: WorldState, message: Message) -> Message | None:
    reference = message.reference
    if message.type is not MessageType.REPLY or reference is None or reference.message_id is None:
        return None
    source = world.channels.get(reference.channel_id)
    return source.messages.get(reference.message_id) if source else None


def delete_messages(world: WorldState, channel: Channel, messages: list[Message], *, bulk: bool = False) -> None:
    """Remove messages of a channel and tell of it."""
    for message in messages:
        channel.messages.pop(message.id, None)
        channel.ephemerals.pop(message.id, None)
        drop_files(world, message)
        if channel.thread is not None and not message.ephemeral:
            channel.thread.message_count = max(0, channel.thread.message_count - 1)
    place = _place(channel)
    if bulk:
        ids = [str(message.id) for message in messages]
        _publish(world, channel, "MESSAGE_DELETE_BULK", {"ids": ids} | place)
        return
    for message in messages:
        people = None if message.reader_id is None else frozenset((message.reader_id,))
        _publish(world, channel, "MESSAGE_DELETE", {"id": str(message.id)} | place, people, bots=not message.ephemeral)


_PLAIN_TEXT: Final = re.compile(r"[\w\s:<>]*[A-Za-z][\w\s:<>]*")


def checked_emoji(emoji: str) -> str:
    """Return an emoji; the sandbox has no custom ones. Raises 10014 for text that is none."""
    if not 0 < len(emoji) <= 32 or not emoji.strip() or _PLAIN_TEXT.fullmatch(emoji):
        raise refusal(10014)
    return emoji


def react(world: WorldState, user: User, message: Message, emoji: str) -> None:
    """Add a reaction. Raises 30010 beyond 20 kinds, 50013 where the user may not add a new kind."""
    channel = world.channel_by_id(message.channel_id)
    users = message.reactions.get(emoji)
    if users is None:
        if not world.permissions(user.id, channel) & Permission.ADD_REACTIONS:
            raise refusal(50013)
        if len(message.reactions) >= limits.REACTIONS:
            raise refusal(30010)
        users = message.reactions.setdefault(emoji, [])
    if user.id in users:
        return
    users.append(user.id)
    body = _reaction(channel, user, message, emoji)
    body["message_author_id"] = str(message.author.id)
    member = world.guilds[channel.guild_id].members.get(user.id) if channel.guild_id is not None else None
    if member is not None:
        body["member"] = render_member(member)
    _publish(world, channel, "MESSAGE_REACTION_ADD", body)


def unreact(world: WorldState, user: User, message: Message, emoji: str) -> None:
    """Take a user's reaction away, if it is there."""
    users = message.reactions.get(emoji, [])
    if user.id not in users:
        return
    users.remove(user.id)
    if not users:
        del message.reactions[emoji]
    channel = world.channel_by_id(message.channel_id)
    _publish(world, channel, "MESSAGE_REACTION_REMOVE", _reaction(channel, user, message, emoji))


def clear_reactions(world: WorldState, message: Message, emoji: str | None = None) -> None:
    """Take all reactions away, or all of one kind."""
    channel = world.channel_by_id(message.channel_id)
    body = {"message_id": str(message.id)} | _place(channel)
    if emoji is None:
        message.reactions.clear()
        _publish(world, channel, "MESSAGE_REACTION_REMOVE_ALL", body)
    elif message.reactions.pop(emoji, None):
        body["emoji"] = {"id": None, "name": emoji}
        _publish(world, channel, "MESSAGE_REACTION_REMOVE_EMOJI", body)


def _reaction(channel: Channel, user: User, message: Message, emoji: str) -> dict[str, Any]:
    return {
        "user_id": str(user.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    } | _place(channel)


def set_pinned(world: WorldState, user: User, message: Message, *, pinned: bool) -> None:
    """Pin a message or take the pin away. Raises 30003 beyond 50."""
    channel = world.channel_by_id(message.channel_id)
    if pinned == (message.pinned_at is not None):
        return
    now = world.clock()
    if pinned and sum(one.pinned_at is not None for one in channel.messages.values()) >= limits.PINS:
        raise refusal(30003)
    message.pinned_at = now if pinned else None
    channel.last_pin_at = now if pinned else channel.last_pin_at
    publish_message(world, "MESSAGE_UPDATE", message)
    last = None if channel.last_pin_at is None else iso(channel.last_pin_at)
    body = {"last_pin_timestamp": last} | _place(channel)
    _publish(world, channel, "CHANNEL_PINS_UPDATE", body)
    if pinned:
        notice = Message(
            id=world.ids.next(), channel_id=channel.id, guild_id=channel.guild_id, author=user, created_at=now,
            type=MessageType.PINNED,
            reference=Reference(channel_id=channel.id, message_id=message.id, guild_id=channel.guild_id),
        )  # fmt: skip
        insert(world, channel, notice)


def start_typing(world: WorldState, user: User, channel: Channel) -> None:
    """Tell that a user is writing."""
    body: dict[str, Any] = {"user_id": str(user.id), "timestamp": int(world.clock())} | _place(channel)
    if channel.guild_id is not None:
        member = world.guilds[channel.guild_id].members.get(user.id)
        if member is not None:
            body["member"] = render_member(member)
    _publish(world, channel, "TYPING_START", body)


def _place(channel: Channel) -> dict[str, Any]:
    found: dict[str, Any] = {"channel_id": str(channel.id)}
    if channel.guild_id is not None:
        found["guild_id"] = str(channel.guild_id)
    return found


def _publish(
    world: WorldState,
    channel: Channel,
    name: str,
    body: dict[str, Any],
    people: frozenset[int] | None = None,
    *,
    bots: bool = True,
) -> None:
    world.publish(Event(t=name, d=body, guild_id=channel.guild_id, channel_id=channel.id, people=people, bots=bots))
