"""The version: one source, which the command line prints and the changelog has an entry for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import __version__
from bot.__main__ import main

ROOT = Path(__file__).resolve().parents[3]


def test_the_command_line_prints_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"fusion-bot {__version__}\n"


def test_the_version_is_that_of_the_newest_release_in_the_changelog() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    unreleased, newest, *_ = headings
    assert unreleased == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(__version__)}\] - \d{{4}}-\d\d-\d\d", newest)
