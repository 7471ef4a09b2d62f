"""Steering what no person does: webhooks, proxies, link previews, and updates that are no edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from sandbox.discord.control.call import Call, ControlError, answering, read_object
from sandbox.discord.objects.messages import render_message
from sandbox.discord.people.others import link_embed
from sandbox.discord.protocol.forms import parse_snowflake
from sandbox.discord.state.records import Channel, Message

if TYPE_CHECKING:
    from sandbox.discord.world import World

_LONGEST_S: Final = 60.0


def other_routes(world: World) -> list[web.RouteDef]:
    """Return the routes; each answers JSON, errors as `{"error": words}`."""
    others = _Others(world)
    calls: dict[str, Call] = {
        "webhook": others.webhook, "proxy": others.proxy, "unfurl": others.unfurl, "update": others.update,
        "nick": others.nick,
    }  # fmt: skip
    return [web.post(f"/control/{name}", answering(call)) for name, call in calls.items()]


class _Others:
    def __init__(self, world: World) -> None:
        self._world = world

    async def webhook(self, request: web.Request) -> dict[str, Any]:
        """Post as a webhook of a channel."""
        body = await read_object(request)
        hook = await self._world.webhook(self._channel(body), _text(body, "name") or "CI")
        sent = await self._world.webhook_says(
            hook, _text(body, "content") or "", username=_text(body, "username"),
            embeds=_objects(body, "embeds"), components=_objects(body, "components"),
        )  # fmt: skip
        return render_message(self._world, sent)

    async def proxy(self, request: web.Request) -> dict[str, Any]:
        """Replace a person's message as a proxy does."""
        body = await read_object(request)
        delay_s = body.get("delay_s", 0)
        if not isinstance(delay_s, int | float) or isinstance(delay_s, bool) or not 0 <= delay_s <= _LONGEST_S:
            raise ControlError(f"delay_s must be from 0 to {_LONGEST_S:g}")
        sent = await self._world.proxy(
            self._message(body), _text(body, "name") or "Luna",
            delete_first=body.get("delete_first") is not False, delay_s=delay_s,
        )  # fmt: skip
        return render_message(self._world, sent)

    async def unfurl(self, request: web.Request) -> dict[str, Any]:
        """Have a link's preview come."""
        body = await read_object(request)
        message = self._message(body)
        title, words = _text(body, "title") or "A page", _text(body, "description") or ""
        embed = link_embed(_text(body, "url") or "https://example.com/", title, words)
        await self._world.unfurl(message, embed, partial=body.get("partial") is True)
        return render_message(self._world, message)

    async def update(self, request: web.Request) -> dict[str, Any]:
        """Send a MESSAGE_UPDATE though nothing was edited."""
        body = await read_object(request)
        only = body.get("only")
        if only is not None and not (isinstance(only, list) and all(isinstance(one, str) for one in only)):
            raise ControlError("only must be a list of fields")
        await self._world.tell_again(self._message(body), only=only)
        return {}

    async def nick(self, request: web.Request) -> dict[str, Any]:
        """Give a member another nickname."""
        body = await read_object(request)
        await self._world.set_nick(self._world.person(_text(body, "person") or ""), _text(body, "nick"))
        return {}

    def _channel(self, body: dict[str, Any]) -> Channel:
        name = _text(body, "channel") or ""
        found = self._world.channels.get(parse_snowflake(name) or 0)
        return found or self._world.channel(name)

    def _message(self, body: dict[str, Any]) -> Message:
        return self._world.message(self._channel(body).id, parse_snowflake(_text(body, "message") or "") or 0)


def _text(body: dict[str, Any], key: str) -> str | None:
    found = body.get(key)
    if found is not None and not isinstance(found, str):
        raise ControlError(f"{key} must be a text")
    return found


def _objects(body: dict[str, Any], key: str) -> Sequence[dict[str, Any]]:
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ControlError(f"{key} must be a list of objects")
    return found
