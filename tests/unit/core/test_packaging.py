"""Where cogs and migrations are: beside ``bot`` in the repository, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot
from bot.packaging import cogs_package, migrations_folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A further folder that Python searches for the subpackages of ``bot``."""
    monkeypatch.setattr(bot, "__path__", [*bot.__path__, str(tmp_path)])
    return tmp_path


def test_in_the_repository_both_lie_beside_the_package() -> None:
    assert cogs_package() == "cogs"
    assert migrations_folder() == ROOT / "migrations"


def test_in_a_wheel_both_lie_inside_the_package(inside: Path) -> None:
    for name in ("cogs", "migrations"):
        (inside / name).mkdir()
        (inside / name / "__init__.py").touch()
    assert cogs_package() == "bot.cogs"
    assert migrations_folder() == inside / "migrations"


def test_folders_without_code_are_not_taken_for_the_packages(inside: Path) -> None:
    """Caches of compiled files can remain after a change of branches."""
    for name in ("cogs", "migrations"):
        (inside / name / "__pycache__").mkdir(parents=True)
    assert cogs_package() == "cogs"
    assert migrations_folder() == ROOT / "migrations"
