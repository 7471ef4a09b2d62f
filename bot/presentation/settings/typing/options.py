"""Commands about settings while they are typed: whom they are for, and what is suggested."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice as Suggestion

from bot.domain.settings.scopes import Scope, Target
from bot.errors import StorageError
from bot.presentation.inbound.places import place_of_interaction
from bot.presentation.settings.reader import PanelReader
from bot.presentation.settings.typing.values import suggest_keys, suggest_values
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords
from bot.services.settings.service import SettingsService

logger = logging.getLogger(__name__)

SUGGEST_S = 1.0
"""How long the database may take; Discord waits 3 s for suggestions."""
OF_SERVERS = (Scope.GUILD, Scope.CATEGORY, Scope.CHANNEL, Scope.PERSON)

GivenChannel = app_commands.AppCommandChannel | app_commands.AppCommandThread | None


class PlaceOption(app_commands.Transformer):
    """An option for a channel of any kind, a category and a thread too.

    The library would list the kinds, one of which Discord's specification does not know.
    """

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Say what Discord asks for."""
        return discord.AppCommandOptionType.channel

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> GivenChannel:
        """Take what Discord has resolved."""
        del interaction
        known = app_commands.AppCommandChannel, app_commands.AppCommandThread
        return value if isinstance(value, known) else None


PlaceGiven = app_commands.Transform[GivenChannel, PlaceOption]


def choose_target(interaction: discord.Interaction, scope: str | None, given: GivenChannel) -> Target | str:
    """Tell whose settings a command is about: with a channel alone that channel's or category's, else the server's.

    Where that can't be, why it can't: one of the texts of ``settings_panel_text``.
    """
    place = place_of_interaction(interaction)
    guild_id = place.ruling_guild_id
    if scope == Scope.PERSON:
        return Target.person(interaction.user.id)
    if guild_id is None:
        return words_of.IN_SERVERS_ONLY
    if scope == Scope.GUILD or (scope is None and given is None):
        return Target.guild(guild_id)
    channel_id, category_id = place.parent_id or place.channel_id, place.category_id
    if isinstance(given, app_commands.AppCommandThread):
        channel_id = given.parent_id
    elif given is not None:
        channel_id = given.id
    if given is not None:
        found = interaction.guild.get_channel(channel_id) if interaction.guild is not None else None
        is_category = isinstance(found, discord.CategoryChannel)
        category_id = channel_id if is_category else found.category_id if found is not None else None
        if is_category and scope != Scope.CHANNEL:
            return Target.category(guild_id, channel_id)
    if scope != Scope.CATEGORY:
        known = Target.category if channel_id == category_id else Target.channel
        return known(guild_id, channel_id)
    return Target.category(guild_id, category_id) if category_id is not None else words_of.NO_CATEGORY


class PanelTyping:
    """Suggests keys and values. No method raises."""

    def __init__(self, settings: SettingsService, reader: PanelReader) -> None:
        self._settings = settings
        self._reader = reader

    async def keys(
        self,
        interaction: discord.Interaction,
        typed: str,
        *,
        scopes: Collection[Scope] = OF_SERVERS,
        with_all: bool = False,
    ) -> list[Suggestion[str]]:
        """Suggest settings that can be set in what is chosen already, else in one of ``scopes``."""
        chosen = interaction.namespace.scope
        if chosen in OF_SERVERS:
            scopes = (Scope(chosen),)
        return suggest_keys(typed, await self._words(interaction), scopes, with_all=with_all)

    async def values(
        self, interaction: discord.Interaction, typed: str, *, scope: Scope | None = None
    ) -> list[Suggestion[str]]:
        """Suggest values for the setting that is chosen already; what holds now only to those who may see it."""
        words = await self._words(interaction)
        key = words.find_key(str(interaction.namespace.key or ""))
        chosen = scope or interaction.namespace.scope
        given = interaction.namespace.channel
        known = app_commands.AppCommandChannel, app_commands.AppCommandThread
        target = choose_target(interaction, chosen, given if isinstance(given, known) else None)
        if key is None or isinstance(target, str):
            return []
        try:
            async with asyncio.timeout(SUGGEST_S):
                rights = await self._reader.rights(interaction)
                if not rights.may_look(target):
                    return []
                now = (await self._reader.explained(target, interaction))[key].written
        except (StorageError, TimeoutError) as error:
            logger.warning("values of a setting could not be suggested: %s", type(error).__name__)
            return []
        offered = self._settings.operator.available.get(key)
        return suggest_values(key, typed, words, now=now, offered=offered, guild=interaction.guild)

    async def _words(self, interaction: discord.Interaction) -> PanelWords:
        try:
            async with asyncio.timeout(SUGGEST_S):
                return await self._reader.words(interaction)
        except TimeoutError:
            return PanelWords(interaction.locale.value)
