"""The settings panel and the commands beside it: what people press, choose and type, done and shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import discord

from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.faults import GIVEN_CHARS, FaultKind, SettingFault
from bot.domain.settings.kinds import Ids
from bot.domain.settings.rules import SettingChange
from bot.domain.settings.scopes import Scope, Target
from bot.errors import StorageError, Trouble
from bot.presentation.outbound.interactions import LOOK_S, open_form, tell
from bot.presentation.outbound.wire import Wire
from bot.presentation.settings.answers import acknowledge, put
from bot.presentation.settings.changes import PanelChanges, give_back
from bot.presentation.settings.choices import change_of, spot_chosen
from bot.presentation.settings.files import FILE_ACTS, PanelFiles
from bot.presentation.settings.forms import setting_form
from bot.presentation.settings.ids import Act, PanelId, Spot, parse_panel_id
from bot.presentation.settings.pages.diff import render_changes
from bot.presentation.settings.pages.layout import Tone, page, told
from bot.presentation.settings.pages.outcome import Outcome
from bot.presentation.settings.reader import PanelReader
from bot.presentation.settings.rights import Rights
from bot.presentation.settings.typing.names import ids_for_names
from bot.presentation.settings.typing.values import EMPTY
from bot.presentation.words import panel as words_of
from bot.presentation.words.languages import WordId
from bot.presentation.words.notices import notice
from bot.presentation.words.panel import PanelWords
from bot.presentation.words.replies import Words
from bot.services.settings.service import SettingsService

logger = logging.getLogger(__name__)

ALL = "all"
"""In the place of a key: everything that is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelView:
    """What is shown; ``typed`` is given back beside it."""

    view: discord.ui.LayoutView
    typed: str = ""


Work = Callable[[Rights, PanelWords], Awaitable[PanelView | None]]


