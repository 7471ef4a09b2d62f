"""Where a reply's messages go that are not for everybody: to one person alone, or nowhere any more."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import discord

from bot.domain.controls import Controls
from bot.presentation.channel import DeliveryError, DeliveryFault, to_file, translated
from bot.presentation.composition import Upload
from bot.presentation.delivery import view_of
from bot.presentation.views import ControlsRenderer


class NoDelivery:
    """A reply that nothing leads to any more: what was for one person alone, once its token is over."""

    async def send(self, *_: Any, **__: Any) -> int:
        raise self._over()

    async def edit(self, *_: Any, **__: Any) -> None:
        raise self._over()

    async def delete(self, *_: Any, **__: Any) -> None:
        raise self._over()

    async def show_typing(self) -> None:
        """Do nothing: nobody would see it."""

    def _over(self) -> DeliveryError:
        return DeliveryError(DeliveryFault.INTERACTION_OVER, "a private reply, and its token is over")


class AsideDelivery:
    """Words for the person alone who used a command, in the place of the answer that everybody was promised."""

    def __init__(self, interaction: discord.Interaction, *, render: ControlsRenderer) -> None:
        self._interaction = interaction
        self._render = render
        self._mentions = discord.AllowedMentions.none()

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        if index == 0:
            with translated(), suppress(discord.NotFound):
                # The first followup would fill the promised answer in, and so be seen by everybody.
                await self._interaction.delete_original_response()
        with translated():
            message = await self._interaction.followup.send(
                content,
                files=[to_file(file) for file in files],
                allowed_mentions=self._mentions,
                view=view_of(controls, self._render) or discord.utils.MISSING,
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
                content=content,
                attachments=discord.utils.MISSING if files is None else [to_file(file) for file in files],
                allowed_mentions=self._mentions,
                view=view_of(controls, self._render),
            )

    async def delete(self, message_id: int) -> None:
        with translated(), suppress(discord.NotFound):
            await self._interaction.followup.delete_message(message_id)

    async def show_typing(self) -> None:
        """Do nothing: a deferred response says so by itself."""
