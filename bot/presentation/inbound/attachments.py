"""What stands in messages as attachments, downloaded from Discord's own host and from no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeVar

import aiohttp
import discord
import yarl

from bot.library.addresses import api_base

logger = logging.getLogger(__name__)

T = TypeVar("T")

DISCORD_HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps attachments (Discord documentation, Reference, "CDN")."""
MOST_BYTES: Final = 25 * 1024 * 1024
"""No picture of the bot's is larger: Discord takes no larger request (Discord documentation, Create Message)."""
MOST_PICTURES: Final = 4
DOWNLOAD_S: Final = 15.0
AT_ONCE: Final = 2


class DiscordAttachments:
    """Reads the pictures that were posted with a message, few at once: they are held in memory while they are read."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def find(self, message: discord.Message, read: Callable[[bytes], T | None]) -> T | None:
        """Return what ``read`` finds first in a message's PNG files, four at most; it runs in a thread.

        What a message forwards is its own too. What is too large or can't be had is left out, and None is returned
        where nothing is found. One file at a time is in memory. Raises what ``read`` raises.
        """
        async with self._room:
            for attachment in _pictures(message)[:MOST_PICTURES]:
                data = await download(attachment.url, most_bytes=MOST_BYTES, within_s=DOWNLOAD_S)
                if data is None or len(data) > MOST_BYTES:
                    continue
                if (found := await asyncio.to_thread(read, data)) is not None:
                    return found
        return None


async def download(url: str, *, most_bytes: int, within_s: float) -> bytes | None:
    """Read a file from Discord's own hosts; None where it can't be had.

    Of a file that is larger than ``most_bytes`` only the beginning comes, which is larger than that too.
    """
    if not is_discord_s(url):
        logger.warning("a file lies on another host than Discord's and is left alone")
        return None
    timeout = aiohttp.ClientTimeout(total=within_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"Accept-Encoding": "identity"}) as session,
            session.get(yarl.URL(url, encoded=True), allow_redirects=False) as response,
        ):
            if response.status != 200:
                logger.info("a file could not be read from Discord: HTTP %s", response.status)
                return None
            data = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                data += chunk
                if len(data) > most_bytes:
                    break
    except (aiohttp.ClientError, OSError) as error:
        logger.info("a file could not be read from Discord: %s", type(error).__name__)
        return None
    return bytes(data)


def _pictures(message: discord.Message) -> list[discord.Attachment]:
    """List the PNG files of a message that are not too large."""
    forwarded = (attachment for each in message.message_snapshots for attachment in each.attachments)
    return [
        attachment
        for attachment in (*message.attachments, *forwarded)
        if attachment.size <= MOST_BYTES
        and (attachment.filename.lower().endswith(".png") or attachment.content_type == "image/png")
    ]


def is_discord_s(url: str) -> bool:
    """Whether an address is on Discord's host for attachments, or on the one that stands in for Discord.

    A proxy of the API passes on what lies on Discord's own host.
    """
    try:
        found, own = yarl.URL(url), yarl.URL(api_base())
    except ValueError:
        return False
    if found.scheme == "https" and found.host in DISCORD_HOSTS and found.port == 443:
        return True
    return own.host != "discord.com" and (found.scheme, found.host, found.port) == (own.scheme, own.host, own.port)
