"""REST of reactions and pins."""

from __future__ import annotations

from urllib.parse import unquote

from aiohttp import web

from sandbox.discord.acts.edits import checked_emoji, clear_reactions, react, set_pinned, unreact
from sandbox.discord.acts.membership import check_touching
from sandbox.discord.objects.places import render_user
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.rest.common import answer, bot_routes, no_content, path_id, query_int, require, seen_channel
from sandbox.discord.rest.messages import shown
from sandbox.discord.state.records import Application, Channel, Message
from sandbox.discord.state.world import WorldState


class ReactionRoutes:
    """Handlers of the routes of reactions and pins."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    def _target(self, request: web.Request, application: Application) -> tuple[Channel, Message]:
        channel = seen_channel(self._world, request, application)
        return channel, self._world.message(channel.id, path_id(request, "message_id"))

    async def _add(self, request: web.Request, application: Application) -> web.Response:
        channel, message = self._target(request, application)
        require(self._world, application, channel, Permission.READ_MESSAGE_HISTORY)
        check_touching(self._world, application.bot, channel, deleting=False)
        react(self._world, application.bot, message, _emoji_of(request))
        return no_content()

    async def _remove_own(self, request: web.Request, application: Application) -> web.Response:
        _, message = self._target(request, application)
        unreact(self._world, application.bot, message, _emoji_of(request))
        return no_content()

    async def _remove_other(self, request: web.Request, application: Application) -> web.Response:
        channel, message = self._target(request, application)
        require(self._world, application, channel, Permission.MANAGE_MESSAGES)
        user = self._world.users.get(path_id(request, "user_id"))
        if user is None:
            raise refusal(10013)
        unreact(self._world, user, message, _emoji_of(request))
        return no_content()

    async def _remove_kind(self, request: web.Request, application: Application) -> web.Response:
        channel, message = self._target(request, application)
        require(self._world, application, channel, Permission.MANAGE_MESSAGES)
        clear_reactions(self._world, message, _emoji_of(request))
        return no_content()

    async def _remove_all(self, request: web.Request, application: Application) -> web.Response:
        channel, message = self._target(request, application)
        require(self._world, application, channel, Permission.MANAGE_MESSAGES)
        clear_reactions(self._world, message)
        return no_content()

    async def _users(self, request: web.Request, application: Application) -> web.Response:
        _, message = self._target(request, application)
        limit = query_int(request, "limit", 25, low=1, high=100)
        after = query_int(request, "after", 0, low=0, high=2**63 - 1)
        ids = sorted(one for one in message.reactions.get(_emoji_of(request), []) if one > after)
        return answer([render_user(self._world.users[one]) for one in ids[:limit]])

    def _pinned(self, channel: Channel, application: Application) -> list[Message]:
        """List the pins, the newest first; none for a bot that may not read the history."""
        if not self._world.permissions(application.bot.id, channel) & Permission.READ_MESSAGE_HISTORY:
            return []
        return _pinned(channel)

    async def _pins(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        return answer([shown(self._world, application, one) for one in self._pinned(channel, application)])

    async def _pins_with_times(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        limit = query_int(request, "limit", 50, low=1, high=50)
        found = self._pinned(channel, application)
        items = [
            {"pinned_at": iso(one.pinned_at or 0.0), "message": shown(self._world, application, one)}
            for one in found[:limit]
        ]
        return answer({"items": items, "has_more": len(found) > limit})

    async def _pin(self, request: web.Request, application: Application) -> web.Response:
        channel, message = self._target(request, application)
        if not self._world.permissions(application.bot.id, channel) & (
            Permission.MANAGE_MESSAGES | Permission.PIN_MESSAGES
        ):
            raise refusal(50013)
        set_pinned(self._world, application.bot, message, pinned=request.method == "PUT")
        return no_content()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        message = r"/channels/{channel_id}/messages/{message_id:\d+}"
        emoji = message + "/reactions/{emoji}"
        pins, pins_with_times = "/channels/{channel_id}/pins", "/channels/{channel_id}/messages/pins"
        return bot_routes(
            self._world,
            ("PUT", emoji + "/@me", self._add),
            ("DELETE", emoji + "/@me", self._remove_own),
            ("DELETE", emoji + r"/{user_id:\d+}", self._remove_other),
            ("DELETE", emoji, self._remove_kind),
            ("GET", emoji, self._users),
            ("DELETE", message + "/reactions", self._remove_all),
            ("GET", pins, self._pins),
            ("GET", pins_with_times, self._pins_with_times),
            *(
                (method, base + "/{message_id}", self._pin)
                for base in (pins, pins_with_times)
                for method in ("PUT", "DELETE")
            ),
        )


def _emoji_of(request: web.Request) -> str:
    return checked_emoji(unquote(request.match_info["emoji"]))


def _pinned(channel: Channel) -> list[Message]:
    found = [one for one in channel.messages.values() if one.pinned_at is not None]
    return sorted(found, key=lambda one: -(one.pinned_at or 0.0))
