"""REST of threads: starting, members, lists of active and archived ones."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.acts.membership import join_thread, leave_thread
from sandbox.discord.acts.threads import start_post, start_thread
from sandbox.discord.bodies.message import check_sizes, parse_draft
from sandbox.discord.objects.messages import render_message
from sandbox.discord.objects.places import render_channel, render_member, render_thread_member
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import (
    answer,
    bot_routes,
    joined_guild,
    no_content,
    path_id,
    query_flag,
    query_int,
    read_body,
    require,
    seen_channel,
)
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Application, Channel, Guild
from sandbox.discord.state.world import WorldState

AUTO_ARCHIVE_MIN = (60, 1440, 4320, 10080)
TAGS = 5
"""Tags that a post may have."""


class ThreadRoutes:
    """Handlers of the routes of threads."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    def _thread_of(self, request: web.Request, application: Application) -> Channel:
        channel = seen_channel(self._world, request, application)
        if channel.thread is None:
            raise refusal(50024)
        return channel

    async def _start(self, request: web.Request, application: Application, *, from_message: bool) -> web.Response:
        parent = seen_channel(self._world, request, application)
        message = None
        if from_message:
            message = self._world.message(parent.id, path_id(request, "message_id"))
        body = await read_body(request)
        form = Form()
        fields = Fields(form, body.data)
        name = fields.string("name", low=1, high=100, required=True)
        duration = fields.choice("auto_archive_duration", AUTO_ARCHIVE_MIN)
        kind = None if from_message else fields.choice("type", (10, 11, 12))
        invitable = fields.boolean("invitable", default=True)
        in_forum = parent.has_posts and not from_message
        tags = (fields.snowflakes("applied_tags", high=TAGS) or []) if in_forum else []
        first = fields.child("message", required=True) if in_forum else None
        form.check()
        name, duration = name or "", duration or 1440
        if first is not None:
            draft = parse_draft(first.data, body.uploads, path=("message",))
            check_sizes(body.uploads, self._world.file_limit_bytes(parent.guild_id))
            post = start_post(self._world, application.bot, parent, name, draft, auto_archive_min=duration, tags=tags)
            return answer(self._rendered_post(post, application), 201)
        # Without a type Discord makes a private thread where none is started from a message.
        private = not from_message and kind in (None, int(ChannelType.PRIVATE_THREAD))
        thread = start_thread(
            self._world, application.bot, parent, name, message=message, private=private,
            auto_archive_min=duration, invitable=invitable,
        )  # fmt: skip
        return answer(render_channel(self._world, thread, application.bot.id), 201)

    def _rendered_post(self, post: Channel, application: Application) -> dict[str, Any]:
        me = application.bot.id
        first = render_message(self._world, post.messages[post.id], me)
        return render_channel(self._world, post, me) | {"message": first}

    async def _start_alone(self, request: web.Request, application: Application) -> web.Response:
        return await self._start(request, application, from_message=False)

    async def _start_from_message(self, request: web.Request, application: Application) -> web.Response:
        return await self._start(request, application, from_message=True)

    async def _join(self, request: web.Request, application: Application) -> web.Response:
        join_thread(self._world, application.bot, self._thread_of(request, application))
        return no_content()

    async def _leave(self, request: web.Request, application: Application) -> web.Response:
        leave_thread(self._world, application.bot, self._thread_of(request, application))
        return no_content()

    async def _add(self, request: web.Request, application: Application) -> web.Response:
        thread = self._thread_of(request, application)
        user = self._world.users.get(path_id(request, "user_id"))
        if user is None or user.id not in self._world.guilds[thread.guild_id or 0].members:
            raise refusal(10013)
        require(self._world, application, thread, Permission.SEND_MESSAGES_IN_THREADS)
        join_thread(self._world, user, thread)
        return no_content()

    async def _remove(self, request: web.Request, application: Application) -> web.Response:
        thread = self._thread_of(request, application)
        if thread.thread is None or thread.thread.owner_id != application.bot.id:
            require(self._world, application, thread, Permission.MANAGE_THREADS)
        user = self._world.users.get(path_id(request, "user_id"))
        if user is None:
            raise refusal(10013)
        leave_thread(self._world, user, thread)
        return no_content()

    def _rendered_member(self, thread: Channel, user_id: int, *, whole: bool) -> dict[str, Any]:
        found = render_thread_member(thread, user_id)
        member = self._world.guilds[thread.guild_id or 0].members.get(user_id)
        if whole and member is not None:
            found["member"] = render_member(member)
        return found

    async def _members(self, request: web.Request, application: Application) -> web.Response:
        thread = self._thread_of(request, application)
        whole = query_flag(request, "with_member")
        ids = sorted(thread.thread.members) if thread.thread else []
        return answer([self._rendered_member(thread, one, whole=whole) for one in ids[:100]])

    async def _member(self, request: web.Request, application: Application) -> web.Response:
        thread = self._thread_of(request, application)
        user_id = path_id(request, "user_id")
        if thread.thread is None or user_id not in thread.thread.members:
            raise refusal(10007)
        return answer(self._rendered_member(thread, user_id, whole=query_flag(request, "with_member")))

    def _listed(self, found: list[Channel], application: Application, *, more: bool = False) -> web.Response:
        me = application.bot.id
        mine = [render_thread_member(one, me) for one in found if one.thread and me in one.thread.members]
        return answer(
            {"threads": [render_channel(self._world, one, me) for one in found], "members": mine, "has_more": more}
        )

    async def _active(self, request: web.Request, application: Application) -> web.Response:
        guild = joined_guild(self._world, request, application)
        found = [
            one
            for one in guild.threads.values()
            if one.thread and not one.thread.archived and self._world.can_see(application.bot.id, one)
        ]
        return self._listed(sorted(found, key=lambda one: -one.id), application)

    async def _archived(self, request: web.Request, application: Application) -> web.Response:
        parent = seen_channel(self._world, request, application)
        require(self._world, application, parent, Permission.READ_MESSAGE_HISTORY)
        private = request.path.endswith("/private")
        mine = "@me" in request.path
        if private and not mine:
            require(self._world, application, parent, Permission.MANAGE_THREADS)
        limit = query_int(request, "limit", 50, low=1, high=100)
        guild = self._world.guilds[parent.guild_id or 0] if parent.guild_id else None
        found = _archived_below(parent, guild, private=private, member_id=application.bot.id if mine else None)
        return self._listed(found[:limit], application, more=len(found) > limit)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        base = "/channels/{channel_id}"
        return bot_routes(
            self._world,
            ("POST", base + "/threads", self._start_alone),
            ("POST", base + "/messages/{message_id}/threads", self._start_from_message),
            ("PUT", base + "/thread-members/@me", self._join),
            ("DELETE", base + "/thread-members/@me", self._leave),
            ("PUT", base + "/thread-members/{user_id}", self._add),
            ("DELETE", base + "/thread-members/{user_id}", self._remove),
            ("GET", base + "/thread-members", self._members),
            ("GET", base + "/thread-members/{user_id}", self._member),
            ("GET", "/guilds/{guild_id}/threads/active", self._active),
            ("GET", base + "/threads/archived/public", self._archived),
            ("GET", base + "/threads/archived/private", self._archived),
            ("GET", base + "/users/@me/threads/archived/private", self._archived),
        )


def _archived_below(parent: Channel, guild: Guild | None, *, private: bool, member_id: int | None) -> list[Channel]:
    """List a channel's archived threads, those archived last first; with ``member_id`` only those of a member."""
    below = [
        (one, one.thread)
        for one in (guild.threads.values() if guild is not None else ())
        if one.parent_id == parent.id and one.thread is not None
    ]
    found = [
        (one, thread.archived_at or 0.0)
        for one, thread in below
        if thread.archived
        and (one.type is ChannelType.PRIVATE_THREAD) == private
        and (member_id is None or member_id in thread.members)
    ]
    return [one for one, _ in sorted(found, key=lambda pair: -pair[1])]
