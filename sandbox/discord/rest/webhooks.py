"""REST of webhooks as far as services, proxies and bots ask for it: made, listed, executed, their messages changed."""

from __future__ import annotations

import hmac

from aiohttp import web

from sandbox.discord.acts.edits import delete_messages, edit_message
from sandbox.discord.acts.posts import create_webhook, execute_webhook
from sandbox.discord.bodies.message import check_sizes, parse_draft
from sandbox.discord.objects.messages import render_message
from sandbox.discord.objects.posts import render_webhook
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form, parse_snowflake
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import (
    answer,
    bot_routes,
    no_content,
    path_id,
    query_flag,
    read_body,
    require,
    seen_channel,
)
from sandbox.discord.state.posts import Webhook
from sandbox.discord.state.records import Application, Channel, Message, MessageFlag
from sandbox.discord.state.world import WorldState


class WebhookRoutes:
    """Handlers of the routes by which a bot makes webhooks and looks at them."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    async def _list(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        require(self._world, application, channel, Permission.MANAGE_WEBHOOKS)
        found = [one for one in self._world.webhooks.values() if one.channel_id == channel.id]
        return answer([render_webhook(self._world, one) for one in found])

    async def _create(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        require(self._world, application, channel, Permission.MANAGE_WEBHOOKS)
        form = Form()
        name = Fields(form, (await read_body(request)).data).string("name", low=1, high=80, required=True)
        form.check()
        bot = application.bot
        webhook = create_webhook(self._world, channel, name or "", application_id=application.id, user_id=bot.id)
        return answer(render_webhook(self._world, webhook))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        base = "/channels/{channel_id}/webhooks"
        return bot_routes(self._world, ("GET", base, self._list), ("POST", base, self._create))


class WebhookCalls:
    """What is asked by a webhook's token, on the routes that interactions' tokens have too."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    def has(self, request: web.Request) -> bool:
        """Tell whether the path names a webhook."""
        return parse_snowflake(request.match_info["application_id"]) in self._world.webhooks

    def _webhook(self, request: web.Request) -> Webhook:
        found = self._world.webhooks[path_id(request, "application_id")]
        if not hmac.compare_digest(found.token.encode(), request.match_info["token"].encode("utf-8", "replace")):
            raise refusal(50027)
        return found

    async def execute(self, request: web.Request) -> web.StreamResponse:
        """Post a message: answered with it where `wait` is asked for, else with nothing."""
        webhook = self._webhook(request)
        thread = self._thread(request)
        body = await read_body(request)
        draft = parse_draft(body.data, body.uploads, now=self._world.clock())
        check_sizes(draft.uploads, self._world.file_limit_bytes(webhook.guild_id))
        form = Form()
        username = Fields(form, body.data).string("username", low=1, high=80)
        form.check()
        message = execute_webhook(self._world, webhook, draft, username=username, thread=thread)
        return answer(render_message(self._world, message)) if query_flag(request, "wait") else no_content()

    def _thread(self, request: web.Request) -> Channel | None:
        wanted = request.query.get("thread_id")
        return None if wanted is None else self._world.channel_by_id(parse_snowflake(wanted) or 0)

    def _message(self, request: web.Request) -> Message:
        webhook = self._webhook(request)
        channel = self._thread(request) or self._world.channel_by_id(webhook.channel_id)
        found = channel.messages.get(parse_snowflake(request.match_info["message"]) or 0)
        if found is None or found.webhook_id != webhook.id:
            raise refusal(10008)
        return found

    def get(self, request: web.Request) -> web.StreamResponse:
        """Answer with a message of the webhook."""
        return answer(render_message(self._world, self._message(request)))

    async def edit(self, request: web.Request) -> web.StreamResponse:
        """Change a message of the webhook."""
        self._message(request)
        body = await read_body(request)
        message = self._message(request)  # again: while a body was coming in, it may have gone
        v2 = bool(message.flags & MessageFlag.COMPONENTS_V2)
        draft = parse_draft(body.data, body.uploads, editing=True, v2=v2)
        check_sizes(draft.uploads, self._world.file_limit_bytes(message.guild_id))
        edit_message(self._world, message, draft)
        return answer(render_message(self._world, message))

    def delete(self, request: web.Request) -> web.StreamResponse:
        """Delete a message of the webhook."""
        message = self._message(request)
        delete_messages(self._world, self._world.channel_by_id(message.channel_id), [message])
        return no_content()
