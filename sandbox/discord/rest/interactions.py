"""REST of interactions and webhooks: the callback, and what is posted by the token of either.

Both kinds of token share their routes: the id before it says which it is.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.interactions import respond
from sandbox.discord.objects.messages import render_message
from sandbox.discord.rest.common import API, answer, no_content, path_id, query_flag, read_body
from sandbox.discord.rest.webhooks import WebhookCalls
from sandbox.discord.state.interaction import Callback, Interaction
from sandbox.discord.state.records import Message
from sandbox.discord.state.world import WorldState


class InteractionRoutes:
    """Handlers of the routes of interactions."""

    def __init__(self, world: WorldState) -> None:
        self._world = world
        self._hooks = WebhookCalls(world)

    async def _callback(self, request: web.Request) -> web.Response:
        interaction = respond.pending(self._world, path_id(request, "interaction_id"), request.match_info["token"])
        body = await read_body(request)
        # Reading a large upload takes time, in which another answer may have come, or the deadline.
        interaction = respond.pending(self._world, interaction.id, interaction.token)
        message = respond.respond(self._world, interaction, body.data, body.uploads)
        if not query_flag(request, "with_response"):
            return no_content()
        return answer(self._callback_object(interaction, message))

    def _callback_object(self, interaction: Interaction, message: Message | None) -> dict[str, Any]:
        about: dict[str, Any] = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "channel_id": str(interaction.channel.id),
        }
        if interaction.channel.guild_id is not None:
            about["guild_id"] = str(interaction.channel.guild_id)
        found: dict[str, Any] = {"interaction": about}
        if message is not None and interaction.callback is not None:
            about |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral,
            }
        if message is not None and interaction.callback in (Callback.MESSAGE, Callback.UPDATE):
            found["resource"] = {"type": int(interaction.callback), "message": self._shown(message)}
        return found

    def _shown(self, message: Message) -> dict[str, Any]:
        return render_message(self._world, message, message.author.id)

    def _behind(self, request: web.Request) -> Interaction:
        return respond.webhook(self._world, path_id(request, "application_id"), request.match_info["token"])

    async def _follow_up(self, request: web.Request) -> web.StreamResponse:
        if self._hooks.has(request):
            return await self._hooks.execute(request)
        self._behind(request)
        body = await read_body(request)
        return answer(self._shown(respond.follow_up(self._world, self._behind(request), body.data, body.uploads)))

    async def _get(self, request: web.Request) -> web.StreamResponse:
        if self._hooks.has(request):
            return self._hooks.get(request)
        return answer(self._shown(respond.find(self._world, self._behind(request), request.match_info["message"])))

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        if self._hooks.has(request):
            return await self._hooks.edit(request)
        respond.find(self._world, self._behind(request), request.match_info["message"])
        body = await read_body(request)
        # Once more: while a body was coming in, the message may have gone.
        interaction = self._behind(request)
        message = respond.find(self._world, interaction, request.match_info["message"])
        return answer(self._shown(respond.edit(self._world, interaction, message, body.data, body.uploads)))

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        if self._hooks.has(request):
            return self._hooks.delete(request)
        interaction = self._behind(request)
        respond.delete(self._world, interaction, respond.find(self._world, interaction, request.match_info["message"]))
        return no_content()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        hook = API + "/webhooks/{application_id}/{token}"
        return [
            web.post(API + "/interactions/{interaction_id}/{token}/callback", self._callback),
            web.post(hook, self._follow_up),
            web.get(hook + "/messages/{message}", self._get, allow_head=False),
            web.patch(hook + "/messages/{message}", self._edit),
            web.delete(hook + "/messages/{message}", self._delete),
        ]
