"""REST of application commands: global ones, those of a guild, and their permissions."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.interactions import commands
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.rest.common import (
    answer,
    bot_routes,
    joined_guild,
    no_content,
    own_application,
    path_id,
    query_flag,
    read_body,
)
from sandbox.discord.state.records import Application, Command
from sandbox.discord.state.world import WorldState


class CommandRoutes:
    """Handlers of the routes of commands."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    def _scope(self, request: web.Request, application: Application) -> int | None:
        own_application(request, application)
        if "guild_id" not in request.match_info:
            return None
        guild = self._world.guilds.get(path_id(request, "guild_id"))
        if guild is None or application.bot.id not in guild.members:
            raise refusal(50001)
        return guild.id

    def _named(self, request: web.Request, application: Application) -> Command:
        guild_id = self._scope(request, application)
        found = application.commands.get(path_id(request, "command_id"))
        if found is None or found.guild_id != guild_id:
            raise refusal(10063)
        return found

    async def _list_all(self, request: web.Request, application: Application) -> web.Response:
        found = commands.scope_commands(application, self._scope(request, application))
        whole = query_flag(request, "with_localizations")
        locale = request.headers.get("X-Discord-Locale")
        return answer([commands.render_command(one, localizations=whole, locale=locale) for one in found])

    async def _create(self, request: web.Request, application: Application) -> web.Response:
        guild_id = self._scope(request, application)
        found, new = commands.upsert(self._world, application, guild_id, (await read_body(request)).data)
        return answer(commands.render_command(found), 201 if new else 200)

    async def _overwrite(self, request: web.Request, application: Application) -> web.Response:
        guild_id = self._scope(request, application)
        found = commands.overwrite(self._world, application, guild_id, (await read_body(request, empty=[])).data)
        return answer([commands.render_command(one) for one in found])

    async def _get(self, request: web.Request, application: Application) -> web.Response:
        return answer(commands.render_command(self._named(request, application)))

    async def _edit(self, request: web.Request, application: Application) -> web.Response:
        found = self._named(request, application)
        data = (await read_body(request)).data
        return answer(commands.render_command(commands.edit(self._world, application, found, data)))

    async def _delete(self, request: web.Request, application: Application) -> web.Response:
        del application.commands[self._named(request, application).id]
        return no_content()

    async def _all_permissions(self, request: web.Request, application: Application) -> web.Response:
        guild_id = self._scope(request, application)
        found = [key for key in application.command_permissions if key[0] == guild_id]
        return answer([_permissions_of(application, *key) for key in found])

    async def _permissions(self, request: web.Request, application: Application) -> web.Response:
        own_application(request, application)
        key = (joined_guild(self._world, request, application).id, path_id(request, "command_id"))
        if key not in application.command_permissions:
            raise refusal(10066)
        return answer(_permissions_of(application, *key))

    async def _set_permissions(self, request: web.Request, application: Application) -> web.Response:
        own_application(request, application)
        guild = joined_guild(self._world, request, application)
        command = application.commands.get(path_id(request, "command_id"))
        if command is None or command.guild_id not in (None, guild.id):
            raise refusal(10063)
        form = Form()
        fields = Fields(form, (await read_body(request)).data)
        entries = [
            {
                "id": str(one.snowflake("id", required=True)),
                "type": one.choice("type", (1, 2, 3), required=True),
                "permission": one.boolean("permission"),
            }
            for one in fields.children("permissions", high=100, required=True)
        ]
        form.check()
        application.command_permissions[guild.id, command.id] = entries
        return answer(_permissions_of(application, guild.id, command.id))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        of_all = "/applications/{application_id}/commands"
        of_guild = "/applications/{application_id}/guilds/{guild_id}/commands"
        one = r"/{command_id:\d+}"
        return bot_routes(
            self._world,
            *(
                route
                for base in (of_all, of_guild)
                for route in (
                    ("GET", base, self._list_all),
                    ("POST", base, self._create),
                    ("PUT", base, self._overwrite),
                    ("GET", base + one, self._get),
                    ("PATCH", base + one, self._edit),
                    ("DELETE", base + one, self._delete),
                )
            ),
            ("GET", of_guild + "/permissions", self._all_permissions),
            ("GET", of_guild + one + "/permissions", self._permissions),
            ("PUT", of_guild + one + "/permissions", self._set_permissions),
        )


def _permissions_of(application: Application, guild_id: int, command_id: int) -> dict[str, Any]:
    return {
        "id": str(command_id),
        "application_id": str(application.id),
        "guild_id": str(guild_id),
        "permissions": application.command_permissions[guild_id, command_id],
    }
