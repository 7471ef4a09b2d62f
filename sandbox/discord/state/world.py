"""The world's state: who and what there is, who may do what, and who listens to what happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import PersonError, refusal
from sandbox.discord.protocol.permissions import (
    IN_DM,
    NONE,
    Permission,
    base_permissions,
    implied_permissions,
    overwritten_permissions,
)
from sandbox.discord.protocol.snowflake import Snowflakes
from sandbox.discord.state.events import Event, Listener
from sandbox.discord.state.files import CdnStore
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.posts import Webhook
from sandbox.discord.state.records import Application, Channel, Guild, Member, Message, User

if TYPE_CHECKING:
    from sandbox.discord.state.interaction import Interaction

T = TypeVar("T")


class WorldState:
    """Holds everything; all changes happen on one event loop, so nothing here locks."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.base_url = "http://127.0.0.1:8787"
        self.ids = Snowflakes(clock)
        self._listeners: list[Listener] = []
        self._clear()

    def _clear(self) -> None:
        """Empty the world; listeners stay."""
        self.cdn = CdnStore(self.clock)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.applications: dict[int, Application] = {}
        self.interactions: dict[int, Interaction] = {}
        self.interaction_tokens: dict[str, Interaction] = {}
        self.nonces: dict[tuple[int, int, str | int], tuple[int, float]] = {}
        self.closed_dms: set[int] = set()
        self.user_installs: set[tuple[int, int]] = set()
        self.webhooks: dict[int, Webhook] = {}
        self.without_member: set[int] = set()
        self._by_token: dict[str, Application] = {}
        self._direct: dict[frozenset[int], Channel] = {}

    @property
    def gateway_url(self) -> str:
        """The gateway's WebSocket address."""
        return "ws" + self.base_url.removeprefix("http") + "/gateway"

    # Events

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have a listener called on every event; return what ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell all listeners."""
        for listener in tuple(self._listeners):
            listener(event)

    async def wait_for(self, find: Callable[[], T | None], *, timeout_s: float = 15.0) -> T:
        """Return what `find` gives as soon as it is true; asked now and after every event.

        Raises TimeoutError after `timeout_s` seconds.
        """
        changed = asyncio.Event()
        unsubscribe = self.subscribe(lambda _event: changed.set())
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    found = find()
                    if found:
                        return found
                    changed.clear()
                    await changed.wait()
        finally:
            unsubscribe()

    # Look-ups

    @property
    def application(self) -> Application:
        """The first application."""
        return next(iter(self.applications.values()))

    @property
    def bot(self) -> User:
        """The first application's bot."""
        return self.application.bot

    def application_for_token(self, token: str) -> Application | None:
        """Return the application that a bot token belongs to; the token comes without "Bot "."""
        return self._by_token.get(token)

    def register(self, application: Application) -> None:
        """Take in an application."""
        self.applications[application.id] = application
        self._by_token[application.token] = application

    def reset_token(self, token: str, application: Application | None = None) -> None:
        """Give an application another token, as its owner does in the developer portal: the old one is refused."""
        application = application or self.application
        del self._by_token[application.token]
        application.token = token
        self._by_token[token] = application

    def install_for(self, person: User, application: Application | None = None) -> None:
        """Have a person install an application for themselves: its commands come along to places without the bot."""
        self.user_installs.add(((application or self.application).id, person.id))

    def person(self, name: str | int) -> User:
        """Return a person by username or id. Raises PersonError (404) where there is none."""
        wanted = str(name)
        for user in self.users.values():
            if not user.bot and wanted in (user.username, str(user.id)):
                return user
        raise PersonError(f"There is no person called {wanted[:50]!r} here.", status=404, code=10013)

    def guild(self, name: str | int | None = None) -> Guild:
        """Return a guild by name or id, the first one without either. Raises PersonError (404)."""
        for guild in self.guilds.values():
            if name is None or str(name) in (guild.name, str(guild.id)):
                return guild
        raise PersonError(f"There is no server called {str(name)[:50]!r} here.", status=404, code=10004)

    def channel(self, name: str) -> Channel:
        """Return a channel of the first guild by its name, of another as "guild/channel". Raises PersonError (404)."""
        where, _, short = name.rpartition("/")
        guild = self.guild(where or None)
        for channel in (*guild.channels.values(), *guild.threads.values()):
            if channel.name == short and channel.type is not ChannelType.CATEGORY:
                return channel
        raise PersonError(f"There is no channel called {name[:50]!r} here.", status=404, code=10003)

    def channel_by_id(self, channel_id: int) -> Channel:
        """Return a channel. Raises 10003."""
        found = self.channels.get(channel_id)
        if found is None:
            raise refusal(10003)
        return found

    def message(self, channel_id: int, message_id: int) -> Message:
        """Return a message that all can see. Raises 10008."""
        found = self.channel_by_id(channel_id).messages.get(message_id)
        if found is None:
            raise refusal(10008)
        return found

    def replies_to(self, prompt: Message) -> list[Message]:
        """Return the messages that answer `prompt` by a reference, oldest first."""
        channel = self.channels.get(prompt.channel_id)
        found = [] if channel is None else list(channel.messages.values())
        return [one for one in found if one.reference is not None and one.reference.message_id == prompt.id]

    def reply_to(self, prompt: Message) -> Message | None:
        """Return the first message of a bot that answers `prompt` by a reference."""
        return next((one for one in self.replies_to(prompt) if one.author.bot), None)

    def direct_between(self, one: User, other: User) -> Channel | None:
        """Return the direct message channel of two users, if they have one."""
        return self._direct.get(frozenset((one.id, other.id)))

    def add_direct(self, channel: Channel) -> None:
        """Take in a direct message channel, of two users or of a group: the same people may have several of those."""
        own = (channel.id,) if channel.type is ChannelType.GROUP_DM else ()
        self._direct[frozenset((*channel.recipients, *own))] = self.channels[channel.id] = channel

    def direct_channels(self, user_id: int) -> list[Channel]:
        """Return a user's direct message channels."""
        return [channel for pair, channel in self._direct.items() if user_id in pair]

    # Permissions

    def guild_permissions(self, user_id: int, guild: Guild) -> Permission:
        """Return what a user may do in a guild; nothing where it is no member."""
        member = guild.members.get(user_id)
        if member is None:
            return NONE
        roles = (guild.roles[role].permissions for role in member.roles if role in guild.roles)
        return base_permissions(guild.everyone.permissions, roles, owner=guild.owner_id == user_id)

    def permissions(self, user_id: int, channel: Channel) -> Permission:
        """Return what a user may do in a channel, what permissions imply for each other included."""
        if channel.is_dm:
            return self.stated_permissions(user_id, channel)
        if self._outside(user_id, channel):
            return NONE
        thread = channel.thread is not None
        return implied_permissions(self.stated_permissions(user_id, channel), thread=thread, voice=channel.is_voice)

    def stated_permissions(self, user_id: int, channel: Channel) -> Permission:
        """Return what interactions tell of a user's permissions in a channel: what roles and overwrites come to.

        So SEND_MESSAGES may be in it where VIEW_CHANNEL is not (documentation, "Channel Structure", permissions).
        """
        if channel.is_dm:
            return IN_DM if user_id in channel.recipients else NONE
        guild = self.guilds[channel.guild_id or 0]
        member = guild.members.get(user_id)
        if member is None:
            return NONE
        place = self.place_of(channel)
        return overwritten_permissions(
            self.guild_permissions(user_id, guild),
            everyone=place.overwrites.get(guild.id),
            roles=[place.overwrites[role] for role in member.roles if role in place.overwrites],
            member=place.overwrites.get(user_id),
            timed_out=self.timed_out(member),
        )

    def place_of(self, channel: Channel) -> Channel:
        """Return the channel whose overwrites count: a thread has those of its parent."""
        if channel.thread is None:
            return channel
        return self.guilds[channel.guild_id or 0].channels[channel.parent_id or 0]

    def _outside(self, user_id: int, channel: Channel) -> bool:
        """Tell whether a thread is private and the user is none of its members, nor a moderator."""
        if channel.thread is None or channel.type is not ChannelType.PRIVATE_THREAD:
            return False
        moderates = self.stated_permissions(user_id, channel) & Permission.MANAGE_THREADS
        return user_id not in channel.thread.members and not moderates

    def timed_out(self, member: Member) -> bool:
        """Tell whether a moderator has silenced a member for now."""
        return member.timed_out_until is not None and member.timed_out_until > self.clock()

    def can_see(self, user_id: int, channel: Channel) -> bool:
        """Tell whether a user sees a channel at all."""
        return bool(self.permissions(user_id, channel) & Permission.VIEW_CHANNEL)

    def can_enter(self, user_id: int, channel: Channel) -> bool:
        """Tell whether a user gets at a channel's messages: in a voice channel that takes CONNECT as well."""
        needed = Permission.VIEW_CHANNEL | (Permission.CONNECT if channel.is_voice else NONE)
        return not needed & ~self.permissions(user_id, channel)

    def file_limit_bytes(self, guild_id: int | None) -> int:
        """Return how large a file may be in a guild, or outside of one."""
        guild = self.guilds.get(guild_id) if guild_id is not None else None
        return limits.FILE_BYTES[guild.premium_tier if guild else 0]

    def guilds_of(self, user_id: int) -> list[Guild]:
        """Return the guilds that a user is in."""
        return [guild for guild in self.guilds.values() if user_id in guild.members]
