"""The commands of an application: registered, replaced, listed; and which of them a person may use where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.bodies.commands import CHAT_INPUT, checked_command, parse_command
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import PersonError, refusal
from sandbox.discord.protocol.forms import Fields, Form, fail, parse_snowflake
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Application, Channel, Command, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState

_LOCALIZED = ("name_localizations", "description_localizations")


def render_command(command: Command, *, localizations: bool = True, locale: str | None = None) -> dict[str, Any]:
    """Render a command; without `localizations` only the texts of `locale` are in it, as `name_localized` and so on."""
    body = command.body if localizations else _localized(command.body, locale)
    found = {
        "id": str(command.id),
        "application_id": str(command.application_id),
        "version": str(command.version),
    } | body
    if command.guild_id is not None:
        found["guild_id"] = str(command.guild_id)
        for key in ("dm_permission", "contexts", "integration_types"):
            found.pop(key, None)
    return found


def _localized(node: Any, locale: str | None) -> Any:
    if isinstance(node, list):
        return [_localized(one, locale) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _localized(value, locale) for key, value in node.items() if key not in _LOCALIZED}
    for key in _LOCALIZED:
        text = (node.get(key) or {}).get(locale)
        if text is not None:
            found[key.replace("_localizations", "_localized")] = text
    return found


def scope_commands(application: Application, guild_id: int | None) -> list[Command]:
    """Return the commands of a scope, in the order of their making."""
    return [one for one in application.commands.values() if one.guild_id == guild_id]


def _bound(kind: int) -> int:
    return limits.COMMANDS if kind == CHAT_INPUT else limits.CONTEXT_COMMANDS


def upsert(world: WorldState, application: Application, guild_id: int | None, data: object) -> tuple[Command, bool]:
    """Add a command, or replace that of the same name and type; tell whether it is new. Raises 50035, 30032."""
    body = checked_command(data)
    same = [
        one for one in scope_commands(application, guild_id) if (one.type, one.name) == (body["type"], body["name"])
    ]
    of_type = sum(one.type == body["type"] for one in scope_commands(application, guild_id))
    if not same and of_type >= _bound(int(body["type"])):
        raise refusal(30032)
    command = Command(
        id=same[0].id if same else world.ids.next(),
        application_id=application.id,
        guild_id=guild_id,
        version=world.ids.next(),
        body=body,
    )
    application.commands[command.id] = command
    return command, not same


def edit(world: WorldState, application: Application, command: Command, data: object) -> Command:
    """Change parts of a command. Raises 50035, also where another has the new name."""
    body = checked_command(data, before=command.body)
    for other in scope_commands(application, command.guild_id):
        if other.id != command.id and (other.type, other.name) == (body["type"], body["name"]):
            words = "Application command names must be unique"
            raise fail(("name",), "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
    command.body = body
    command.version = world.ids.next()
    return command


def overwrite(world: WorldState, application: Application, guild_id: int | None, data: object) -> list[Command]:
    """Replace all commands of a scope; those of the same name and type keep their id. Raises 50035, 30032."""
    form = Form()
    if not isinstance(data, list):
        raise fail((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    bodies = [parse_command(Fields(form, one, (index,))) for index, one in enumerate(data[: limits.COMMANDS * 2])]
    form.check()
    seen = set()
    for index, body in enumerate(bodies):
        key = (body["type"], body["name"])
        if key in seen:
            words = "Application command names must be unique"
            raise fail((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
        seen.add(key)
    if any(sum(kind == one for one, _ in seen) > _bound(kind) for kind in (1, 2, 3)):
        raise refusal(30032)
    before = {(one.type, one.name): one for one in scope_commands(application, guild_id)}
    for old in before.values():
        del application.commands[old.id]
    found = []
    for body in bodies:
        old_command = before.get((body["type"], body["name"]))
        unchanged = old_command is not None and old_command.body == body
        command = Command(
            id=world.ids.next() if old_command is None else old_command.id,
            application_id=application.id,
            guild_id=guild_id,
            version=old_command.version if old_command is not None and unchanged else world.ids.next(),
            body=body,
        )
        application.commands[command.id] = command
        found.append(command)
    return found


def may_use(world: WorldState, person: User, channel: Channel, command: Command) -> bool:
    """Tell whether Discord's client would offer a command: place, age restriction, permissions, overrides."""
    if command.guild_id is not None and command.guild_id != channel.guild_id:
        return False
    if not has_bot(world, channel, command.application_id):
        return _carried(world, person, channel, command)
    if command.guild_id is None and (1 if channel.is_dm else 0) not in command.body["contexts"]:
        return False
    if channel.is_dm:
        return True
    guild = world.guilds[channel.guild_id or 0]
    rights = world.permissions(person.id, channel)
    if not rights & Permission.USE_APPLICATION_COMMANDS:
        return False
    if rights & Permission.ADMINISTRATOR:
        return True
    place = channel if channel.thread is None else guild.channels[channel.parent_id or 0]
    if command.body["nsfw"] and not place.nsfw:
        return False
    override = _override(world, person, channel, command)
    if override is not None:
        return override
    needed = command.body["default_member_permissions"]
    if needed is None:
        return True
    # "0" means: administrators only, who were let through above.
    return needed != "0" and int(needed) & int(rights) == int(needed)


