"""REST below channels/{id}/messages: list, get, create, edit, delete, bulk delete; polls; and typing."""

from __future__ import annotations

import itertools
from typing import Any, Final

from aiohttp import web

from sandbox.discord.acts.edits import delete_messages, edit_message, start_typing
from sandbox.discord.acts.membership import check_touching, check_writing
from sandbox.discord.acts.messages import check_send, create_message, known_nonce
from sandbox.discord.acts.polls import end_poll, poll_of
from sandbox.discord.bodies.message import check_sizes, parse_draft
from sandbox.discord.objects.messages import redact, render_message
from sandbox.discord.objects.places import render_user
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form, parse_snowflake
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.rest.common import (
    answer,
    bot_routes,
    no_content,
    path_id,
    query_int,
    read_body,
    require,
    seen_channel,
)
from sandbox.discord.state.records import Application, Channel, Message, MessageFlag, MessageType
from sandbox.discord.state.world import WorldState

_SYSTEM_KEPT: Final = (MessageType.THREAD_STARTER,)
_EDITABLE: Final = (MessageType.DEFAULT, MessageType.REPLY, MessageType.COMMAND, MessageType.CONTEXT_MENU)


def shown(world: WorldState, application: Application, message: Message, *, sending: bool = False) -> dict[str, Any]:
    """Render a message for a bot, its content left out where the bot lacks the intent for it."""
    found = render_message(world, message, application.bot.id, sending=sending)
    if application.reads_content:
        return found
    return redact(found, application.bot.id, direct=world.channel_by_id(message.channel_id).is_dm)


def page(channel: Channel, *, before: int | None, after: int | None, around: int | None, limit: int) -> list[Message]:
    """Return up to `limit` messages, newest first."""
    newest = reversed(channel.messages.values())
    if around is not None:
        older = [one for one in newest if one.id <= around]
        newer = [one for one in channel.messages.values() if one.id > around]
        half = limit // 2
        return [*reversed(newer[:half]), *older[: limit - min(half, len(newer))]]
    if after is not None:
        later = (one for one in channel.messages.values() if one.id > after)
        return list(itertools.islice(later, limit))[::-1]
    if before is not None:
        newest = (one for one in newest if one.id < before)
    return list(itertools.islice(newest, limit))


