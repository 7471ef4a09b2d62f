"""``/draw``."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.drawing.form import WishField, check_values, form_typed, hold_to_models
from bot.domain.drawing.form_id import FormId, FormStep
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.model.request import Mode
from bot.domain.page.foreign import one_line
from bot.domain.picture.parameters import MAX_COUNT, SCALE_MAX, SEED_MAX, STEPS_MAX, ControlNet
from bot.presentation.commands import command_text
from bot.presentation.drawing.forms import KeptForm, form_buttons, form_embed
from bot.presentation.inbound.places import place_of_interaction, user_of
from bot.presentation.inbound.questions import parse_command
from bot.presentation.outbound.interactions import tell
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.notices import notice
from bot.services.drawing.service import DrawService
from bot.services.drawing.suggestions import DrawSuggestions

CONTROLS = [Choice(name=command_text("command.draw.control.choice.off"), value="off")] + [
    Choice(name=control.value, value=control.value) for control in ControlNet if control.value
]


class DrawCog(commands.Cog):
    """Turns the command into turns of the drawing service."""

    def __init__(self, service: DrawService, suggestions: DrawSuggestions, desk: ReplyDesk) -> None:
        self._service = service
        self._suggestions = suggestions
        self._desk = desk

    @app_commands.command(name=command_text("command.draw.name"), description=command_text("command.draw.description"))
    @app_commands.describe(
        prompt=command_text("command.draw.prompt.description"),
        model=command_text("command.draw.model.description"),
        size=command_text("command.draw.size.description"),
        steps=command_text("command.draw.steps.description"),
        scale=command_text("command.draw.scale.description"),
        seed=command_text("command.draw.seed.description"),
        enhance=command_text("command.draw.enhance.description"),
        control=command_text("command.draw.control.description"),
        count=command_text("command.draw.count.description"),
        spoiler=command_text("command.draw.spoiler.description"),
        private=command_text("command.draw.private.description"),
    )
    @app_commands.rename(
        prompt=command_text("command.draw.prompt.name"),
        model=command_text("command.draw.model.name"),
        size=command_text("command.draw.size.name"),
        steps=command_text("command.draw.steps.name"),
        scale=command_text("command.draw.scale.name"),
        seed=command_text("command.draw.seed.name"),
        enhance=command_text("command.draw.enhance.name"),
        control=command_text("command.draw.control.name"),
        count=command_text("command.draw.count.name"),
        spoiler=command_text("command.draw.spoiler.name"),
        private=command_text("command.draw.private.name"),
    )
    @app_commands.choices(control=CONTROLS)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def draw(
        self,
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, PROMPT_MAX_CHARS],
        model: app_commands.Range[str, 1, 100] | None = None,
        size: app_commands.Range[str, 1, 20] | None = None,
        steps: app_commands.Range[int, 1, STEPS_MAX] | None = None,
        scale: app_commands.Range[int, 1, SCALE_MAX] | None = None,
        seed: app_commands.Range[int, -1, SEED_MAX] | None = None,
        enhance: bool | None = None,
        control: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        spoiler: bool | None = None,
        private: bool = False,
    ) -> None:
        """Draw what a user describes."""
        # Discord checks the declared ranges; what comes without its check is not believed. A mention of the bot alone
        # says nothing either.
        says = parse_command(interaction, Mode.DRAW, str(prompt)).text
        values = {
            WishField.PROMPT: prompt if says else "",
            WishField.MODEL: model,
            WishField.SIZE: size,
            WishField.STEPS: steps,
            WishField.SCALE: scale,
            WishField.SEED: seed,
            WishField.ENHANCE: enhance,
            WishField.CONTROL: control,
            WishField.COUNT: count,
        }
        checked = hold_to_models(
            check_values(values, spoiler=spoiler if isinstance(spoiler, bool) else None, private=private is True),
            self._suggestions.allowed_models,
        )
        words = CardWords(interaction.locale.value)
        # A form knows no ids of people and channels: it has their names.
        form = form_typed({**values, WishField.PROMPT: says}, words.number_names)
        about = FormId(step=FormStep.REFILL, private=checked.wish.private, spoiler=checked.wish.spoiler)
        if checked.faults:
            await tell(
                interaction,
                notice(words.faults(checked.faults, typed=True)),
                embed=form_embed(form, words),
                view=form_buttons(about, words, redraw=False),
            )
        elif await self._desk.acknowledge(interaction, private=checked.wish.private):
            ask = parse_command(interaction, Mode.DRAW, checked.prompt, wish=checked.wish)
            kept = KeptForm(form=form, about=about)
            await self._service.draw(ask, self._desk.to_interaction(interaction, ask, kept=kept))

    @draw.autocomplete("model")
    async def suggest_models(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest names of models."""
        place, user = place_of_interaction(interaction), user_of(interaction.user)
        names = await self._suggestions.models(place, user, str(typed))
        return [Choice(name=one_line(name) or name, value=name) for name in names]

    @draw.autocomplete("size")
    async def suggest_sizes(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Suggest sizes, with their shapes in words."""
        place, user = place_of_interaction(interaction), user_of(interaction.user)
        words = CardWords(interaction.locale.value)
        sizes = await self._suggestions.sizes(place, user, str(typed), named=words.size)
        return [Choice(name=words.size(size), value=str(size)) for size in sizes]


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(DrawCog(services.draw, services.suggestions, services.desk))
