"""REST of reactions and pins."""

from __future__ import annotations

from urllib.parse import unquote

from aiohttp import web

from sandbox.discord.acts.edits import checked_emoji, clear_reactions, react, set_pinned, unreact
from sandbox.discord.objects.places import render_user
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.rest.common import answer, bot_route, no_content, path_id, query_int, require, seen_channel
from sandbox.discord.rest.messages import shown
from sandbox.discord.state.records import Application, Channel, Message
from sandbox.discord.state.world import WorldState


def routes(world: WorldState) -> list[web.RouteDef]:
    """Return the routes of reactions and pins."""

    def target(request: web.Request, application: Application) -> tuple[Channel, Message]:
        channel = seen_channel(world, request, application)
        return channel, world.message(channel.id, path_id(request, "message_id"))

    def emoji_of(request: web.Request) -> str:
        return checked_emoji(unquote(request.match_info["emoji"]))

    async def add(request: web.Request, application: Application) -> web.Response:
        channel, message = target(request, application)
        require(world, application, channel, Permission.READ_MESSAGE_HISTORY)
        react(world, application.bot, message, emoji_of(request))
        return no_content()

    async def remove_own(request: web.Request, application: Application) -> web.Response:
        _, message = target(request, application)
        unreact(world, application.bot, message, emoji_of(request))
        return no_content()

    async def remove_other(request: web.Request, application: Application) -> web.Response:
        channel, message = target(request, application)
        require(world, application, channel, Permission.MANAGE_MESSAGES)
        user = world.users.get(path_id(request, "user_id"))
        if user is None:
            raise refusal(10013)
        unreact(world, user, message, emoji_of(request))
        return no_content()

    async def remove_kind(request: web.Request, application: Application) -> web.Response:
        channel, message = target(request, application)
        require(world, application, channel, Permission.MANAGE_MESSAGES)
        clear_reactions(world, message, emoji_of(request))
        return no_content()

    async def remove_all(request: web.Request, application: Application) -> web.Response:
        channel, message = target(request, application)
        require(world, application, channel, Permission.MANAGE_MESSAGES)
        clear_reactions(world, message)
        return no_content()

    async def users(request: web.Request, application: Application) -> web.Response:
        _, message = target(request, application)
        limit = query_int(request, "limit", 25, low=1, high=100)
        after = query_int(request, "after", 0, low=0, high=2**63 - 1)
        ids = sorted(one for one in message.reactions.get(emoji_of(request), []) if one > after)
        return answer([render_user(world.users[one]) for one in ids[:limit]])

    def pinned(channel: Channel) -> list[Message]:
        found = [one for one in channel.messages.values() if one.pinned_at is not None]
        return sorted(found, key=lambda one: -(one.pinned_at or 0.0))

    async def pins(request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(world, request, application)
        return answer([shown(world, application, one) for one in pinned(channel)])

    async def pins_with_times(request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(world, request, application)
        limit = query_int(request, "limit", 50, low=1, high=50)
        found = pinned(channel)
        items = [
            {"pinned_at": iso(one.pinned_at or 0.0), "message": shown(world, application, one)} for one in found[:limit]
        ]
        return answer({"items": items, "has_more": len(found) > limit})

    async def pin(request: web.Request, application: Application) -> web.Response:
        channel, message = target(request, application)
        if not world.permissions(application.bot.id, channel) & (Permission.MANAGE_MESSAGES | Permission.PIN_MESSAGES):
            raise refusal(50013)
        set_pinned(world, application.bot, message, pinned=request.method == "PUT")
        return no_content()

    message = r"/channels/{channel_id}/messages/{message_id:\d+}"
    emoji = message + "/reactions/{emoji}"
    found = [
        bot_route(world, "PUT", emoji + "/@me", add),
        bot_route(world, "DELETE", emoji + "/@me", remove_own),
        bot_route(world, "DELETE", emoji + r"/{user_id:\d+}", remove_other),
        bot_route(world, "DELETE", emoji, remove_kind),
        bot_route(world, "GET", emoji, users),
        bot_route(world, "DELETE", message + "/reactions", remove_all),
        bot_route(world, "GET", "/channels/{channel_id}/pins", pins),
        bot_route(world, "GET", "/channels/{channel_id}/messages/pins", pins_with_times),
    ]
    for path in ("/channels/{channel_id}/pins/{message_id}", "/channels/{channel_id}/messages/pins/{message_id}"):
        found += [bot_route(world, method, path, pin) for method in ("PUT", "DELETE")]
    return found
