"""Changing settings for somebody, and wording what came of it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import discord

from bot.domain.settings.faults import GIVEN_CHARS, FaultKind, SettingFault, SettingsError
from bot.domain.settings.rules import SettingChange
from bot.domain.settings.scopes import Target
from bot.presentation.outbound.interactions import tell
from bot.presentation.settings.forms import mark_of
from bot.presentation.settings.pages.layout import Tone
from bot.presentation.settings.pages.outcome import Outcome
from bot.presentation.settings.reader import PanelReader
from bot.presentation.settings.rights import Rights, known_places, targets_here
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords
from bot.services.settings.service import SettingsService


class PanelChanges:
    """Changes settings; refusals become words, and only ``StorageError`` is raised."""

    def __init__(self, settings: SettingsService, reader: PanelReader) -> None:
        self._settings = settings
        self._reader = reader

    async def make(
        self,
        interaction: discord.Interaction,
        wishes: Sequence[SettingChange],
        rights: Rights,
        words: PanelWords,
        *,
        expected: str | None = None,
    ) -> Outcome:
        """Change settings of one target, all or nothing; ``expected`` is the mark of what somebody saw before."""
        target = wishes[0].target
        before = await self._reader.explained(target, interaction)
        try:
            edits = await self._settings.check(wishes, rights.actor)
            _refuse_strangers(interaction, wishes, await self._settings.set_at(target))
            changes = await self._settings.write(edits, rights.actor)
        except SettingsError as error:
            typed = wishes[0].raw if len(wishes) == 1 else None
            long = typed is not None and len(typed) > GIVEN_CHARS
            said = words.faults(error.faults)
            return Outcome(said=said, tone=Tone.FAULT, typed=typed or "" if long else "")
        if not changes:
            return Outcome(said=words.say(words_of.SAME), tone=Tone.PLAIN)
        said = ""
        if expected is not None and mark_of(changes[0].old) != expected:
            value = words.written(changes[0].key, changes[0].old)
            said = words.say(words_of.MEANWHILE, value=value)
        after = await self._reader.explained(target, interaction)
        return Outcome(changes=changes, target=target, before=before, after=after, said=said)

    async def take_back(
        self, interaction: discord.Interaction, batch: str, target: Target, rights: Rights, words: PanelWords
    ) -> Outcome:
        """Take back an act of a guild, or of a user's own settings."""
        before = await self._reader.explained(target, interaction)
        try:
            changes = await self._settings.undo(target.whose, batch, rights.actor)
        except SettingsError as error:
            return Outcome(said=words.faults(error.faults), tone=Tone.FAULT)
        if not changes:
            return Outcome(said=words.say(words_of.SAME), tone=Tone.PLAIN)
        after = await self._reader.explained(target, interaction)
        return Outcome(changes=changes, target=target, before=before, after=after, said=words.say(words_of.TAKEN_BACK))


def _refuse_strangers(
    interaction: discord.Interaction, wishes: Sequence[SettingChange], stands: Mapping[str, str]
) -> None:
    """Refuse what is none of this guild's: settings of a place that is gone, or was never here, and ids in a list.

    What stands in a list already may stay, and anything may be taken away.
    """
    guild = interaction.guild
    if guild is None or guild.unavailable:
        return
    known, here, faults = known_places(guild), targets_here(interaction), list[SettingFault]()
    for wish in wishes:
        if wish.raw is None:
            continue
        if wish.target.guild_id and not (known.has(wish.target) or wish.target in here):
            faults.append(SettingFault(kind=FaultKind.UNKNOWN_PLACE, given=str(wish.target.id)))
        old = known.strangers(wish.key, stands.get(wish.key, ""))
        faults += (fault for fault in known.strangers(wish.key, wish.raw) if fault not in old)
    if faults:
        raise SettingsError(*faults)


async def give_back(interaction: discord.Interaction, typed: str, words: PanelWords) -> None:
    """Give back what was typed and refused, where it is too long to be repeated in a sentence."""
    if typed:
        file = discord.File(io.BytesIO(typed.encode(errors="replace")), filename="typed.txt")
        await tell(interaction, words.say(words_of.TYPED_KEPT), file=file)
