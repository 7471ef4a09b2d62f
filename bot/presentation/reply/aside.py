"""Where a reply's messages go that are for the one user alone who used something."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import discord

from bot.domain.page.small import small
from bot.domain.reply.controls import Controls
from bot.presentation.drawing.forms import KeptForm, form_buttons, form_embed
from bot.presentation.outbound.faults import translated
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.reply.delivery import view_of
from bot.presentation.words import drawings as text
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.replies import Words


class AsideDelivery:
    """Words for the user alone who used a command, in the place of the answer that everybody was promised.

    With ``kept`` a form is offered again below them, filled in.
    """

    def __init__(self, interaction: discord.Interaction, kept: KeptForm | None, words: Words) -> None:
        self._interaction = interaction
        self._kept = kept
        self._words = words
        self._card_words = CardWords(words.locale)
        self._mentions = discord.AllowedMentions.none()

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        if index == 0:
            with translated(), suppress(discord.NotFound):
                # The first followup would fill the promised answer in, and so be seen by everybody.
                await self._interaction.delete_original_response()
        kept = self._kept
        form = form_embed(kept.form, self._card_words) if kept is not None else discord.utils.MISSING
        with translated():
            message = await self._interaction.followup.send(
                self._said(content),
                embed=form,
                files=[to_file(file) for file in files],
                allowed_mentions=self._mentions,
                view=self._view(controls) or discord.utils.MISSING,
                ephemeral=True,
                wait=True,
            )
        return message.id

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        with translated():
            await self._interaction.followup.edit_message(
                message_id,
                content=self._said(content),
                attachments=discord.utils.MISSING if files is None else [to_file(file) for file in files],
                allowed_mentions=self._mentions,
                view=self._view(controls),
            )

    async def delete(self, message_id: int) -> None:
        with translated(), suppress(discord.NotFound):
            await self._interaction.followup.delete_message(message_id)

    async def show_typing(self) -> None:
        """Do nothing: a deferred response says so by itself."""

    async def tell(self, _: str) -> bool:
        """Tell nobody: this was the other way."""
        return False

    def _said(self, content: str) -> str:
        return content if self._kept is None else f"{content}\n{small(self._card_words.say(text.TYPED))}"

    def _view(self, controls: Controls | None) -> discord.ui.View | None:
        if self._kept is None:
            return view_of(controls, self._words)
        return form_buttons(self._kept.about, self._card_words, redraw=False)
