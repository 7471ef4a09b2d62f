"""Formatted text as a sequence: each character that is seen, with everything that it is marked up with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.integration.markdown.ports import Tree


@dataclass(frozen=True, slots=True)
class Label:
    """One thing that a character is marked up with; ``began`` is the place in the sequence where that begins."""

    name: str
    began: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A character, or "" where an item of a list begins. White space is left out, but for that within code."""

    char: str
    labels: tuple[Label, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)


def flatten(tree: Tree) -> list[Seen]:
    """Flatten a tree; tests/cases/README.md has its form."""
    found: list[Seen] = []
    for node in tree:
        _add(node, (), found)
    return found


def _add(node: Any, labels: tuple[Label, ...], found: list[Seen]) -> None:
    if isinstance(node, str):
        found.extend(Seen(char, labels) for char in node if not char.isspace())
        return
    kind, *rest = node
    about = rest.pop(0) if rest and isinstance(rest[0], dict) else {}
    if kind == "list":
        for number, (_, *content) in enumerate(rest):
            inside = (*labels, Label(f"{about['start'] + number}." if about["ordered"] else "-", len(found)))
            found.append(Seen("", inside))
            for inner in content:
                _add(inner, inside, found)
        return
    name = {"heading": "#" * about.get("level", 0), "block": f"block {about.get('language', '')}"}.get(kind, kind)
    inside = (*labels, Label(name, len(found)))
    if kind == "block":
        lines = rest[0].split("\n") if rest else []
        found.extend(Seen(char, inside) for line in lines for char in line.rstrip())
        return
    for inner in rest:
        _add(inner, inside, found)


def difference(whole: list[Seen], pages: list[list[Seen]], *, is_preview: bool = False) -> str:
    """Say where pages first show another thing than the whole text; "" where they don't.

    What can't be the same is left out, and nothing else: an item of a list, or small print, that began on an earlier
    page has no mark on the next one. Everything else of it has to be the same there: characters, styles, the kinds
    and numbers of lists in it, and how deep these are within it. A preview shows a beginning of the whole.
    """
    at = 0
    for number, page in enumerate(pages):
        start = at
        for seen in page:
            if at >= len(whole):
                return f"page {number} shows more: {_said(page, seen)}"
            wanted = whole[at]
            names = tuple(label.name for label in wanted.labels if not _is_carried(label, start))
            if (seen.char, seen.names) != (wanted.char, names):
                return (
                    f"page {number}: {wanted.char!r} {names} is shown as {seen.char!r} {seen.names}: "
                    f"{_text(whole[max(0, at - 30) : at])}▸{_text(whole[at : at + 20])} as {_said(page, seen)}"
                )
            at += 1
    if at < len(whole) and not is_preview:
        return f"not shown: {_text(whole[at : at + 40])}"
    return ""


def _is_carried(label: Label, start: int) -> bool:
    return label.began < start and (label.name in ("-", "small") or label.name[:-1].isdigit())


def _said(page: list[Seen], seen: Seen) -> str:
    at = next(index for index, each in enumerate(page) if each is seen)
    return f"{_text(page[max(0, at - 10) : at])}▸{_text(page[at : at + 20])}"


def _text(seen: list[Seen]) -> str:
    return "".join(each.char or "•" for each in seen)
