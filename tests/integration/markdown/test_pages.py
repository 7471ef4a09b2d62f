"""Pages and previews show what the whole text shows, judged by two ports of the parser of Discord's client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.markdown.constructs import CONSTRUCTS, FILLERS, UNKNOWN_WHILE_IT_GROWS, around
from tests.integration.markdown.flat import difference, flatten
from tests.integration.markdown.judge import judge, judge_shown, said, shown_whole
from tests.integration.markdown.ports import PORTS, needs_ports, read_by_ports
from tests.integration.markdown.texts import answers

pytestmark = needs_ports

CASES: Final = json.loads((Path(__file__).parents[2] / "cases" / "markdown.json").read_text())
LIMIT: Final = 150


def shifted(step: int, *, grows: bool) -> list[str]:
    """Put every construct behind 0, ``step``, … 170 characters of each filler."""
    return [
        around(construct, filler, offset)
        for name, construct in CONSTRUCTS.items()
        for filler in FILLERS
        for offset in range(0, 170, step)
        if not (grows and name in UNKNOWN_WHILE_IT_GROWS)
    ]


def test_the_ports_read_the_cases_as_they_say() -> None:
    for case, read in zip(CASES, read_by_ports([case["markdown"] for case in CASES]), strict=True):
        differing = case.get("ports_differ", {})
        assert read == {port: differing.get(port, case["tree"]) for port in PORTS}, case["name"]


@pytest.mark.parametrize("limit", [2000, 400, 100])
def test_some_answers_are_shown_as_the_whole_is(limit: int) -> None:
    assert said(judge(answers(4, seed=1), previews=3, limit=limit)) == []


@pytest.mark.parametrize("limit", [2000, 400])
def test_what_is_mended_as_it_comes_is_shown_as_the_mended_whole_is(limit: int) -> None:
    texts = answers(8, seed=5)
    assert sum(shown_whole(text) != text for text in texts) >= len(texts) // 2
    assert said(judge_shown(texts, previews=2, limit=limit)) == []


def test_constructs_at_some_places_are_shown_as_the_whole_is() -> None:
    assert said(judge(shifted(34, grows=True), previews=1, limit=LIMIT)) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_constructs_at_every_place_are_shown_as_the_whole_is() -> None:
    assert said(judge(shifted(1, grows=False), previews=0, limit=LIMIT)) == []
    assert said(judge(shifted(7, grows=True), previews=5, limit=LIMIT)) == []


@pytest.mark.parametrize(
    ("whole", "pages"),
    [
        ("**a b**", ["**a", "b**"]),
        ("1. a\n2. b\n3. c", ["1. a", "1. b\n2. c"]),
        ("1. a\n   - b\n   - c\n2. d", ["1. a\n   - b", "- c\n2. d"]),
        ("||a b||", ["||a", "b||"]),
        ("```py\na\nb\n```", ["```py\na\n```", "```\nb\n```"]),
        ("a b c", ["a b"]),
        ("a b", ["a b", "c"]),
    ],
)
def test_a_difference_is_found(whole: str, pages: list[str]) -> None:
    texts = read_by_ports([whole, *pages])
    for port in PORTS:
        flat: list[Any] = [flatten(text[port]) for text in texts]
        assert difference(flat[0], flat[1:])


def test_an_item_that_began_on_an_earlier_page_has_no_mark() -> None:
    texts = read_by_ports(["1. a b\n   - c\n2. d", "1. a", "b\n- c\n\n2. d"])
    for port in PORTS:
        flat: list[Any] = [flatten(text[port]) for text in texts]
        assert difference(flat[0], flat[1:]) == ""
