"""The page's parser shows the cases that the pages' splitter is held to in the same way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from sandbox.discord import LocalDiscord
from tests.integration.markdown.flat import flatten

pytestmark = pytest.mark.asyncio(loop_scope="session")

CASES: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "cases" / "markdown.json").read_text(encoding="utf-8")
)
PARSE: Final = """async (source) => {
  const { parseMarkdown } = await import("/js/text/markdown.js");
  return parseMarkdown(source);
}"""
STYLES: Final = {"strong": "bold", "emphasis": "italics"}
"""Styles that the page names otherwise than the cases."""


def neutral(nodes: list[dict[str, Any]]) -> list[Any]:
    """Write the page's tree in the form of the cases."""
    return [each for node in nodes for each in _neutral(node)]


def _neutral(node: dict[str, Any]) -> list[Any]:
    inside = neutral(node.get("children", []))
    match node["type"]:
        case "text":
            return [node["value"]]
        case "paragraph":
            return inside
        case "code":
            return [["block", {"language": node["language"]}, node["value"]]]
        case "inline-code":
            return [["code", node["value"]]]
        case "list":
            about = {"ordered": True, "start": node["start"]} if node["ordered"] else {"ordered": False}
            return [["list", about, *(["item", *neutral(item["children"])] for item in node["items"])]]
        case "heading":
            return [["heading", {"level": node["level"]}, *inside]]
        case "subtext":
            return [["small", *inside]]
        case "link":
            return [["link", {"target": node["url"]}, *inside]]
        case "strong" | "emphasis" | "underline" | "strike" | "spoiler" | "quote" as style:
            return [[STYLES.get(style, style), *inside]]
    return [["sign", ""]]


def shown(tree: list[Any]) -> list[tuple[str, tuple[str, ...]]]:
    """List what is seen, without what a sign is shown as."""
    found = [(seen.char, seen.names) for seen in flatten(tree)]
    return [each for each in found if "sign" not in each[1]]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def reader(browser: Browser, discord: LocalDiscord) -> AsyncIterator[Page]:
    page = await browser.new_page()
    await page.goto(f"{discord.base_url}/?as=alice")
    yield page
    await page.close()


async def test_the_page_shows_each_case_as_the_splitter_reads_it(reader: Page) -> None:
    wrong = {}
    for case in CASES:
        found = shown(neutral(await reader.evaluate(PARSE, case["markdown"])))
        if found not in [shown(tree) for tree in (case["tree"], case.get("ports_differ")) if tree is not None]:
            wrong[case["name"]] = (case["markdown"], case["tree"], found)
    assert not wrong