class SettingsPanel:
    """Answers everything about settings. No method raises: what goes wrong is said, and logged."""

    def __init__(
        self, settings: SettingsService, reader: PanelReader, changes: PanelChanges, files: PanelFiles, wire: Wire
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._changes = changes
        self._files = files
        self._wire = wire

    # --- commands ------------------------------------------------------------------------------------------------

    async def show(self, interaction: discord.Interaction, target: Target, typed_key: str = "") -> None:
        """Show the panel, or one setting in it."""

        async def work(rights: Rights, words: PanelWords) -> PanelView:
            key = words.find_key(typed_key) if typed_key else ""
            if key is None:
                return _unknown(typed_key, words)
            return PanelView(view=await self._reader.panel(interaction, Spot(target=target).at(key), rights, words))

        await self._answer(interaction, target, work)

    async def set(self, interaction: discord.Interaction, target: Target, typed_key: str, raw: str) -> None:
        """Set one value, and say what it was and is."""

        async def work(rights: Rights, words: PanelWords) -> PanelView:
            key = words.find_key(typed_key)
            if key is None:
                return _unknown(typed_key, words)
            wish = SettingChange(target=target, key=key, raw=_meant(key, raw, interaction.guild))
            outcome = await self._changes.make(interaction, (wish,), rights, words)
            words = await self._reader.words(interaction)  # it may have been the language
            return PanelView(view=render_changes(Spot(target=target).at(key), outcome, words), typed=outcome.typed)

        await self._answer(interaction, target, work)

    async def reset(self, interaction: discord.Interaction, target: Target, typed_key: str) -> None:
        """Take away one value, or with ``ALL`` everything that is set for a target."""

        async def work(rights: Rights, words: PanelWords) -> PanelView:
            here = await self._settings.set_at(target)
            if typed_key.strip().casefold() == ALL:
                # What somebody may not change stays, as it does in an import.
                keys = [key for key in here if rights.lock(target, key) is None]
            else:
                key = words.find_key(typed_key)
                if key is None:
                    return _unknown(typed_key, words)
                keys = [key]
            spot = Spot(target=target).at(keys[0] if len(keys) == 1 else "")
            if not any(key in here or rights.lock(target, key) for key in keys):
                outcome = Outcome(said=words.say(words_of.NOTHING_SET), tone=Tone.PLAIN)
            else:
                wishes = [SettingChange(target=target, key=key, raw=None) for key in keys]
                outcome = await self._changes.make(interaction, wishes, rights, words)
                words = await self._reader.words(interaction)
            return PanelView(view=render_changes(spot, outcome, words))

        await self._answer(interaction, target, work)

    async def show_audit_log(self, interaction: discord.Interaction, target: Target, typed_key: str = "") -> None:
        """Show the audit log of changes."""

        async def work(_rights: Rights, words: PanelWords) -> PanelView:
            key = words.find_key(typed_key) if typed_key else ""
            if key is None:
                return _unknown(typed_key, words)
            return PanelView(view=await self._reader.audit_log(Spot(target=target).at(key), 0, words))

        await self._answer(interaction, target, work)

    async def export(self, interaction: discord.Interaction, target: Target) -> None:
        """Hand out everything that a guild has set, as a file."""

        async def work(_rights: Rights, words: PanelWords) -> None:
            await self._files.export(interaction, words)

        await self._answer(interaction, target, work)

    async def upload(self, interaction: discord.Interaction, target: Target, file: discord.Attachment) -> None:
        """Show what a file would change."""

        async def work(rights: Rights, words: PanelWords) -> None:
            await self._files.begin(interaction, Spot(target=target), file, rights, words)

        await self._answer(interaction, target, work)

    async def refuse(self, interaction: discord.Interaction, template: WordId) -> None:
        """Say why a command can't be used so."""
        words = await self._reader.words(interaction)
        await tell(interaction, notice(words.say(template, command=words.command("preferences", "panel"))))

    # --- presses, choices, forms ---------------------------------------------------------------------------------

    async def press(self, interaction: discord.Interaction, custom_id: str) -> None:
        """Act on a component, or on a form that was sent."""
        found = parse_panel_id(custom_id, interaction.guild_id)
        if found is None:
            words = PanelWords(interaction.locale.value)
            await tell(interaction, notice(words.say(words_of.OUTDATED)))
        elif found.act is Act.FORM:
            await self._form(interaction, found.spot)
        elif found.act in FILE_ACTS:

            async def decide(rights: Rights, words: PanelWords) -> None:
                await self._files.press(interaction, found, rights, words)

            await self._answer(interaction, found.spot.target, decide)
        else:

            async def work(rights: Rights, words: PanelWords) -> PanelView | None:
                return await self._act(interaction, found, rights, words)

            await self._answer(interaction, found.spot.target, work)

    async def _act(
        self, interaction: discord.Interaction, found: PanelId, rights: Rights, words: PanelWords
    ) -> PanelView:
        spot = found.spot
        match found.act:
            case Act.TOPIC | Act.SETTING | Act.PLACE:
                spot = spot_chosen(interaction, found, rights)
            case Act.ON | Act.OFF | Act.CHOOSE | Act.LIST | Act.FILLED | Act.RESET if (
                wish := change_of(interaction, found)
            ) is not None:
                expected = found.arg if found.act is Act.FILLED else None
                outcome = await self._changes.make(interaction, (wish,), rights, words, expected=expected)
                words = await self._reader.words(interaction)  # it may have been the language
                view = await self._reader.panel(
                    interaction, spot, rights, words, said=outcome.in_words(words), tone=outcome.tone
                )
                return PanelView(view=view, typed=outcome.typed)
            case Act.UNDO | Act.TAKE:
                outcome = await self._changes.take_back(interaction, found.arg, spot.target, rights, words)
                words = await self._reader.words(interaction)
                if found.act is Act.TAKE:
                    return PanelView(view=render_changes(spot, outcome, words))
                said = outcome.in_words(words)
                view = await self._reader.panel(interaction, spot, rights, words, said=said, tone=outcome.tone)
                return PanelView(view=view)
            case Act.AUDIT_LOG:
                return PanelView(view=await self._reader.audit_log(spot, _number(found.arg), words))
            case Act.REVERT:
                number, _, batch = found.arg.partition(".")
                outcome = await self._changes.take_back(interaction, batch, spot.target, rights, words)
                words = await self._reader.words(interaction)
                said = outcome.in_words(words)
                view = await self._reader.audit_log(spot, _number(number), words, said=said, tone=outcome.tone)
                return PanelView(view=view)
        return PanelView(view=await self._reader.panel(interaction, spot, rights, words))

    async def _form(self, interaction: discord.Interaction, spot: Spot) -> None:
        """Open the form of a setting, filled in with what is set, or else with what holds."""
        words = PanelWords(interaction.locale.value)
        try:
            async with asyncio.timeout(LOOK_S):
                words = await self._reader.words(interaction)
                rights = await self._reader.rights(interaction)
                if not rights.may_look(spot.target):
                    await tell(interaction, notice(_no_right(spot.target, words)))
                    return
                lock = rights.lock(spot.target, spot.key)
                explained = await self._reader.explained(spot.target, interaction)
                here = (await self._settings.set_at(spot.target)).get(spot.key)
        except (StorageError, TimeoutError) as error:
            logger.warning("the form of a setting could not be filled in: %s", type(error).__name__)
            await tell(interaction, notice(Words(words.locale).problem(Trouble.STORAGE)))
            return
        if lock is not None:
            await tell(interaction, notice(words.settings.fault(lock)))
            return
        modal = setting_form(spot, explained[spot.key].written if here is None else here, words, stands=here)
        if modal is not None:
            await open_form(interaction, modal)
            return
        export, upload = words.command("settings", "export"), words.command("settings", "import")
        await tell(interaction, notice(words.say(words_of.FORM_TOO_LONG, export=export, upload=upload)))

    async def _answer(self, interaction: discord.Interaction, target: Target, work: Work) -> None:
        if not await acknowledge(interaction, self._wire):
            return
        words = await self._reader.words(interaction)
        try:
            rights = await self._reader.rights(interaction)
            answer = await work(rights, words) if rights.may_look(target) else None
        except StorageError:
            logger.exception("settings could not be shown or changed")
            await _refuse(interaction, Words(words.locale).problem(Trouble.STORAGE))
            return
        if not rights.may_look(target):
            await _refuse(interaction, _no_right(target, words))
        elif answer is not None:
            await put(interaction, answer.view)
            await give_back(interaction, answer.typed, words)


async def _refuse(interaction: discord.Interaction, words: str) -> None:
    """Say why nothing was done: in the place of a command's answer, beside a panel that stands."""
    if interaction.type is discord.InteractionType.application_command:
        await put(interaction, page(told(words, Tone.FAULT), tone=Tone.FAULT))
    else:
        await tell(interaction, notice(words))


def _no_right(target: Target, words: PanelWords) -> str:
    if target.scope is Scope.PERSON:
        return words.say(words_of.NOT_YOURS)
    return words.say(words_of.MAY_NOT_LOOK, command=words.command("preferences", "panel"))


def _unknown(typed_key: str, words: PanelWords) -> PanelView:
    fault = SettingFault(kind=FaultKind.UNKNOWN_KEY, key=typed_key[:GIVEN_CHARS])
    return PanelView(view=page(told(words.settings.fault(fault), Tone.FAULT), tone=Tone.FAULT))


def _meant(key: str, raw: str, guild: discord.Guild | None) -> str:
    """Write what was typed as the setting takes it: two quotation marks are nothing, and names are ids."""
    kind = CATALOGUE[key].kind
    if raw.strip() in (EMPTY, "“”"):
        return ""
    if isinstance(kind, Ids):
        named = ids_for_names(kind, raw, guild)
        with suppress(ValueError):  # else it is repeated as it was typed
            kind.parse(named)
            return named
    return raw


def _number(written: str) -> int:
    number = written.partition(".")[0]
    return int(number) if number.isdecimal() and len(number) < 6 else 0
