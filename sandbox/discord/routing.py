"""All routes of the world's REST, files and people's side; errors as Discord's JSON."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.people.http import routes as people_routes
from sandbox.discord.people.posting import posting_routes
from sandbox.discord.protocol.errors import DiscordError, PersonError, not_found
from sandbox.discord.rest.channels import ChannelRoutes
from sandbox.discord.rest.commands import CommandRoutes
from sandbox.discord.rest.common import answer, error_answer
from sandbox.discord.rest.files import FileRoutes
from sandbox.discord.rest.guilds import GuildRoutes
from sandbox.discord.rest.interactions import InteractionRoutes
from sandbox.discord.rest.messages import MessageRoutes
from sandbox.discord.rest.reactions import ReactionRoutes
from sandbox.discord.rest.threads import ThreadRoutes
from sandbox.discord.rest.users import UserRoutes
from sandbox.discord.rest.webhooks import WebhookRoutes

if TYPE_CHECKING:
    from sandbox.discord.world import World

_log = logging.getLogger(__name__)
_SERVED = (
    FileRoutes,
    UserRoutes,
    GuildRoutes,
    ChannelRoutes,
    ThreadRoutes,
    MessageRoutes,
    ReactionRoutes,
    CommandRoutes,
    InteractionRoutes,
    WebhookRoutes,
)


def all_routes(world: World) -> list[web.RouteDef]:
    """Return the routes below /api/v10, /cdn and /people."""
    rest = [route for served in _SERVED for route in served(world).routes()]
    return [*rest, *people_routes(world), *posting_routes(world)]


@web.middleware
async def error_middleware(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn errors into JSON: Discord's below /api, words for a person below /people; unknown routes into 404.

    A fault of the sandbox itself is logged and answered with 500, as Discord would.
    """
    people = request.path.startswith("/people/")
    if not people and not request.path.startswith("/api/"):
        return await handler(request)
    try:
        return await handler(request)
    except DiscordError as error:
        return _for_person(error) if people else error_answer(error)
    except web.HTTPMethodNotAllowed:
        return error_answer(DiscordError(405, 0, "405: Method Not Allowed"))
    except web.HTTPNotFound:
        return error_answer(not_found())
    except web.HTTPRequestEntityTooLarge:
        return error_answer(DiscordError(413, 40005, "Request entity too large"))
    except web.HTTPException:
        raise
    except Exception:  # noqa: BLE001 - the outermost boundary: a fault of the sandbox must not end the connection
        _log.exception("%s %s failed in the sandbox", request.method, request.path)
        return error_answer(DiscordError(500, 0, "500: Internal Server Error"))


def _for_person(error: DiscordError) -> web.Response:
    words = error.message
    if error.errors is not None and not isinstance(error, PersonError):
        words = f"{words}: {'; '.join(_leaves(error.errors, ''))}"
    return answer({"error": words, "code": error.code}, error.status)


def _leaves(errors: object, path: str) -> list[str]:
    """Return the nested errors of a form as lines of "field: message"."""
    if not isinstance(errors, dict):
        return []
    found = [f"{path}: {one['message']}" for one in errors.get("_errors", [])]
    for key, value in errors.items():
        if key != "_errors":
            found += _leaves(value, f"{path}.{key}" if path else key)
    return found
