"""The one place where the errors of the database and its drivers become ``StorageError``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import StorageError

_OPERATIONAL = {"OperationalError", "InterfaceError", "InternalError", "DatabaseError"}
"""Classes of the DB-API (PEP 249) whose words speak of the database, not of what was stored."""

_VALUES = re.compile(r"\nDETAIL:.*|(?<=invalid input for query argument )(\$\d+):.*", re.DOTALL)
"""Where PostgreSQL's and asyncpg's messages quote rows and values, to the end of the message."""


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turn errors into ``StorageError("Could not <operation>: <reason>")``; neither it nor its causes quote values.

    Beside SQLAlchemy's own errors these are ``OSError`` (a server that can't be reached, a time-out), ``OverflowError``
    (a number over 64 bits) and ``LookupError`` (a stored value that this version does not know).
    """
    try:
        yield
    except (SQLAlchemyError, OSError, OverflowError, LookupError) as error:
        _forget_values(error)
        raise StorageError(f"Could not {operation}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Say why, in one line."""
    if isinstance(error, DBAPIError):
        cause = error.orig or error
        return _first_line(cause) if type(error).__name__ in _OPERATIONAL else type(cause).__name__
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, PoolTimeoutError):
        return "every connection was busy for too long"
    if isinstance(error, OSError):
        return error.strerror or _first_line(error)
    return type(error).__name__


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _forget_values(error: BaseException) -> None:
    """Cut what people wrote out of ``error`` and its causes: all of them are printed in a traceback."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.args = tuple(_VALUES.sub(r"\1", part) if isinstance(part, str) else part for part in each.args)
        if isinstance(getattr(each, "detail", None), str):
            each.detail = ""  # type: ignore[attr-defined]  # asyncpg's errors print it after the message
        left += [each.__cause__, each.__context__, getattr(each, "orig", None)]
