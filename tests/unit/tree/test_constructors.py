"""No constructor with many arguments, unless it says why: a class that needs much at hand mostly does much."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOTS = ("bot", "cogs", "sandbox")
MOST_ARGUMENTS = 6
"""Parameters of an ``__init__`` beside self. Those that dataclasses make by themselves don't count."""
REASON = re.compile(r"(^|[.\n])\s*Many arguments: \S")
"""The sentence of a docstring, of the class or of its ``__init__``, that says why there are more."""


def crowded(source: str) -> Iterator[str]:
    """Find the classes whose constructor takes more than it may, without saying why."""
    for made in ast.walk(ast.parse(source)):
        if not isinstance(made, ast.ClassDef):
            continue
        for function in made.body:
            if not isinstance(function, ast.FunctionDef) or function.name != "__init__":
                continue
            given = function.args
            count = len([*given.posonlyargs, *given.args, *given.kwonlyargs]) - 1
            said = f"{ast.get_docstring(made) or ''}\n{ast.get_docstring(function) or ''}"
            if count > MOST_ARGUMENTS and not REASON.search(said):
                yield made.name


def test_constructors_take_few_arguments_or_say_why() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for root in ROOTS
        for path in sorted((ROOT / root).rglob("*.py"))
        for name in crowded(path.read_text())
    }
    assert not found, f"more than {MOST_ARGUMENTS} arguments, and no sentence 'Many arguments: …' that says why"


@pytest.mark.parametrize(
    ("arguments", "of_class", "of_init", "is_crowded"),
    [
        ("a, b, c, d, e, f", "", "", False),
        ("a, b, c, d, e, f, g", "", "", True),
        ("a, b, /, c, d, *, e, f, g", "", "", True),
        ("a, b, c, d, e, *more, f, **others", "", "", False),
        ("a, b, c, d, e, f, g", "Do it. Many arguments: each is a switch.", "", False),
        ("a, b, c, d, e, f, g", "Do it.\n\n    Many arguments: each is a switch.", "", False),
        ("a, b, c, d, e, f, g", "", "Many arguments: each is a switch.", False),
        ("a, b, c, d, e, f, g", "It takes Many arguments: ", "", True),
        ("a, b, c, d, e, f, g", "Many arguments.", "", True),
    ],
)
def test_what_counts_as_crowded(arguments: str, of_class: str, of_init: str, is_crowded: bool) -> None:
    source = (
        f'class Outer:\n  class Inner:\n    """{of_class}"""\n'
        f'    def __init__(self, {arguments}):\n      """{of_init}"""\n'
    )
    assert list(crowded(source)) == (["Inner"] if is_crowded else [])
