"""The layers of settings: which value holds, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import BUILT_IN, CATALOGUE, MEGAPIXEL, Setting, Settings
from bot.domain.settings.kinds import Choice, Flag, Lowest, Value, Whole
from bot.domain.settings.scopes import Ceiling, Scope, StoredSetting, Target

Layer = Mapping[str, Value]
"""Values by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The settings in force, and for each that is not built in where its value comes from (None: the operator)."""

    settings: Settings
    origins: Mapping[str, Target | None]

    def explain(self, key: str) -> Explained:
        """Say what holds for a key, and why. Raises ``KeyError`` where there is no such setting."""
        entry = CATALOGUE[key]
        value: Value = getattr(self.settings, key)
        origin = self.origins.get(key)
        scope = origin.scope if origin is not None else Scope.OPERATOR if key in self.origins else Scope.BUILT_IN
        return Explained(key=key, value=value, written=entry.write(value), scope=scope, target=origin)

    def explain_all(self) -> tuple[Explained, ...]:
        """Say the same of every setting, in the order of the catalogue."""
        return tuple(self.explain(key) for key in CATALOGUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A value in force with where it comes from; ``target`` is None for what is built in or the operator's."""

    key: str
    value: Value
    written: str
    scope: Scope
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What the operator has decided: ``defaults`` for all, which choices there are, and the most that may be set.

    ``available`` lists, by key, the written choices that are possible; a key that is not in it has all of its own.
    ``ceilings`` are those that are set apart from the default.
    """

    defaults: Layer
    available: Mapping[str, frozenset[str]]
    ceilings: Layer = field(default_factory=dict)

    def offers(self, entry: Setting, value: Value) -> bool:
        """Say whether a value may be chosen here at all."""
        choices = self.available.get(entry.key)
        return choices is None or entry.write(value) in choices

    def allows(self, entry: Setting, written: str) -> bool:
        """Say whether a value, as it is written, may be set: it can be read, is offered, and not beyond the most."""
        try:
            value = entry.parse(written)
        except ValueError:
            return False
        return self.offers(entry, value) and self.within(entry, value) == value

    def choices(self, entry: Setting) -> tuple[str, ...]:
        """List what there is to choose from, as it is written; nothing where a setting takes more than a few values."""
        match entry.kind:
            case Choice():
                offered = self.available.get(entry.key)
                return tuple(each for each in entry.kind.choices if offered is None or each in offered)
            case Flag():
                return ("on", "off")
            case _:
                return ()

    def most(self, entry: Setting) -> Value | None:
        """Tell the most that a setting may be anywhere; None where nothing is beyond it."""
        if entry.ceiling is Ceiling.NONE:
            return None
        if entry.ceiling is Ceiling.APART:
            return self.ceilings.get(entry.key)
        most = self.defaults.get(entry.key, entry.default)
        no_limit = isinstance(entry.kind, Whole) and entry.kind.lowest is Lowest.NO_LIMIT and most == entry.kind.low
        return None if no_limit else most

    def within(self, entry: Setting, value: Value) -> Value:
        """Bring a value down to what the operator allows for all."""
        most = self.most(entry)
        return value if most is None else tighter(entry, value, most)


def with_room(defaults: Layer) -> Layer:
    """Let the built-in ceilings of pictures give way to a larger default of the operator's, if no other is set."""
    found = dict(defaults)
    size, steps = defaults.get("size"), defaults.get("steps")
    if isinstance(size, Size) and size.pixels > BUILT_IN.size_ceiling.pixels:
        found.setdefault("max_megapixels", size.pixels / MEGAPIXEL)
    if isinstance(steps, int) and steps > BUILT_IN.max_steps:
        found.setdefault("max_steps", steps)
    return found


def tighter(entry: Setting, value: Value, limit: Value) -> Value:
    """Take the smaller value; of sizes the smaller of each side; a lowest value of "no limit" is the greatest."""
    if isinstance(value, Size) and isinstance(limit, Size):
        return Size(width=min(value.width, limit.width), height=min(value.height, limit.height))
    if isinstance(value, int | float) and isinstance(limit, int | float):
        kind = entry.kind
        if isinstance(kind, Whole) and kind.lowest is Lowest.NO_LIMIT:
            given = [each for each in (value, limit) if each != kind.low]
            return min(given, default=kind.low)
        return min(value, limit)
    return value


def read_layers(rows: Iterable[StoredSetting]) -> tuple[dict[Target, dict[str, Value]], tuple[str, ...]]:
    """Turn what is kept into layers. The keys of rows that this version can't use are returned apart.

    Those may be a newer version's, or have a value that is out of range by now: they count as not set.
    """
    layers: dict[Target, dict[str, Value]] = {}
    unusable: list[str] = []
    for row in rows:
        entry = CATALOGUE.get(row.key)
        if entry is None or row.target.scope not in entry.scopes:
            unusable.append(row.key)
            continue
        try:
            value = entry.parse(row.value)
        except ValueError:
            unusable.append(row.key)
            continue
        layers.setdefault(row.target, {})[row.key] = value
    return layers, tuple(unusable)


def resolve(operator: Operator, layers: Sequence[tuple[Target, Layer]]) -> Resolved:
    """Lay the values over each other, ``layers`` from broad to narrow.

    A choice that is not available is passed over, and what the operator limits stays within that.
    """
    # A ceiling below what is built in holds too. The key counts as chosen: endpoints are told those alone.
    values: dict[str, Value] = {
        key: tighter(CATALOGUE[key], most, getattr(BUILT_IN, key)) for key, most in operator.ceilings.items()
    }
    origins: dict[str, Target | None] = dict.fromkeys(
        key for key, value in values.items() if value != getattr(BUILT_IN, key)
    )
    for target, layer in ((None, operator.defaults), *layers):
        for key, value in layer.items():
            entry = CATALOGUE[key]
            if not operator.offers(entry, value):
                continue
            allowed = operator.within(entry, value)
            values[key] = allowed
            if allowed == value:
                origins[key] = target
            elif key in operator.defaults or key in operator.ceilings:
                origins[key] = None
            else:
                origins.pop(key, None)  # the ceiling is built in
    # The keys are the fields of Settings, and each kind makes values of its field's type.
    settings = replace(BUILT_IN, **values, chosen=frozenset(values))  # type: ignore[arg-type]  # see above
    return Resolved(settings=settings, origins=origins)
