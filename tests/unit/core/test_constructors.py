"""No object of Discord's side is put together from many parts: what belongs together has a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MOST = 6
"""Arguments of a constructor, ``self`` left out."""


def crowded(source: str) -> Iterator[str]:
    """Find the classes whose constructor takes more."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef):
            continue
        for made in node.body:
            if isinstance(made, ast.FunctionDef) and made.name == "__init__":
                given = made.args
                if len([*given.posonlyargs, *given.args, *given.kwonlyargs]) - 1 > MOST:
                    yield node.name


def test_no_constructor_takes_many_arguments() -> None:
    folders = [ROOT / "bot" / "presentation", ROOT / "bot" / "library", ROOT / "cogs"]
    paths = [ROOT / "bot" / "client.py", *(path for folder in folders for path in folder.rglob("*.py"))]
    found = {str(path): names for path in paths if (names := [*crowded(path.read_text(encoding="utf-8"))])}
    assert found == {}


@pytest.mark.parametrize(("arguments", "found"), [("a, b, c, *, d, e, f", []), ("a, b, c, *, d, e, f, g=1", ["A"])])
def test_crowded_constructors_are_found(arguments: str, found: list[str]) -> None:
    assert list(crowded(f"class A:\n def __init__(self, {arguments}): ...")) == found