def has_bot(world: WorldState, channel: Channel, application_id: int) -> bool:
    """Tell whether an application's bot is in a place: a member of the guild, a side of the direct message."""
    if channel.guild_id is None:
        return application_id in channel.recipients
    return application_id in world.guilds[channel.guild_id].members


def _carried(world: WorldState, person: User, channel: Channel, command: Command) -> bool:
    """Tell whether a person brings a command along, having installed the application for themselves."""
    installed = (command.application_id, person.id) in world.user_installs and 1 in command.body["integration_types"]
    context = 2 if channel.is_dm else 0
    usable = world.permissions(person.id, channel) & Permission.USE_APPLICATION_COMMANDS
    return installed and context in command.body["contexts"] and bool(usable)


def _override(world: WorldState, person: User, channel: Channel, command: Command) -> bool | None:
    """Return what the guild's own settings say about a command, None where they say nothing about this person."""
    application = world.applications[command.application_id]
    guild = world.guilds[channel.guild_id or 0]
    entries = application.command_permissions.get((guild.id, command.id), [])
    by_id = {(one["type"], int(one["id"])): bool(one["permission"]) for one in entries}
    place_id = channel.id if channel.thread is None else channel.parent_id or 0
    place = by_id.get((3, place_id))
    if place is None:
        place = by_id.get((3, guild.id - 1))  # Discord's constant for "all channels"
    if place is False:
        return False
    if (2, person.id) in by_id:
        return by_id[2, person.id]
    roles = [by_id[1, role] for role in guild.members[person.id].roles if (1, role) in by_id]
    if roles:
        return any(roles)
    return by_id.get((1, guild.id))


def usable_commands(world: WorldState, person: User, channel: Channel) -> list[Command]:
    """Return the commands that a person may use in a channel, by name; a guild's own hides a global one."""
    found: dict[tuple[int, int, str], Command] = {}
    for application in world.applications.values():
        for command in application.commands.values():
            if may_use(world, person, channel, command):
                key = (application.id, command.type, command.name)
                if key not in found or command.guild_id is not None:
                    found[key] = command
    return sorted(found.values(), key=lambda one: (one.type, one.name))


def find_command(world: WorldState, person: User, channel: Channel, name: str, *, kinds: tuple[int, ...]) -> Command:
    """Return the usable command of this name or id. Raises PersonError: unknown (404) or not allowed here (403)."""
    wanted = name.strip().removeprefix("/")
    wanted_id = parse_snowflake(wanted)
    for command in usable_commands(world, person, channel):
        if command.type in kinds and (command.name == wanted or command.id == wanted_id):
            return command
    known = any(
        one.name == wanted and one.type in kinds
        for application in world.applications.values()
        for one in application.commands.values()
    )
    if known:
        raise PersonError("You cannot use this command here.", status=403, code=50013)
    raise PersonError(f"There is no command called {wanted[:50]!r} here.", status=404, code=10063)
