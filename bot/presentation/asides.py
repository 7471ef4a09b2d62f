"""Words to the person alone who used something: nobody else sees them."""

from __future__ import annotations

import logging

import aiohttp
import discord

logger = logging.getLogger(__name__)


async def tell(
    interaction: discord.Interaction,
    words: str,
    *,
    embed: discord.Embed | None = None,
    view: discord.ui.View | None = None,
    file: discord.File | None = None,
) -> None:
    """Say something to whoever used a command, a button or a form. Never raises: it is said or it is not."""
    missing = discord.utils.MISSING
    mentions = discord.AllowedMentions.none()
    try:
        send = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
        await send(
            words,
            ephemeral=True,
            allowed_mentions=mentions,
            embed=embed or missing,
            view=view or missing,
            file=file or missing,
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        logger.info("somebody could not be told why nothing was done: %s", type(error).__name__)


async def open_form(interaction: discord.Interaction, modal: discord.ui.Modal) -> None:
    """Open a form. Never raises: where Discord does not take it, its client says so to the person."""
    try:
        await interaction.response.send_modal(modal)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        logger.warning("a form could not be opened: %s", type(error).__name__)
