"""What people read about settings: names, help, ranges, values and faults, in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.page.foreign import literal, one_line
from bot.domain.page.pager import clip
from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.faults import FaultKind, SettingFault
from bot.domain.settings.kinds import (
    Choice,
    Flag,
    IdKind,
    Ids,
    Lowest,
    Measure,
    Number,
    Text,
    Value,
    Whole,
    WordList,
    write_plain,
)
from bot.domain.settings.scopes import Scope, Target
from bot.presentation.words.languages import Say, WordId, mark, speaker
from bot.presentation.words.titles import CHOICES, EMPTY, HELP, TITLES

_TOPICS: Mapping[Topic, WordId] = {
    Topic.MODEL: mark("settings.topic.model"),
    Topic.REPLIES: mark("settings.topic.replies"),
    Topic.DRAWING: mark("settings.topic.drawing"),
    Topic.PERMISSIONS: mark("settings.topic.permissions"),
    Topic.QUOTAS: mark("settings.topic.quotas"),
}

_SCOPES: Mapping[Scope, WordId] = {
    Scope.BUILT_IN: mark("settings.scope.built_in"),
    Scope.OPERATOR: mark("settings.scope.operator"),
    Scope.GUILD: mark("settings.scope.guild"),
    Scope.CATEGORY: mark("settings.scope.category"),
    Scope.CHANNEL: mark("settings.scope.channel"),
    Scope.PERSON: mark("settings.scope.person"),
}

_LOWEST: Mapping[Lowest, WordId] = {
    Lowest.RANDOM: mark("settings.lowest.random"),
    Lowest.NEVER: mark("settings.lowest.never"),
    Lowest.NO_LIMIT: mark("settings.lowest.no_limit"),
    Lowest.FOR_EVER: mark("settings.lowest.for_ever"),
}

_FAULTS: Mapping[FaultKind, WordId] = {
    FaultKind.UNKNOWN_KEY: mark("settings.fault.unknown_key"),
    FaultKind.BAD_VALUE: mark("settings.fault.bad_value"),
    FaultKind.WRONG_SCOPE: mark("settings.fault.wrong_scope"),
    FaultKind.NOT_ALLOWED: mark("settings.fault.not_allowed"),
    FaultKind.NOT_WITHOUT_MANAGE_SERVER: mark("settings.fault.not_without_manage_server"),
    FaultKind.OPERATOR_ONLY: mark("settings.fault.operator_only"),
    FaultKind.NOT_YOURS: mark("settings.fault.not_yours"),
    FaultKind.BEYOND_CEILING: mark("settings.fault.beyond_ceiling"),
    FaultKind.NOT_AVAILABLE: mark("settings.fault.not_available"),
    FaultKind.CHANGED_SINCE: mark("settings.fault.changed_since"),
    FaultKind.UNKNOWN_CHANGE: mark("settings.fault.unknown_change"),
    FaultKind.TOO_LARGE: mark("settings.fault.too_large"),
    FaultKind.NOT_JSON: mark("settings.fault.not_json"),
    FaultKind.NOT_SETTINGS: mark("settings.fault.not_settings"),
    FaultKind.NEWER_FORMAT: mark("settings.fault.newer_format"),
    FaultKind.NOT_A_TEXT: mark("settings.fault.not_a_text"),
    FaultKind.UNKNOWN_PART: mark("settings.fault.unknown_part"),
    FaultKind.UNKNOWN_PLACE: mark("settings.fault.unknown_place"),
    FaultKind.UNKNOWN_ROLE: mark("settings.fault.unknown_role"),
}

_CHANGED_TO = mark("settings.fault.changed_to")
_NOTHING = mark("settings.value.nothing")
_ON, _OFF = mark("settings.value.on"), mark("settings.value.off")
_EMPTY = mark("settings.value.none")
_FLAG = mark("settings.range.flag")
_WHOLE = mark("settings.range.whole")
_WHOLE_SPECIAL = mark("settings.range.whole_special")
_NUMBER = mark("settings.range.number")
_NUMBER_ABOVE = mark("settings.range.number_above")
_TEXT = mark("settings.range.text")
_LINE = mark("settings.range.line")
_LINE_NEEDED = mark("settings.range.line_needed")
_CHOICE = mark("settings.range.choice")
_MEASURE = mark("settings.range.measure")
_CHANNELS = mark("settings.range.channels")
_ROLES = mark("settings.range.roles")
_WORDS = mark("settings.range.words")
_BETWEEN = mark("list.separator")
SHOWN_CHARS = 100
MOST_OFFERED = 10
OFFERED_CHARS = 40
"""How many of the names that can be chosen are told, and how much of each."""


class SettingWords:
    """The words about settings for one reader; untrusted text in them is made tame."""

    def __init__(self, locale: str | None) -> None:
        self._say = speaker(locale)

    def title(self, key: str) -> str:
        """Name a setting."""
        return self._say(TITLES[key])

    def help(self, key: str) -> str:
        """Say in one line what a setting does."""
        return self._say(HELP[key])

    def topic(self, topic: Topic) -> str:
        """Name what settings are about."""
        return self._say(_TOPICS[topic])

    def scope(self, scope: Scope) -> str:
        """Name where a value comes from."""
        return self._say(_SCOPES[scope])

    def place(self, target: Target) -> str:
        """Name a target: channels and categories as Discord shows them."""
        if target.scope in (Scope.CATEGORY, Scope.CHANNEL):
            return f"<#{target.id}>"
        return self.scope(target.scope)

    def choice(self, key: str, written: str) -> str:
        """Name a choice of a setting; the technical ones are their own names."""
        words = CHOICES.get(key, {}).get(written)
        return written if words is None else self._say(words)

    def range(self, key: str) -> str:
        """Say what a setting takes, in words that stand behind "must be"."""
        kind = CATALOGUE[key].kind
        match kind:
            case Flag():
                return self._say(_FLAG)
            case Whole():
                lowest = "" if kind.lowest is None else self._say(_LOWEST[kind.lowest])
                words = _WHOLE_SPECIAL if lowest else _WHOLE
                return self._say(words, low=str(kind.low), lowest=lowest, high=str(kind.high))
            case Number():
                words = _NUMBER_ABOVE if kind.above else _NUMBER
                return self._say(words, low=write_plain(kind.low), high=write_plain(kind.high))
            case Text():
                words = _TEXT if kind.long else _LINE_NEEDED if kind.needed else _LINE
                return self._say(words, longest=str(kind.longest))
            case Choice():
                return self._say(_CHOICE, choices=self._list(kind.choices))
            case Measure():
                return self._say(_MEASURE, low=str(kind.low), high=str(kind.high))
            case Ids():
                return self._say(_CHANNELS if kind.names is IdKind.CHANNELS else _ROLES, most=str(kind.most))
            case WordList():
                return self._say(_WORDS, most=str(kind.most), longest=str(kind.longest), together=str(kind.together))

    def value(self, key: str, value: Value, *, shown_chars: int = SHOWN_CHARS, plain: bool = False) -> str:
        """Say a value in words, at most about ``shown_chars`` of a text; mentions are Discord's.

        ``plain`` is for places where Discord knows no Markdown, such as a select.
        """
        kind = CATALOGUE[key].kind
        match kind:
            case Flag():
                return self._say(_ON if value else _OFF)
            case Whole(lowest=lowest) if lowest is not None and value == kind.low:
                return self._say(_LOWEST[lowest])
            case Choice():
                return self.choice(key, kind.write(value))
            case Ids() if isinstance(value, tuple) and value:
                sign = "#" if kind.names is IdKind.CHANNELS else "@&"
                return clip_at_blank(" ".join(f"<{sign}{one}>" for one in value), shown_chars * 4)
        written = kind.write(value)
        if not written.strip():
            return self._say(EMPTY.get(key, _EMPTY))
        # What is no text has a form of its own, in which nothing is to be hidden.
        return _shown(written, shown_chars, plain=plain or not isinstance(kind, Text | WordList))

    def written(self, key: str, written: str | None, *, shown_chars: int = SHOWN_CHARS, plain: bool = False) -> str:
        """Say a kept value in words, also one that this version can't use; None is not set."""
        if written is None:
            return self._say(_NOTHING)
        entry = CATALOGUE.get(key)
        try:
            return (
                _shown(written, shown_chars, plain=plain)
                if entry is None
                else self.value(key, entry.parse(written), shown_chars=shown_chars, plain=plain)
            )
        except ValueError:
            return _shown(written, shown_chars, plain=plain)

    def fault(self, fault: SettingFault) -> str:
        """Say what is wrong and, where that helps, what would be right."""
        entry = CATALOGUE.get(fault.key)
        template = _FAULTS[fault.kind]
        if fault.kind is FaultKind.CHANGED_SINCE and fault.key:
            template = _CHANGED_TO
        limit = literal(fault.limit, SHOWN_CHARS * 4)  # it may be a list
        if entry is not None and fault.kind in (FaultKind.BEYOND_CEILING, FaultKind.CHANGED_SINCE):
            limit = self.written(fault.key, fault.limit or None)
        elif fault.kind is FaultKind.NOT_AVAILABLE:
            limit = self.offered(fault.limit.split(", "))
        return self._say(
            template,
            key=literal(fault.key, SHOWN_CHARS),
            title=literal(fault.key, SHOWN_CHARS) if entry is None else self.title(fault.key),
            range="" if entry is None else self.range(fault.key),
            given=literal(fault.given, SHOWN_CHARS),
            limit=limit,
            place="" if fault.target is None else self.place(fault.target),
            scopes="" if entry is None else self._list(self.scope(each) for each in Scope if each in entry.scopes),
        )

    def offered(self, names: Iterable[str]) -> str:
        """List what an operator allows; of many names the first ones are told."""
        return offered_names(self._say, names)

    def _list(self, items: Iterable[str]) -> str:
        return self._say(_BETWEEN).join(items)


def offered_names(say: Say, names: Iterable[str]) -> str:
    """List the names that an operator allows, sorted; of many the first ones are told."""
    known = sorted(filter(None, names))
    told = [literal(name, OFFERED_CHARS) for name in known[:MOST_OFFERED]]
    return say(_BETWEEN).join([*told, *(("…",) if len(known) > MOST_OFFERED else ())])


def _shown(written: str, longest_chars: int, *, plain: bool) -> str:
    return clip(one_line(written), longest_chars) if plain else literal(written, longest_chars)


def clip_at_blank(text: str, longest_chars: int) -> str:
    """Cut a text between two words."""
    return text if len(text) <= longest_chars else f"{text[:longest_chars].rpartition(' ')[0]} …"
