"""The words of the settings panel and of the commands beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from bot.domain.page.foreign import literal, one_line
from bot.domain.page.pager import clip
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.document import DiffRow
from bot.domain.settings.faults import SettingFault
from bot.domain.settings.kinds import IdKind, Ids
from bot.domain.settings.layers import Explained
from bot.domain.settings.old_names import today
from bot.domain.settings.scopes import Change, Scope, Target
from bot.presentation.words.languages import WordId, mark, speaker
from bot.presentation.words.settings import SettingWords

TITLE = mark("panel.title")
TITLE_OWN = mark("panel.title_own")
FOR_PLACE = mark("panel.for_place")
FOR_YOU = mark("panel.for_you")
VALUE_LINE = mark("panel.value_line")
NOW = mark("panel.now")
TAKES = mark("panel.takes")
AT_MOST = mark("panel.at_most")
CEILING_HERE = mark("panel.ceiling_here")
ONLY = mark("panel.only")
LAYER = mark("panel.layer")
BARRED = mark("panel.barred")
CHANGED = mark("panel.changed")
SAME = mark("panel.same")
TAKEN_BACK = mark("panel.taken_back")
INHERITED = mark("panel.inherited")
NOTHING_SET = mark("panel.nothing_set")
MEANWHILE = mark("panel.meanwhile")
TYPED_KEPT = mark("panel.typed_kept")
FORM_TOO_LONG = mark("panel.form_too_long")
MORE = mark("panel.more")
CATEGORY_NAME = mark("panel.category_name")
SERVER_NAME = mark("panel.server_name")
YOU = mark("panel.you")
UNKNOWN_CHANNEL = mark("panel.unknown_channel")
NOT_SET = mark("panel.not_set")
AS_NOW = mark("panel.as_now")
EVERYTHING = mark("panel.everything")

CHOOSE_TOPIC = mark("panel.choose_topic")
CHOOSE_SETTING = mark("panel.choose_setting")
CHOOSE_PLACE = mark("panel.choose_place")
CHOOSE_VALUE = mark("panel.choose_value")
CHOOSE_CHANNELS = mark("panel.choose_channels")
CHOOSE_ROLES = mark("panel.choose_roles")
SWITCH_ON = mark("panel.switch_on")
SWITCH_OFF = mark("panel.switch_off")
CHANGE = mark("panel.change")
OTHER = mark("panel.other")
RESET = mark("panel.reset")
UNDO = mark("panel.undo")
UNDO_WHAT = mark("panel.undo_what")
UNDO_MANY = mark("panel.undo_many")
HISTORY = mark("panel.history")
BACK = mark("panel.back")
ALL_SETTINGS = mark("panel.all_settings")
THIS_SETTING = mark("panel.this_setting")
NEWER = mark("panel.newer")
OLDER = mark("panel.older")
PREVIOUS = mark("panel.previous")
NEXT = mark("panel.next")

HISTORY_TITLE = mark("panel.history_title")
HISTORY_OF = mark("panel.history_of")
HISTORY_EMPTY = mark("panel.history_empty")
ACT_LINE = mark("panel.act_line")
REPLACED = mark("panel.replaced")
UNDONE = mark("panel.undone")
PAGE = mark("panel.page")

IMPORT_TITLE = mark("panel.import_title")
IMPORT_COUNT = mark("panel.import_count")
IMPORT_NOTHING = mark("panel.import_nothing")
IMPORT_FAULTS = mark("panel.import_faults")
IMPORT_STALE = mark("panel.import_stale")
IMPORT_AGAIN = mark("panel.import_again")
IMPORT_DONE = mark("panel.import_done")
CANCELLED = mark("panel.cancelled")
APPLY = mark("panel.apply")
CANCEL = mark("panel.cancel")
EXPORTED = mark("panel.exported")

MAY_NOT_LOOK = mark("panel.may_not_look")
NOT_YOURS = mark("panel.not_yours")
IN_SERVERS_ONLY = mark("panel.in_servers_only")
OUTDATED = mark("panel.outdated")
NO_CATEGORY = mark("panel.no_category")

SHOWN_CHARS = 60
"""How much of a text is shown in a line."""
KEY_CHARS = 40
"""How much of a name is shown that is no setting's."""
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
        return self.settings.title(key) if key in CATALOGUE else literal(key, KEY_CHARS)

    def label(self, key: str) -> str:
        """Name a setting as ``title`` does, where Discord knows no Markdown."""
        return self.settings.title(key) if key in CATALOGUE else clip(one_line(key), KEY_CHARS)

    def command(self, *path: str) -> str:
        """Write a command as this reader's client shows it; ``path`` is what stands in the ids of its words."""
        names = (self.say(WordId(f"command.{'.'.join(path[:end])}.name")) for end in range(1, len(path) + 1))
        return f"`/{' '.join(names)}`"

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
        """Name a place where Discord shows no mentions: in a select; ``name`` is untrusted."""
        name = one_line(name)
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
        return clip(self.settings.value(explained.key, explained.value, shown_chars=longest, plain=True), longest)

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


CHANNEL_COUNT = mark("panel.channel_count")
ROLE_COUNT = mark("panel.role_count")
