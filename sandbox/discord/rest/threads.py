"""REST of threads: starting, members, lists of active and archived ones."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.acts.threads import join_thread, leave_thread, start_post, start_thread
from sandbox.discord.bodies.message import check_sizes, parse_draft
from sandbox.discord.objects.messages import render_message
from sandbox.discord.objects.places import render_channel, render_member, render_thread_member
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import (
    answer,
    bot_route,
    joined_guild,
    no_content,
    path_id,
    query_flag,
    query_int,
    read_body,
    require,
    seen_channel,
)
from sandbox.discord.state.records import Application, Channel, ChannelType
from sandbox.discord.state.world import WorldState

AUTO_ARCHIVE_MIN = (60, 1440, 4320, 10080)


def routes(world: WorldState) -> list[web.RouteDef]:
    """Return the routes of threads."""

    def thread_of(request: web.Request, application: Application) -> Channel:
        channel = seen_channel(world, request, application)
        if channel.thread is None:
            raise refusal(50024)
        return channel

    async def start(request: web.Request, application: Application, *, from_message: bool) -> web.Response:
        parent = seen_channel(world, request, application)
        message = None
        if from_message:
            message = world.message(parent.id, path_id(request, "message_id"))
        body = await read_body(request)
        form = Form()
        fields = Fields(form, body.data)
        name = fields.string("name", low=1, high=100, required=True)
        duration = fields.choice("auto_archive_duration", AUTO_ARCHIVE_MIN)
        kind = None if from_message else fields.choice("type", (10, 11, 12))
        invitable = fields.boolean("invitable", default=True)
        in_forum = parent.type is ChannelType.FORUM and not from_message
        first = fields.child("message", required=True) if in_forum else None
        form.check()
        if first is not None:
            draft = parse_draft(first.data, body.uploads, path=("message",))
            check_sizes(body.uploads, world.file_limit_bytes(parent.guild_id))
            post = start_post(world, application.bot, parent, name or "", draft, auto_archive_min=duration or 1440)
            shown = render_channel(world, post, application.bot.id)
            return answer(shown | {"message": render_message(world, post.messages[post.id], application.bot.id)}, 201)
        # Without a type Discord makes a private thread where none is started from a message.
        private = not from_message and kind in (None, int(ChannelType.PRIVATE_THREAD))
        thread = start_thread(
            world, application.bot, parent, name or "", message=message, private=private,
            auto_archive_min=duration or 1440, invitable=invitable,
        )  # fmt: skip
        return answer(render_channel(world, thread, application.bot.id), 201)

    async def start_alone(request: web.Request, application: Application) -> web.Response:
        return await start(request, application, from_message=False)

    async def start_from_message(request: web.Request, application: Application) -> web.Response:
        return await start(request, application, from_message=True)

    async def join(request: web.Request, application: Application) -> web.Response:
        join_thread(world, application.bot, thread_of(request, application))
        return no_content()

    async def leave(request: web.Request, application: Application) -> web.Response:
        leave_thread(world, application.bot, thread_of(request, application))
        return no_content()

    async def add(request: web.Request, application: Application) -> web.Response:
        thread = thread_of(request, application)
        user = world.users.get(path_id(request, "user_id"))
        if user is None or user.id not in world.guilds[thread.guild_id or 0].members:
            raise refusal(10013)
        require(world, application, thread, Permission.SEND_MESSAGES_IN_THREADS)
        join_thread(world, user, thread)
        return no_content()

    async def remove(request: web.Request, application: Application) -> web.Response:
        thread = thread_of(request, application)
        if thread.thread is None or thread.thread.owner_id != application.bot.id:
            require(world, application, thread, Permission.MANAGE_THREADS)
        user = world.users.get(path_id(request, "user_id"))
        if user is None:
            raise refusal(10013)
        leave_thread(world, user, thread)
        return no_content()

    def rendered_member(thread: Channel, user_id: int, *, whole: bool) -> dict[str, Any]:
        found = render_thread_member(thread, user_id)
        member = world.guilds[thread.guild_id or 0].members.get(user_id)
        if whole and member is not None:
            found["member"] = render_member(member)
        return found

    async def members(request: web.Request, application: Application) -> web.Response:
        thread = thread_of(request, application)
        whole = query_flag(request, "with_member")
        ids = sorted(thread.thread.members) if thread.thread else []
        return answer([rendered_member(thread, one, whole=whole) for one in ids[:100]])

    async def member(request: web.Request, application: Application) -> web.Response:
        thread = thread_of(request, application)
        user_id = path_id(request, "user_id")
        if thread.thread is None or user_id not in thread.thread.members:
            raise refusal(10007)
        return answer(rendered_member(thread, user_id, whole=query_flag(request, "with_member")))

    def listed(found: list[Channel], application: Application, *, more: bool = False) -> web.Response:
        me = application.bot.id
        mine = [render_thread_member(one, me) for one in found if one.thread and me in one.thread.members]
        return answer({"threads": [render_channel(world, one, me) for one in found], "members": mine, "has_more": more})

    async def active(request: web.Request, application: Application) -> web.Response:
        guild = joined_guild(world, request, application)
        found = [
            one
            for one in guild.threads.values()
            if one.thread and not one.thread.archived and world.can_see(application.bot.id, one)
        ]
        return listed(sorted(found, key=lambda one: -one.id), application)

    async def archived(request: web.Request, application: Application) -> web.Response:
        parent = seen_channel(world, request, application)
        require(world, application, parent, Permission.READ_MESSAGE_HISTORY)
        private = request.path.endswith("/private")
        mine = "@me" in request.path
        if private and not mine:
            require(world, application, parent, Permission.MANAGE_THREADS)
        limit = query_int(request, "limit", 50, low=1, high=100)
        guild = world.guilds[parent.guild_id or 0] if parent.guild_id else None
        found = [
            one
            for one in (guild.threads.values() if guild else ())
            if one.parent_id == parent.id
            and one.thread is not None
            and one.thread.archived
            and (one.type is ChannelType.PRIVATE_THREAD) == private
            and (not mine or application.bot.id in one.thread.members)
        ]
        found.sort(key=lambda one: -(one.thread.archived_at or 0.0) if one.thread else 0.0)
        return listed(found[:limit], application, more=len(found) > limit)

    base = "/channels/{channel_id}"
    return [
        bot_route(world, "POST", base + "/threads", start_alone),
        bot_route(world, "POST", base + "/messages/{message_id}/threads", start_from_message),
        bot_route(world, "PUT", base + "/thread-members/@me", join),
        bot_route(world, "DELETE", base + "/thread-members/@me", leave),
        bot_route(world, "PUT", base + "/thread-members/{user_id}", add),
        bot_route(world, "DELETE", base + "/thread-members/{user_id}", remove),
        bot_route(world, "GET", base + "/thread-members", members),
        bot_route(world, "GET", base + "/thread-members/{user_id}", member),
        bot_route(world, "GET", "/guilds/{guild_id}/threads/active", active),
        bot_route(world, "GET", base + "/threads/archived/public", archived),
        bot_route(world, "GET", base + "/threads/archived/private", archived),
        bot_route(world, "GET", base + "/users/@me/threads/archived/private", archived),
    ]
