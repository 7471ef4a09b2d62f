"""The world as it starts: two servers, four people, the channels that a bot should be tried in.

Ids and tokens are the same each time, so that a page, a bot's database or a note can name them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sandbox.discord.protocol.permissions import EVERYONE, NONE, Permission
from sandbox.discord.protocol.snowflake import Snowflakes
from sandbox.discord.state.places import ChannelType, Overwrite, Tag, ThreadState
from sandbox.discord.state.records import Application, Channel, Guild, Member, Role, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

P = Permission
_START_S: Final = 1_735_689_600.0
"""1 January 2025: when all that is there at the start was made."""
_PEOPLE: Final = (
    ("alice", "Alice", "en-US"),
    ("bob", "Bob", "en-GB"),
    ("xiaoming", "小明", "zh-CN"),
    ("dora", "Dora", "en-US"),
)
BOT_PERMISSIONS: Final = (
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.SEND_MESSAGES_IN_THREADS
    | P.CREATE_PUBLIC_THREADS
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS
    | P.USE_EXTERNAL_EMOJIS
)
"""What a bot is invited with."""


class _Maker:
    """Gives the ids of the start, a millisecond apart: so ids differ above the bits that sharding looks at."""

    def __init__(self) -> None:
        self._now = _START_S
        self._ids = Snowflakes(lambda: self._now)

    def id(self) -> int:
        self._now += 0.001
        return self._ids.next()


def populate(world: WorldState) -> None:
    """Fill an empty world, the application "Fusion" included."""
    maker = _Maker()
    people = {}
    for username, name, locale in _PEOPLE:
        people[username] = User(id=maker.id(), username=username, global_name=name, locale=locale)
    world.users.update({one.id: one for one in people.values()})

    lab = _guild(world, maker, "Fusion Lab", people["alice"], "en-US")
    _join(lab, people["bob"], people["xiaoming"], people["dora"])
    moderator = Role(
        id=maker.id(), name="Moderator", position=2, color=0x2ECC71, hoist=True, mentionable=True,
        permissions=P.MANAGE_MESSAGES | P.MANAGE_THREADS | P.MODERATE_MEMBERS | P.PIN_MESSAGES,
    )  # fmt: skip
    admin = Role(id=maker.id(), name="Admin", position=3, color=0xE67E22, hoist=True, permissions=P.ADMINISTRATOR)
    member = Role(id=maker.id(), name="Member", position=1, color=0x3498DB, mentionable=True, permissions=NONE)
    lab.roles |= {role.id: role for role in (member, moderator, admin)}
    lab.members[people["alice"].id].roles = [admin.id]
    for name in ("bob", "xiaoming"):
        lab.members[people[name].id].roles = [member.id]
    everyone = lab.id
    talk = _channel(world, maker, lab, "Talk", kind=ChannelType.CATEGORY)
    _channel(world, maker, lab, "general", talk, topic="Talk with the bot: mention it, or reply to it.")
    _channel(world, maker, lab, "art", talk, topic="Pictures.")
    _channel(world, maker, lab, "code", talk, topic="Programs and questions about them.")
    places = _channel(world, maker, lab, "Special places", kind=ChannelType.CATEGORY)
    _channel(world, maker, lab, "age-restricted", places, nsfw=True)
    closed = Overwrite(id=everyone, type=0, deny=P.SEND_MESSAGES | P.SEND_MESSAGES_IN_THREADS | P.ADD_REACTIONS)
    _channel(world, maker, lab, "read-only", places, closed, topic="Members and bots can only read here.")
    no_files = Overwrite(id=everyone, type=0, deny=P.ATTACH_FILES)
    _channel(world, maker, lab, "no-files", places, no_files, topic="Nobody may attach files here.")
    hidden = Overwrite(id=everyone, type=0, deny=P.VIEW_CHANNEL)
    _channel(world, maker, lab, "staff", places, hidden, topic="Only administrators see this.")

    studio = _guild(world, maker, "画室", people["xiaoming"], "zh-CN")
    _join(studio, people["alice"], people["bob"])
    chat = _channel(world, maker, studio, "文字频道", kind=ChannelType.CATEGORY)
    _channel(world, maker, studio, "闲聊", chat, topic="提到机器人，或者回复它。")
    _channel(world, maker, studio, "画图", chat, topic="画画的地方。")

    add_application(world, "Fusion", maker.id)
    # After all that was there before it, whose ids it must not shift.
    _channel(world, maker, lab, "questions", talk, kind=ChannelType.FORUM, topic="One question a post.")
    _more_kinds(world, maker, lab, places)


def _more_kinds(world: WorldState, maker: _Maker, lab: Guild, places: Channel) -> None:
    """Add a channel of each further kind, one that the bot may not see, and a thread that is locked."""
    news = "News that other servers can follow."
    _channel(world, maker, lab, "news", places, kind=ChannelType.ANNOUNCEMENT, topic=news)
    gallery = _channel(world, maker, lab, "gallery", places, kind=ChannelType.MEDIA, topic="One picture a post.")
    gallery.tags = [Tag(id=maker.id(), name=name) for name in ("drawn", "found")]
    _channel(world, maker, lab, "lounge", places, kind=ChannelType.VOICE)
    unseen = Overwrite(id=world.bot.id, type=1, deny=P.VIEW_CHANNEL)
    words = "The bot does not see this channel; its commands work here all the same."
    _channel(world, maker, lab, "no-bots", places, unseen, topic=words)
    owner = lab.members[lab.owner_id].user
    code = world.channel("code")
    thread = Channel(
        id=maker.id(), type=ChannelType.PUBLIC_THREAD, name="Locked talk", guild_id=lab.id, parent_id=code.id,
        thread=ThreadState(owner_id=owner.id, created_at=_START_S, locked=True, members={owner.id: _START_S}),
    )  # fmt: skip
    lab.threads[thread.id] = world.channels[thread.id] = thread


def _guild(world: WorldState, maker: _Maker, name: str, owner: User, locale: str) -> Guild:
    guild = Guild(id=maker.id(), name=name, owner_id=owner.id, preferred_locale=locale)
    guild.roles[guild.id] = Role(id=guild.id, name="@everyone", position=0, permissions=EVERYONE)
    world.guilds[guild.id] = guild
    _join(guild, owner)
    return guild


def _join(guild: Guild, *users: User) -> None:
    for user in users:
        guild.members[user.id] = Member(user=user, joined_at=_START_S)


def _channel(
    world: WorldState,
    maker: _Maker,
    guild: Guild,
    name: str,
    parent: Channel | None = None,
    overwrite: Overwrite | None = None,
    *,
    kind: ChannelType = ChannelType.TEXT,
    topic: str | None = None,
    nsfw: bool = False,
) -> Channel:
    channel = Channel(
        id=maker.id(), type=kind, name=name, guild_id=guild.id, parent_id=parent.id if parent else None,
        position=len(guild.channels), topic=topic, nsfw=nsfw,
        overwrites={overwrite.id: overwrite} if overwrite else {},
    )  # fmt: skip
    guild.channels[channel.id] = world.channels[channel.id] = channel
    return channel


def add_application(world: WorldState, name: str, new_id: Callable[[], int]) -> Application:
    """Make an application whose bot is a member of every guild, with a role of its own."""
    bot = User(id=new_id(), username=name, bot=True)
    application = Application(
        id=bot.id, bot=bot, name=name, token=_token(bot.id), owner_id=world.person("alice").id,
        description=f"{name}, in the sandbox.", message_content_intent=True,
    )  # fmt: skip
    world.users[bot.id] = bot
    for guild in world.guilds.values():
        role = Role(
            id=new_id(), name=name, position=len(guild.roles), permissions=BOT_PERMISSIONS, bot_id=bot.id,
            color=0x5865F2,
        )  # fmt: skip
        guild.roles[role.id] = role
        guild.members[bot.id] = Member(user=bot, joined_at=_START_S, roles=[role.id])
    world.register(application)
    return application


def _token(bot_id: int) -> str:
    """Return a token of Discord's form: base64(bot id).x.y. Nothing about it is secret: it opens a sandbox."""

    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    mark = hashlib.sha256(f"sandbox {bot_id}".encode()).digest()
    return ".".join((text(str(bot_id).encode()), text(mark[:4]), text(mark[4:32])))
