"""Commands about settings while they are typed: whom they are for, and what is suggested."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice as Suggestion

from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.scopes import Scope, Target
from bot.errors import BotError, StorageError
from bot.presentation.inbound.places import place_of_interaction
from bot.presentation.settings.reader import PanelReader
from bot.presentation.settings.typing.values import suggest_keys, suggest_values
from bot.presentation.words import panel as words_of
from bot.presentation.words.languages import WordId
from bot.presentation.words.panel import PanelWords
from bot.services.settings.service import SettingsService

logger = logging.getLogger(__name__)

SUGGEST_S = 1.0
"""How long the database may take; Discord waits 3 s for suggestions."""
OF_SERVERS = (Scope.GUILD, Scope.CATEGORY, Scope.CHANNEL, Scope.PERSON)

Given = app_commands.AppCommandChannel | app_commands.AppCommandThread
GivenChannel = Given | None


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


class TargetError(BotError):
    """A command can't be about what was chosen; ``template``, of the panel's words, says why."""

    def __init__(self, template: WordId) -> None:
        super().__init__(template)
        self.template = template


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The channel and the category that a command is about: a category that was given has no channel."""

    channel_id: int | None
    category_id: int | None


def choose_target(interaction: discord.Interaction, scope: str | None, given: GivenChannel) -> Target:
    """Tell whose settings a command is about: with a channel alone that channel's or category's, else the server's.

    Raises ``TargetError`` if that can't be.
    """
    place = place_of_interaction(interaction)
    if given is not None:
        where = _where_of(given, interaction.guild)
    else:
        where = Where(channel_id=place.parent_id or place.channel_id, category_id=place.category_id)
        scope = Scope.GUILD if scope is None else scope
    return target_at(where, scope, guild_id=place.ruling_guild_id, user_id=interaction.user.id)


def target_at(where: Where, scope: str | None, *, guild_id: int | None, user_id: int) -> Target:
    """Pick what has the settings of a scope; without a scope the narrowest of ``where``. Raises ``TargetError``."""
    if scope == Scope.PERSON:
        return Target.user(user_id)
    if guild_id is None:
        raise TargetError(words_of.IN_SERVERS_ONLY)
    if scope == Scope.GUILD:
        return Target.guild(guild_id)
    if scope != Scope.CATEGORY and where.channel_id is not None:
        return Target.channel(guild_id, where.channel_id)
    if where.category_id is None:
        raise TargetError(words_of.NO_CATEGORY)
    return Target.category(guild_id, where.category_id)


def _where_of(given: Given, guild: discord.Guild | None) -> Where:
    channel_id = given.parent_id if isinstance(given, app_commands.AppCommandThread) else given.id
    found = guild.get_channel(channel_id) if guild is not None else None
    if isinstance(found, discord.CategoryChannel):
        return Where(channel_id=None, category_id=found.id)
    return Where(channel_id=channel_id, category_id=found.category_id if found is not None else None)


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
        if key is None:
            return []
        try:
            target = choose_target(interaction, chosen, given if isinstance(given, known) else None)
            async with asyncio.timeout(SUGGEST_S):
                rights = await self._reader.rights(interaction)
                # What is no preference a user is not shown as one: it is the server's.
                if target.scope not in CATALOGUE[key].scopes or not rights.may_look(target):
                    return []
                now = (await self._reader.explained(target, interaction))[key].written
        except TargetError:
            return []
        except (StorageError, TimeoutError) as error:
            logger.warning("values of a setting could not be suggested: %s", type(error).__name__)
            return []
        operator = self._settings.operator
        return suggest_values(key, typed, words, now=now, operator=operator, guild=interaction.guild)

    async def _words(self, interaction: discord.Interaction) -> PanelWords:
        try:
            async with asyncio.timeout(SUGGEST_S):
                return await self._reader.words(interaction)
        except TimeoutError:
            return PanelWords(interaction.locale.value)
