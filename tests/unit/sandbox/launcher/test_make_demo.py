"""`make demo`: what it installs and what it hands on, with a program in place of Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.launcher.demo import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

# Notes what it was asked; installing the model fails where a file says so.
PYTHON = """#!/bin/sh
echo "$*" >> calls
case "$*" in
    *llama.txt) [ ! -f no-model ] || { echo "no wheel" >&2; exit 1; } ;;
    "-m sandbox") echo "PROVIDER=$PROVIDER LIVE=$LIVE SCRIPTED=$SCRIPTED" ;;
esac
"""


class Project:
    """A folder with the real Makefile and scripts, installed already but for the model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "with space"
        shutil.copytree(ROOT / "requirements", self.folder / "requirements")
        shutil.copy(ROOT / "Makefile", self.folder)
        python = self.folder / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON)
        python.chmod(0o755)
        (self.folder / ".venv" / ".demo").touch()

    def make(self, *arguments: str) -> str:
        environment = {"PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["make", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def installs(self) -> int:
        """How many times the model was."""
        return (self.folder / "calls").read_text().count("llama.txt")


def test_the_model_is_installed_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert project.make("demo") == "PROVIDER= LIVE= SCRIPTED=\n"
    assert project.make("demo", "LIVE=0") == "PROVIDER= LIVE=0 SCRIPTED=\n"
    assert project.installs() == 1
    (project.folder / "requirements" / "llama.txt").touch()
    project.make("llama")
    assert project.installs() == 2


def test_without_a_model_the_demo_goes_on_and_says_so(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (project.folder / "no-model").touch()
    shown = project.make("demo")
    assert "No model could be installed" in shown
    assert shown.endswith("SCRIPTED=\n")
    (project.folder / "no-model").unlink()
    assert "No model" not in project.make("demo")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["PROVIDER=chat_completions"], "PROVIDER=chat_completions LIVE= SCRIPTED="),
        (["LIVE=1", "PROVIDER=fusion"], "PROVIDER=fusion LIVE=1 SCRIPTED="),
        (["SCRIPTED=1"], "PROVIDER= LIVE= SCRIPTED=1"),
    ],
)
def test_what_is_said_to_make_reaches_the_demo(tmp_path: Path, said: list[str], told: str) -> None:
    project = Project(tmp_path)
    assert project.make("demo", *said).splitlines()[-1] == told
    # Who does not want it does not wait for it.
    assert project.installs() == (1 if said == ["PROVIDER=chat_completions"] else 0)
