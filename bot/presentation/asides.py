"""Words to the person alone who used something: nobody else sees them."""

from __future__ import annotations

import logging

import aiohttp
import discord

logger = logging.getLogger(__name__)


async def defer(interaction: discord.Interaction, *, thinking: bool = False, ephemeral: bool = False) -> int | None:
    """Put the answer off; returns the id of the message that Discord has made for it, where it tells.

    Discord says it with the response that the library asks for (Discord documentation, Create Interaction Response);
    a server that stands in for it may answer without, which the library takes for a fault although it was done.
    Raises what the library raises where it was not.
    """
    try:
        deferred = await interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
    except (TypeError, KeyError):
        if not interaction.response.is_done():
            raise
        return None
    return deferred.message_id if deferred is not None else None


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
    except (TypeError, KeyError):
        # It was said, and the library can't read how Discord's stand-in says so: see ``defer``.
        if not interaction.response.is_done():
            raise
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        logger.info("somebody could not be told why nothing was done: %s", type(error).__name__)


async def open_form(interaction: discord.Interaction, modal: discord.ui.Modal) -> None:
    """Open a form. Never raises: where Discord does not take it, its client says so to the person."""
    try:
        await interaction.response.send_modal(modal)
    except (TypeError, KeyError):
        if not interaction.response.is_done():  # as above
            raise
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        logger.warning("a form could not be opened: %s", type(error).__name__)
