"""A guild's settings as a file: handed out, taken in, looked at, and applied at once or not at all.

What an import waits with is the file itself, attached to the message that shows the diff: so it outlives a restart, and
another process can go on with it. The buttons carry the mark of the file and of the settings that it was compared with.
"""

from __future__ import annotations

import hashlib
import io
import re

import discord

from bot.domain.settings.document import LARGEST_BYTES, ImportPlan
from bot.domain.settings.faults import FaultKind, SettingFault, SettingsError
from bot.presentation.inbound.attachments import download
from bot.presentation.settings.answers import put
from bot.presentation.settings.ids import Act, PanelId, Spot
from bot.presentation.settings.pages.diff import render_changes, render_import
from bot.presentation.settings.pages.layout import Tone, page, text, told
from bot.presentation.settings.pages.outcome import Outcome
from bot.presentation.settings.rights import Rights, known_places
from bot.presentation.words import panel as words_of
from bot.presentation.words.panel import PanelWords
from bot.services.settings.files import SettingsFiles

FILE_ACTS = frozenset({Act.DIFF, Act.APPLY, Act.CANCEL})
DOWNLOAD_S = 20.0
FILENAME_CHARS = 60
_MARK = re.compile(r"([0-9]{1,5})\.([0-9a-f]{1,16})\.([0-9a-f]{16})(?:\.[np])?")


class PanelFiles:
    """Answers exports and imports; only ``StorageError`` is raised."""

    def __init__(self, files: SettingsFiles) -> None:
        self._files = files

    async def export(self, interaction: discord.Interaction, words: PanelWords) -> None:
        """Hand out everything that is set."""
        guild = interaction.guild
        if guild is None:
            return
        data = await self._files.export(known_places(guild))
        file = discord.File(io.BytesIO(data), filename=f"settings-{guild.id}.json")
        said = words.say(words_of.EXPORTED, command=words.command("settings", "import"))
        await put(interaction, page(text(f"📤 {said}"), discord.ui.File(file)), files=(file,))

    async def begin(
        self, interaction: discord.Interaction, spot: Spot, file: discord.Attachment, rights: Rights, words: PanelWords
    ) -> None:
        """Show what a file would change, with the buttons that decide."""
        try:
            data = await _read(file)
        except SettingsError as error:
            await put(interaction, _refused(error, words))
            return
        if data is None:
            await self._again(interaction, words)
        else:
            await self._show(interaction, spot, data, file.filename, rights, words)

    async def press(self, interaction: discord.Interaction, found: PanelId, rights: Rights, words: PanelWords) -> None:
        """Turn a page of the diff, apply the file, or drop it."""
        if found.act is Act.CANCEL:
            await put(interaction, page(told(words.say(words_of.CANCELLED), Tone.PLAIN)))
            return
        attachments = interaction.message.attachments if interaction.message is not None else []
        match = _MARK.fullmatch(found.arg)
        try:
            data = await _read(attachments[0]) if attachments else None
        except SettingsError:
            data = None
        if match is None or data is None or match[3] != _digest(data):
            await self._again(interaction, words)
            return
        number, last_change, name = int(match[1]), int(match[2], 16), attachments[0].filename
        if found.act is Act.DIFF:
            await self._show(interaction, found.spot, data, name, rights, words, number=number, seen=last_change)
            return
        try:
            plan = await self._plan(interaction, data, rights)
            if plan.last_change == last_change and plan.rows:
                changes = await self._files.apply_import(plan, rights.actor)
                said = words.say(words_of.IMPORT_DONE, count=str(len(changes)))
                await put(interaction, render_changes(found.spot, Outcome(changes=changes, said=said), words))
                return
        except SettingsError as error:
            if error.faults[0].kind is not FaultKind.CHANGED_SINCE:
                await put(interaction, _refused(error, words))
                return
        # Somebody has changed something since: nothing is done that has not been looked at.
        await self._show(interaction, found.spot, data, name, rights, words, seen=last_change)

    async def _show(
        self,
        interaction: discord.Interaction,
        spot: Spot,
        data: bytes,
        name: str,
        rights: Rights,
        words: PanelWords,
        *,
        number: int = 0,
        seen: int | None = None,
    ) -> None:
        try:
            plan = await self._plan(interaction, data, rights)
        except SettingsError as error:
            await put(interaction, _refused(error, words))
            return
        mark = f"{plan.last_change:x}.{_digest(data)}"
        filename = _safe(name)
        said = words.say(words_of.IMPORT_STALE) if seen is not None and seen != plan.last_change else ""
        view = render_import(spot, plan, number, mark, filename, words, said=said)
        await put(interaction, view, files=(discord.File(io.BytesIO(data), filename=filename),) if plan.rows else ())

    async def _plan(self, interaction: discord.Interaction, data: bytes, rights: Rights) -> ImportPlan:
        guild = interaction.guild
        if guild is None:  # the rights say otherwise, but then nothing is known of its channels
            raise SettingsError(SettingFault(kind=FaultKind.NOT_YOURS))
        return await self._files.plan_import(data, known_places(guild), rights.actor)

    async def _again(self, interaction: discord.Interaction, words: PanelWords) -> None:
        said = words.say(words_of.IMPORT_AGAIN, command=words.command("settings", "import"))
        await put(interaction, page(told(said, Tone.FAULT), tone=Tone.FAULT))


async def _read(file: discord.Attachment) -> bytes | None:
    """Read a file from Discord's own hosts, never more of it than an export can hold; None where it can't be had.

    Raises ``SettingsError`` where it is too large.
    """
    if file.size > LARGEST_BYTES:
        raise _too_large()
    data = await download(file.url, most_bytes=LARGEST_BYTES, within_s=DOWNLOAD_S)
    if data is not None and len(data) > LARGEST_BYTES:
        raise _too_large()
    return data


def _too_large() -> SettingsError:
    return SettingsError(SettingFault(kind=FaultKind.TOO_LARGE, limit=str(LARGEST_BYTES // 1024)))


def _refused(error: SettingsError, words: PanelWords) -> discord.ui.LayoutView:
    said = words.say(words_of.IMPORT_FAULTS)
    return page(told(said, Tone.FAULT), text(words.faults(error.faults)), tone=Tone.FAULT)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _safe(name: str) -> str:
    """Make a name that Discord keeps as it is, so that the page can point at the file."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name.removesuffix(".json")).strip("-_")[:FILENAME_CHARS]
    return f"{stem or 'settings'}.json"
