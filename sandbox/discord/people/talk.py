"""What people do, as the bot's tests and the page act it out: each checked against that person's permissions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sandbox.discord.acts.channels import direct_channel
from sandbox.discord.acts.edits import (
    checked_emoji,
    delete_messages,
    edit_message,
    react,
    set_pinned,
    start_typing,
    unreact,
)
from sandbox.discord.acts.messages import check_send, create_message
from sandbox.discord.acts.threads import start_post, start_thread
from sandbox.discord.bodies.message import AllowedMentions, Answered, Draft, Upload, check_sizes, parse_draft
from sandbox.discord.protocol.errors import PersonError, refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Channel, Message, MessageType, User
from sandbox.discord.state.world import WorldState

File = tuple[str, bytes]
"""A file's name and its bytes."""


class PeopleTalk(WorldState):
    """Messages of people."""

    async def say(
        self,
        person: User,
        channel: Channel,
        content: str,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Sequence[File | Upload] = (),
        nonce: str | None = None,
    ) -> Message:
        """Send a message as a person. Raises what Discord would answer, as `DiscordError`."""
        uploads = uploads_of(files)
        checked = parse_draft({"content": content}, uploads)
        answered = None
        if reply_to is not None:
            answered = Answered(message_id=reply_to.id, channel_id=reply_to.channel_id, fail_if_not_exists=True)
        draft = Draft(
            content=checked.content,
            uploads=uploads,
            allowed=AllowedMentions(replied_user=ping),
            answered=answered,
            nonce=nonce,
        )
        check_send(self, person, channel, draft)
        self._check_pace(person, channel)
        check_sizes(uploads, self.file_limit_bytes(channel.guild_id))
        message = create_message(self, person, channel, draft)
        channel.spoke_at[person.id] = self.clock()
        return message

    def _check_pace(self, person: User, channel: Channel) -> None:
        """Raise PersonError (429, 20016) where the channel's slow mode has a person wait; of bots it asks nothing.

        Documentation, "Channel Structure", rate_limit_per_user.
        """
        wait_s = channel.rate_limit_per_user - (self.clock() - channel.spoke_at.get(person.id, float("-inf")))
        if wait_s > 0 and not self.permissions(person.id, channel) & Permission.BYPASS_SLOWMODE:
            words = f"Slow mode is on: you can write here again in {math.ceil(wait_s)} s."
            raise PersonError(words, status=429, code=20016)

    async def edit(self, person: User, message: Message, content: str) -> Message:
        """Edit one's own message. Raises 50005 for another's."""
        if message.author is not person:
            raise refusal(50005)
        self._check_sight(person, message)
        checked = parse_draft({"content": content}, [], editing=True)
        edit_message(self, message, Draft(content=checked.content))
        return message

    async def delete(self, person: User, message: Message) -> None:
        """Delete one's own message, another's with the permission for it, or an ephemeral one that one was shown."""
        channel = self._check_sight(person, message)
        own = message.author is person or message.reader_id == person.id
        if not own and (channel.is_dm or not self.permissions(person.id, channel) & Permission.MANAGE_MESSAGES):
            raise refusal(50003 if channel.is_dm else 50013)
        if message.type is MessageType.THREAD_STARTER:
            raise refusal(50021)
        delete_messages(self, channel, [message])

    async def bulk_delete(self, person: User, channel: Channel, messages: Sequence[Message]) -> None:
        """Delete several messages at once, which needs the permission for it."""
        if not self.permissions(person.id, channel) & Permission.MANAGE_MESSAGES:
            raise refusal(50013)
        delete_messages(self, channel, [one for one in messages if one.id in channel.messages], bulk=True)

    async def react(self, person: User, message: Message, emoji: str, *, remove: bool = False) -> None:
        """Add a reaction or take one's own away."""
        self._check_sight(person, message)
        emoji = checked_emoji(emoji)
        if message.ephemeral:
            raise refusal(10008)
        if remove:
            unreact(self, person, message, emoji)
        else:
            react(self, person, message, emoji)

    async def pin(self, person: User, message: Message, *, pinned: bool = True) -> None:
        """Pin a message or take the pin away."""
        channel = self._check_sight(person, message)
        if not self.permissions(person.id, channel) & (Permission.MANAGE_MESSAGES | Permission.PIN_MESSAGES):
            raise refusal(50013)
        set_pinned(self, person, message, pinned=pinned)

    async def typing(self, person: User, channel: Channel) -> None:
        """Show that a person is writing."""
        check_send(self, person, channel, Draft(content="…"))
        start_typing(self, person, channel)

    async def open_dm(self, person: User, other: User | None = None) -> Channel:
        """Return the direct message channel with somebody, with the bot by default."""
        other = other or self.bot
        if other is person:
            raise PersonError("You cannot write to yourself.", code=50033)
        return direct_channel(self, person, other)

    async def start_thread(
        self, person: User, place: Message | Channel, name: str, *, private: bool = False
    ) -> Channel:
        """Start a thread, from a message or without one; a private one never has a message of its own."""
        name = _thread_name(name)
        if isinstance(place, Message):
            channel = self._check_sight(person, place)
            return start_thread(self, person, channel, name, message=place)
        self.check_access(person, place)
        return start_thread(self, person, place, name, private=private)

    async def start_post(
        self,
        person: User,
        forum: Channel,
        name: str,
        content: str,
        *,
        files: Sequence[File | Upload] = (),
        tags: Sequence[str] = (),
    ) -> Channel:
        """Start a post in a forum or media channel; `tags` are names. Discord's client wants a file in the latter."""
        self.check_access(person, forum)
        self._check_pace(person, forum)
        uploads = uploads_of(files)
        if forum.type is ChannelType.MEDIA and not uploads:
            raise PersonError("A post in a media channel needs a picture or a video.")
        ids = [one.id for one in forum.tags if one.name in tags]
        draft = Draft(content=parse_draft({"content": content}, uploads).content, uploads=uploads)
        check_sizes(uploads, self.file_limit_bytes(forum.guild_id))
        post = start_post(self, person, forum, _thread_name(name), draft, tags=ids)
        forum.spoke_at[person.id] = self.clock()
        return post

    def check_access(self, person: User, channel: Channel) -> None:
        """Raise 50001 unless a person may see a channel, and its messages."""
        if not self.can_enter(person.id, channel):
            raise refusal(50001)

    def _check_sight(self, person: User, message: Message) -> Channel:
        channel = self.channel_by_id(message.channel_id)
        self.check_access(person, channel)
        if message.reader_id not in (None, person.id):
            raise refusal(10008)
        if message.id not in channel.messages and message.id not in channel.ephemerals:
            raise refusal(10008)
        return channel

    def history(self, person: User, channel: Channel, *, before: int | None = None, limit: int = 50) -> list[Message]:
        """Return what a person sees in a channel, ephemeral messages included, oldest first."""
        self.check_access(person, channel)
        if not self.permissions(person.id, channel) & Permission.READ_MESSAGE_HISTORY:
            return []
        own = [one for one in channel.ephemerals.values() if one.reader_id == person.id]
        found = sorted((*channel.messages.values(), *own), key=lambda one: one.id)
        if before is not None:
            found = [one for one in found if one.id < before]
        return found[-limit:]


def uploads_of(files: Sequence[File | Upload]) -> list[Upload]:
    """Return files as uploads, numbered in their order."""
    return [
        one if isinstance(one, Upload) else Upload(index=n, filename=one[0], content_type=None, data=one[1])
        for n, one in enumerate(files)
    ]


def _thread_name(name: str) -> str:
    found = name.strip()
    if not 1 <= len(found) <= 100:
        raise PersonError("A thread's name has 1 to 100 characters.")
    return found
