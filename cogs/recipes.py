"""The context menus: draw what a message says, and tell how a picture was made."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import AppCommandContext, AppInstallationType
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.drawing.chunk import read_recipe
from bot.domain.drawing.form import WishField, check_values
from bot.domain.drawing.wish import Origin
from bot.domain.model.request import Mode
from bot.errors import StorageError, Trouble
from bot.presentation.commands import command_text
from bot.presentation.drawing.recipe import recipe_page
from bot.presentation.inbound.attachments import DiscordAttachments
from bot.presentation.inbound.places import place_of_interaction, user_of
from bot.presentation.inbound.questions import parse_command
from bot.presentation.inbound.text import text_of
from bot.presentation.outbound.interactions import LOOK_S, tell
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words import drawings as text
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.drawing.cards import CardService, FoundRecipe
from bot.services.drawing.service import DrawService

logger = logging.getLogger(__name__)

_EVERYWHERE = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
_BY_ALL = AppInstallationType(guild=True, user=True)


class RecipesCog(commands.Cog):
    """Turns context menus into drawings and recipes."""

    def __init__(
        self,
        tree: app_commands.CommandTree[Any],
        cards: CardService,
        service: DrawService,
        attachments: DiscordAttachments,
        desk: ReplyDesk,
    ) -> None:
        self._tree = tree
        self._cards = cards
        self._service = service
        self._attachments = attachments
        self._desk = desk
        self._menus = [
            app_commands.ContextMenu(
                name=name, callback=callback, allowed_contexts=_EVERYWHERE, allowed_installs=_BY_ALL
            )
            for name, callback in (
                (command_text("command.draw_this.name"), self.draw_this),
                (command_text("command.recipe.name"), self.recipe),
            )
        ]

    async def cog_load(self) -> None:
        """Add the context menus: a cog has no decorator for them."""
        for menu in self._menus:
            self._tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take them away again."""
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    async def draw_this(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Draw what a message says."""
        locale = interaction.locale.value
        words = CardWords(locale)
        try:
            checked = check_values({WishField.PROMPT: await self._said(interaction, message)})
        except (StorageError, TimeoutError):
            logger.exception("what a message says could not be looked up")
            await tell(interaction, notice(Words(locale).problem(Trouble.STORAGE)))
            return
        if not checked.prompt:
            await tell(interaction, notice(words.say(text.NO_TEXT)))
        elif checked.faults:
            await tell(interaction, notice(words.faults(checked.faults)))
        elif await self._desk.acknowledge(interaction):
            ask = parse_command(interaction, Mode.DRAW, checked.prompt, wish=checked.wish)
            await self._service.draw(ask, self._desk.to_interaction(interaction, ask))

    async def recipe(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Tell how a picture was made, to the user alone."""
        if not await self._desk.acknowledge(interaction, private=True):
            return
        locale = interaction.locale.value
        words = CardWords(locale)
        try:
            found = await self._find(interaction, message)
        except StorageError:
            logger.exception("a recipe could not be looked up")
            await tell(interaction, notice(Words(locale).problem(Trouble.STORAGE)))
            return
        if found is None:
            await tell(interaction, notice(words.say(text.RECIPE_NONE)))
            return
        page = recipe_page(
            found, Origin(channel_id=message.channel.id, message_id=message.id), interaction.guild_id, words
        )
        file = discord.File(io.BytesIO(page.file), filename="recipe.txt") if page.file else None
        await tell(interaction, page.content, embed=page.embed, view=page.buttons, file=file)

    async def _said(self, interaction: discord.Interaction, message: discord.Message) -> str:
        """Read what a message says: a drawing's card says what was drawn."""
        if message.author.id == interaction.application_id:
            place, user = place_of_interaction(interaction), user_of(interaction.user)
            async with asyncio.timeout(LOOK_S):
                found = await self._cards.recipe_of(place, user, message.id)
            if found is not None:
                return found.recipe.prompt
        return text_of(message, interaction.application_id)

    async def _find(self, interaction: discord.Interaction, message: discord.Message) -> FoundRecipe | None:
        """Look a picture up: in the memory where it is the bot's, else in the picture itself."""
        if message.author.id == interaction.application_id:
            place, user = place_of_interaction(interaction), user_of(interaction.user)
            found = await self._cards.recipe_of(place, user, message.id)
            if found is not None:
                return found
        recipe = await self._attachments.find(message, read_recipe)
        return FoundRecipe(recipe=recipe, recipes=(recipe,)) if recipe is not None else None


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(RecipesCog(bot.tree, services.cards, services.draw, services.attachments, services.desk))
