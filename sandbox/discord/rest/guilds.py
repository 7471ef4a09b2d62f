"""REST of guilds: the guild, its channels, members and roles."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.acts.channels import publish_member
from sandbox.discord.objects.guilds import render_guild
from sandbox.discord.objects.places import render_channel, render_member, render_role
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import answer, bot_routes, joined_guild, path_id, query_flag, query_int, read_body
from sandbox.discord.state.records import Application
from sandbox.discord.state.world import WorldState


class GuildRoutes:
    """Handlers of the routes of guilds."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    async def _guild(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application)
        body = render_guild(found)
        if query_flag(request, "with_counts"):
            body |= {"approximate_member_count": len(found.members), "approximate_presence_count": 0}
        return answer(body)

    async def _channels(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application)
        seen = [one for one in found.channels.values() if self._world.can_see(application.bot.id, one)]
        return answer([render_channel(self._world, one, application.bot.id) for one in seen])

    async def _members(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application)
        if not application.members_intent:
            raise refusal(50001)
        limit = query_int(request, "limit", 1, low=1, high=1000)
        after = query_int(request, "after", 0, low=0, high=2**63 - 1)
        ids = [one for one in sorted(found.members) if one > after]
        return answer([render_member(found.members[one]) for one in ids[:limit]])

    async def _search(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application)
        limit = query_int(request, "limit", 1, low=1, high=1000)
        start = request.query.get("query", "").casefold()
        matching = [
            member
            for member in found.members.values()
            if member.user.username.casefold().startswith(start) or (member.nick or "").casefold().startswith(start)
        ]
        return answer([render_member(one) for one in matching[:limit]])

    async def _member(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application).members.get(path_id(request, "user_id"))
        if found is None:
            raise refusal(10007)
        return answer(render_member(found))

    async def _edit_me(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application)
        form = Form()
        fields = Fields(form, (await read_body(request)).data)
        nick = fields.string("nick", high=32)
        form.check()
        me = found.members[application.bot.id]
        if "nick" in fields:
            if not self._world.guild_permissions(application.bot.id, found) & Permission.CHANGE_NICKNAME:
                raise refusal(50013)
            me.nick = nick or None
            publish_member(self._world, found, me)
        return answer(render_member(me))

    async def _roles(self, request: web.Request, application: Application) -> web.Response:
        return answer([render_role(one) for one in joined_guild(self._world, request, application).roles.values()])

    async def _role(self, request: web.Request, application: Application) -> web.Response:
        found = joined_guild(self._world, request, application).roles.get(path_id(request, "role_id"))
        if found is None:
            raise refusal(10011)
        return answer(render_role(found))

    async def _nothing(self, request: web.Request, application: Application) -> web.Response:
        joined_guild(self._world, request, application)
        return answer([])

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        base = "/guilds/{guild_id}"
        return bot_routes(
            self._world,
            ("GET", base, self._guild),
            ("GET", base + "/channels", self._channels),
            ("GET", base + "/members", self._members),
            ("GET", base + "/members/search", self._search),
            ("PATCH", base + "/members/@me", self._edit_me),
            ("GET", base + "/members/{user_id}", self._member),
            ("GET", base + "/roles", self._roles),
            ("GET", base + "/roles/{role_id}", self._role),
            ("GET", base + "/emojis", self._nothing),
            ("GET", base + "/stickers", self._nothing),
        )
