"""REST of a channel itself: get, change, delete; invites and webhooks as far as a bot asks for them."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.acts.threads import delete_channel, set_archived
from sandbox.discord.objects.places import render_channel
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import answer, bot_route, read_body, require, seen_channel
from sandbox.discord.rest.threads import AUTO_ARCHIVE_MIN
from sandbox.discord.state.records import Application, Channel
from sandbox.discord.state.world import WorldState


def routes(world: WorldState) -> list[web.RouteDef]:
    """Return the routes of channels."""

    async def get(request: web.Request, application: Application) -> web.Response:
        return answer(render_channel(world, seen_channel(world, request, application), application.bot.id))

    async def edit(request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(world, request, application)
        if channel.is_dm:
            raise refusal(50003)
        form = Form()
        fields = Fields(form, (await read_body(request)).data)
        name = fields.string("name", low=1, high=100)
        slow = fields.integer("rate_limit_per_user", low=0, high=21_600)
        if channel.thread is not None:
            _edit_thread(channel, fields, application)
        else:
            require(world, application, channel, Permission.MANAGE_CHANNELS)
            topic = fields.string("topic", high=1024)
            nsfw = fields.boolean("nsfw", default=channel.nsfw)
            form.check()
            channel.topic = topic if "topic" in fields else channel.topic
            channel.nsfw = nsfw
        form.check()
        channel.name = name or channel.name
        channel.rate_limit_per_user = channel.rate_limit_per_user if slow is None else slow
        publish_channel(world, "CHANNEL_UPDATE" if channel.thread is None else "THREAD_UPDATE", channel)
        return answer(render_channel(world, channel, application.bot.id))

    def _edit_thread(channel: Channel, fields: Fields, application: Application) -> None:
        thread = channel.thread
        if thread is None:
            raise refusal(50024)
        duration = fields.choice("auto_archive_duration", AUTO_ARCHIVE_MIN)
        archived = fields.boolean("archived", default=thread.archived)
        locked = fields.boolean("locked", default=thread.locked)
        fields.form.check()
        own = thread.owner_id == application.bot.id
        if thread.archived and not (archived or thread.locked or locked):
            # Opening again takes no more than writing there, which opens it as well.
            require(world, application, channel, Permission.SEND_MESSAGES_IN_THREADS)
        elif not own or locked != thread.locked:
            require(world, application, channel, Permission.MANAGE_THREADS)
        thread.locked = locked
        thread.auto_archive_min = duration or thread.auto_archive_min
        set_archived(world, channel, archived=archived)

    async def delete(request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(world, request, application)
        found = render_channel(world, channel, application.bot.id)
        if channel.is_dm:
            return answer(found)  # A bot that closes a direct message leaves it as it is for the person.
        needed = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
        require(world, application, channel, needed)
        delete_channel(world, channel)
        return answer(found)

    async def invites(request: web.Request, application: Application) -> web.Response:
        require(world, application, seen_channel(world, request, application), Permission.MANAGE_CHANNELS)
        return answer([])

    async def webhooks(request: web.Request, application: Application) -> web.Response:
        require(world, application, seen_channel(world, request, application), Permission.MANAGE_WEBHOOKS)
        return answer([])

    base = "/channels/{channel_id}"
    return [
        bot_route(world, "GET", base, get),
        bot_route(world, "PATCH", base, edit),
        bot_route(world, "DELETE", base, delete),
        bot_route(world, "GET", base + "/invites", invites),
        bot_route(world, "GET", base + "/webhooks", webhooks),
    ]
