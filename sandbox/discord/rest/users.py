"""REST about the gateway's address, users and the application itself."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.acts.channels import direct_channel, leave
from sandbox.discord.objects.guilds import render_guild
from sandbox.discord.objects.places import render_channel, render_self, render_user
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.rest.common import (
    API,
    answer,
    bot_routes,
    no_content,
    own_application,
    path_id,
    query_flag,
    query_int,
    read_body,
)
from sandbox.discord.state.records import Application
from sandbox.discord.state.world import WorldState


def render_application(world: WorldState, application: Application) -> dict[str, Any]:
    """Render an application to its own bot."""
    install = {"scopes": ["applications.commands", "bot"], "permissions": "0"}
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "bot": render_user(application.bot),
        "summary": "",
        "rpc_origins": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "install_params": install,
        "integration_types_config": {"0": {"oauth2_install_params": install}, "1": {}},
        "verify_key": f"{application.id:064x}",
        "flags": application.flags,
        "flags_new": str(application.flags),
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": render_user(world.users[application.owner_id]),
        "approximate_guild_count": len(world.guilds_of(application.bot.id)),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "event_webhooks_url": None,
        "event_webhooks_status": 1,
        "event_webhooks_types": [],
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": ["applications.commands", "bot"],
    }


class UserRoutes:
    """Handlers of the routes about users and the application itself."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    async def _gateway(self, _request: web.Request) -> web.Response:
        return answer({"url": self._world.gateway_url})

    async def _gateway_bot(self, _request: web.Request, _application: Application) -> web.Response:
        starts = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return answer({"url": self._world.gateway_url, "shards": 1, "session_start_limit": starts})

    async def _me(self, _request: web.Request, application: Application) -> web.Response:
        return answer(render_self(application.bot))

    async def _edit_me(self, request: web.Request, application: Application) -> web.Response:
        form = Form()
        fields = Fields(form, (await read_body(request)).data)
        name = fields.string("username", low=2, high=32)
        form.check()
        if name is not None:
            application.bot.username = name
        return answer(render_self(application.bot))

    async def _user(self, request: web.Request, _application: Application) -> web.Response:
        found = self._world.users.get(path_id(request, "user_id"))
        if found is None:
            raise refusal(10013)
        return answer(render_user(found))

    async def _my_guilds(self, request: web.Request, application: Application) -> web.Response:
        limit = query_int(request, "limit", 200, low=1, high=200)
        after = query_int(request, "after", 0, low=0, high=2**63 - 1)
        counts = query_flag(request, "with_counts")
        found = []
        for guild in sorted(self._world.guilds_of(application.bot.id), key=lambda one: one.id):
            if guild.id <= after:
                continue
            whole = render_guild(guild)
            entry = {key: whole[key] for key in ("id", "name", "icon", "banner", "features")} | {
                "owner": guild.owner_id == application.bot.id,
                "permissions": str(int(self._world.guild_permissions(application.bot.id, guild))),
            }
            if counts:
                entry |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
            found.append(entry)
        return answer(found[:limit])

    async def _leave_guild(self, request: web.Request, application: Application) -> web.Response:
        guild = self._world.guilds.get(path_id(request, "guild_id"))
        if guild is None or application.bot.id not in guild.members:
            raise refusal(10004)
        leave(self._world, application.bot, guild)
        return no_content()

    async def _open_direct(self, request: web.Request, application: Application) -> web.Response:
        form = Form()
        recipient = Fields(form, (await read_body(request)).data).snowflake("recipient_id", required=True)
        form.check()
        other = self._world.users.get(recipient or 0)
        if other is None or other.id == application.bot.id:
            raise refusal(50033)
        return answer(
            render_channel(self._world, direct_channel(self._world, application.bot, other), application.bot.id)
        )

    async def _application_me(self, _request: web.Request, application: Application) -> web.Response:
        return answer(render_application(self._world, application))

    async def _edit_application(self, request: web.Request, application: Application) -> web.Response:
        form = Form()
        description = Fields(form, (await read_body(request)).data).string("description", high=400)
        form.check()
        if description is not None:
            application.description = description
        return answer(render_application(self._world, application))

    async def _application_by_id(self, request: web.Request, application: Application) -> web.Response:
        own_application(request, application)
        return answer(render_application(self._world, application))

    async def _empty_list(self, _request: web.Request, _application: Application) -> web.Response:
        return answer([])

    async def _emojis(self, request: web.Request, application: Application) -> web.Response:
        own_application(request, application)
        return answer({"items": []})

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(API + "/gateway", self._gateway),
            *bot_routes(
                self._world,
                ("GET", "/gateway/bot", self._gateway_bot),
                ("GET", "/users/@me", self._me),
                ("PATCH", "/users/@me", self._edit_me),
                ("GET", "/users/@me/guilds", self._my_guilds),
                ("DELETE", "/users/@me/guilds/{guild_id}", self._leave_guild),
                ("POST", "/users/@me/channels", self._open_direct),
                ("GET", "/users/{user_id}", self._user),
                ("GET", "/oauth2/applications/@me", self._application_me),
                ("GET", "/applications/@me", self._application_me),
                ("PATCH", "/applications/@me", self._edit_application),
                ("GET", "/applications/{application_id}", self._application_by_id),
                ("GET", "/applications/{application_id}/emojis", self._emojis),
                ("GET", "/voice/regions", self._empty_list),
            ),
        ]
