"""Who is in a thread, and whether it is open: joined, left, added by a mention, archived, locked.

Documentation, "Threads": Locked Threads, Active & Archived Threads, Thread Membership, Details about Thread Access.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.objects.places import render_channel, render_member, render_thread_member
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import ChannelType, ThreadState
from sandbox.discord.state.records import Channel, Message, MessageType, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_UNCOUNTED: Final = (MessageType.THREAD_STARTER, MessageType.THREAD_CREATED)


def state_of(thread: Channel) -> ThreadState:
    """Return what a thread has beyond a channel. Raises 50024 for a channel."""
    if thread.thread is None:
        raise refusal(50024)
    return thread.thread


def join_thread(world: WorldState, user: User, thread: Channel) -> None:
    """Make a user a member of a thread. Raises 50083 where it is archived."""
    if state_of(thread).archived:
        raise refusal(50083)
    if _add(world, user, thread):
        tell_added(world, thread, [user])


def _add(world: WorldState, user: User, thread: Channel) -> bool:
    """Make a user a member and tell nobody yet; tell whether it was none."""
    state = state_of(thread)
    new = user.id not in state.members
    if new:
        state.members[user.id] = world.clock()
    return new


def tell_added(world: WorldState, thread: Channel, users: Sequence[User]) -> None:
    """Tell of users who were added to a thread; each gets the thread too, which it may not have known."""
    for user in users:
        guild = world.guilds[thread.guild_id or 0]
        body = render_thread_member(thread, user.id) | {"presence": None}
        if user.id in guild.members:
            body["member"] = render_member(guild.members[user.id])
        _members_update(world, thread, {"added_members": [body]})
        if world.can_enter(user.id, thread):
            known = render_channel(world, thread, user.id)
            people = frozenset((user.id,))
            world.publish(Event(t="THREAD_CREATE", d=known, guild_id=guild.id, channel_id=thread.id, people=people))


def leave_thread(world: WorldState, user: User, thread: Channel) -> None:
    """End a user's membership of a thread; the user hears of it, also where it sees the thread no longer."""
    if state_of(thread).members.pop(user.id, None) is None:
        return
    change = {"removed_member_ids": [str(user.id)]}
    _members_update(world, thread, change)
    if not world.can_enter(user.id, thread):
        _members_update(world, thread, change, people=frozenset((user.id,)))


def _members_update(
    world: WorldState, thread: Channel, change: dict[str, Any], people: frozenset[int] | None = None
) -> None:
    body = {
        "id": str(thread.id),
        "guild_id": str(thread.guild_id),
        "member_count": min(50, len(state_of(thread).members)),
    } | change
    world.publish(
        Event(t="THREAD_MEMBERS_UPDATE", d=body, guild_id=thread.guild_id, channel_id=thread.id, people=people)
    )


def note_message(world: WorldState, channel: Channel, message: Message) -> list[User]:
    """Count a new message in its thread, which opens again; its author and those whom it mentions become members.

    Return those that it added, for `tell_added` behind the message: in what order Discord tells of both is not known,
    and this one asks more of a bot.
    """
    thread = channel.thread
    if thread is None:
        return []
    message.position = thread.total_message_sent
    if message.type not in _UNCOUNTED:
        thread.message_count += 1
        thread.total_message_sent += 1
    if message.author.id in world.users:  # a webhook joins nothing
        thread.members.setdefault(message.author.id, world.clock())
    set_archived(world, channel, archived=False)
    talk = message.type in (MessageType.DEFAULT, MessageType.REPLY)
    return _add_mentioned(world, channel, message) if talk else []


def _add_mentioned(world: WorldState, channel: Channel, message: Message) -> list[User]:
    """Add those mentioned who may see the parent; to a private thread, if its owner lets all of its members do so."""
    state, place = state_of(channel), world.place_of(channel)
    rights = world.permissions(message.author.id, channel)
    invites = state.invitable or state.owner_id == message.author.id or bool(rights & Permission.MANAGE_THREADS)
    if channel.type is ChannelType.PRIVATE_THREAD and not invites:
        return []
    return [one for one in message.mentions if world.can_see(one.id, place) and _add(world, one, channel)]


def set_archived(world: WorldState, thread: Channel, *, archived: bool) -> None:
    """Archive a thread or open it again and tell of it; where it is so already, nothing."""
    state = state_of(thread)
    if state.archived == archived:
        return
    state.archived = archived
    state.archived_at = world.clock()
    publish_channel(world, "THREAD_UPDATE", thread)
    if archived:
        return
    for user_id in state.members:
        # Clients need not have the thread, or their membership, in memory ("Unarchiving a Thread").
        body = render_thread_member(thread, user_id) | {"guild_id": str(thread.guild_id)}
        people = frozenset((user_id,))
        event = Event(t="THREAD_MEMBER_UPDATE", d=body, guild_id=thread.guild_id, channel_id=thread.id, people=people)
        world.publish(event)


def set_locked(world: WorldState, thread: Channel, *, locked: bool) -> None:
    """Lock a thread or unlock it and tell of it."""
    state_of(thread).locked = locked
    publish_channel(world, "THREAD_UPDATE", thread)


def is_locked_to(world: WorldState, user: User, channel: Channel) -> bool:
    """Tell whether a thread is locked and the user may not manage it."""
    locked = channel.thread is not None and channel.thread.locked
    return locked and not world.permissions(user.id, channel) & Permission.MANAGE_THREADS


def check_writing(world: WorldState, user: User, channel: Channel, *, new: bool) -> None:
    """Refuse a message, or with `new` False an edit, that a thread is closed to. Raises 50083, 160005.

    A new message opens an archived thread. Which code a thread has that is both archived and locked is not known.
    """
    thread = channel.thread
    if thread is None:
        return
    if thread.archived and not new:
        raise refusal(50083)
    if is_locked_to(world, user, channel):
        raise refusal(160005)


def check_touching(world: WorldState, user: User, channel: Channel, *, deleting: bool) -> None:
    """Refuse a reaction or a deletion in an archived thread; deletions go on unless it is locked. Raises 50083."""
    thread = channel.thread
    if thread is None or not thread.archived:
        return
    if deleting and not is_locked_to(world, user, channel):
        return
    raise refusal(50083)


def archive_idle(world: WorldState) -> list[Channel]:
    """Archive the threads in which nothing happened for as long as each allows; return them."""
    found = []
    for thread in (one for guild in world.guilds.values() for one in guild.threads.values()):
        state = state_of(thread)
        last = max((one.created_at for one in thread.messages.values()), default=state.created_at)
        active_at = max(last, state.archived_at or state.created_at)
        if not state.archived and world.clock() - active_at >= state.auto_archive_min * 60:
            set_archived(world, thread, archived=True)
            found.append(thread)
    return found
