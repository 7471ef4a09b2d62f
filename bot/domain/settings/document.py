"""A guild's settings as a JSON file: written, read as hostile input, compared with what stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.faults import GIVEN_CHARS, FaultKind, SettingFault, SettingsError
from bot.domain.settings.kinds import IdKind, Ids
from bot.domain.settings.old_names import today
from bot.domain.settings.scopes import Scope, StoredSetting, Target

FORMAT: Final = "fusion-bot settings"
VERSION: Final = 1
LARGEST_BYTES: Final = 1024 * 1024
"""What is read of a file; eighty channels with the longest persona in Chinese are as much."""
MOST_FAULTS: Final = 25
PARTS: Final = ("format", "version", "guild_id", "guild", "categories", "channels")

Wanted = Mapping[tuple[Target, str], str]
"""Values as they are written, by place and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlaces:
    """The places and roles that a guild has at this moment; of threads those that are not archived."""

    guild_id: int
    categories: frozenset[int]
    channels: frozenset[int]
    threads: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()

    def has(self, target: Target) -> bool:
        """Say whether a target is one of them."""
        if target.guild_id != self.guild_id:
            return False
        match target.scope:
            case Scope.GUILD:
                return True
            case Scope.CATEGORY:
                return target.id in self.categories
            case Scope.CHANNEL:
                return target.id in self.channels
            case _:
                return False

    def strangers(self, key: str, raw: str) -> tuple[SettingFault, ...]:
        """Name the ids in a written list that are none of the guild's; nothing of a value that is no such list."""
        kind = CATALOGUE[key].kind if key in CATALOGUE else None
        if not isinstance(kind, Ids):
            return ()
        roles = kind.names is IdKind.ROLES
        known = self.roles if roles else self.categories | self.channels | self.threads
        fault = FaultKind.UNKNOWN_ROLE if roles else FaultKind.UNKNOWN_PLACE
        try:
            ids = kind.parse(raw)
        except ValueError:
            return ()
        return tuple(SettingFault(kind=fault, key=key, given=str(one)) for one in ids if one not in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One value that an import would change; None is not set."""

    target: Target
    key: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would change, and the newest change of the guild that it was compared with."""

    last_change: int
    rows: tuple[DiffRow, ...]


def write_document(rows: Iterable[StoredSetting], known: KnownPlaces) -> bytes:
    """Write what a guild has set, in a stable order; ids are texts, which every reader of JSON keeps whole."""
    guild: dict[str, str] = {}
    categories: dict[str, dict[str, str]] = {}
    channels: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: (row.target.id, row.key)):
        if known.has(row.target):
            match row.target.scope:
                case Scope.GUILD:
                    guild[row.key] = row.value
                case Scope.CATEGORY:
                    categories.setdefault(str(row.target.id), {})[row.key] = row.value
                case _:
                    channels.setdefault(str(row.target.id), {})[row.key] = row.value
    document = {
        "format": FORMAT,
        "version": VERSION,
        "guild_id": str(known.guild_id),
        "guild": guild,
        "categories": categories,
        "channels": channels,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def read_document(data: bytes, known: KnownPlaces) -> Wanted:
    """Read a file for a guild: its shape and its places; keys and other values are not looked at.

    What a setting was called in earlier versions is read as its name of today.

    A file of another guild is taken as long as it names none of that guild's channels, categories and roles: a list of
    theirs would allow or refuse nobody here, or everybody. Raises ``SettingsError`` with up to ``MOST_FAULTS`` faults.
    """
    document = _load(data)
    own = document.get("guild_id") == str(known.guild_id)
    wanted: dict[tuple[Target, str], str] = {}
    # A misspelt part would otherwise count as one that is not there, and its values would be taken away.
    faults = [
        SettingFault(kind=FaultKind.UNKNOWN_PART, given=name[:GIVEN_CHARS]) for name in document if name not in PARTS
    ]
    for target, values in _parts(document, known):
        if isinstance(target, SettingFault):
            faults.append(target)
            continue
        for name, value in values.items():
            key = today(name)
            if key != name and key in values:
                continue  # as everywhere, the new name's value holds
            if isinstance(value, str):
                wanted[target, key] = value
                # The guild's own file may name what has been deleted, or archived, since.
                faults += () if own else known.strangers(key, value)
            else:
                faults.append(SettingFault(kind=FaultKind.NOT_A_TEXT, key=name[:GIVEN_CHARS], target=target))
    if faults:
        raise SettingsError(*faults[:MOST_FAULTS])
    return wanted


def compare(stored: Iterable[StoredSetting], wanted: Wanted, known: KnownPlaces) -> tuple[DiffRow, ...]:
    """List what has to change so that exactly what is wanted stands; rows of places that are no more are left."""
    standing = {(row.target, row.key): row.value for row in stored if known.has(row.target)}
    rows = [
        DiffRow(target=target, key=key, old=standing.get((target, key)), new=wanted.get((target, key)))
        for target, key in {**standing, **wanted}
    ]
    return tuple(row for row in rows if row.old != row.new)


def _load(data: bytes) -> Mapping[str, object]:
    if len(data) > LARGEST_BYTES:
        raise SettingsError(SettingFault(kind=FaultKind.TOO_LARGE, limit=str(LARGEST_BYTES // 1024)))
    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise SettingsError(SettingFault(kind=FaultKind.NOT_JSON)) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SettingsError(SettingFault(kind=FaultKind.NOT_SETTINGS))
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise SettingsError(SettingFault(kind=FaultKind.NOT_SETTINGS))
    if version > VERSION:
        raise SettingsError(SettingFault(kind=FaultKind.NEWER_FORMAT))
    return document


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object that names something twice: nobody could say which one is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _parts(
    document: Mapping[str, object], known: KnownPlaces
) -> Iterator[tuple[Target | SettingFault, Mapping[str, object]]]:
    yield Target.guild(known.guild_id), _record(document.get("guild", {}))
    for name, make, places in (
        ("categories", Target.category, known.categories),
        ("channels", Target.channel, known.channels),
    ):
        for raw, values in _record(document.get(name, {})).items():
            if re.fullmatch(r"[1-9][0-9]{0,18}", raw) and int(raw) in places:
                yield make(known.guild_id, int(raw)), _record(values)
            else:
                yield SettingFault(kind=FaultKind.UNKNOWN_PLACE, given=raw[:GIVEN_CHARS]), {}


def _record(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(SettingFault(kind=FaultKind.NOT_SETTINGS))
    return value
