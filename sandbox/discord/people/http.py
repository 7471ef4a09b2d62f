"""The people's side over HTTP: what the page and other processes call. See sandbox/README.md for the table of calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.discord.bodies.commands import LOCALES
from sandbox.discord.bodies.message import Upload
from sandbox.discord.interactions.commands import render_command
from sandbox.discord.objects.guilds import render_guild
from sandbox.discord.objects.messages import render_message
from sandbox.discord.objects.places import render_channel, render_member, render_user
from sandbox.discord.people.events import events_route
from sandbox.discord.people.interact import People, suggested
from sandbox.discord.protocol.errors import PersonError, refusal
from sandbox.discord.protocol.forms import Fields, Form, parse_snowflake
from sandbox.discord.rest.common import answer, read_body
from sandbox.discord.state.interaction import Interaction, State
from sandbox.discord.state.records import Channel, Guild, Message, User

_PAGE = 50
_PAGE_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: who makes it, its fields, its files."""

    person: User
    fields: Fields
    uploads: list[Upload]

    def text(self, key: str, high: int = 4_000) -> str | None:
        """Return a text field. Raises 50035."""
        found = self.fields.string(key, high=high)
        self.fields.form.check()
        return found

    def needed(self, key: str, high: int = 4_000) -> str:
        """Return a text field that must be there. Raises PersonError."""
        found = self.text(key, high)
        if found is None:
            raise PersonError(f"The field {key!r} is missing.")
        return found

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a truth value. Raises 50035."""
        found = self.fields.boolean(key, default=default)
        self.fields.form.check()
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object, empty where it is missing. Raises 50035."""
        child = self.fields.child(key)
        self.fields.form.check()
        return {} if child is None else child.data


Handler = Callable[[Call], Awaitable[Any]]


