"""The documentation of settings is what the catalogue says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.config import DEFAULT_PREFIX
from bot.domain.settings.catalogue import CATALOGUE
from bot.domain.settings.old_names import OLD_NAMES
from bot.presentation.settings.docs import ROOT, render_environment, render_tables, written_files

FILES = written_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: os.fspath(path.name))
def test_what_is_generated_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "make docs"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_tables_have_a_row_for_each_setting(locale: str) -> None:
    rows = [line.split(" | ") for line in render_tables(locale).splitlines() if line.startswith("| `")]
    assert sorted(row[0].strip("| `") for row in rows) == sorted(CATALOGUE)
    assert {len(row) for row in rows} == {6}


@pytest.mark.parametrize("name", ["settings.md", "settings.zh-CN.md"])
def test_every_old_name_is_told_with_that_of_today(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert dict(re.findall(r"`(\w+)` →\s+`(\w+)`", text)) == OLD_NAMES


def test_the_example_sets_what_is_built_in() -> None:
    lines = [line.removeprefix("#") for line in render_environment().splitlines() if line.startswith("#DEFAULT_")]
    values = dict(line.split("=", 1) for line in lines)
    for key, entry in CATALOGUE.items():
        assert entry.parse(values.pop(f"{DEFAULT_PREFIX}{key.upper()}")) == entry.default
    assert values == {}
