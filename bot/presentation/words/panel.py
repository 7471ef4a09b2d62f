"""The words of the settings panel and of the commands beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bot.domain.page.pager import clip
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.document import DiffRow
from bot.domain.settings.faults import SettingFault
from bot.domain.settings.kinds import IdKind, Ids
from bot.domain.settings.layers import Explained
from bot.domain.settings.old_names import today
from bot.domain.settings.scopes import Change, Scope, Target
from bot.presentation.words.languages import mark, speaker
from bot.presentation.words.settings import SettingWords

TITLE = mark("Settings")
TITLE_OWN = mark("Your preferences")
FOR_PLACE = mark("What holds for {place}. 🔵 is set here, ⚪ comes from further up.")
FOR_YOU = mark("What holds for you here. 🔵 you have set yourself; it goes with you, wherever you talk to me.")
VALUE_LINE = mark("{sign} **{title}**: {value} — {origin}")
NOW = mark("**{value}** — {origin}")
TAKES = mark("Takes {range}.")
LAYER = mark("{sign} {place}: {value}")
CHANGED = mark("**{title}** · {place}: {old} → **{new}**")
SAME = mark("Everything stands so already.")
TAKEN_BACK = mark("Taken back.")
INHERITED = mark("{value} ({origin})")
NOTHING_SET = mark("Nothing is set there that could be taken away.")
MEANWHILE = mark("Meanwhile somebody else had set it to {value}. That stands in the history.")
TYPED_KEPT = mark("What you typed is in the file, so that it is not lost.")
FORM_TOO_LONG = mark(
    "This value is too long for a form. Export the settings, change the file, and import it again: {export}, {upload}."
)
MORE = mark("… and {count} more")
CATEGORY_NAME = mark("Category: {name}")
SERVER_NAME = mark("This server")
YOU = mark("Only you")
UNKNOWN_CHANNEL = mark("a channel")
NOT_SET = mark("(not set)")
AS_NOW = mark("{value} — as it is now")
EVERYTHING = mark("Everything that is set there")

CHOOSE_TOPIC = mark("Topic")
CHOOSE_SETTING = mark("Look at a setting and change it…")
CHOOSE_PLACE = mark("For whom")
CHOOSE_VALUE = mark("Choose a value…")
CHOOSE_CHANNELS = mark("Choose channels…")
CHOOSE_ROLES = mark("Choose roles…")
SWITCH_ON = mark("Switch on")
SWITCH_OFF = mark("Switch off")
CHANGE = mark("Change…")
OTHER = mark("Another value…")
RESET = mark("Reset")
UNDO = mark("Undo")
UNDO_WHAT = mark("Undo: {title}")
UNDO_MANY = mark("Undo {count} changes")
HISTORY = mark("History")
BACK = mark("Back")
ALL_SETTINGS = mark("All settings")
THIS_SETTING = mark("Open this setting")
NEWER = mark("Newer")
OLDER = mark("Older")
PREVIOUS = mark("Previous")
NEXT = mark("Next")

HISTORY_TITLE = mark("History of the settings")
HISTORY_OF = mark("History: {title}")
HISTORY_EMPTY = mark("Nothing has been changed yet.")
ACT_LINE = mark("{when} · {person}")
REPLACED = mark("Changed since")
UNDONE = mark("Taken back")
PAGE = mark("Page {page} of {pages}")

IMPORT_TITLE = mark("Import of {name}")
IMPORT_COUNT = mark("Values that change: {count}. Nothing has changed yet: “Apply” sets all of them at once, or none.")
IMPORT_NOTHING = mark("Everything stands as in the file already. There is nothing to change.")
IMPORT_FAULTS = mark("The file can't be imported, and nothing was changed:")
IMPORT_STALE = mark("The settings have been changed meanwhile. This is what the file would change now.")
IMPORT_AGAIN = mark("I can't get at the file any more. Nothing was changed; upload it again with {command}.")
IMPORT_DONE = mark("Imported. Values changed: {count}.")
CANCELLED = mark("Cancelled. Nothing was changed.")
APPLY = mark("Apply")
CANCEL = mark("Cancel")
EXPORTED = mark("What is set on this server, as a file. {command} brings it back.")

MAY_NOT_LOOK = mark(
    "To see and change the settings of this server you need the permission “Manage Server”, or a role that may change "
    "my settings. What concerns you alone you set with {command}."
)
NOT_YOURS = mark("These are somebody else's own settings.")
IN_SERVERS_ONLY = mark("Settings belong to a server. What concerns you alone you set with {command}.")
OUTDATED = mark("I no longer know this. Open the settings anew.")
NO_CATEGORY = mark("That channel is in no category.")

SHOWN_CHARS = 60
"""How much of a text is shown in a line."""
IDS_SHARE = 3
"""``SettingWords`` gives a list of ids four times the room of a text, which escaping at most doubles."""


class PanelWords:
    """The words for one reader."""

    def __init__(self, locale: str | None) -> None:
        self.locale = locale
        self.settings = SettingWords(locale)
        self.say = speaker(locale)
        """Says one of the sentences above."""

    def value(self, explained: Explained, *, shown_chars: int = SHOWN_CHARS) -> str:
        """Say a value in force, in at most twice ``shown_chars``."""
        if isinstance(CATALOGUE[explained.key].kind, Ids):
            shown_chars = shown_chars // IDS_SHARE
        return self.settings.value(explained.key, explained.value, shown_chars=shown_chars)

    def origin(self, explained: Explained) -> str:
        """Say where a value comes from."""
        if explained.target is not None:
            return self.settings.place(explained.target)
        return self.settings.scope(explained.scope)

    def change(
        self,
        change: Change | DiffRow,
        before: Explained | None = None,
        after: Explained | None = None,
        *,
        shown_chars: int = SHOWN_CHARS,
    ) -> str:
        """Say in one line what was, or would be, changed.

        What is not set is told as what held before, or holds after, where that is known. Each value takes at most
        twice ``shown_chars``.
        """
        return self.say(
            CHANGED,
            title=self.title(change.key),
            place=self.settings.place(change.target),
            old=self._written(change.key, change.old, before, shown_chars),
            new=self._written(change.key, change.new, after, shown_chars),
        )

    def title(self, key: str) -> str:
        """Name a setting, also one that this version does not know."""
        return self.settings.title(key) if key in CATALOGUE else clip(key, 40)

    def command(self, *names: str) -> str:
        """Write a command as this reader's client shows it."""
        return f"`/{' '.join(map(self.say, names))}`"

    def find_key(self, typed: str) -> str | None:
        """Find the setting that somebody means: by its key or title in their language, or a part that no other has.

        What it was called in earlier versions is understood too.
        """
        wanted = today(_folded(typed))
        names = {key: (key, _folded(self.settings.title(key))) for key in CATALOGUE}
        whole = [key for key in CATALOGUE if wanted in names[key]]
        if whole or not wanted:
            return whole[0] if whole else None
        partly = [key for key in CATALOGUE if any(wanted in name for name in names[key])]
        return partly[0] if len(partly) == 1 else None

    def faults(self, faults: Iterable[SettingFault]) -> str:
        """Say what is wrong, a line for each, none twice."""
        return "\n".join(dict.fromkeys(map(self.settings.fault, faults)))

    def place_label(self, target: Target, name: str) -> str:
        """Name a place where Discord shows no mentions: in a select; ``name`` is untrusted, and shown as it is."""
        match target.scope:
            case Scope.GUILD:
                return self.say(SERVER_NAME)
            case Scope.CATEGORY:
                return clip(self.say(CATEGORY_NAME, name=name), 100)
            case Scope.CHANNEL:
                return clip(f"#{name}" if name else self.say(UNKNOWN_CHANNEL), 100)
            case _:
                return self.say(YOU)

    def plain_value(self, explained: Explained, longest: int) -> str:
        """Say a value without mark-up, for the description of an option."""
        entry = CATALOGUE[explained.key]
        if isinstance(entry.kind, Ids) and isinstance(explained.value, tuple) and explained.value:
            template = CHANNEL_COUNT if entry.kind.names is IdKind.CHANNELS else ROLE_COUNT
            return self.say(template, count=str(len(explained.value)))
        return clip(self.settings.value(explained.key, explained.value, shown_chars=longest).replace("\\", ""), longest)

    def written(self, key: str, written: str | None, *, shown_chars: int = SHOWN_CHARS) -> str:
        """Say a kept value in a line; None is not set."""
        if written is None:
            return self.say(NOT_SET)
        entry = CATALOGUE.get(key)
        if entry is not None and isinstance(entry.kind, Ids):
            shown_chars = shown_chars // IDS_SHARE
        return self.settings.written(key, written, shown_chars=shown_chars)

    def _written(self, key: str, written: str | None, held: Explained | None, shown_chars: int) -> str:
        if written is None and held is not None:
            return self.say(INHERITED, value=self.value(held, shown_chars=shown_chars), origin=self.origin(held))
        return self.written(key, written, shown_chars=shown_chars)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


CHANNEL_COUNT = mark("channels: {count}")
ROLE_COUNT = mark("roles: {count}")
