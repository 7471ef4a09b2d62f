"""Messages come, change and go: mentions, replies, nonces, attachments, and the events that tell of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.forwards import forward
from sandbox.discord.acts.membership import check_writing, note_message, tell_added
from sandbox.discord.bodies.message import AllowedMentions, Draft, FileNote, Upload
from sandbox.discord.objects.messages import render_dispatch
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import DiscordError, refusal
from sandbox.discord.protocol.forms import fail
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.protocol.screening import screen
from sandbox.discord.state.events import Event
from sandbox.discord.state.files import picture_size, sniff
from sandbox.discord.state.records import Attachment, Channel, Message, MessageFlag, MessageType, Reference, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_USER: Final = re.compile(r"<@!?(\d{1,20})>")
_ROLE: Final = re.compile(r"<@&(\d{1,20})>")
_EVERYONE: Final = re.compile(r"@(everyone|here)\b")
_NAME_UNSAFE: Final = re.compile(r"[^\w.\-()\[\] ]+")


def check_send(world: WorldState, author: User, channel: Channel, draft: Draft) -> None:
    """Refuse a message that its author may not send there. Raises 50001, 50007, 50013, 160002, 160005.

    40058 and 50008 stand for places in which no messages can be.
    """
    rights = world.permissions(author.id, channel)
    if not rights & Permission.VIEW_CHANNEL:
        raise refusal(50001)
    if not channel.is_text:
        raise refusal(40058 if channel.has_posts else 50008)
    if channel.is_dm:
        _check_direct(world, author, channel)
    sending = Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS
    needed = sending
    if draft.uploads:
        needed |= Permission.ATTACH_FILES
    if draft.embeds and author.bot:
        needed |= Permission.EMBED_LINKS
    if needed & ~rights:
        raise refusal(50013)
    if draft.answered is not None and not draft.forwards and not rights & Permission.READ_MESSAGE_HISTORY:
        raise DiscordError(403, 160002, "Cannot reply without permission to read message history")
    check_writing(world, author, channel, new=True)


def _check_direct(world: WorldState, author: User, channel: Channel) -> None:
    other = world.users[next(one for one in channel.recipients if one != author.id)]
    if author.bot and (other.bot or other.id in world.closed_dms or not _share_guild(world, author, other)):
        raise refusal(50007)


def _share_guild(world: WorldState, one: User, other: User) -> bool:
    return any(one.id in guild.members and other.id in guild.members for guild in world.guilds.values())


def known_nonce(world: WorldState, author: User, channel: Channel, draft: Draft) -> Message | None:
    """Return the message that an enforced nonce has already made, in the past few minutes."""
    if not draft.enforce_nonce or draft.nonce is None:
        return None
    message_id, made_at = world.nonces.get((author.id, channel.id, draft.nonce), (0, float("-inf")))
    if world.clock() - made_at > limits.NONCE_S:
        return None
    return channel.messages.get(message_id)


def create_message(
    world: WorldState, author: User, channel: Channel, draft: Draft, *, message: Message | None = None
) -> Message:
    """Add a message to its channel and tell of it. The draft has been checked; `message` may carry fields set before.

    Raises 50006 for an empty one, 50035 for a reference to nothing, 40005 for too large a file, and what the filter
    of this request says.
    """
    if draft.empty:
        raise refusal(50006)
    screen(draft.texts, components=bool(draft.components))
    now = world.clock()
    message = message or Message(
        id=world.ids.next(), channel_id=channel.id, guild_id=channel.guild_id, author=author, created_at=now
    )
    replied = _resolve_reference(world, channel, draft, message)
    message.content = (draft.content or "").strip()
    message.embeds = draft.embeds or []
    message.components = draft.components or []
    message.flags |= draft.flags or MessageFlag(0)
    message.tts = draft.tts
    message.nonce = draft.nonce
    message.attachments = store_files(world, channel, draft, ephemeral=message.ephemeral)
    message.poll = draft.poll
    message.stickers = draft.stickers
    check_media(message)
    set_mentions(world, message, channel, draft.allowed, replied)
    if draft.enforce_nonce and draft.nonce is not None:
        _remember_nonce(world, author, message, draft.nonce)
    insert(world, channel, message)
    return message


def insert(world: WorldState, channel: Channel, message: Message) -> None:
    """Put a finished message into its channel, whose oldest makes room, and tell of it."""
    added: list[User] = []
    if message.ephemeral:
        channel.ephemerals[message.id] = message
        _trim(world, channel.ephemerals, limits.EPHEMERALS_A_CHANNEL)
    else:
        channel.messages[message.id] = message
        _trim(world, channel.messages, limits.MESSAGES_A_CHANNEL)
        channel.last_message_id = message.id
        added = note_message(world, channel, message)
    publish_message(world, "MESSAGE_CREATE", message)
    tell_added(world, channel, added)


def _trim(world: WorldState, messages: dict[int, Message], bound: int) -> None:
    while len(messages) > bound:
        drop_files(world, messages.pop(next(iter(messages))))


def drop_files(world: WorldState, message: Message) -> None:
    """Forget the files of a message that is gone, and those of what it forwarded."""
    for one in (message, *message.snapshots):
        for attachment in one.attachments:
            world.cdn.drop(attachment.id)


def _resolve_reference(world: WorldState, channel: Channel, draft: Draft, message: Message) -> Message | None:
    """Point the message at what it replies to, which is returned, or at what it forwards."""
    answered = draft.answered
    if answered is None:
        return None
    if answered.forward:
        forward(world, channel, answered, message)
        return None
    target = channel.messages.get(answered.message_id)
    if answered.channel_id not in (None, channel.id):
        raise fail(("message_reference",), "MESSAGE_REFERENCE_CHANNEL", "Cannot reply to a message of another channel")
    if target is None:
        if answered.fail_if_not_exists:
            raise fail(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if target.type not in (MessageType.DEFAULT, MessageType.REPLY, MessageType.COMMAND, MessageType.CONTEXT_MENU):
        words = "Cannot reply to a system message"
        raise fail(("message_reference",), "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", words)
    message.type = MessageType.REPLY
    message.reference = Reference(channel_id=channel.id, message_id=target.id, guild_id=channel.guild_id)
    return target


def _remember_nonce(world: WorldState, author: User, message: Message, nonce: str | int) -> None:
    now = world.clock()
    stale = []
    for key, (_, made_at) in world.nonces.items():
        if now - made_at <= limits.NONCE_S:
            break
        stale.append(key)
    for key in stale:
        del world.nonces[key]
    world.nonces[author.id, message.channel_id, nonce] = (message.id, now)


def store_files(world: WorldState, channel: Channel, draft: Draft, *, ephemeral: bool) -> list[Attachment]:
    """Keep the files of a draft and return them as attachments."""
    notes = {note.id: note for note in draft.notes or []}
    return [_store_file(world, channel, one, notes.get(one.index), ephemeral=ephemeral) for one in draft.uploads]


def _store_file(
    world: WorldState, channel: Channel, upload: Upload, note: FileNote | None, *, ephemeral: bool
) -> Attachment:
    filename = (note.filename if note else None) or upload.filename
    spoiler = filename.startswith("SPOILER_") or bool(note and note.spoiler)
    filename = _NAME_UNSAFE.sub("_", filename.rpartition("/")[2]).strip(" .").replace(" ", "_")[-200:] or "unknown"
    content_type = sniff(filename, upload.content_type)
    size = picture_size(upload.data) if (content_type or "").startswith("image/") else None
    attachment = Attachment(
        id=world.ids.next(),
        channel_id=channel.id,
        filename=filename,
        size=len(upload.data),
        content_type=content_type,
        width=size[0] if size else None,
        height=size[1] if size else None,
        description=(note.description or None) if note else None,
        title=note.title if note else None,
        spoiler=spoiler,
        ephemeral=ephemeral,
        duration_s=note.duration_s if note else None,
        waveform=note.waveform if note else None,
    )
    world.cdn.put(attachment.id, upload.data, content_type)
    return attachment


def check_media(message: Message) -> None:
    """Refuse components V2 with an `attachment://` address that names no file of the message. Raises 50035."""
    if not message.flags & MessageFlag.COMPONENTS_V2:
        return
    named = set(_addresses(message.components))
    present = {one.filename for one in message.attachments}
    for name in sorted(named - present):
        words = f"The referenced attachment '{name}' was not found"
        raise fail(("components",), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", words)


def _addresses(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for one in node for name in _addresses(one)]
    if not isinstance(node, dict):
        return []
    found = [name for value in node.values() for name in _addresses(value)]
    url = node.get("url")
    if isinstance(url, str) and url.startswith("attachment://"):
        found.append(url.removeprefix("attachment://"))
    return found


def set_mentions(
    world: WorldState, message: Message, channel: Channel, allowed: AllowedMentions, replied: Message | None
) -> None:
    """Work out who the message pings: what its text names, as far as `allowed` lets it."""
    text = _CODE.sub("", "\n".join([message.content, *_displayed(message.components)]))
    rights = world.permissions(message.author.id, channel)
    may_all = bool(rights & Permission.MENTION_EVERYONE) or message.author.id not in world.users  # a webhook may
    ids = dict.fromkeys(int(found) for found in _USER.findall(text))
    message.mentions = [
        world.users[one] for one in ids if one in world.users and (allowed.users is None or one in allowed.users)
    ]
    # A response to an interaction was sent by a webhook: a reply to it pings nobody.
    pings = replied is not None and allowed.replied_user and replied.webhook_id is None
    if replied is not None and pings and replied.author not in message.mentions:
        message.mentions.append(replied.author)
    guild = world.guilds.get(channel.guild_id) if channel.guild_id is not None else None
    if guild is None:
        return
    message.mention_everyone = bool(_EVERYONE.search(text)) and allowed.everyone and may_all
    message.mention_roles = [
        one
        for one in dict.fromkeys(int(found) for found in _ROLE.findall(text))
        if one in guild.roles
        and (allowed.roles is None or one in allowed.roles)
        and (may_all or guild.roles[one].mentionable)
    ]


def _displayed(components: list[dict[str, Any]]) -> list[str]:
    """Return the texts of text displays, wherever they stand."""
    found = []
    for one in components:
        if one.get("type") == 10:
            found.append(str(one["content"]))
        found += _displayed(one.get("components", []))
    return found


def publish_message(world: WorldState, name: str, message: Message) -> None:
    """Tell all who may see a message of it; of an ephemeral one, its reader alone."""
    people = None if message.reader_id is None else frozenset((message.reader_id,))
    world.publish(
        Event(
            t=name,
            d=render_dispatch(world, message, sending=name == "MESSAGE_CREATE"),
            guild_id=message.guild_id,
            channel_id=message.channel_id,
            people=people,
            bots=not message.ephemeral,
        )
    )
