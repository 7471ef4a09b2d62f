"""Threads: started from a message or without one, posts of forums, and the messages that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.acts.messages import create_message, insert, publish_message
from sandbox.discord.bodies.message import Draft
from sandbox.discord.objects.places import render_channel
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import DiscordError, refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import ChannelType, ThreadState
from sandbox.discord.state.records import Channel, Guild, Message, MessageFlag, MessageType, Reference, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_PUBLIC: Final = {
    ChannelType.TEXT: ChannelType.PUBLIC_THREAD,
    ChannelType.ANNOUNCEMENT: ChannelType.ANNOUNCEMENT_THREAD,
}
"""The type of the threads that all may see, by their parent's."""


def start_thread(
    world: WorldState,
    starter: User,
    parent: Channel,
    name: str,
    *,
    message: Message | None = None,
    private: bool = False,
    auto_archive_min: int = 1440,
    invitable: bool = True,
) -> Channel:
    """Start a thread; one from a message has that message's id. Raises 50013, 50024, 160004, 30033."""
    kind = ChannelType.PRIVATE_THREAD if private else _PUBLIC.get(parent.type)
    if parent.guild_id is None or kind is None or (private and parent.type is not ChannelType.TEXT):
        raise refusal(50024)
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    guild = _guild_with_room(world, starter, parent, needed)
    if message is not None and message.id in world.channels:
        raise refusal(160004)
    now = world.clock()
    thread = Channel(
        id=world.ids.next() if message is None else message.id,
        type=kind,
        name=name,
        guild_id=guild.id,
        parent_id=parent.id,
        thread=ThreadState(
            owner_id=starter.id, created_at=now, auto_archive_min=auto_archive_min, invitable=invitable,
            members={starter.id: now},
        ),
    )  # fmt: skip
    guild.threads[thread.id] = world.channels[thread.id] = thread
    if message is not None:
        message.flags |= MessageFlag.HAS_THREAD
    _tell_created(world, thread)
    if message is not None:
        publish_message(world, "MESSAGE_UPDATE", message)
        _add_starter(world, thread, message)
    elif not private:
        _tell_parent(world, starter, parent, thread)
    return thread


def start_post(
    world: WorldState,
    author: User,
    forum: Channel,
    name: str,
    draft: Draft,
    *,
    auto_archive_min: int = 1440,
    tags: Sequence[int] = (),
) -> Channel:
    """Start a post of a forum or media channel: a thread whose first message, the `draft`, has the thread's id.

    The draft has been checked; `tags` are ids. Raises 50013, 50024, 50006, 40067, 10087, 160006.
    """
    if not forum.has_posts or forum.guild_id is None:
        raise refusal(50024)
    guild = _guild_with_room(world, author, forum, Permission.SEND_MESSAGES)
    applied = checked_tags(world, author, forum, tags)
    if draft.empty:
        raise refusal(50006)
    now = world.clock()
    post = Channel(
        id=world.ids.next(), type=ChannelType.PUBLIC_THREAD, name=name, guild_id=guild.id, parent_id=forum.id,
        applied_tags=applied, rate_limit_per_user=forum.post_rate_limit_per_user,
        thread=ThreadState(
            owner_id=author.id, created_at=now, auto_archive_min=auto_archive_min, members={author.id: now}
        ),
    )  # fmt: skip
    guild.threads[post.id] = world.channels[post.id] = post
    forum.last_message_id = post.id
    _tell_created(world, post)
    first = Message(id=post.id, channel_id=post.id, guild_id=guild.id, author=author, created_at=now)
    try:
        create_message(world, author, post, draft, message=first)
    except DiscordError:
        delete_channel(world, post)  # no post without its first message
        raise
    return post


def checked_tags(world: WorldState, author: User, forum: Channel, tags: Sequence[int]) -> list[int]:
    """Return the tags that a post may have. Raises 40067 where one is required, 10087 for an unknown one, 50013."""
    known = {tag.id: tag for tag in forum.tags}
    if any(one not in known for one in tags):
        raise refusal(10087)
    moderates = bool(world.permissions(author.id, forum) & Permission.MANAGE_THREADS)
    if any(known[one].moderated for one in tags) and not moderates:
        raise refusal(50013)
    if forum.requires_tag and not tags:
        raise refusal(40067)
    return list(dict.fromkeys(tags))


def _tell_created(world: WorldState, thread: Channel) -> None:
    """Tell all who see a new thread of it; of a private one, its members and the moderators."""
    body = render_channel(world, thread) | {"newly_created": True}
    world.publish(Event(t="THREAD_CREATE", d=body, guild_id=thread.guild_id, channel_id=thread.id))


def _guild_with_room(world: WorldState, starter: User, parent: Channel, needed: Permission) -> Guild:
    """Return the guild if a thread may be started in it. Raises 50013, 160006."""
    if needed & ~world.permissions(starter.id, parent):
        raise refusal(50013)
    guild = world.guilds[parent.guild_id or 0]
    active = sum(one.thread is not None and not one.thread.archived for one in guild.threads.values())
    if active >= limits.THREADS_A_GUILD:
        raise DiscordError(400, 160006, "Maximum number of active threads reached")
    return guild


def _add_starter(world: WorldState, thread: Channel, message: Message) -> None:
    """Put the system message into the thread that stands for the message it hangs on."""
    starter = Message(
        id=world.ids.next(), channel_id=thread.id, guild_id=thread.guild_id, author=message.author,
        created_at=world.clock(), type=MessageType.THREAD_STARTER,
        reference=Reference(channel_id=message.channel_id, message_id=message.id, guild_id=message.guild_id),
    )  # fmt: skip
    members = thread.thread.members.copy() if thread.thread else {}
    insert(world, thread, starter)
    if thread.thread:
        thread.thread.members = members


def _tell_parent(world: WorldState, starter: User, parent: Channel, thread: Channel) -> None:
    """Say in the parent that a thread without a message of its own was started."""
    notice = Message(
        id=world.ids.next(), channel_id=parent.id, guild_id=parent.guild_id, author=starter,
        created_at=world.clock(), type=MessageType.THREAD_CREATED, content=thread.name,
        reference=Reference(channel_id=thread.id, guild_id=parent.guild_id),
    )  # fmt: skip
    insert(world, parent, notice)


def delete_channel(world: WorldState, channel: Channel) -> None:
    """Remove a channel or thread, with the threads below it, and tell of it."""
    guild = world.guilds[channel.guild_id or 0]
    for thread in [one for one in guild.threads.values() if one.parent_id == channel.id]:
        delete_channel(world, thread)
    if channel.thread is not None:
        body: dict[str, Any] = {
            "id": str(channel.id),
            "guild_id": str(guild.id),
            "parent_id": str(channel.parent_id),
            "type": int(channel.type),
        }
        world.publish(Event(t="THREAD_DELETE", d=body, guild_id=guild.id, channel_id=channel.id))
        guild.threads.pop(channel.id, None)
    else:
        publish_channel(world, "CHANNEL_DELETE", channel)
        guild.channels.pop(channel.id, None)
        for child in guild.channels.values():
            if child.parent_id == channel.id:  # the channels of a category stay, without one
                child.parent_id = None
                publish_channel(world, "CHANNEL_UPDATE", child)
    world.channels.pop(channel.id, None)
    for message in (*channel.messages.values(), *channel.ephemerals.values()):
        for attachment in message.attachments:
            world.cdn.drop(attachment.id)
