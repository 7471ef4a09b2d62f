"""Words to the user alone who used something: nobody else sees them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import aiohttp
import discord

from bot.presentation.outbound.wire import Wire
from bot.presentation.transport_errors import TRANSPORT_ERRORS

logger = logging.getLogger(__name__)

LOOK_S = 2.0
"""How long the database may take before there is any answer: Discord waits 3 s, and a form can't be put off."""
DEFER_TRIES = 3
ACKNOWLEDGED = 40060
"""What Discord says of an interaction that has a response already (its documentation, JSON Error Codes)."""
_DEFERRED = "fusion_bot.deferred"
"""Where an interaction carries that it was put off although the answer to that was lost."""
LOST = 599
"""Stands for the status of an answer that never came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """The message that Discord has made for an answer that was put off: its id, and whether the user alone sees it.

    None is what could not be told.
    """

    message_id: int | None = None
    shown_alone: bool | None = None


async def defer(
    interaction: discord.Interaction, wire: Wire, *, thinking: bool = False, ephemeral: bool = False
) -> Deferred:
    """Put the answer off; returns what Discord tells of the message that it has made for it.

    Discord says it with the response that the library asks for (Discord documentation, Create Interaction Response);
    a server that stands in for it may answer without, which the library takes for a fault although it was done. Then,
    and where the answer is lost, the message itself is looked up.
    Where an answer is lost (the connection broke, or something before Discord failed) it may have been done all the
    same: it is tried again, and that there is a response already then is no fault. Without a loss somebody else has
    answered. Raises what the library raises where it was not done.
    """
    with wire.statuses() as statuses:
        for tries_left in reversed(range(DEFER_TRIES)):
            try:
                deferred = await interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
            except (TypeError, KeyError):
                if not interaction.response.is_done():
                    raise
                return await _look_up(interaction, thinking=thinking)
            except discord.HTTPException as error:
                if error.code != ACKNOWLEDGED or not any(status >= 500 for status in statuses):
                    raise
                interaction.extras[_DEFERRED] = True
                return await _look_up(interaction, thinking=thinking)
            except (aiohttp.ClientError, OSError):
                if not tries_left:
                    raise
                statuses.append(LOST)
            else:
                if deferred is None:
                    return Deferred()
                return Deferred(message_id=deferred.message_id, shown_alone=deferred.is_ephemeral())
    return Deferred()


async def _look_up(interaction: discord.Interaction, *, thinking: bool) -> Deferred:
    """Read the message that stands for an answer that was put off; of what can't be read nothing is told."""
    if interaction.type is not discord.InteractionType.application_command and not thinking:
        return Deferred()  # the original is the message that the button is under
    try:
        async with asyncio.timeout(LOOK_S):
            message = await interaction.original_response()
    except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
        logger.info("who sees an answer could not be read: %s", type(error).__name__)
        return Deferred()
    return Deferred(message_id=message.id, shown_alone=message.flags.ephemeral)


def is_answered(interaction: discord.Interaction) -> bool:
    """Whether an interaction has its response, so that what is said comes as a followup."""
    return interaction.response.is_done() or _DEFERRED in interaction.extras


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
        send = interaction.followup.send if is_answered(interaction) else interaction.response.send_message
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
    except TRANSPORT_ERRORS as error:
        logger.info("a user could not be told why nothing was done: %s", type(error).__name__)


async def open_form(interaction: discord.Interaction, modal: discord.ui.Modal) -> None:
    """Open a form. Never raises: where Discord does not take it, its client says so to the user."""
    try:
        await interaction.response.send_modal(modal)
    except (TypeError, KeyError):
        if not interaction.response.is_done():  # as above
            raise
    except TRANSPORT_ERRORS as error:
        logger.warning("a form could not be opened: %s", type(error).__name__)
