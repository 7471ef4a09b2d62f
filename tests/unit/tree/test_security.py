"""What the threat model names as shown is shown by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODEL = (ROOT / "SECURITY.md").read_text()
ACTORS = (
    "A user",
    "An admin of a server",
    "The operator",
    "The endpoint, and what poses as one",
    "A host of pictures, and a picture",
    "Another process on the machine",
    "A web page beside the demo",
)


def test_each_test_that_the_threat_model_names_is_there() -> None:
    named = re.findall(r"`(tests/[^`]+)`", MODEL)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_threat_model_has_everyone_in_it() -> None:
    assert [actor for actor in ACTORS if f"### {actor}\n" not in MODEL] == []
