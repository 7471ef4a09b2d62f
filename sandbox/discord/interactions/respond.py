"""What a bot answers: the first response with its 3-second deadline, followups, and the edits of both.

Source: Discord's documentation, "Receiving and Responding to Interactions".
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.edits import delete_messages, edit_message
from sandbox.discord.acts.messages import create_message, insert
from sandbox.discord.bodies.commands import parse_choice
from sandbox.discord.bodies.message import Draft, Upload, check_sizes, parse_draft
from sandbox.discord.bodies.modal import parse_modal
from sandbox.discord.interactions.create import answers_alone, check_thread, is_carried
from sandbox.discord.interactions.lifecycle import move
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form, fail
from sandbox.discord.state.interaction import NO_ANSWER, Callback, Interaction, Kind, State
from sandbox.discord.state.records import Message, MessageFlag, MessageType, Reference

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_ALLOWED: Final[dict[Kind, tuple[Callback, ...]]] = {
    Kind.COMMAND: (Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.MODAL),
    Kind.COMPONENT: (
        Callback.MESSAGE,
        Callback.DEFERRED_MESSAGE,
        Callback.DEFERRED_UPDATE,
        Callback.UPDATE,
        Callback.MODAL,
    ),
    Kind.AUTOCOMPLETE: (Callback.CHOICES,),
    Kind.MODAL: (Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.DEFERRED_UPDATE, Callback.UPDATE),
}


def pending(world: WorldState, interaction_id: int, token: str) -> Interaction:
    """Return the interaction that waits for its first response. Raises 10062 (unknown, late), 40060 (has one).

    Raises 10003 where the channel has gone since.
    """
    interaction = world.interactions.get(interaction_id)
    if interaction is None or not hmac.compare_digest(interaction.token.encode(), token.encode("utf-8", "replace")):
        raise refusal(10062)
    if interaction.callback is not None:
        raise refusal(40060)
    world.channel_by_id(interaction.channel.id)
    if world.clock() - interaction.created_at > limits.INTERACTION_DEADLINE_S:
        if interaction.state is State.WAITING:
            move(world, interaction, State.FAILED, NO_ANSWER)
        raise refusal(10062)
    return interaction


def respond(world: WorldState, interaction: Interaction, data: object, uploads: list[Upload]) -> Message | None:
    """Take the first response; return the message that it makes or changes. Raises 50035, 50006, 40005."""
    form = Form()
    fields = Fields(form, data)
    callback = _callback(interaction, fields)
    body = fields.child("data")
    form.check()
    content: dict[str, Any] = {} if body is None else body.data
    found: Message | None = None
    if callback in (Callback.MESSAGE, Callback.UPDATE):
        found = _message_response(world, interaction, callback, content, uploads)
    elif callback is Callback.DEFERRED_MESSAGE:
        found = _defer(world, interaction, content)
    elif callback is Callback.DEFERRED_UPDATE:
        interaction.callback = callback
        found = interaction.source
        move(world, interaction, State.DONE)
    elif callback is Callback.CHOICES:
        interaction.choices = _choices(interaction, Fields(form, content, ("data",)))
        interaction.callback = callback
        move(world, interaction, State.DONE)
    else:
        modal = parse_modal(Fields(form, content, ("data",)))
        form.check()
        interaction.callback = callback
        interaction.modal = modal
        move(world, interaction, State.MODAL)
    return found


def _callback(interaction: Interaction, fields: Fields) -> Callback:
    allowed = _ALLOWED[interaction.kind]
    if interaction.kind is Kind.MODAL and interaction.source is None:
        allowed = (Callback.MESSAGE, Callback.DEFERRED_MESSAGE)
    value = fields.choice("type", [int(one) for one in allowed], required=True)
    fields.form.check()
    return Callback(value or Callback.MESSAGE)


def _message_response(
    world: WorldState, interaction: Interaction, callback: Callback, content: dict[str, Any], uploads: list[Upload]
) -> Message:
    source = interaction.source
    check_sizes(uploads, world.file_limit_bytes(interaction.channel.guild_id))
    if callback is Callback.UPDATE and source is not None:
        draft = _within(content, uploads, source)
        check_thread(world, interaction, new=False, ephemeral=source.ephemeral)
        edit_message(world, source, draft)
        message = source
    else:
        message = _create(world, interaction, _within(content, uploads))
        interaction.response = message
    interaction.callback = callback
    move(world, interaction, State.DONE)
    return message


def _within(content: dict[str, Any], uploads: list[Upload], edited: Message | None = None) -> Draft:
    """Return the draft of a response's `data`, whose faults are named below `data`."""
    editing = edited is not None
    v2 = edited is not None and bool(edited.flags & MessageFlag.COMPONENTS_V2)
    return parse_draft(content, uploads, editing=editing, v2=v2, ephemeral=True, path=("data",))


