"""Discord in: messages and interactions to what a person asked. Everything in them is untrusted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import discord

from bot.domain.drawing.wish import DrawWish
from bot.domain.model.request import Mode
from bot.domain.people import Person, Place
from bot.domain.reply.controls import Action
from bot.domain.turn.ask import Ask, Reference, Source
from bot.presentation.names import Names, names_in, names_of
from bot.services.turn.presses import Press

DEFAULT_LOCALE = "en-US"
LOCALE_CHARS = 16
"""No locale of Discord's is longer (its documentation, Reference, "Locales"); no more is kept."""
RESPONSE_ID = "fusion_bot.response_id"
"""Where an interaction carries the id of its deferred response."""
_ENTITY = re.compile(
    r"<(?:@!?(?P<user>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})|a?:(?P<emoji>\w{2,32}):\d+)>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A message that is meant for the bot. One that is not ``readable`` came without its text."""

    ask: Ask
    readable: bool = True


def parse_mention(message: discord.Message, me: discord.abc.User) -> Addressed | None:
    """Read a message: None where it is not meant for the bot.

    A mention of the bot (or of its own role), a reply to one of its messages and a direct message are. Bots, webhooks
    and Discord's own messages never are.
    """
    if not _said_by_a_person(message):
        return None
    replied_to = _replied_to(message)
    to_me = replied_to is not None and replied_to.author.id == me.id
    mentioned = any(user.id == me.id for user in message.mentions) or bool(_own_roles_mentioned(message, me.id))
    if not (mentioned or to_me or message.guild is None):
        return None
    ask = ask_of_message(message, me)
    return Addressed(ask=ask, readable=bool(ask.text) or mentioned or message.guild is None)


def parse_overheard(message: discord.Message, me: discord.abc.User) -> Ask | None:
    """Read a message of a guild that is not meant for the bot; None where there is nothing in it to answer.

    So it is with what is said to others: it mentions somebody, or a role, or everyone, or replies to somebody.
    """
    if not _said_by_a_person(message) or message.guild is None or _said_to_others(message, me.id):
        return None
    ask = replace(ask_of_message(message, me), overheard=True)
    return ask if ask.text else None


def ask_of_message(message: discord.Message, me: discord.abc.User) -> Ask:
    """Read a message as a question, whoever it is meant for."""
    replied_to = _replied_to(message)
    reference = _reference(replied_to, me.id, names_in(replied_to)) if replied_to is not None else None
    own_roles = _own_roles_mentioned(message, me.id)
    text = plain_text(message.content, names_in(message), me.id, own_roles)
    text = "\n".join(filter(None, (text, *_enclosures(message))))
    mentioned = any(user.id == me.id for user in message.mentions) or bool(own_roles)
    if not text and mentioned and reference is not None and not reference.from_bot and reference.text:
        # Nothing but the mention, under somebody's message: that message is the question.
        text = reference.text
    return Ask(
        id=message.id,
        mode=Mode.CHAT,
        text=text,
        person=person_of(message.author),
        place=place_of_message(message),
        created_at=message.created_at,
        reference=reference,
    )


def parse_command(interaction: discord.Interaction, mode: Mode, prompt: str, *, wish: DrawWish | None = None) -> Ask:
    """Read a command, or what a button or a form stands for, with a prompt. The interaction's id is the turn's."""
    return Ask(
        id=interaction.id,
        mode=mode,
        text=plain_text(prompt, names_of(interaction), interaction.application_id),
        person=person_of(interaction.user),
        place=place_of_interaction(interaction),
        created_at=interaction.created_at,
        source=Source.INTERACTION,
        response_id=interaction.extras.get(RESPONSE_ID),
        wish=wish,
    )


def press_of(interaction: discord.Interaction, action: Action, turn_id: int) -> Press:
    """Read a press on a button of a turn's reply."""
    return Press(
        action=action,
        turn_id=turn_id,
        person=person_of(interaction.user),
        place=place_of_interaction(interaction),
        manages_messages=interaction.permissions.manage_messages and interaction.guild_id is not None,
    )


def text_of(message: discord.Message, me: int) -> str:
    """Read a message's own words, mentions written as names; empty where it has none.

    One that was forwarded says what the first one said. What the bot itself has put in small print is left out.
    """
    said = [message.content, *(forwarded.content for forwarded in message.message_snapshots)]
    text = next(filter(None, said), "")
    if message.author.id == me:
        text = "\n".join(line for line in text.split("\n") if not line.startswith("-# "))
    return plain_text(text, names_in(message), me)


def person_of(user: discord.User | discord.Member) -> Person:
    """Describe somebody; the roles are those of the guild where they act."""
    roles = tuple(role.id for role in user.roles if not role.is_default()) if isinstance(user, discord.Member) else None
    return Person(id=user.id, name=user.display_name, role_ids=roles)


def plain_text(content: str, names: Names, me: int, own_roles: Iterable[int] = ()) -> str:
    """Write what people see: mentions as names, emoji as ``:name:``; the bot's own mention at either end goes.

    So does a mention of one of its ``own_roles``.
    """
    own = "<@(?:" + "|".join((f"!?{me}", *(f"&{role}" for role in own_roles))) + ")>"
    content = re.sub(rf"\A(?:\s*{own}[\s,:，：]*)+|(?:\s*{own})+\s*\Z", "", content)

    def shown(match: re.Match[str]) -> str:
        if match["emoji"]:
            return f":{match['emoji']}:"
        for kind, sign in (("user", "@"), ("role", "@"), ("channel", "#")):
            if match[kind]:
                found = names(kind, int(match[kind]))
                return sign + (found or "unknown")
        return match[0]

    return _ENTITY.sub(shown, content).strip()


def place_of_message(message: discord.Message) -> Place:
    """Tell where a message is and what the bot may do there."""
    guild, channel = message.guild, message.channel
    if guild is None:
        return Place(channel_id=channel.id)
    return Place(
        channel_id=channel.id,
        guild_id=guild.id,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        category_id=_category(channel),
        age_restricted=_age_restricted(channel),
        locale=guild.preferred_locale.value,
        can_attach=_permissions(message).attach_files,
        file_limit_bytes=guild.filesize_limit,
    )


def place_of_interaction(interaction: discord.Interaction) -> Place:
    """Tell where an interaction is and what the bot may do there; the language is the person's own."""
    channel = interaction.channel
    return Place(
        channel_id=interaction.channel_id or interaction.user.id,
        guild_id=interaction.guild_id,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        category_id=_category(channel),
        age_restricted=_age_restricted(channel),
        by_token_only=_by_token_only(interaction),
        locale=(interaction.locale.value or DEFAULT_LOCALE)[:LOCALE_CHARS],
        can_attach=_may_attach(interaction),
        file_limit_bytes=interaction.filesize_limit,
    )


def _may_attach(interaction: discord.Interaction) -> bool:
    """Whether the bot may attach files where somebody used it."""
    allowed = interaction.app_permissions
    if interaction.guild_id is None or allowed.value:
        return interaction.guild_id is None or allowed.attach_files
    # None at all: the library says so too where they were left out. What is known of the guild tells, or Discord will.
    guild, channel = interaction.client.get_guild(interaction.guild_id), interaction.channel
    me: discord.Member | None = guild.me if guild is not None else None
    if me is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    return channel.permissions_for(me).attach_files


def _by_token_only(interaction: discord.Interaction) -> bool:
    """Whether the bot is no member where somebody used it: a person carries it along (Discord documentation,
    Installation Contexts)."""
    if interaction.guild_id is not None:
        # Discord names every guild of the bot's when it connects, before any interaction.
        return interaction.client.get_guild(interaction.guild_id) is None
    return interaction.context.private_channel is True


def _category(channel: object) -> int | None:
    """Tell the category of a channel, or of a thread's channel; None where it has none or it is not known."""
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return channel.category_id if isinstance(channel, discord.abc.GuildChannel) else None


def _age_restricted(channel: object) -> bool:
    """Tell whether a channel, or a thread's channel, is for adults."""
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return bool(getattr(channel, "nsfw", False))


def may_write(message: discord.Message) -> bool:
    """Say whether the bot may send messages where this one is."""
    if message.guild is None:
        return True
    permissions = _permissions(message)
    in_thread = isinstance(message.channel, discord.Thread)
    may_send = permissions.send_messages_in_threads if in_thread else permissions.send_messages
    return permissions.view_channel and may_send


def may_start_thread(message: discord.Message) -> bool:
    """Say whether the bot may start a thread from a message and answer in it: in a text or announcement channel."""
    permissions = _permissions(message)
    may = permissions.create_public_threads and permissions.send_messages_in_threads
    return isinstance(message.channel, discord.TextChannel) and may


def reference_to(message: discord.Message, me: int) -> Reference | None:
    """Describe a message as something that was referred to; None where it has no text that the bot may read."""
    reference = _reference(message, me, names_in(message))
    return reference if reference.text else None


def _permissions(message: discord.Message) -> discord.Permissions:
    guild = message.guild
    # A guild that has not arrived yet, or a channel that is not known, tells nothing: Discord will.
    if guild is None or isinstance(message.channel, discord.PartialMessageable) or guild.unavailable:
        return discord.Permissions.all()
    me: discord.Member | None = guild.me
    if me is None:  # the library promises it, and yet has it only once the guild told of its members
        return discord.Permissions.all()
    return message.channel.permissions_for(me)


def _said_by_a_person(message: discord.Message) -> bool:
    if message.author.bot or message.webhook_id is not None:
        return False
    return message.type in (discord.MessageType.default, discord.MessageType.reply)


def _said_to_others(message: discord.Message, me: int) -> bool:
    concerned = {me, message.author.id}
    if message.mention_everyone or message.role_mentions or any(user.id not in concerned for user in message.mentions):
        return True
    if message.type is not discord.MessageType.reply:
        return False
    replied_to = _replied_to(message)
    # To whom a message was that is gone now is not known.
    return replied_to is None or replied_to.author.id not in concerned


def _replied_to(message: discord.Message) -> discord.Message | None:
    reference = message.reference
    if reference is None or reference.type is not discord.MessageReferenceType.default:
        return None
    return reference.resolved if isinstance(reference.resolved, discord.Message) else None


def _own_roles_mentioned(message: discord.Message, me: int) -> tuple[int, ...]:
    return tuple(role.id for role in message.role_mentions if role.tags is not None and role.tags.bot_id == me)


def _reference(message: discord.Message, me: int, names: Names) -> Reference:
    lines = (plain_text(message.content, names, me), *_enclosures(message))
    return Reference(
        id=message.id,
        author=Person(id=message.author.id, name=message.author.display_name),
        text="\n".join(filter(None, lines)),
        from_bot=message.author.id == me,
        created_at=message.created_at,
    )


def _enclosures(message: discord.Message) -> Iterable[str]:
    """Name what comes with a message, which the model can't see."""
    yield from (f"[attachment: {attachment.filename}]" for attachment in message.attachments)
    yield from (f"[sticker: {sticker.name}]" for sticker in message.stickers)
