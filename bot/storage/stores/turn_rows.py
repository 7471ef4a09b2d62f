"""Turns and their versions as rows, both ways."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from bot.domain.model.events import Usage
from bot.domain.turn.record import Turn, Version
from bot.storage.schema.tables import turns

_PLAIN = tuple(each.name for each in turns.c if each.name not in {*Usage.__dataclass_fields__, "fence"})
_USAGE = tuple(Usage.__dataclass_fields__)


def turn_row(turn: Turn, fence: int) -> dict[str, Any]:
    """Make the row of a turn, which is worked on under this fence."""
    return {name: getattr(turn, name) for name in _PLAIN} | usage_columns(turn.usage) | {"fence": fence}


def usage_columns(usage: Usage) -> dict[str, int]:
    """Make the part of a row that says what the answer cost."""
    return {name: getattr(usage, name) for name in _USAGE}


def turn_of(row: Row[*tuple[Any, ...]]) -> Turn:
    """Read a row of ``turns``."""
    values = row._asdict()
    del values["fence"]
    usage = Usage(**{name: values.pop(name) for name in _USAGE})
    return Turn(**values, usage=usage)


def version_of(row: Row[*tuple[Any, ...]]) -> Version:
    """Read a row of ``turn_versions``."""
    return Version(**row._asdict())
