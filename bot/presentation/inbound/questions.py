"""Discord in: messages and interactions to what a user asked. Everything in them is untrusted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import discord

from bot.domain.drawing.wish import DrawWish
from bot.domain.model.request import Mode
from bot.domain.people import User
from bot.domain.reply.controls import Action
from bot.domain.turn.ask import Ask, Reference, Source
from bot.domain.turn.proxies import Said
from bot.errors import Refusal
from bot.presentation.inbound.names import Names, names_in, names_of
from bot.presentation.inbound.places import place_of_interaction, place_of_message, user_of
from bot.presentation.inbound.privacy import interaction_is_private, is_seen_alone
from bot.presentation.inbound.text import plain_text, with_enclosures
from bot.services.turn.presses import Press

RESPONSE_ID = "fusion_bot.response_id"
"""Where an interaction carries the id of its deferred response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A message that is meant for the bot. ``unreadable`` says why it came without its text, if it did."""

    ask: Ask
    unreadable: Refusal | None = None


def parse_mention(message: discord.Message, me: discord.abc.User) -> Addressed | None:
    """Read a message: None where it is not meant for the bot.

    A mention of the bot (or of its own role), a reply to one of its messages and a direct message are. A reply without
    the ping is meant for nobody in particular; if its text can't be read, who wrote it may not know that. To a
    command's answer every reply comes without the ping (discord-api-docs #5395). Bots, webhooks and Discord's own
    messages never are meant.
    """
    if not _said_by_a_user(message):
        return None
    replied_to = _replied_to(message)
    mentioned = any(user.id == me.id for user in message.mentions) or bool(_own_roles_mentioned(message, me.id))
    if mentioned or message.guild is None:
        return Addressed(ask=ask_of_message(message, me))
    if replied_to is None or replied_to.author.id != me.id:
        return None
    ask, to_command = ask_of_message(message, me), _answers_a_command(replied_to)
    if not ask.text:
        return Addressed(ask=ask, unreadable=Refusal.NEVER_PINGS if to_command else Refusal.UNREADABLE)
    return Addressed(ask=ask) if to_command else None


def parse_overheard(message: discord.Message, me: discord.abc.User) -> Ask | None:
    """Read a message of a guild that is not meant for the bot; None where there is nothing in it to answer.

    So it is with what is said to others: it mentions somebody, or a role, or everyone, or replies to somebody.
    """
    if not _said_by_a_user(message) or message.guild is None or _said_to_others(message, me.id):
        return None
    ask = replace(ask_of_message(message, me), overheard=True)
    return ask if ask.text else None


def ask_of_message(message: discord.Message, me: discord.abc.User) -> Ask:
    """Read a message as a question, whoever it is meant for."""
    replied_to = _replied_to(message)
    reference = _reference(replied_to, me.id, names_in(replied_to)) if replied_to is not None else None
    own_roles = _own_roles_mentioned(message, me.id)
    text = with_enclosures(plain_text(message.content, names_in(message), me.id, own_roles), message)
    mentioned = any(user.id == me.id for user in message.mentions) or bool(own_roles)
    if not text and mentioned and reference is not None and not reference.from_bot and reference.text:
        # Nothing but the mention, under somebody's message: that message is the question.
        text = reference.text
    return Ask(
        id=message.id,
        mode=Mode.CHAT,
        text=text,
        user=user_of(message.author),
        place=place_of_message(message),
        created_at=message.created_at,
        reference=reference,
        edited_at=message.edited_at,
    )


def said_in(message: discord.Message, me: discord.abc.User, *, intent: bool) -> Said:
    """Read what a message says as it was typed, to find it again in another one.

    Without the ``intent`` what mentions the bot nowhere comes without its text, if it replies to nothing.
    """
    mentions = (f"<@{me.id}>", f"<@!{me.id}>", *(f"<@&{role}>" for role in _own_roles_mentioned(message, me.id)))
    return Said(
        id=message.id,
        channel_id=message.channel.id,
        text=message.content,
        files=tuple(attachment.filename for attachment in message.attachments),
        # Other bots' answers to commands come by a webhook as well, and repeat nobody.
        by=message.application_id if message.interaction_metadata is None else None,
        hidden_again=not intent and not any(each in message.content for each in mentions),
    )


def parse_command(interaction: discord.Interaction, mode: Mode, prompt: str, *, wish: DrawWish | None = None) -> Ask:
    """Read a command, or what a button or a form stands for, with a prompt. The interaction's id is the turn's."""
    return Ask(
        id=interaction.id,
        mode=mode,
        text=plain_text(prompt, names_of(interaction), interaction.application_id),
        user=user_of(interaction.user),
        place=place_of_interaction(interaction),
        created_at=interaction.created_at,
        source=Source.INTERACTION,
        response_id=interaction.extras.get(RESPONSE_ID),
        wish=wish,
        private=interaction_is_private(interaction),
        alone=is_seen_alone(interaction),
    )


def press_of(interaction: discord.Interaction, action: Action, turn_id: int) -> Press:
    """Read a press on a button of a turn's reply."""
    return Press(
        action=action,
        turn_id=turn_id,
        user=user_of(interaction.user),
        place=place_of_interaction(interaction),
        manages_messages=interaction.permissions.manage_messages and interaction.guild_id is not None,
        private=interaction_is_private(interaction),
    )


def reference_to(message: discord.Message, me: int) -> Reference | None:
    """Describe a message as something that was referred to; None where it has no text that the bot may read."""
    reference = _reference(message, me, names_in(message))
    return reference if reference.text else None


def _said_by_a_user(message: discord.Message) -> bool:
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


def _answers_a_command(message: discord.Message) -> bool:
    commands = (discord.MessageType.chat_input_command, discord.MessageType.context_menu_command)
    return message.type in commands or message.interaction_metadata is not None


def _own_roles_mentioned(message: discord.Message, me: int) -> tuple[int, ...]:
    return tuple(role.id for role in message.role_mentions if role.tags is not None and role.tags.bot_id == me)


def _reference(message: discord.Message, me: int, names: Names) -> Reference:
    return Reference(
        id=message.id,
        author=User(id=message.author.id, name=message.author.display_name),
        text=with_enclosures(plain_text(message.content, names, me), message),
        from_bot=message.author.id == me,
        created_at=message.created_at,
    )
