"""Answering an interaction about settings with a page, for the one who acts alone.

Words beside the page go out by ``bot.presentation.outbound.interactions``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import aiohttp
import discord

from bot.presentation.outbound.interactions import defer
from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)

RETRY_S = 1.0


async def acknowledge(interaction: discord.Interaction, wire: Wire) -> bool:
    """Defer at once, so that the database may take its time; False where Discord did not take it (too late, or gone).

    What a command is answered with only that user sees; a press or a form changes the message that it came from.
    """
    command = interaction.type is discord.InteractionType.application_command
    try:
        await defer(interaction, wire, ephemeral=True, thinking=command)
    except TRANSPORT_ERRORS as error:
        logger.warning("an interaction about settings could not be acknowledged: %s", type(error).__name__)
        return False
    return True


async def put(
    interaction: discord.Interaction,
    view: discord.ui.LayoutView,
    *,
    files: Sequence[discord.File | discord.Attachment] = (),
) -> None:
    """Show a page in the place of what stood there. Never raises: a page is a look at what the database holds.

    A passing fault that the library does not try again (503, a lost connection) is tried once more; files, which are
    read while they are sent, are not.
    """
    for tries_left in (0,) if files else (1, 0):
        try:
            await interaction.edit_original_response(
                view=view, attachments=list(files), allowed_mentions=discord.AllowedMentions.none()
            )
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            logger.warning("a page of settings could not be shown: %s", type(error).__name__)
            if tries_left:
                await asyncio.sleep(RETRY_S)
                continue
        except discord.HTTPException as error:
            logger.warning("a page of settings was refused: HTTP %s, %s", error.status, error.code)
        return