class MessageRoutes:
    """Handlers of the routes of messages."""

    def __init__(self, world: WorldState) -> None:
        self._world = world

    async def _list_messages(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        limit = query_int(request, "limit", 50, low=1, high=100)
        edges = {key: query_int(request, key, -1, low=0, high=2**63 - 1) for key in ("before", "after", "around")}
        if not self._world.permissions(application.bot.id, channel) & Permission.READ_MESSAGE_HISTORY:
            return answer([])
        before, after, around = (None if edges[key] < 0 else edges[key] for key in ("before", "after", "around"))
        found = page(channel, before=before, after=after, around=around, limit=limit)
        return answer([shown(self._world, application, one) for one in found])

    async def _get_message(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        require(self._world, application, channel, Permission.READ_MESSAGE_HISTORY)
        return answer(shown(self._world, application, _target(request, channel)))

    async def _create(self, request: web.Request, application: Application) -> web.Response:
        seen_channel(self._world, request, application)
        body = await read_body(request)
        channel = seen_channel(self._world, request, application)  # again: while a body was coming in, it may have gone
        draft = parse_draft(body.data, body.uploads, now=self._world.clock())
        check_send(self._world, application.bot, channel, draft)
        check_sizes(draft.uploads, self._world.file_limit_bytes(channel.guild_id))
        known = known_nonce(self._world, application.bot, channel, draft)
        message = known or create_message(self._world, application.bot, channel, draft)
        return answer(shown(self._world, application, message, sending=True))

    async def _edit(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        _target(request, channel)
        body = await read_body(request)
        message = _target(request, channel)  # again: while a body was coming in, the message may have gone
        draft = parse_draft(body.data, body.uploads, editing=True, v2=bool(message.flags & MessageFlag.COMPONENTS_V2))
        if message.author.id != application.bot.id:
            only_flags = set(body.data) <= {"flags"} and not body.uploads
            if not only_flags:
                raise refusal(50005)
            require(self._world, application, channel, Permission.MANAGE_MESSAGES)
        if message.type not in _EDITABLE:
            raise refusal(50021)
        if draft.uploads:
            require(self._world, application, channel, Permission.ATTACH_FILES)
        check_writing(self._world, application.bot, channel, new=False)
        check_sizes(draft.uploads, self._world.file_limit_bytes(channel.guild_id))
        edit_message(self._world, message, draft)
        return answer(shown(self._world, application, message))

    async def _delete(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        message = _target(request, channel)
        if message.author.id != application.bot.id:
            if channel.is_dm:
                raise refusal(50003)
            require(self._world, application, channel, Permission.MANAGE_MESSAGES)
        if message.type in _SYSTEM_KEPT:
            raise refusal(50021)
        check_touching(self._world, application.bot, channel, deleting=True)
        delete_messages(self._world, channel, [message])
        return no_content()

    async def _bulk_delete(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        if channel.is_dm:
            raise refusal(50003)
        require(self._world, application, channel, Permission.MANAGE_MESSAGES)
        form = Form()
        ids = Fields(form, (await read_body(request)).data).items("messages", high=1000, required=True) or []
        form.check()
        low, high = limits.BULK_DELETE
        wanted = {found for one in ids if (found := parse_snowflake(one)) is not None}
        if not low <= len(wanted) <= high:
            raise refusal(50016)
        gone = [channel.messages[one] for one in sorted(wanted) if one in channel.messages]
        if any(self._world.clock() - one.created_at > limits.BULK_DELETE_AGE_S for one in gone):
            raise refusal(50034)
        delete_messages(self._world, channel, gone, bulk=True)
        return no_content()

    async def _voters(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        require(self._world, application, channel, Permission.READ_MESSAGE_HISTORY)
        limit = query_int(request, "limit", 25, low=1, high=100)
        after = query_int(request, "after", 0, low=0, high=2**63 - 1)
        poll, wanted = poll_of(_target(request, channel)), path_id(request, "answer_id")
        found = sorted(voter for one in poll.answers if one.id == wanted for voter in one.voters if voter > after)
        return answer({"users": [render_user(self._world.users[one]) for one in found[:limit]]})

    async def _end_poll(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        message = _target(request, channel)
        if message.author.id != application.bot.id:
            raise refusal(50005)
        end_poll(self._world, message)
        return answer(shown(self._world, application, message))

    async def _typing(self, request: web.Request, application: Application) -> web.Response:
        channel = seen_channel(self._world, request, application)
        sending = Permission.SEND_MESSAGES if channel.thread is None else Permission.SEND_MESSAGES_IN_THREADS
        require(self._world, application, channel, sending)
        start_typing(self._world, application.bot, channel)
        return no_content()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        base = "/channels/{channel_id}/messages"
        return bot_routes(
            self._world,
            ("GET", base, self._list_messages),
            ("POST", base, self._create),
            ("POST", base + "/bulk-delete", self._bulk_delete),
            ("GET", base + r"/{message_id:\d+}", self._get_message),
            ("PATCH", base + r"/{message_id:\d+}", self._edit),
            ("DELETE", base + r"/{message_id:\d+}", self._delete),
            ("GET", "/channels/{channel_id}/polls/{message_id}/answers/{answer_id}", self._voters),
            ("POST", "/channels/{channel_id}/polls/{message_id}/expire", self._end_poll),
            ("POST", "/channels/{channel_id}/typing", self._typing),
        )


def _target(request: web.Request, channel: Channel) -> Message:
    found = channel.messages.get(path_id(request, "message_id"))
    if found is None:
        raise refusal(10008)
    return found
