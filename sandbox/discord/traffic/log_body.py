"""What the log keeps of a request's body: its JSON, and the names and sizes of its files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError

from sandbox.discord.protocol.errors import DiscordError
from sandbox.discord.rest.common import read_body
from sandbox.discord.traffic.log import LoggedFile

if TYPE_CHECKING:
    from aiohttp import web

_LOG = logging.getLogger(__name__)


async def describe_body(request: web.Request) -> tuple[Any, tuple[LoggedFile, ...]]:
    """Return the JSON of a request, None without one, and its files.

    Most bodies were read by their route already; those of refused requests are read here, so that the log has them.
    """
    if "body" not in request and request.body_exists:
        try:
            await read_body(request)
        except (DiscordError, ClientError, ConnectionError, ValueError, RuntimeError) as error:
            _LOG.debug("a request's body could not be read for the log: %s", type(error).__name__)
    files = tuple(LoggedFile(**one) for one in request.get("files", ()))
    return request.get("body"), files
