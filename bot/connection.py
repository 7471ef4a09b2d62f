"""Getting to Discord, staying there, and leaving."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import aiohttp
import discord

from bot.client import FusionBot, NotDiscordError
from bot.config import Config
from bot.errors import BotError, TakenOverError
from bot.library.addresses import point_library_at

logger = logging.getLogger(__name__)

BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Waits between attempts to reach Discord at the start; the last one repeats."""
AUTHENTICATION_FAILED = 4004
"""How Discord closes the gateway to a token that it does not know (its documentation, Gateway Close Event Codes)."""
NOT_DISCORD = "what answers is not Discord: check DISCORD_API_BASE"


class DiscordRefusedError(BotError):
    """Discord does not let the bot in, and trying again would not help; the words say what to do."""


class TokenRefusedError(DiscordRefusedError):
    """Discord does not accept the bot's token."""

    def __init__(self) -> None:
        super().__init__(
            "Discord does not accept DISCORD_TOKEN. Copy the token again from the developer portal (page Bot, "
            "Reset Token)."
        )


async def log_in(bot: FusionBot, config: Config) -> None:
    """Log in, waiting for Discord where it can't be reached. Raises ``DiscordRefusedError``."""
    attempt = 0
    while True:
        try:
            if not config.is_discord_itself:
                await point_library_at(config.discord_api_base)
            await bot.login(config.discord_token.reveal())
        except discord.LoginFailure as error:
            raise TokenRefusedError from error
        except discord.HTTPException as error:
            if error.status < 500 and error.status != 429:
                raise DiscordRefusedError(
                    f"Discord refused the login with HTTP {error.status}. Check DISCORD_API_BASE and DISCORD_TOKEN."
                ) from error
            reason = f"HTTP {error.status}"
        except aiohttp.ClientResponseError as error:
            reason = f"HTTP {error.status}"
        except NotDiscordError:
            reason = NOT_DISCORD
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = type(error).__name__
        else:
            return
        await _pause(attempt, reason)
        attempt += 1


async def connect(bot: FusionBot, config: Config, *, stop: asyncio.Event) -> None:
    """Log in and stay connected until ``stop`` is set, then let turns end and leave.

    Raises ``DiscordRefusedError``, ``OtherBotError`` and, if another process has taken this one's shards,
    ``TakenOverError``.
    """
    stopped = asyncio.create_task(stop.wait(), name="stop-signal")
    online = asyncio.create_task(_stay(bot, config), name="gateway")
    taken_over = asyncio.create_task(bot.until_taken_over(), name="taken-over")
    refused = asyncio.create_task(bot.until_refused(), name="token-refused")
    tasks = (stopped, online, taken_over, refused)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done() and not online.done():
            logger.info("told to stop")
        if online.done() and not online.cancelled() and isinstance(online.exception(), TokenRefusedError):
            # Nothing that they would still say arrives: the next start finds them as they are, and ends them.
            await bot.leave_turns()
        await bot.close()
        if not online.done():
            online.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await online
        if taken_over.done():
            raise TakenOverError(bot.taken_over)
        if refused.done():
            raise TokenRefusedError
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    logger.info("stopped")


async def _stay(bot: FusionBot, config: Config) -> None:
    await log_in(bot, config)
    attempt = 0
    while True:
        try:
            await bot.connect(reconnect=True)
        except discord.PrivilegedIntentsRequired as error:
            raise DiscordRefusedError(
                "Discord has not granted the message content intent. Turn it on in the developer portal (page Bot, "
                "Message Content Intent), or set DISCORD_MESSAGE_CONTENT=off."
            ) from error
        except discord.ConnectionClosed as error:
            if error.code == AUTHENTICATION_FAILED:
                raise TokenRefusedError from error
            raise DiscordRefusedError(f"Discord closed the connection for good with code {error.code}.") from error
        except NotDiscordError:
            await _pause(attempt, NOT_DISCORD)
            attempt += 1
        except (discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
            # Only asking for the gateway's address ends so: once connected, the library tries again by itself.
            await _pause(attempt, type(error).__name__)
            attempt += 1
        else:
            return


async def _pause(attempt: int, reason: str) -> None:
    """Wait before another attempt to reach Discord; ``attempt`` counts from 0."""
    delay_s = BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)]
    logger.warning("Discord can't be reached (%s); trying again in %.0f s", reason, delay_s)
    await asyncio.sleep(delay_s)
