"""An interaction's token: how long messages go by it, and who sees them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import discord

from bot.domain.clock import Clock
from bot.presentation.inbound.privacy import interaction_is_private
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault

logger = logging.getLogger(__name__)

TOKEN_LIFE_S = 14 * 60.0
"""An interaction's token lives 15 minutes (Discord documentation, Receiving and Responding); a minute is kept back."""
LAST_WORDS_S = 55.0
"""How long of that minute is left for the last words, where there is no other way than the token."""


class ReplyToken:
    """The token of an interaction that has just come.

    With ``only`` there is no other way: where the bot is no member it can't write by itself, and what one user alone
    sees stays so.
    """

    def __init__(self, interaction: discord.Interaction, clock: Clock, *, only: bool = False) -> None:
        self.interaction = interaction
        self.private = interaction_is_private(interaction)
        self._clock = clock
        self._only = only
        self._dies_at = clock.monotonic() + TOKEN_LIFE_S + (LAST_WORDS_S if only else 0.0)

    @contextmanager
    def while_it_lives(self) -> Iterator[bool]:
        """Say whether the token is to be used; where Discord refuses it inside, it is used no more.

        Raises ``DeliveryError`` where there is no other way.
        """
        lives = self._clock.monotonic() < self._dies_at
        if self._only and not lives:
            raise DeliveryError(DeliveryFault.INTERACTION_OVER, "the token is too old")
        try:
            yield lives
        except DeliveryError as error:
            if self._only or error.fault is not DeliveryFault.INTERACTION_OVER:
                raise
            logger.info("an interaction's token is over: its reply goes on through the channel")
            self._dies_at = self._clock.monotonic()

    def is_source(self, message_id: int) -> bool:
        """Whether a message is the one whose button was pressed: a press's token knows it as its original."""
        source = self.interaction.message
        return source is not None and source.id == message_id