def _blank(world: WorldState, interaction: Interaction, *, ephemeral: bool, kind: MessageType) -> Message:
    """Return an empty message of the bot that comes of an interaction."""
    channel = interaction.channel
    message = Message(
        id=world.ids.next(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author=interaction.application.bot,
        created_at=world.clock(),
        type=kind,
        application_id=interaction.application.id,
        webhook_id=interaction.application.id,
        interaction_metadata=dict(interaction.metadata),
        reader_id=interaction.user.id if ephemeral else None,
    )
    if ephemeral:
        message.flags |= MessageFlag.EPHEMERAL
    if interaction.command is not None:
        message.interaction = {
            "id": str(interaction.id),
            "type": int(Kind.COMMAND),
            "name": interaction.command_name,
            "user": interaction.metadata["user"],
        }
    return message


def _point_at(message: Message, target: Message | None) -> Message:
    if target is not None:
        message.type = MessageType.REPLY
        message.reference = Reference(channel_id=target.channel_id, message_id=target.id, guild_id=target.guild_id)
    return message


def _response_message(world: WorldState, interaction: Interaction, *, ephemeral: bool) -> Message:
    ephemeral = ephemeral or answers_alone(world, interaction)
    if interaction.command is not None:
        kind = MessageType.COMMAND if interaction.command.type == 1 else MessageType.CONTEXT_MENU
        return _blank(world, interaction, ephemeral=ephemeral, kind=kind)
    return _point_at(_blank(world, interaction, ephemeral=ephemeral, kind=MessageType.DEFAULT), interaction.source)


def _create(world: WorldState, interaction: Interaction, draft: Draft) -> Message:
    ephemeral = bool((draft.flags or MessageFlag(0)) & MessageFlag.EPHEMERAL)
    message = _response_message(world, interaction, ephemeral=ephemeral)
    check_thread(world, interaction, new=True, ephemeral=message.ephemeral)
    return create_message(world, interaction.application.bot, interaction.channel, draft, message=message)


def _defer(world: WorldState, interaction: Interaction, content: dict[str, Any]) -> Message:
    form = Form()
    flags = Fields(form, content, ("data",)).integer("flags", low=0) or 0
    form.check()
    message = _response_message(world, interaction, ephemeral=bool(flags & MessageFlag.EPHEMERAL))
    check_thread(world, interaction, new=True, ephemeral=message.ephemeral)
    message.flags |= MessageFlag.LOADING
    interaction.response = message
    interaction.callback = Callback.DEFERRED_MESSAGE
    insert(world, interaction.channel, message)
    move(world, interaction, State.THINKING)
    return message


def _choices(interaction: Interaction, fields: Fields) -> list[dict[str, Any]]:
    kind = focused_type(interaction.data.get("options", [])) or 3
    children = fields.children("choices", high=limits.CHOICES, required=True)
    found = [parse_choice(one, kind) for one in children]
    fields.form.check()
    return found


def focused_type(options: list[dict[str, Any]]) -> int | None:
    """Return the type of the option that the person is filling in."""
    for one in options:
        if one.get("focused"):
            return int(one["type"])
        nested = focused_type(one.get("options", []))
        if nested is not None:
            return nested
    return None


def webhook(world: WorldState, application_id: int, token: str) -> Interaction:
    """Return the interaction behind a token of `webhooks/{application}/{token}`.

    Raises 10015 before the first response, 50027 (401) for an unknown token or one older than 15 minutes,
    10003 where the channel has gone since.
    """
    interaction = world.interaction_tokens.get(token)
    if interaction is None or interaction.application.id != application_id:
        raise refusal(50027)
    if world.clock() - interaction.created_at > limits.INTERACTION_TOKEN_S:
        raise refusal(50027)
    if interaction.callback is None or interaction.kind is Kind.AUTOCOMPLETE:
        raise refusal(10015)
    world.channel_by_id(interaction.channel.id)
    return interaction


def follow_up(world: WorldState, interaction: Interaction, data: object, uploads: list[Upload]) -> Message:
    """Send a followup. The first one after a deferred response fills in that response. Raises 50035, 50006, 40005.

    Where the bot is not (user installs) there are at most five: 40094.
    """
    draft = parse_draft(data, uploads, now=world.clock(), ephemeral=True)
    check_sizes(uploads, world.file_limit_bytes(interaction.channel.guild_id))
    waiting = interaction.response
    if waiting is not None and waiting.loading and waiting_exists(world, waiting):
        if draft.empty:
            raise refusal(50006)
        return edit(world, interaction, waiting, data, uploads)
    if is_carried(interaction) and len(interaction.followups) >= limits.USER_INSTALL_FOLLOWUPS:
        raise refusal(40094)
    ephemeral = bool((draft.flags or MessageFlag(0)) & MessageFlag.EPHEMERAL) or answers_alone(world, interaction)
    original = interaction.original
    check_thread(world, interaction, new=True, ephemeral=ephemeral)
    message = _blank(world, interaction, ephemeral=ephemeral, kind=MessageType.DEFAULT)
    if original is not None and waiting_exists(world, original):
        _point_at(message, original)
    if interaction.response is not None and message.interaction_metadata is not None:
        message.interaction_metadata["original_response_message_id"] = str(interaction.response.id)
    create_message(world, interaction.application.bot, interaction.channel, draft, message=message)
    interaction.followups[message.id] = message
    return message


def waiting_exists(world: WorldState, message: Message) -> bool:
    """Tell whether a message still stands in its channel."""
    channel = world.channels.get(message.channel_id)
    return channel is not None and (message.id in channel.messages or message.id in channel.ephemerals)


def find(world: WorldState, interaction: Interaction, name: str) -> Message:
    """Return the message of an interaction: `@original`, or a followup by its id. Raises 10008."""
    if name == "@original":
        found = interaction.original
    elif not (name.isascii() and name.isdecimal() and len(name) <= 20):
        raise fail(("message_id",), "NUMBER_TYPE_COERCE", f'Value "{name[:50]}" is not snowflake.')
    else:
        known = [interaction.original, interaction.response, *interaction.followups.values()]
        found = next((one for one in known if one is not None and one.id == int(name)), None)
    if found is None or not waiting_exists(world, found):
        raise refusal(10008)
    return found


def edit(world: WorldState, interaction: Interaction, message: Message, data: object, uploads: list[Upload]) -> Message:
    """Change a message of an interaction; what was "thinking" is done with it. Raises 50035, 50006, 40005."""
    v2 = bool(message.flags & MessageFlag.COMPONENTS_V2)
    draft = parse_draft(data, uploads, editing=True, v2=v2)
    check_sizes(uploads, world.file_limit_bytes(interaction.channel.guild_id))
    check_thread(world, interaction, new=False, ephemeral=message.ephemeral)
    loading = message.loading
    edit_message(world, message, draft, system=loading)
    if loading:
        move(world, interaction, State.DONE)
    return message


def delete(world: WorldState, interaction: Interaction, message: Message) -> None:
    """Delete a message of an interaction."""
    delete_messages(world, interaction.channel, [message])
    if message is interaction.response and interaction.state is State.THINKING:
        move(world, interaction, State.DONE)
