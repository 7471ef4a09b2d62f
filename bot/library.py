"""discord.py's private side: what the bot sets in the library before it logs in."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import discord
import yarl

logger = logging.getLogger(__name__)

GATEWAY_TIMEOUT_S = 10.0


async def point_library_at(api_base: str) -> None:
    """Point the library at a Discord that is not Discord's own: once, before login.

    The gateway's address is asked of it. Raises ``aiohttp.ClientError``, ``TimeoutError`` or ``ValueError`` where it
    gives none.
    """
    discord.http.Route.BASE = api_base
    timeout = aiohttp.ClientTimeout(total=GATEWAY_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{api_base}/gateway") as response:
        response.raise_for_status()
        answer = await response.json(content_type=None)
    url = answer.get("url") if isinstance(answer, dict) else None
    if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
        raise ValueError("the local Discord names no gateway")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)


def careful(event: str, read: Callable[[Any], None]) -> Callable[[Any], None]:
    """Leave an event out that the library can't read: something new of Discord's, or empty where it never was."""

    def read_or_leave_out(data: Any) -> None:
        try:
            read(data)
        except Exception as error:  # noqa: BLE001  # whatever one event holds, the others are to be heard
            # Its words may quote what people wrote; where it came from says enough.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            logger.error(  # noqa: TRY400  # as above
                "an event %s can't be read and is left out: %s in %s", event, type(error).__name__, place
            )

    return read_or_leave_out
