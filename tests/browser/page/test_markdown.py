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
  const { renderMarkdown } = await import("/js/text/render.js");
  const names = {me: "1", t: (key) => key, user: (id) => id === "1" ? "Alice" : null, role: () => "Mods",
    channel: () => "general", openChannel: () => undefined};
  return renderMarkdown(source, names).innerHTML;
}"""

HIGHLIGHT = """async ([source, language]) => {
  const { highlight } = await import("/js/text/highlight.js");
  return highlight(source, language);
}"""

# What stands in the page besides the elements and attributes that Markdown may become.
DANGERS = """async (source) => {
  const { renderMarkdown } = await import("/js/text/render.js");
  const names = {me: "1", t: (key) => key, user: () => null, role: () => null, channel: () => null,
    openChannel: () => undefined};
  const allowed = new Set(["DIV", "P", "SPAN", "A", "CODE", "PRE", "BUTTON", "BLOCKQUOTE", "UL", "OL", "LI", "STRONG",
    "EM", "U", "S", "TIME", "svg", "path"]);
  const found = [];
  for (const one of renderMarkdown(source, names).querySelectorAll("*")) {
    if (!allowed.has(one.tagName)) found.push(one.tagName);
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on") || name === "style" || (name === "href" && !/^https?:/.test(value))) found.push(name);
    }
  }
  return found;
}"""

# How wide each text is in a block of code, and whether there is a font for Chinese signs of twice the width.
WIDTHS = """async (texts) => {
  const { renderMarkdown } = await import("/js/text/render.js");
  const names = {me: "1", t: (key) => key, user: () => null, role: () => null, channel: () => null,
    openChannel: () => undefined};
  const shown = renderMarkdown("```\\n" + texts.join("\\n") + "\\n```", names);
  document.querySelector("[data-testid=app]").append(shown);
  const text = shown.querySelector("pre code").firstChild;
  await document.fonts.load("13px 'Code wide'", "中");
  const range = document.createRange();
  let start = 0;
  const widths = texts.map((one) => {
    range.setStart(text, start);
    range.setEnd(text, start + one.length);
    start += one.length + 1;
    return range.getBoundingClientRect().width;
  });
  shown.remove();
  const found = new FontFace("probe", "local('Noto Sans CJK SC'), local('NotoSansCJKsc-Regular')").load();
  return [widths, await found.then(() => true, () => false)];
}"""

CASES = [
    ("plain", "<p>plain</p>"),
    ("two\nlines", "<p>two\nlines</p>"),
    ("**b** *i* _i_ __u__ ~~s~~", "<p><strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s></p>"),
    ("***both***", "<p><em><strong>both</strong></em></p>"),
    ("__*ui*__", "<p><u><em>ui</em></u></p>"),
    ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
    ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    ("snake_case_name", "<p>snake_case_name</p>"),
    ("**open", "<p>**open</p>"),
    (r"\*not\* \`code\`", "<p>*not* `code`</p>"),
    (r"a\_b\_c \||d\||", "<p>a_b_c ||d||</p>"),
    ("`a*b*`", "<p><code>a*b*</code></p>"),
    ("`` a`b ``", "<p><code>a`b</code></p>"),
    ("# One\n## Two\ntext", 'heading-1" role="heading" aria-level="3">One</p><p class="heading heading-2"'),
    ("#no", "<p>#no</p>"),
    ("-# small", '<p class="subtext">small</p>'),
    ("> -# small", '<blockquote><p class="subtext">small</p></blockquote>'),
    ("- -# small", '<ul><li><p class="subtext">small</p></li></ul>'),
    (r"-\# no", "<p>-# no</p>"),
    ("> a\n> b\nc", "<blockquote><p>a\nb</p></blockquote><p>c</p>"),
    (">>> a\nb", "<blockquote><p>a\nb</p></blockquote>"),
    ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
    ("3. a\n4. b\n- c", '<ol start="3"><li>a</li><li>b</li><li>c</li></ol>'),
    ("- a\n1. b", "<ul><li>a</li><li>b</li></ul>"),
    ("1. a\n\n1. b", '<ol start="1"><li>a</li></ol><ol start="1"><li>b</li></ol>'),
    ("1. a\n   ```sh\n   b\n   ```\n2. c", "<code>b</code></pre></div></li><li>c</li></ol>"),
    ("||a `b|| c`", "a `b</span>"),
    ("Python**好**吧", "<p>Python<strong>好</strong>吧</p>"),
    ("[a [b] c](https://a.example)", ">a [b] c</a>"),
    ("[https://a.example](https://a.example)", "<p>["),
    ("https://a.example，中文 x", ">https://a.example，中文</a> x"),
    ("see <id:customize>", '<span class="mention">pageCustomize</span>'),
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
    ("```js\nlet a = '**';\n```", '<code><span class="code-keyword">let</span> a = <span class="code-string">'),
    ("```nonesuch\nlet a = '**';\n```", "<code>let a = '**';</code>"),
    ("<:fox:123456>", '<span class="custom-emoji">:fox:</span>'),
    ("```no language```", "<code>no language</code>"),
    ("```\nopen", "<p>```\nopen</p>"),
    ("> ```\n> code\n> ```", "<blockquote><div"),
    ("> a\n> > b", "<blockquote><p>a\n&gt; b</p></blockquote>"),
    (">>> a\n> b", "<blockquote><p>a\n&gt; b</p></blockquote>"),
    ("***\n___", "<p>***\n___</p>"),
    ('[a](https://a.example/ "tip")', '<a href="https://a.example/"'),
    ("<t:0:s> <t:0:S>", 'data-style="S"'),
]


PIECES = [
    ("python", '@cached\ndef f(x: int = 3) -> Fox:  # why\n    return None or """a\nb"""',
     [("meta", "@cached"), ("keyword", "def"), ("function", "f"), ("number", "3"), ("type", "Fox"),
      ("comment", "# why"), ("literal", "None"), ("string", '"""a\nb"""')]),
    ("ts", "const a = `x`; // why\nf(null)",
     [("keyword", "const"), ("string", "`x`"), ("comment", "// why"), ("function", "f"), ("literal", "null")]),
    ("json", '{"a": [1, true, "b"]}', [("attribute", '"a"'), ("number", "1"), ("literal", "true"), ("string", '"b"')]),
    ("bash", 'if [ -f "$X" ]; then echo $Y; fi # why',
     [("keyword", "if"), ("meta", "-f"), ("string", '"$X"'), ("attribute", "$Y"), ("comment", "# why")]),
    ("html", '<a href="x">&amp;</a>', [("tag", "<a"), ("attribute", "href"), ("string", '"x"'), ("literal", "&amp;")]),
    ("css", "a:hover { color: #fff }", [("tag", ":hover"), ("attribute", "color"), ("number", "#fff")]),
    ("sql", "SELECT count(*) FROM foxes WHERE a = 'b' -- why",
     [("keyword", "SELECT"), ("function", "count"), ("string", "'b'"), ("comment", "-- why")]),
    ("rust", "fn main() { let x: u32 = 5; }",
     [("keyword", "fn"), ("function", "main"), ("type", "u32"), ("number", "5")]),
    ("yaml", "name: fox # why", [("attribute", "name"), ("comment", "# why")]),
    ("diff", "@@ -1 +1 @@\n-old\n+new", [("meta", "@@ -1 +1 @@"), ("removed", "-old"), ("added", "+new")]),
]  # fmt: skip

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "```html\n<img src=x onerror=alert(1)><script>alert(1)</script>\n```",
    "```<img src=x>\nx```",
    '```py"><img src=x onerror=alert(1)>\nx\n```',
    "`<svg onload=alert(1)>`",
    "||<iframe src=javascript:alert(1)>||",
    '[<b>x</b>](https://a.example/"onclick="alert(1))',
    "[x](https://a.example/<script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](  javascript://a.example/%0aalert(1))",
    "[x](\u0001javascript:alert(1))",
    "<javascript:alert(1)>",
    "<http://a.example/' onmouseover='alert(1)>",
    '<:"onload=alert(1):123>',
    '<t:0:"onload=">',
    "# <style>*{display:none}</style>",
    "> - <a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>",
    "<@1><script>alert(1)</script>",
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


async def test_a_chinese_sign_is_as_wide_as_two_others_in_code(reader: Page) -> None:
    (usual, *chinese), has_font = await reader.evaluate(WIDTHS, ["0123456789", "每两天一次", "、。（）："])
    if not has_font:
        pytest.skip("the font that CI has for Chinese signs is not installed")
    assert usual > 0
    assert chinese == pytest.approx([usual, usual], rel=0.01)


@pytest.mark.parametrize(("language", "source", "expected"), PIECES, ids=[one[0] for one in PIECES])
async def test_code_is_coloured(reader: Page, language: str, source: str, expected: list[tuple[str, str]]) -> None:
    found = await reader.evaluate(HIGHLIGHT, [source, language])
    assert "".join(one["value"] for one in found) == source
    pieces = [(one["kind"], one["value"]) for one in found]
    assert [one for one in expected if one not in pieces] == []


async def test_no_code_is_lost_or_hangs_the_page(reader: Page) -> None:
    marks = ['"', "'", '"""', "/*", "<!--", "`", "[", "<", "#", "$", "${", "--", "a ", "\\", "(", "0x", "- ", "&"]
    async with asyncio.timeout(45):
        for language in [one[0] for one in PIECES]:
            for mark in marks:
                source = (mark * 4000)[:4000]
                found = await reader.evaluate(HIGHLIGHT, [source, language])
                assert "".join(one["value"] for one in found) == source


@pytest.mark.parametrize("source", HOSTILE)
async def test_hostile_text_stays_text(reader: Page, source: str) -> None:
    assert await reader.evaluate(DANGERS, source) == []


@pytest.mark.parametrize(
    "piece", ["*", "**a", "_", "[", "`", "``` ", "||", "> ", "- ", "<", "\\", "*a _b __c ~~d ||e "]
)
async def test_no_text_hangs_the_page(reader: Page, piece: str) -> None:
    async with asyncio.timeout(45):
        assert await reader.evaluate(RENDER, (piece * 4000)[:4000])
