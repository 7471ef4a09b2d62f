"""Types of columns that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, String, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.turn.record import ProblemKind
from bot.errors import ErrorKind, Refusal, Trouble
from bot.storage.schema.text import storable

E = TypeVar("E", bound=StrEnum)

_PROBLEMS: dict[str, ProblemKind] = {
    problem.value: problem for members in (ErrorKind, Refusal, Trouble, DrawingDenial) for problem in members
}

BIG_INTEGER = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
"""64 bits, signed: a Discord snowflake fits until 2154. On SQLite INTEGER, which lets a lone key be the row's own."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment to the microsecond, always aware and in UTC; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC; a moment without a zone is a fault of the caller and raises ``ValueError``."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StorableText(TypeDecorator[str]):
    """Text of any length, made storable on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # as above
        """Leave out what a database refuses."""
        return None if value is None else storable(value)


class IdList(TypeDecorator[tuple[int, ...]]):
    """Ids in their order, as text: "60 61"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # as above
        """Write the ids one after the other."""
        return None if value is None else " ".join(map(str, value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:  # noqa: ARG002  # as above
        """Read them again."""
        return None if value is None else tuple(map(int, value.split()))


class ProblemColumn(TypeDecorator[ProblemKind]):
    """What went wrong with an answer, by its value; one that is not known raises ``LookupError`` when it is read."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: ProblemKind | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # as above
        """Write the value."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> ProblemKind | None:  # noqa: ARG002  # as above
        """Find the member again."""
        return None if value is None else _PROBLEMS[value]


def enum_column(members: type[E], length: int) -> Enum:
    """Make a type that keeps a member by its value, as plain text.

    Without a check in the database, so that a new member needs no migration; an unknown value raises ``LookupError``
    when it is read.
    """
    return Enum(
        members,
        native_enum=False,
        create_constraint=False,
        length=length,
        validate_strings=True,
        values_callable=lambda enum: [member.value for member in enum],
    )
