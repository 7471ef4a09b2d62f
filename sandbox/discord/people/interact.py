"""What people do with commands, components and modals. Each gives an `Interaction`, which tells what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sandbox.discord.acts.membership import is_locked_to
from sandbox.discord.bodies import commands as rules
from sandbox.discord.bodies.components import BUTTON, LINK_STYLE, SELECTS, STRING_SELECT
from sandbox.discord.bodies.message import Upload
from sandbox.discord.interactions.choices import choose, fill_modal
from sandbox.discord.interactions.commands import find_command, usable_commands
from sandbox.discord.interactions.create import create_interaction
from sandbox.discord.interactions.lifecycle import move
from sandbox.discord.interactions.options import fill
from sandbox.discord.interactions.resolve import Resolver
from sandbox.discord.people.others import Others
from sandbox.discord.protocol.errors import PersonError, refusal
from sandbox.discord.protocol.permissions import NONE, Permission
from sandbox.discord.state.interaction import Interaction, Kind, State
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Application, Channel, Command, Message, User

_ANSWER_S = 4.0
"""How long an autocomplete waits in real time: a little beyond Discord's deadline."""


_STARTS_THREADS = {
    ChannelType.TEXT: Permission.CREATE_PUBLIC_THREADS,
    ChannelType.ANNOUNCEMENT: Permission.CREATE_PUBLIC_THREADS,
    ChannelType.FORUM: Permission.SEND_MESSAGES,
    ChannelType.MEDIA: Permission.SEND_MESSAGES,
}
"""What a person needs to start a thread, which in a forum or media channel is a post."""


