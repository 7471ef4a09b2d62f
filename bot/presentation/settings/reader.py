"""Gathers what a page of the settings panel shows: rights, values with their origins, places, the last change."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.layers import Explained, Operator
from bot.domain.settings.scopes import Change, Scope, Target
from bot.errors import StorageError
from bot.presentation.inbound.places import place_of_interaction
from bot.presentation.settings.ids import Spot
from bot.presentation.settings.pages.audit_log import LOGGED_CHANGES, acts_of, render_audit_log
from bot.presentation.settings.pages.layout import Tone
from bot.presentation.settings.pages.shown import LayerLine, PanelPage
from bot.presentation.settings.pages.topics import render_panel, settable, topics_of
from bot.presentation.settings.rights import Rights, actor_of, chain_of, targets_here
from bot.presentation.words.panel import PanelWords
from bot.services.settings.service import SettingsService

LAST_CHANGES = 50
"""How far back the panel looks for the change that its Undo takes back; what is older stands in the history."""


class PanelReader:
    """Reads for the panel; every method raises ``StorageError`` but where it says otherwise."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings

    async def words(self, interaction: discord.Interaction) -> PanelWords:
        """Choose the words: of the language that is set for the user here, else of their client. Never raises."""
        locale = interaction.locale.value
        try:
            settings = await self._settings.in_force(place_of_interaction(interaction), interaction.user.id)
        except StorageError:
            return PanelWords(locale)
        return PanelWords(locale if settings.language == "auto" else settings.language)

    async def rights(self, interaction: discord.Interaction) -> Rights:
        """Tell what somebody may do, by what Discord says of them now."""
        actor = actor_of(interaction)
        return Rights(
            actor=actor,
            has_manager_role=await self._settings.has_manager_role(actor),
            operator=self._settings.operator,
        )

    async def explained(self, target: Target, interaction: discord.Interaction) -> dict[str, Explained]:
        """Say of each setting what holds for a target, and why."""
        return {one.key: one for one in await self._settings.explain_at(*chain_of(target, interaction))}

    async def panel(
        self,
        interaction: discord.Interaction,
        spot: Spot,
        rights: Rights,
        words: PanelWords,
        *,
        said: str = "",
        tone: Tone = Tone.PLAIN,
    ) -> discord.ui.LayoutView:
        """Draw the page of a spot as things stand now; a spot that there is not leads to one near it."""
        spot = near(spot)
        explained = await self.explained(spot.target, interaction)
        changes = await self._changes(spot.target.whose, LAST_CHANGES)
        mine = (one for one in changes if one.target == spot.target and spot.key in ("", one.key))
        last = next(mine, None)
        shown = PanelPage(
            spot=spot,
            explained=explained,
            set_here=await self._settings.set_at(spot.target),
            places=self._places(interaction, spot, rights),
            lock=rights.lock(spot.target, spot.key) if spot.key else None,
            last=last,
            last_count=sum(1 for one in changes if last is not None and one.batch == last.batch),
            layers=await self._layers(interaction, spot, explained, words) if spot.key else (),
            offered=rights.operator.available.get(spot.key),
            most=_most(rights.operator, spot.key),
            known_ids=_known_ids(interaction.guild),
            told=said,
            tone=tone,
        )
        return render_panel(shown, words)

    async def audit_log(
        self, spot: Spot, number: int, words: PanelWords, *, said: str = "", tone: Tone = Tone.PLAIN
    ) -> discord.ui.LayoutView:
        """Draw a page of the audit log of a guild, or of a user's own settings."""
        changes = await self._changes(spot.target.whose, LOGGED_CHANGES)
        return render_audit_log(spot, acts_of(changes, spot.key), number, words, said=said, tone=tone)

    async def _changes(self, whose: Target, limit: int) -> tuple[Change, ...]:
        """Return the newest changes, about ``limit``: the oldest act among them whole, as it is taken back whole."""
        found = await self._settings.history(whose, limit=limit)
        if len(found) < limit:
            return found
        oldest = await self._settings.act(whose, found[-1].batch)
        return (*(one for one in found if one.batch != found[-1].batch), *reversed(oldest))

    def _places(self, interaction: discord.Interaction, spot: Spot, rights: Rights) -> tuple[tuple[Target, str], ...]:
        found = dict.fromkeys((*targets_here(interaction), spot.target))
        ordered = sorted(found, key=lambda target: list(Scope).index(target.scope))
        return tuple((target, _name_of(interaction.guild, target)) for target in ordered if rights.may_look(target))

    async def _layers(
        self, interaction: discord.Interaction, spot: Spot, explained: dict[str, Explained], words: PanelWords
    ) -> tuple[LayerLine, ...]:
        entry, now = CATALOGUE[spot.key], explained[spot.key]
        default = self._settings.operator.defaults.get(spot.key)
        found = [
            LayerLine(
                place=words.settings.scope(Scope.BUILT_IN),
                written=entry.write(entry.default),
                holds=now.scope is Scope.BUILT_IN,
            ),
            LayerLine(
                place=words.settings.scope(Scope.OPERATOR),
                written=None if default is None else entry.write(default),
                holds=now.scope is Scope.OPERATOR,
            ),
        ]
        for target in chain_of(spot.target, interaction):
            if target.scope in entry.scopes:
                written = (await self._settings.set_at(target)).get(spot.key)
                place = words.settings.place(target)
                barred = written is not None and not self._settings.operator.allows(entry, written)
                found.append(LayerLine(place=place, written=written, holds=now.target == target, barred=barred))
        return tuple(found)


def near(spot: Spot) -> Spot:
    """Go to a spot that there is: a setting, or a topic, that can be set for the target."""
    scope = spot.target.scope
    if spot.key and scope in CATALOGUE[spot.key].scopes:
        return spot.at(spot.key)
    if settable(spot.topic, scope):
        return spot.at("")
    return replace(spot, topic=topics_of(scope)[0], key="")


def _most(operator: Operator, key: str) -> str | None:
    """Write what a setting may be at most anywhere; None where nothing is beyond it, or no setting is meant."""
    entry = CATALOGUE.get(key)
    most = operator.most(entry) if entry is not None else None
    return entry.write(most) if entry is not None and most is not None else None


def _known_ids(guild: discord.Guild | None) -> frozenset[int]:
    if guild is None:
        return frozenset()
    return frozenset(one.id for one in (*guild.channels, *guild.roles))


def _name_of(guild: discord.Guild | None, target: Target) -> str:
    found = guild.get_channel(target.id) if guild is not None else None
    return found.name if found is not None else ""
