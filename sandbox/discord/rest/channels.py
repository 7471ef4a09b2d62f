"""REST of a channel itself: get, change, delete; invites as far as a bot asks for them."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.acts.membership import set_archived, state_of
from sandbox.discord.acts.threads import checked_tags, delete_channel
from sandbox.discord.objects.places import render_channel
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import answer, bot_routes, path_id, read_body, require, seen_channel
from sandbox.discord.rest.threads import AUTO_ARCHIVE_MIN, TAGS
from sandbox.discord.state.records import Application, Channel
from sandbox.discord.state.world import WorldState


class ChannelRoutes:
    """Handlers of the routes of channels."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    async def _get(self, request: web.Request, application: Application) -> web.Response:
        channel = self._world.channel_by_id(path_id(request, "channel_id"))
        if not self._world.can_see(application.bot.id, channel):
            raise refusal(50001)
        return answer(render_channel(self._world, channel, application.bot.id))

    async def _edit(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        if channel.is_dm:
            raise refusal(50003)
        form = Form()
        fields = Fields(form, (await read_body(request)).data)
        name = fields.string("name", low=1, high=100)
        slow = fields.integer("rate_limit_per_user", low=0, high=21_600)
        if channel.thread is not None:
            self._edit_thread(channel, fields, application)
        else:
            require(self._world, application, channel, Permission.MANAGE_CHANNELS)
            topic = fields.string("topic", high=4096 if channel.has_posts else 1024)
            nsfw = fields.boolean("nsfw", default=channel.nsfw)
            form.check()
            channel.topic = topic if "topic" in fields else channel.topic
            channel.nsfw = nsfw
        channel.name = name or channel.name
        channel.rate_limit_per_user = channel.rate_limit_per_user if slow is None else slow
        if channel.thread is None:
            publish_channel(self._world, "CHANNEL_UPDATE", channel)
        return answer(render_channel(self._world, channel, application.bot.id))

    def _edit_thread(self, channel: Channel, fields: Fields, application: Application) -> None:
        thread = state_of(channel)
        duration = fields.choice("auto_archive_duration", AUTO_ARCHIVE_MIN)
        archived = fields.boolean("archived", default=thread.archived)
        locked = fields.boolean("locked", default=thread.locked)
        tags = fields.snowflakes("applied_tags", high=TAGS)
        fields.form.check()
        if thread.archived and archived:
            raise refusal(50083)  # an archived thread is opened first, or by the same request
        manages = bool(self._world.permissions(application.bot.id, channel) & Permission.MANAGE_THREADS)
        if thread.archived and not (thread.locked or locked):
            # Opening again takes no more than writing there, which opens it as well.
            require(self._world, application, channel, Permission.SEND_MESSAGES_IN_THREADS)
        elif not manages:
            own = thread.owner_id == application.bot.id
            if not own or locked != thread.locked or "rate_limit_per_user" in fields:
                raise refusal(50013)
            if thread.locked:
                raise refusal(160005)
        if tags is not None:
            forum = self._world.place_of(channel)
            channel.applied_tags = checked_tags(self._world, application.bot, forum, tags)
        thread.locked = locked
        thread.auto_archive_min = duration or thread.auto_archive_min
        if archived == thread.archived:
            publish_channel(self._world, "THREAD_UPDATE", channel)
        set_archived(self._world, channel, archived=archived)

    async def _delete(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        found = render_channel(self._world, channel, application.bot.id)
        if channel.is_dm:
            return answer(found)  # A bot that closes a direct message leaves it as it is for the person.
        needed = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
        require(self._world, application, channel, needed)
        delete_channel(self._world, channel)
        return answer(found)

    async def _invites(self, request: web.Request, application: Application) -> web.Response:
        require(self._world, application, seen_channel(self._world, request, application), Permission.MANAGE_CHANNELS)
        return answer([])

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        base = "/channels/{channel_id}"
        return bot_routes(
            self._world,
            ("GET", base, self._get),
            ("PATCH", base, self._edit),
            ("DELETE", base, self._delete),
            ("GET", base + "/invites", self._invites),
        )