class People(Others):
    """All that people do."""

    async def slash(
        self,
        person: User,
        channel: Channel,
        command: str,
        options: Mapping[str, Any] | None = None,
        *,
        uploads: Collection[Upload] = (),
    ) -> Interaction:
        """Use a slash command, "draw" or with subcommands "settings set". Raises PersonError for wrong options."""
        found, words = self._slash_command(person, channel, command)
        resolver = Resolver(self, channel, person, self._bot_of(found), uploads=uploads)
        filled = fill(resolver, found.body, words, options or {})
        return self._use(person, channel, found, filled.nested(), resolver)

    def _slash_command(self, person: User, channel: Channel, command: str) -> tuple[Command, list[str]]:
        name, *words = command.removeprefix("/").split() or [""]
        self.check_access(person, channel)
        return find_command(self, person, channel, name, kinds=(rules.CHAT_INPUT,)), words

    def _use(
        self,
        person: User,
        channel: Channel,
        command: Command,
        options: list[dict[str, Any]],
        resolver: Resolver,
        *,
        target_id: int | None = None,
        kind: Kind = Kind.COMMAND,
    ) -> Interaction:
        data: dict[str, Any] = {"id": str(command.id), "name": command.name, "type": command.type}
        if command.guild_id is not None:
            data["guild_id"] = str(command.guild_id)
        if options:
            data["options"] = options
        if resolver.resolved:
            data["resolved"] = resolver.resolved
        if target_id is not None:
            data["target_id"] = str(target_id)
        application = self.applications[command.application_id]
        return create_interaction(self, kind, application, person, channel, data, command=command)

    async def ask_suggestions(
        self, person: User, channel: Channel, command: str, options: Mapping[str, Any], focused: str
    ) -> Interaction:
        """Ask the bot to suggest values for the option being typed; the interaction has failed where it does not."""
        found, words = self._slash_command(person, channel, command)
        resolver = Resolver(self, channel, person, self._bot_of(found))
        filled = fill(resolver, found.body, words, options, focused)
        interaction = self._use(person, channel, found, filled.nested(), resolver, kind=Kind.AUTOCOMPLETE)
        return await self.answered(interaction, timeout_s=_ANSWER_S)

    async def autocomplete(
        self, person: User, channel: Channel, command: str, options: Mapping[str, Any], focused: str
    ) -> list[dict[str, Any]]:
        """Return the choices that the bot suggests for the option being typed; none where it does not answer."""
        return suggested(await self.ask_suggestions(person, channel, command, options, focused))

    async def context_menu(
        self, person: User, channel: Channel, command: str, target: Message | User | int
    ) -> Interaction:
        """Use a command of a message's or user's context menu."""
        self.check_access(person, channel)
        found = find_command(self, person, channel, command, kinds=(rules.USER, rules.MESSAGE))
        resolver = Resolver(self, channel, person, self._bot_of(found))
        on_user = found.type == rules.USER
        target_id = int(resolver.user(target)) if on_user else resolver.message(target).id
        return self._use(person, channel, found, [], resolver, target_id=target_id)

    async def click(self, person: User, message: Message, custom_id: str) -> Interaction:
        """Press a button."""
        component = self._component(person, message, custom_id, (BUTTON,))
        return self._act(person, message, component, {})

    async def select(self, person: User, message: Message, custom_id: str, values: Sequence[object]) -> Interaction:
        """Choose in a select menu: values of its options, or users, roles and channels by object or id."""
        component = self._component(person, message, custom_id, SELECTS)
        bot = self._application_of(message).bot
        resolver = Resolver(self, self.channel_by_id(message.channel_id), person, bot)
        data: dict[str, Any] = {"values": choose(resolver, component, values)}
        if component["type"] != STRING_SELECT:
            data["resolved"] = resolver.resolved
        return self._act(person, message, component, data)

    def _component(self, person: User, message: Message, custom_id: str, kinds: Collection[int]) -> dict[str, Any]:
        self._check_sight(person, message)
        for one in walk(message.components):
            if one.get("custom_id") == custom_id and one["type"] in kinds:
                if one.get("disabled"):
                    raise PersonError("This is switched off.")
                return one
            if one["type"] == BUTTON and one.get("style") == LINK_STYLE and one.get("url") == custom_id:
                raise PersonError("A link opens in the browser; the bot does not hear of it.")
        raise PersonError("There is nothing of that kind on this message.", status=404, code=10008)

    def _act(self, person: User, message: Message, component: dict[str, Any], data: dict[str, Any]) -> Interaction:
        application = self._application_of(message)
        channel = self.channel_by_id(message.channel_id)
        body = {"component_type": component["type"], "custom_id": component["custom_id"], "id": component["id"]} | data
        return create_interaction(self, Kind.COMPONENT, application, person, channel, body, source=message)

    def _bot_of(self, command: Command) -> User:
        return self.applications[command.application_id].bot

    def _application_of(self, message: Message) -> Application:
        found = self.applications.get(message.author.id)
        if found is None:
            raise refusal(10002)
        return found

    async def submit_modal(
        self,
        person: User,
        opened: Interaction | int,
        fields: Mapping[str, Any],
        *,
        uploads: Collection[Upload] = (),
    ) -> Interaction:
        """Fill in and send a modal that an interaction opened; `fields` is by custom_id. Raises PersonError.

        It stays open, to be sent anew, where the bot does not answer.
        """
        interaction = self.interactions.get(opened) if isinstance(opened, int) else opened
        before = None if interaction is None else interaction.submission
        sent = before is not None and before.state is not State.FAILED
        if interaction is None or interaction.user is not person or interaction.modal is None or sent:
            raise PersonError("There is no such form open.", status=404, code=10062)
        resolver = Resolver(self, interaction.channel, person, interaction.application.bot, uploads=uploads)
        data: dict[str, Any] = {
            "custom_id": interaction.modal["custom_id"],
            "components": fill_modal(resolver, interaction.modal, fields),
        }
        if resolver.resolved:
            data["resolved"] = resolver.resolved
        move(self, interaction, State.DONE)
        interaction.submission = create_interaction(
            self, Kind.MODAL, interaction.application, person, interaction.channel, data,
            source=interaction.source, parent=interaction,
        )  # fmt: skip
        return interaction.submission

    async def answered(self, interaction: Interaction, *, timeout_s: float = 5.0) -> Interaction:
        """Wait until the person has what comes of an interaction. Raises TimeoutError."""
        await self.wait_for(lambda: interaction.answered, timeout_s=timeout_s)
        return interaction

    def commands_for(self, person: User, channel: Channel) -> list[Command]:
        """Return the commands that Discord's client offers to a person in a channel."""
        self.check_access(person, channel)
        return usable_commands(self, person, channel)

    def abilities(self, person: User, channel: Channel) -> dict[str, bool]:
        """Return what a person's client lets that person do in a channel."""
        rights = self.permissions(person.id, channel)
        sending = Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS
        may_send = bool(rights & sending) and channel.is_text and not is_locked_to(self, person, channel)
        return {
            "send": may_send,
            "attach": may_send and bool(rights & Permission.ATTACH_FILES),
            "react": bool(rights & Permission.ADD_REACTIONS),
            "threads": bool(rights & _STARTS_THREADS.get(channel.type, NONE)),
            "manage_messages": bool(rights & Permission.MANAGE_MESSAGES),
        }


def suggested(interaction: Interaction) -> list[dict[str, Any]]:
    """Return the choices of an answered autocomplete, their names in the person's language."""
    return [
        {"name": (one["name_localizations"] or {}).get(interaction.locale, one["name"]), "value": one["value"]}
        for one in interaction.choices or []
    ]


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield all components of a message, however deep."""
    for one in components:
        yield one
        yield from walk(one.get("components", []))
        if one.get("accessory"):
            yield one["accessory"]
