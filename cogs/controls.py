"""The buttons under replies."""

from __future__ import annotations

import logging

import aiohttp
import discord
from discord.ext import commands

from bot.domain.controls import parse_custom_id
from bot.domain.messages import Person
from bot.errors import StorageError, Trouble
from bot.presentation.inbound import place_of_interaction
from bot.presentation.replies import ReplyDesk
from bot.presentation.text import Words, notice
from bot.services.control import ControlService, Press

logger = logging.getLogger(__name__)


class ControlsCog(commands.Cog):
    """Turns presses into calls of the control service. A button is known by its id alone, whenever it was made."""

    def __init__(self, service: ControlService, desk: ReplyDesk) -> None:
        self._service = service
        self._desk = desk

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Act on a button of a reply; leave every other interaction to its owner."""
        if interaction.type is not discord.InteractionType.component or interaction.data is None:
            return
        known = parse_custom_id(str(interaction.data.get("custom_id", "")))
        if known is None or not await self._desk.acknowledge(interaction):
            return
        action, turn_id = known
        press = Press(
            action=action,
            turn_id=turn_id,
            person=Person(id=interaction.user.id, name=interaction.user.display_name),
            place=place_of_interaction(interaction),
            manages_messages=interaction.permissions.manage_messages and interaction.guild_id is not None,
        )
        words = Words(interaction.locale.value)
        try:
            refusal = await self._service.press(press, self._desk.anew)
        except StorageError:
            logger.exception("a button could not be acted on")
            await self._tell(interaction, words.problem(Trouble.STORAGE))
            return
        if refusal is not None:
            await self._tell(interaction, words.press_refusal(refusal))

    async def _tell(self, interaction: discord.Interaction, words: str) -> None:
        try:
            await interaction.followup.send(
                notice(words), ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
            )
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.info("somebody could not be told why a button did nothing: %s", type(error).__name__)
