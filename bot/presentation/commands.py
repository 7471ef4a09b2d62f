"""Whether Discord knows the commands as they are now, so that a start does not overwrite them for nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.library.commands import local_commands, remote_commands, replace_commands
from bot.presentation.words.languages import CHINESE, ENGLISH, catalogue

logger = logging.getLogger(__name__)

_ENGLISH = (discord.Locale.american_english, discord.Locale.british_english)
_CHINESE = (discord.Locale.chinese, discord.Locale.taiwan_chinese)
_TRANSLATED = ("name_localizations", "description_localizations")
_OPTIONAL = frozenset(
    {
        "autocomplete",
        "channel_types",
        "choices",
        "default_member_permissions",
        "max_length",
        "max_value",
        "min_length",
        "min_value",
        "nsfw",
        "options",
        "required",
    }
)
"""What a command or an option is sent without where it has none (Discord documentation, Application Commands)."""


def command_text(word: str) -> locale_str:
    """Return a text of a command in English, as Discord knows the command by it; its id goes along.

    ``make locale`` finds the ids in the code by this name.
    """
    return locale_str(catalogue(ENGLISH).gettext(word), word=word)


class CommandTranslator(app_commands.Translator):
    """Gives the commands' names and descriptions in Chinese, and in both Englishes alike (one alone would mix)."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """Return the words for one of Discord's locales, None to leave the default."""
        del context
        if locale in _ENGLISH:
            return string.message
        if locale in _CHINESE:
            word = string.extras.get("word")
            # A technical name, such as that of a control model, has no id and is the same everywhere.
            return string.message if word is None else catalogue(CHINESE).gettext(word)
        return None


async def sync_when_changed(tree: app_commands.CommandTree[Any], application_id: int) -> bool:
    """Bring Discord's global commands up to date; False where they were already. Raises ``discord.HTTPException``."""
    try:
        remote = await remote_commands(tree.client, application_id)
    except discord.HTTPException as error:
        # What stands there can't be told, so it is overwritten.
        logger.info("the commands could not be read: HTTP %s", error.status)
        remote = None
    local = await local_commands(tree)
    if isinstance(remote, list) and same_commands(local, remote):
        return False
    await replace_commands(tree.client, application_id, local)
    return True


def same_commands(local: Sequence[Mapping[str, Any]], remote: Sequence[Mapping[str, Any]]) -> bool:
    """Compare commands as sent with commands as Discord tells them, which adds ids and leaves defaults out."""

    def key(command: Mapping[str, Any]) -> tuple[int, str]:
        return int(command.get("type", 1)), str(command.get("name"))

    mine, theirs = {key(c): c for c in local}, {key(c): c for c in remote}
    return mine.keys() == theirs.keys() and all(_agrees(mine[k], theirs[k]) for k in mine)


def _agrees(local: Any, remote: Any) -> bool:
    if not local and not remote:
        return True
    if isinstance(local, Mapping):
        known = remote if isinstance(remote, Mapping) else {}
        # Another key that only Discord tells is an id, a version or a default.
        keys = local.keys() | (known.keys() & _OPTIONAL)
        return all(_agrees(local.get(key), known.get(key)) for key in keys if key not in _TRANSLATED) and all(
            (local.get(key) or {}) == (known.get(key) or {}) for key in _TRANSLATED
        )
    if isinstance(local, Sequence) and not isinstance(local, str):
        known_items = remote if isinstance(remote, Sequence) else []
        return len(local) == len(known_items) and all(map(_agrees, local, known_items))
    return bool(local == remote) or str(local) == str(remote)
