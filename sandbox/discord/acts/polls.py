"""Votes in a poll, its end, and the message that tells its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.acts.messages import insert, publish_message
from sandbox.discord.objects.posts import result_embed
from sandbox.discord.protocol.errors import DiscordError, refusal
from sandbox.discord.state.events import Event
from sandbox.discord.state.posts import Poll
from sandbox.discord.state.records import Message, MessageType, Reference, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def poll_of(message: Message) -> Poll:
    """Return the poll of a message. Raises 520006 where it has none."""
    if message.poll is None:
        raise refusal(520006)
    return message.poll


def vote(world: WorldState, user: User, message: Message, answer_id: int, *, remove: bool = False) -> None:
    """Vote, or take a vote back; in a poll for one answer, the vote before goes. Raises 520001 once it has ended."""
    poll = poll_of(message)
    if poll.finalized or (poll.expires_at is not None and poll.expires_at <= world.clock()):
        raise DiscordError(400, 520001, "Poll expired")
    for one in poll.answers:
        chosen = one.id == answer_id
        if user.id in one.voters and (chosen if remove else not chosen and not poll.multiselect):
            one.voters.remove(user.id)
            _tell(world, user, message, one.id, "MESSAGE_POLL_VOTE_REMOVE")
        elif chosen and not remove and user.id not in one.voters:
            one.voters.append(user.id)
            _tell(world, user, message, one.id, "MESSAGE_POLL_VOTE_ADD")


def _tell(world: WorldState, user: User, message: Message, answer_id: int, name: str) -> None:
    body: dict[str, Any] = {
        "user_id": str(user.id),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "answer_id": answer_id,
    }
    if message.guild_id is not None:
        body["guild_id"] = str(message.guild_id)
    world.publish(Event(t=name, d=body, guild_id=message.guild_id, channel_id=message.channel_id))


def end_poll(world: WorldState, message: Message) -> Message:
    """End a poll, count its votes and tell the result in a message of its own, which is returned.

    The poll's author is that message's too, and is mentioned in it. Raises 520006 where there is no poll.
    """
    poll = poll_of(message)
    now = world.clock()
    poll.finalized = True
    poll.expires_at = now if poll.expires_at is None else min(now, poll.expires_at)
    publish_message(world, "MESSAGE_UPDATE", message)
    channel = world.channel_by_id(message.channel_id)
    result = Message(
        id=world.ids.next(), channel_id=channel.id, guild_id=channel.guild_id, author=message.author, created_at=now,
        type=MessageType.POLL_RESULT, embeds=[result_embed(poll)], mentions=[message.author],
        reference=Reference(channel_id=channel.id, message_id=message.id, guild_id=channel.guild_id),
    )  # fmt: skip
    insert(world, channel, result)
    return result
