"""Formatted text as a sequence: each character that is seen, with everything that it is marked up with."""

from __future__ import annotations

from typing import Any

from tests.integration.markdown.ports import Tree

Path = tuple[str, ...]
Flat = list[tuple[str, Path]]


def flat_of_tree(tree: Tree) -> Flat:
    """Flatten a tree. Where an item of a list begins, there is an entry without a character; white space has none."""
    found: Flat = []
    for node in tree:
        _add(node, (), found)
    return found


def _add(node: Any, path: Path, found: Flat) -> None:
    if isinstance(node, str):
        found.extend((char, path) for char in node if not char.isspace())
        return
    kind, *rest = node
    about = rest.pop(0) if rest and isinstance(rest[0], dict) else {}
    if kind == "list":
        for number, (_, *content) in enumerate(rest):
            label = f"{about['start'] + number}." if about["ordered"] else "-"
            found.append(("", (*path, label)))
            for inner in content:
                _add(inner, (*path, label), found)
        return
    label = {"heading": "#" * about.get("level", 0), "block": f"block {about.get('language', '')}"}.get(kind, kind)
    for inner in rest:
        _add(inner, (*path, label), found)
