"""Markdown as Discord has it: the page's own parser, asked in the browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from sandbox.discord import LocalDiscord

pytestmark = pytest.mark.asyncio(loop_scope="session")

RENDER = """async (source) => {
  const { renderMarkdown } = await import("/js/render.js");
  const names = {me: "1", t: (key) => key, user: (id) => id === "1" ? "Alice" : null, role: () => "Mods",
    channel: () => "general", openChannel: () => undefined};
  return renderMarkdown(source, names).innerHTML;
}"""

CASES = [
    ("plain", "<p>plain</p>"),
    ("two\nlines", "<p>two\nlines</p>"),
    ("**b** *i* _i_ __u__ ~~s~~", "<p><strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s></p>"),
    ("***both***", "<p><strong><em>both</em></strong></p>"),
    ("__*ui*__", "<p><u><em>ui</em></u></p>"),
    ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
    ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    ("snake_case_name", "<p>snake_case_name</p>"),
    ("**open", "<p>**open</p>"),
    (r"\*not\* \`code\`", "<p>*not* `code`</p>"),
    ("`a*b*`", "<p><code>a*b*</code></p>"),
    ("`` a`b ``", "<p><code> a`b </code></p>"),
    ("# One\n## Two\ntext", 'heading-1" role="heading" aria-level="3">One</p><p class="heading heading-2"'),
    ("#no", "<p>#no</p>"),
    ("-# small", '<p class="subtext">small</p>'),
    ("> a\n> b\nc", "<blockquote><p>a\nb</p></blockquote><p>c</p>"),
    (">>> a\nb", "<blockquote><p>a\nb</p></blockquote>"),
    ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
    ("3. a\n4. b\n- c", '<ol start="3"><li>a</li><li>b</li></ol><ul><li>c</li></ul>'),
    ("[text](https://a.example/x_(y))", '<a href="https://a.example/x_(y)"'),
    ("<https://a.example>", '<a href="https://a.example/"'),
    ("see https://a.example/b_c_d.", 'b_c_d">https://a.example/b_c_d</a>.</p>'),
    ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ("<@1> <@&2> <#3> @everyone", '<span class="mention mention-me">@Alice</span>'),
    ("<@9>", "@unknownUser"),
    ("||hidden||", 'class="spoiler-content" inert="">hidden</span>'),
    ("<t:0:D>", 'datetime="1970-01-01T00:00:00.000Z"'),
    ("<t:9999999999999>", "&lt;t:9999999999999&gt;"),
    ("```js\nlet a = '**';\n```", "<code>let a = '**';</code>"),
    ("```no language```", "<code>no language</code>"),
    ("```\nopen", "<p>```\nopen</p>"),
    ("> ```\n> code\n> ```", "<blockquote><div"),
]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def reader(browser: Browser, discord: LocalDiscord) -> AsyncIterator[Page]:
    """One page for all cases: they leave nothing behind."""
    page = await browser.new_page()
    await page.goto(f"{discord.base_url}/?as=alice")
    yield page
    await page.close()


@pytest.mark.parametrize(("source", "expected"), CASES)
async def test_markdown(reader: Page, source: str, expected: str) -> None:
    assert expected in await reader.evaluate(RENDER, source)


@pytest.mark.parametrize(
    "piece", ["*", "**a", "_", "[", "`", "``` ", "||", "> ", "- ", "<", "\\", "*a _b __c ~~d ||e "]
)
async def test_no_text_hangs_the_page(reader: Page, piece: str) -> None:
    async with asyncio.timeout(20):
        assert await reader.evaluate(RENDER, (piece * 4000)[:4000])
