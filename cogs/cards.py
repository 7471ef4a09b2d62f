"""The buttons and forms of drawings' cards: each makes a new card."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import discord
from discord.ext import commands

from bot.client import FusionBot
from bot.domain.drawing.form import DrawForm, form_of
from bot.domain.drawing.form_id import FormId, FormStep, parse_form_id
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.request import Mode
from bot.domain.reply.controls import DRAWING_ACTIONS, Action, PressRefusal, parse_custom_id
from bot.errors import StorageError, Trouble
from bot.presentation.drawing.forms import (
    KeptForm,
    edit_modal,
    form_buttons,
    form_embed,
    form_in,
    size_modal,
    typed,
    upscale_modal,
    vary_modal,
)
from bot.presentation.inbound.places import place_of_interaction, user_of
from bot.presentation.inbound.questions import parse_command, press_of
from bot.presentation.outbound.interactions import LOOK_S, open_form, tell
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words import drawings as text
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.drawing.cards import Card, CardService, Filled, typed_form
from bot.services.drawing.service import DrawService

logger = logging.getLogger(__name__)

T = TypeVar("T")


class CardsCog(commands.Cog):
    """Turns presses and forms into drawings. Each is known by its id alone, whenever it was made."""

    def __init__(self, cards: CardService, service: DrawService, desk: ReplyDesk) -> None:
        self._cards = cards
        self._service = service
        self._desk = desk

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Act on a button or a form of a drawing's; leave every other interaction to its owner."""
        if interaction.data is None:
            return
        custom_id = str(interaction.data.get("custom_id", ""))
        form = parse_form_id(custom_id)
        try:
            if interaction.type is discord.InteractionType.modal_submit and form is not None:
                await self._sent(interaction, form)
            elif interaction.type is discord.InteractionType.component:
                button = parse_custom_id(custom_id)
                if form is not None:
                    await self._under_form(interaction, form)
                elif button is not None and button[0] in DRAWING_ACTIONS:
                    await self._pressed(interaction, *button)
        except (StorageError, TimeoutError) as error:
            logger.warning("a drawing could not be taken up again: %s", str(error) or "no answer in time")
            await tell(interaction, notice(Words(interaction.locale.value).problem(Trouble.STORAGE)))

    async def _pressed(self, interaction: discord.Interaction, action: Action, turn_id: int) -> None:
        locale = interaction.locale.value
        words = CardWords(locale)
        card = await _soon(self._cards.card(press_of(interaction, action, turn_id)))
        if isinstance(card, PressRefusal):
            await tell(interaction, notice(Words(locale).press_refusal(card)))
            return
        message_id = card.origin.message_id if card.origin is not None else 0
        match action:
            case Action.AGAIN:
                await self._draw(interaction, card.recipe.prompt, self._cards.again(card))
            case Action.VARY:
                form = FormId(step=FormStep.VARY, turn_id=turn_id, message_id=message_id)
                await open_form(interaction, vary_modal(form, card.recipe, card.recipes, card.count, words))
            case Action.EDIT:
                form = FormId(step=FormStep.EDIT, turn_id=turn_id, message_id=message_id)
                filled = form_of(card.recipe, card.count, words.number_names)
                await open_form(interaction, edit_modal(form, filled, words))
            case Action.SIZE:
                form = FormId(step=FormStep.SIZE, turn_id=turn_id, message_id=message_id)
                await open_form(interaction, size_modal(form, card.recipe.parameters.size, card.sizes, words))
            case Action.UPSCALE:
                await self._upscale(interaction, card, words)

    async def _upscale(self, interaction: discord.Interaction, card: Card, words: CardWords) -> None:
        larger = card.larger
        if larger is None:
            await tell(interaction, notice(words.say(text.LARGEST_ALREADY)))
        elif len(card.recipes) > 1:
            message_id = card.origin.message_id if card.origin is not None else 0
            form = FormId(step=FormStep.UPSCALE, turn_id=card.turn_id, message_id=message_id)
            await open_form(interaction, upscale_modal(form, card.recipes, card.count, larger, words))
        else:
            await self._draw(interaction, card.recipe.prompt, card.wish(card.recipe, size=larger, count=card.count))

    async def _sent(self, interaction: discord.Interaction, form: FormId) -> None:
        words = CardWords(interaction.locale.value)
        card = await self._known(interaction, form)
        if form.step is FormStep.EDIT:
            await self._act(interaction, form, self._edited(interaction, form, card, typed_form(typed(interaction))))
        elif card is None:
            await tell(interaction, notice(words.say(text.UNKNOWN_DRAWING, draw="`/draw`")))
        else:
            filled = self._cards.filled(form.step, card, typed(interaction), words.number_names)
            await self._act(interaction, form, filled)

    async def _under_form(self, interaction: discord.Interaction, form: FormId) -> None:
        """Act on a button under a message that shows a form."""
        words = CardWords(interaction.locale.value)
        shown = form_in(interaction.message)
        if shown is None:
            await tell(interaction, notice(words.say(text.UNKNOWN_DRAWING, draw="`/draw`")))
        elif form.step is FormStep.REFILL:
            await open_form(interaction, edit_modal(replace(form, step=FormStep.EDIT), shown, words))
        elif form.step is FormStep.REDRAW:
            card = await self._known(interaction, form)
            await self._act(interaction, form, self._edited(interaction, form, card, shown))

    def _edited(self, interaction: discord.Interaction, form: FormId, card: Card | None, filled: DrawForm) -> Filled:
        message = interaction.message
        # Of a card that is gone it is not known whether it was private; where it may have been, what follows is.
        hidden = bool(form.turn_id) and message is not None and message.flags.ephemeral
        private = form.private or hidden
        return self._cards.edited(card, filled, _origin(interaction, form), spoiler=form.spoiler, private=private)

    async def _act(self, interaction: discord.Interaction, form: FormId, filled: Filled) -> None:
        """Draw what a form asks for, or say what is wrong with it, with nothing typed lost."""
        checked = filled.checked
        if not checked.faults:
            kept = KeptForm(form=filled.form, about=form)
            await self._draw(interaction, checked.prompt, checked.wish, kept=kept)
            return
        words = CardWords(interaction.locale.value)
        await tell(
            interaction,
            notice(words.faults(checked.faults, typed=True)),
            embed=form_embed(filled.form, words),
            view=form_buttons(form, words, redraw=False),
        )

    async def _known(self, interaction: discord.Interaction, form: FormId) -> Card | None:
        place, user = place_of_interaction(interaction), user_of(interaction.user)
        return await _soon(self._cards.known(form.turn_id, place, user))

    async def _draw(
        self, interaction: discord.Interaction, prompt: str, wish: DrawWish, *, kept: KeptForm | None = None
    ) -> None:
        if await self._desk.acknowledge(interaction, anew=True, private=wish.private):
            ask = parse_command(interaction, Mode.DRAW, prompt, wish=wish)
            await self._service.draw(ask, self._desk.to_interaction(interaction, ask, kept=kept))


def _origin(interaction: discord.Interaction, form: FormId) -> Origin | None:
    """Tell the message that a form is about."""
    if not form.message_id or interaction.channel_id is None:
        return None
    return Origin(channel_id=interaction.channel_id, message_id=form.message_id)


async def _soon(reading: Awaitable[T]) -> T:
    """Wait for a quick read; raises ``TimeoutError`` where it is none."""
    async with asyncio.timeout(LOOK_S):
        return await reading


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(CardsCog(services.cards, services.draw, services.desk))
