"""REST of interactions: the callback, and the webhook of its token, which is all that is asked for."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.interactions import respond
from sandbox.discord.objects.messages import render_message
from sandbox.discord.rest.common import API, answer, no_content, path_id, query_flag, read_body
from sandbox.discord.state.interaction import Callback, Interaction
from sandbox.discord.state.records import Message
from sandbox.discord.state.world import WorldState


def routes(world: WorldState) -> list[web.RouteDef]:
    """Return the routes of interactions."""

    async def callback(request: web.Request) -> web.Response:
        interaction = respond.pending(world, path_id(request, "interaction_id"), request.match_info["token"])
        body = await read_body(request)
        # Reading a large upload takes time, in which another answer may have come, or the deadline.
        interaction = respond.pending(world, interaction.id, interaction.token)
        message = respond.respond(world, interaction, body.data, body.uploads)
        if not query_flag(request, "with_response"):
            return no_content()
        return answer(_callback_object(interaction, message))

    def _callback_object(interaction: Interaction, message: Message | None) -> dict[str, Any]:
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
            found["resource"] = {"type": int(interaction.callback), "message": shown(message)}
        return found

    def shown(message: Message) -> dict[str, Any]:
        return render_message(world, message, message.author.id)

    def behind(request: web.Request) -> Interaction:
        return respond.webhook(world, path_id(request, "application_id"), request.match_info["token"])

    async def follow_up(request: web.Request) -> web.Response:
        behind(request)
        body = await read_body(request)
        return answer(shown(respond.follow_up(world, behind(request), body.data, body.uploads)))

    async def get(request: web.Request) -> web.Response:
        return answer(shown(respond.find(world, behind(request), request.match_info["message"])))

    async def edit(request: web.Request) -> web.Response:
        respond.find(world, behind(request), request.match_info["message"])
        body = await read_body(request)
        # Once more: while a body was coming in, the message may have gone.
        interaction = behind(request)
        message = respond.find(world, interaction, request.match_info["message"])
        return answer(shown(respond.edit(world, interaction, message, body.data, body.uploads)))

    async def delete(request: web.Request) -> web.Response:
        interaction = behind(request)
        respond.delete(world, interaction, respond.find(world, interaction, request.match_info["message"]))
        return no_content()

    hook = API + "/webhooks/{application_id}/{token}"
    return [
        web.post(API + "/interactions/{interaction_id}/{token}/callback", callback),
        web.post(hook, follow_up),
        web.get(hook + "/messages/{message}", get, allow_head=False),
        web.patch(hook + "/messages/{message}", edit),
        web.delete(hook + "/messages/{message}", delete),
    ]
