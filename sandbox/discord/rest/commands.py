"""REST of application commands: global ones, those of a guild, and their permissions."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.interactions import commands
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.rest.common import (
    answer,
    bot_route,
    joined_guild,
    no_content,
    own_application,
    path_id,
    query_flag,
    read_body,
)
from sandbox.discord.state.records import Application, Command
from sandbox.discord.state.world import WorldState


def routes(world: WorldState) -> list[web.RouteDef]:
    """Return the routes of commands."""

    def scope(request: web.Request, application: Application) -> int | None:
        own_application(request, application)
        if "guild_id" not in request.match_info:
            return None
        guild = world.guilds.get(path_id(request, "guild_id"))
        if guild is None or application.bot.id not in guild.members:
            raise refusal(50001)
        return guild.id

    def named(request: web.Request, application: Application) -> Command:
        guild_id = scope(request, application)
        found = application.commands.get(path_id(request, "command_id"))
        if found is None or found.guild_id != guild_id:
            raise refusal(10063)
        return found

    async def list_all(request: web.Request, application: Application) -> web.Response:
        found = commands.scope_commands(application, scope(request, application))
        whole = query_flag(request, "with_localizations")
        locale = request.headers.get("X-Discord-Locale")
        return answer([commands.render_command(one, localizations=whole, locale=locale) for one in found])

    async def create(request: web.Request, application: Application) -> web.Response:
        guild_id = scope(request, application)
        found, new = commands.upsert(world, application, guild_id, (await read_body(request)).data)
        return answer(commands.render_command(found), 201 if new else 200)

    async def overwrite(request: web.Request, application: Application) -> web.Response:
        guild_id = scope(request, application)
        found = commands.overwrite(world, application, guild_id, (await read_body(request, empty=[])).data)
        return answer([commands.render_command(one) for one in found])

    async def get(request: web.Request, application: Application) -> web.Response:
        return answer(commands.render_command(named(request, application)))

    async def edit(request: web.Request, application: Application) -> web.Response:
        found = named(request, application)
        data = (await read_body(request)).data
        return answer(commands.render_command(commands.edit(world, application, found, data)))

    async def delete(request: web.Request, application: Application) -> web.Response:
        del application.commands[named(request, application).id]
        return no_content()

    def permissions_of(application: Application, guild_id: int, command_id: int) -> dict[str, Any]:
        return {
            "id": str(command_id),
            "application_id": str(application.id),
            "guild_id": str(guild_id),
            "permissions": application.command_permissions[guild_id, command_id],
        }

    async def all_permissions(request: web.Request, application: Application) -> web.Response:
        guild_id = scope(request, application)
        found = [key for key in application.command_permissions if key[0] == guild_id]
        return answer([permissions_of(application, *key) for key in found])

    async def permissions(request: web.Request, application: Application) -> web.Response:
        own_application(request, application)
        key = (joined_guild(world, request, application).id, path_id(request, "command_id"))
        if key not in application.command_permissions:
            raise refusal(10066)
        return answer(permissions_of(application, *key))

    async def set_permissions(request: web.Request, application: Application) -> web.Response:
        own_application(request, application)
        guild = joined_guild(world, request, application)
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
        return answer(permissions_of(application, guild.id, command.id))

    found = []
    for base in (
        "/applications/{application_id}/commands",
        "/applications/{application_id}/guilds/{guild_id}/commands",
    ):
        found += [
            bot_route(world, "GET", base, list_all),
            bot_route(world, "POST", base, create),
            bot_route(world, "PUT", base, overwrite),
            bot_route(world, "GET", base + r"/{command_id:\d+}", get),
            bot_route(world, "PATCH", base + r"/{command_id:\d+}", edit),
            bot_route(world, "DELETE", base + r"/{command_id:\d+}", delete),
        ]
    guild = "/applications/{application_id}/guilds/{guild_id}/commands"
    return [
        *found,
        bot_route(world, "GET", guild + "/permissions", all_permissions),
        bot_route(world, "GET", guild + r"/{command_id:\d+}/permissions", permissions),
        bot_route(world, "PUT", guild + r"/{command_id:\d+}/permissions", set_permissions),
    ]
