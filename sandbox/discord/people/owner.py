"""What a server's owner and moderators do to its places, and to the bot's rights in them."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.discord.acts import membership
from sandbox.discord.acts.channels import add_channel, group_channel, publish_channel
from sandbox.discord.acts.permissions import change_permissions, clear_overwrites, time_out
from sandbox.discord.acts.threads import delete_channel
from sandbox.discord.protocol.permissions import NONE, Permission
from sandbox.discord.state.places import ChannelType, Overwrite, Tag
from sandbox.discord.state.records import Channel, Guild, Role, User
from sandbox.discord.state.world import WorldState

Who = User | Role
"""Whom a right is given to or taken from: a member, or a role."""


class Owner(WorldState):
    """Steers places from outside of the bot, with no permission asked. Clients hear of all of it.

    `who` is the bot by default, by an overwrite of its own, which roles can't outweigh.
    """

    def add_channel(
        self,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        guild: Guild | None = None,
        parent: Channel | None = None,
        topic: str | None = None,
        nsfw: bool = False,
        slowmode_s: int = 0,
        tags: Sequence[str] = (),
        requires_tag: bool = False,
        hidden_from_bot: bool = False,
    ) -> Channel:
        """Open a channel in a guild, the first one by default.

        Many arguments: each is one trait of a channel, and every one but the name has a default.
        """
        guild = guild or self.guild()
        channel = Channel(
            id=self.ids.next(), type=kind, name=name, guild_id=guild.id, parent_id=parent.id if parent else None,
            topic=topic, nsfw=nsfw, rate_limit_per_user=slowmode_s, requires_tag=requires_tag,
            tags=[Tag(id=self.ids.next(), name=one) for one in tags],
        )  # fmt: skip
        if hidden_from_bot:
            channel.overwrites[self.bot.id] = Overwrite(id=self.bot.id, type=1, deny=Permission.VIEW_CHANNEL)
        return add_channel(self, guild, channel)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or thread, with the threads below it."""
        delete_channel(self, channel)

    def rename(self, channel: Channel, name: str) -> None:
        """Give a channel or thread another name."""
        channel.name = name
        self._tell(channel)

    def set_slowmode(self, channel: Channel, seconds: int) -> None:
        """Have people wait between their messages in a channel or thread; 0 ends that. Bots never wait."""
        channel.rate_limit_per_user = seconds
        self._tell(channel)

    def _tell(self, channel: Channel) -> None:
        publish_channel(self, "CHANNEL_UPDATE" if channel.thread is None else "THREAD_UPDATE", channel)

    # Rights

    def deny(self, channel: Channel, *permissions: str | Permission, who: Who | None = None) -> None:
        """Take rights away in a channel (of a thread: in its parent), by Discord's names: "SEND_MESSAGES"."""
        self._change(channel, who, deny=_all(permissions))

    def allow(self, channel: Channel, *permissions: str | Permission, who: Who | None = None) -> None:
        """Give rights in a channel (of a thread: in its parent)."""
        self._change(channel, who, allow=_all(permissions))

    def _change(self, channel: Channel, who: Who | None, *, allow: Permission = NONE, deny: Permission = NONE) -> None:
        place, guild = self.place_of(channel), self.guilds[channel.guild_id or 0]
        role, member = (who, None) if isinstance(who, Role) else (None, who or self.bot)
        change_permissions(self, guild, channel=place, role=role, member=member, allow=allow, deny=deny)

    def hide(self, channel: Channel, who: Who | None = None) -> None:
        """Take View Channel away."""
        self.deny(channel, Permission.VIEW_CHANNEL, who=who)

    def show(self, channel: Channel, who: Who | None = None) -> None:
        """Give View Channel."""
        self.allow(channel, Permission.VIEW_CHANNEL, who=who)

    def clear_overwrites(self, channel: Channel) -> None:
        """Have a channel allow and deny nothing of its own."""
        clear_overwrites(self, self.place_of(channel))

    # Members

    def time_out(self, user: User, seconds: float, guild: Guild | None = None) -> None:
        """Silence a member of a guild, the first one by default; it ends by itself, or with 0 seconds at once."""
        guild = guild or self.guild()
        time_out(self, guild, user, self.clock() + seconds if seconds > 0 else None)

    def time_out_bot(self, seconds: float, guild: Guild | None = None) -> None:
        """Silence the bot: it keeps View Channel and Read Message History alone."""
        self.time_out(self.bot, seconds, guild)

    # Threads

    def lock(self, thread: Channel, *, locked: bool = True) -> None:
        """Lock a thread: only those who manage threads write and edit there."""
        membership.set_locked(self, thread, locked=locked)

    def unlock(self, thread: Channel) -> None:
        """Unlock a thread."""
        self.lock(thread, locked=False)

    def archive(self, thread: Channel, *, archived: bool = True) -> None:
        """Archive a thread: a message opens it again, unless it is locked; edits are refused."""
        membership.set_archived(self, thread, archived=archived)

    def unarchive(self, thread: Channel) -> None:
        """Open a thread again."""
        self.archive(thread, archived=False)

    def archive_idle(self) -> list[Channel]:
        """Archive the threads that were still for as long as their setting allows; nothing does so by itself here."""
        return membership.archive_idle(self)

    def add_to_thread(self, thread: Channel, user: User | None = None) -> None:
        """Make a user a member of a thread, the bot by default."""
        membership.join_thread(self, user or self.bot, thread)

    def remove_from_thread(self, thread: Channel, user: User | None = None) -> None:
        """End a user's membership of a thread, the bot's by default."""
        membership.leave_thread(self, user or self.bot, thread)

    # Direct messages

    def open_group(self, owner: User, *others: User, name: str = "") -> Channel:
        """Open a group direct message of people; a bot is there only as a command that one of them has installed."""
        return group_channel(self, owner, others, name)


def _all(permissions: Sequence[str | Permission]) -> Permission:
    found = NONE
    for one in permissions:
        found |= Permission[one] if isinstance(one, str) else one
    return found
