"""What Discord shows of a text, read by the rules that pages are cut by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.page.reader import read

CASES: Final = json.loads((Path(__file__).parents[3] / "cases" / "markdown.json").read_text())


def flat_of_source(source: str) -> list[tuple[str, tuple[str, ...]]]:
    """List what is seen of a text, and how it is marked up; where an item begins is an entry without a character."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for low, high, path in read(source, grows=False)[1]:
        if low == high:
            found.append(("", path))
        elif path[-1:] != ("sign",):
            found += ((char, path) for char in source[low:high] if not char.isspace())
    return found


def flat_of_tree(nodes: list[Any], path: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """Flatten a case's tree alike."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in nodes:
        if isinstance(node, str):
            found += ((char, path) for char in node if not char.isspace() and path[-1:] != ("sign",))
            continue
        kind, *inside = node
        about = inside.pop(0) if inside and isinstance(inside[0], dict) else {}
        if kind == "list":
            for number, item in enumerate(inside):
                label = f"{about['start'] + number}." if about["ordered"] else "-"
                found += [("", (*path, label)), *flat_of_tree(item[1:], (*path, label))]
            continue
        names = {"heading": "#" * about.get("level", 0), "block": f"block {about.get('language', '')}"}
        found += flat_of_tree(inside, (*path, names.get(kind, kind)))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_text_is_read_as_discord_reads_it(case: dict[str, Any]) -> None:
    assert flat_of_source(case["markdown"]) == flat_of_tree(case["tree"])


def test_names_of_cases_are_different() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) > 100


def test_each_carriage_return_is_a_line_and_form_feeds_are_nothing() -> None:
    assert flat_of_source("- a\r\n- b\r- \fc") == flat_of_source("- a\n- b\n- c")