class Side:
    """The handlers; each returns what is sent as JSON."""

    def __init__(self, world: People) -> None:
        self.world = world

    # Finding

    def channel(self, call: Call, key: str = "channel") -> Channel:
        """Return the channel that a call names by id or name, if its person may see it."""
        name = call.needed(key, 200)
        found_id = parse_snowflake(name)
        if found_id is not None and found_id in self.world.channels:
            found = self.world.channels[found_id]
        else:
            found = self.world.channel(name)
        self.world.check_access(call.person, found)
        return found

    def message(self, call: Call, channel: Channel, key: str = "message") -> Message:
        """Return the message that a call names, if its person may see it."""
        found_id = parse_snowflake(call.needed(key, 20))
        found = channel.messages.get(found_id or 0) or channel.ephemerals.get(found_id or 0)
        if found is None or found.reader_id not in (None, call.person.id):
            raise refusal(10008)
        return found

    def shown(self, message: Message, person: User) -> dict[str, Any]:
        """Render a message for a person, with the author's membership as events have it."""
        found = render_message(self.world, message, person.id)
        guild = self.world.guilds.get(message.guild_id) if message.guild_id is not None else None
        if guild is not None:
            found["guild_id"] = str(guild.id)
            if message.author.id in guild.members:
                found["member"] = render_member(guild.members[message.author.id], user=False)
        return found

    def place(self, channel: Channel, person: User) -> dict[str, Any]:
        """Render a channel with what a person can do there."""
        return render_channel(self.world, channel, person.id) | {"can": self.world.abilities(person, channel)}

    # Reading

    async def state(self, call: Call) -> Any:
        """Answer with all that a person's client shows at its start."""
        world, person = self.world, call.person
        dms = [self.place(one, person) for one in world.direct_channels(person.id)]
        return {
            "me": render_user(person),
            "people": [render_user(one) | {"locale": one.locale} for one in world.users.values() if not one.bot],
            "guilds": [self._guild(one, person) for one in world.guilds_of(person.id)],
            "dms": dms,
            "bot": render_user(world.bot),
            "bots": [render_user(one.bot) for one in world.applications.values()],
            "locale": person.locale,
        }

    def _guild(self, guild: Guild, person: User) -> dict[str, Any]:
        whole = render_guild(guild)
        places = [*guild.channels.values(), *guild.threads.values()]
        found = {key: whole[key] for key in ("id", "name", "icon", "roles", "owner_id", "preferred_locale")}
        return found | {
            "channels": [self.place(one, person) for one in places if self.world.can_see(person.id, one)],
            "members": [render_member(one) for one in guild.members.values()],
        }

    async def messages(self, call: Call) -> Any:
        """Answer with a page of a channel, oldest first."""
        channel = self.channel(call)
        before = call.fields.snowflake("before")
        limit = call.fields.integer("limit", low=1, high=_PAGE_MAX)
        call.fields.form.check()
        found = self.world.history(call.person, channel, before=before, limit=limit or _PAGE)
        return {"messages": [self.shown(one, call.person) for one in found]}

    async def commands(self, call: Call) -> Any:
        """Answer with the commands that a person may use in a channel."""
        found = self.world.commands_for(call.person, self.channel(call))
        return {"commands": [render_command(one) for one in found]}

    # Acting

    async def say(self, call: Call) -> Any:
        """Send a message."""
        channel = self.channel(call)
        answered = self.message(call, channel, "reply_to") if call.text("reply_to") else None
        message = await self.world.say(
            call.person,
            channel,
            call.text("content", 100_000) or "",
            reply_to=answered,
            ping=call.flag("ping", default=True),
            files=call.uploads,
            nonce=call.text("nonce", 25),
        )
        return self.shown(message, call.person)

    async def edit(self, call: Call) -> Any:
        """Edit a message."""
        message = self.message(call, self.channel(call))
        return self.shown(await self.world.edit(call.person, message, call.needed("content", 100_000)), call.person)

    async def delete(self, call: Call) -> Any:
        """Delete a message."""
        await self.world.delete(call.person, self.message(call, self.channel(call)))
        return {}

    async def react(self, call: Call) -> Any:
        """React to a message, or take that back."""
        message = self.message(call, self.channel(call))
        await self.world.react(call.person, message, call.needed("emoji", 64), remove=call.flag("remove"))
        return {}

    async def typing(self, call: Call) -> Any:
        """Show that the person is writing."""
        await self.world.typing(call.person, self.channel(call))
        return {}

    async def direct(self, call: Call) -> Any:
        """Open a direct message channel."""
        name = call.text("with", 100)
        other: User | None = None
        if name is not None:
            bots = (one.bot for one in self.world.applications.values())
            other = next((one for one in bots if name in (one.username, str(one.id))), None) or self.world.person(name)
        return self.place(await self.world.open_dm(call.person, other), call.person)

    async def thread(self, call: Call) -> Any:
        """Start a thread."""
        channel = self.channel(call)
        if channel.has_posts:
            content = call.text("content", 100_000) or ""
            post = await self.world.start_post(
                call.person, channel, call.needed("name", 200), content, files=call.uploads, tags=self._tags(call)
            )
            return self.place(post, call.person)
        where: Message | Channel = self.message(call, channel) if call.text("message") else channel
        name, private = call.needed("name", 200), call.flag("private")
        return self.place(await self.world.start_thread(call.person, where, name, private=private), call.person)

    def _tags(self, call: Call) -> list[str]:
        found = call.fields.items("tags", high=5) or []
        call.fields.form.check()
        return [one for one in found if isinstance(one, str)]

    async def locale(self, call: Call) -> Any:
        """Choose the language of the person's client."""
        locale = call.needed("locale", 10)
        if locale not in LOCALES:
            raise PersonError(f"Discord has no language {locale!r}.")
        call.person.locale = locale
        return {"locale": locale}

    async def interact(self, call: Call) -> Any:
        """Use a command, a component or a form."""
        return {"id": str((await self._interaction(call)).id)}

    async def _interaction(self, call: Call) -> Interaction:
        world, person = self.world, call.person
        if call.text("modal") is not None:
            opened = parse_snowflake(call.text("modal")) or 0
            return await world.submit_modal(person, opened, call.mapping("fields"), uploads=call.uploads)
        channel = self.channel(call)
        if call.text("component") is not None:
            message = self.message(call, channel)
            custom_id = call.needed("component", 512)
            values = call.fields.items("values", high=25)
            call.fields.form.check()
            if values is None:
                return await world.click(person, message, custom_id)
            return await world.select(person, message, custom_id, values)
        command, target = call.needed("command", 200), call.text("target", 40)
        if target is None:
            return await world.slash(person, channel, command, call.mapping("options"), uploads=call.uploads)
        target_id = parse_snowflake(target)
        return await world.context_menu(
            person, channel, command, world.person(target).id if target_id is None else target_id
        )

    async def autocomplete(self, call: Call) -> Any:
        """Answer with the bot's suggestions for an option."""
        channel = self.channel(call)
        focused = call.needed("focused", 32)
        command, options = call.needed("command", 200), call.mapping("options")
        asked = await self.world.ask_suggestions(call.person, channel, command, options, focused)
        return {"choices": suggested(asked), "failed": asked.state is State.FAILED}


def _who(world: People, name: object) -> User:
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise PersonError("The field 'as' names the person who does this.")
    return world.person(name)


def acting(world: People, path: str, handler: Handler) -> web.RouteDef:
    """Return the route of something that a person does."""

    async def handle(request: web.Request) -> web.Response:
        body = await read_body(request)
        form = Form()
        fields = Fields(form, body.data)
        form.check()
        person = _who(world, fields.data.get("as", request.query.get("as")))
        return answer(await handler(Call(person=person, fields=fields, uploads=body.uploads)))

    return web.post(f"/people/{path}", handle)


def routes(world: People) -> list[web.RouteDef]:
    """Return the routes below /people."""
    side = Side(world)

    def reading(path: str, handler: Handler) -> web.RouteDef:
        async def handle(request: web.Request) -> web.Response:
            query = dict(request.query)
            call = Call(person=_who(world, query.get("as")), fields=Fields(Form(), query), uploads=[])
            return answer(await handler(call))

        return web.get(f"/people/{path}", handle, allow_head=False)

    return [
        reading("state", side.state),
        reading("messages", side.messages),
        reading("commands", side.commands),
        events_route(world),
        acting(world, "say", side.say),
        acting(world, "edit", side.edit),
        acting(world, "delete", side.delete),
        acting(world, "react", side.react),
        acting(world, "typing", side.typing),
        acting(world, "dm", side.direct),
        acting(world, "thread", side.thread),
        acting(world, "interact", side.interact),
        acting(world, "autocomplete", side.autocomplete),
        acting(world, "locale", side.locale),
    ]
