"""The buttons under replies."""

from __future__ import annotations

import logging

import discord
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.reply.controls import DRAWING_ACTIONS, PressRefusal, parse_custom_id
from bot.errors import StorageError, Trouble
from bot.presentation.inbound.questions import press_of
from bot.presentation.outbound.interactions import tell
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.reply.buttons import ControlService

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
        if known is None or known[0] in DRAWING_ACTIONS or not await self._desk.acknowledge(interaction):
            return
        words = Words(interaction.locale.value)
        try:
            refusal = await self._service.press(press_of(interaction, *known), self._desk.for_press(interaction))
        except StorageError as error:
            logger.warning("a button could not be acted on: %s", error)
            await tell(interaction, notice(words.problem(Trouble.STORAGE)))
            return
        if refusal is not None:
            said = words.press_refusal(refusal) if isinstance(refusal, PressRefusal) else words.problem(refusal)
            await tell(interaction, notice(said))


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(ControlsCog(services.controls, services.desk))
