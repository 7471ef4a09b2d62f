"""Whether others on the machine can read what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.operations.doctor.checks.private import check_private
from bot.operations.doctor.findings import Verdict


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    database, pictures = tmp_path / "bot.db", tmp_path / "pictures"
    database.touch()
    pictures.mkdir()
    return database, pictures


def test_all_is_well_where_nobody_else_may_look(paths: tuple[Path, Path]) -> None:
    (found,) = check_private(paths, open_to_others=lambda _: False)
    assert found.verdict is Verdict.OK


def test_what_others_may_read_is_named_with_a_cure_for_each(paths: tuple[Path, Path]) -> None:
    database, pictures = paths
    (found,) = check_private(paths, open_to_others=lambda _: True)
    assert found.verdict is Verdict.WARNING
    assert str(database) in found.found
    assert str(pictures) in found.found
    assert found.cure == f"chmod 600 '{database}' && chmod 700 '{pictures}'"


def test_nothing_is_said_of_what_is_not_there_yet(tmp_path: Path) -> None:
    assert check_private([tmp_path / "none"], open_to_others=lambda _: True) == []
