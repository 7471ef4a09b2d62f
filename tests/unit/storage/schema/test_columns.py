"""Types of columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.turn.record import ProblemKind
from bot.errors import ErrorKind, Refusal, Trouble
from bot.storage.schema.columns import ProblemColumn, UtcDateTime

SQLITE = sqlite.dialect()
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
NOON = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)


def test_a_moment_goes_in_as_utc() -> None:
    column = UtcDateTime()
    in_shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    assert column.process_bind_param(in_shanghai, SQLITE) == datetime(2024, 6, 1, 12, 0)  # noqa: DTZ001  # as SQLite keeps it
    bound = column.process_bind_param(in_shanghai, POSTGRESQL)
    assert bound is not None
    assert (bound, bound.tzinfo) == (NOON, UTC)
    assert column.process_bind_param(None, SQLITE) is None


def test_a_moment_comes_back_aware() -> None:
    column = UtcDateTime()
    for stored in (NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=-5)))):
        found = column.process_result_value(stored, SQLITE)
        assert found is not None
        assert (found, found.tzinfo) == (NOON, UTC)
    assert column.process_result_value(None, SQLITE) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(NOON.replace(tzinfo=None), SQLITE)


def test_every_kind_of_problem_comes_back_as_it_was_kept() -> None:
    column = ProblemColumn()
    kinds: list[ProblemKind] = [*ErrorKind, *Refusal, *Trouble, *DrawingDenial]
    kept = [column.process_bind_param(kind, SQLITE) for kind in kinds]
    assert [column.process_result_value(value, SQLITE) for value in kept] == kinds
    assert max(len(value or "") for value in kept) <= 32
    assert column.process_bind_param(None, SQLITE) is column.process_result_value(None, SQLITE) is None
