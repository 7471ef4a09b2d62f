"""Where the library looks for Discord."""

from __future__ import annotations

import aiohttp
import discord
import yarl

GATEWAY_TIMEOUT_S = 10.0


async def point_library_at(base: str) -> None:
    """Point the library at a Discord that is not Discord's own: once, before login.

    The gateway's address is asked of it. Raises ``aiohttp.ClientError``, ``TimeoutError`` or ``ValueError`` where it
    gives none.
    """
    discord.http.Route.BASE = base
    timeout = aiohttp.ClientTimeout(total=GATEWAY_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{base}/gateway") as response:
        response.raise_for_status()
        answer = await response.json(content_type=None)
    url = answer.get("url") if isinstance(answer, dict) else None
    if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
        raise ValueError("the local Discord names no gateway")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)


def api_base() -> str:
    """Where requests go: Discord, or what stands in for it."""
    return discord.http.Route.BASE
