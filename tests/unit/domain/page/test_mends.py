"""What models write that Discord shows wrongly is mended on its way out, and only there."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.page.display import Display
from bot.domain.page.mends.formulas import readable
from bot.domain.page.mends.mender import RULED_LINE, Mender
from bot.domain.page.mends.rows import MOST_ROWS
from bot.domain.page.mends.tables import columns_wide
from bot.domain.reply.written import written_text
from tests.fakes.markdown import CONSTRUCTS

TABLE = "| name | n |\n|:---|--:|\n| 狐狸 | 1 |\n| `wolf` | **22** |\n"
SHOWN_TABLE = "```\nname   n\n────  ──\n狐狸   1\nwolf  22\n```\n"
PIECES = st.sampled_from(
    (
        "```", "```py\n", "````", "~~~", "\n", "\n\n", TABLE, "|", "||", "| c |", "---", "####", "#### h\n", " ", "$",
        "$$", "\\(", "\\)", "\\[", "\\]", "\\frac{1}{2}", "a_1", "x", "$5", "https://x.example", "https:/", "http",
        "，", "中文",
        "[https://x.example](https://x.example)", "](", "[", ")", "<br>", "<", "`", "``", "> ", "- ", "1. ", "**", "\\",
        *CONSTRUCTS,
    )
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def mended(text: str) -> str:
    mender = Mender()
    return mender.push(text) + mender.finish()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("````md\n# T\n```sh\nnpm i\n```\n````\nx", "```md\n# T\n``\u200b`sh\nnpm i\n``\u200b`\n```\nx"),
        ("```md\n```sh\nnpm i\n```\nmore\n```\nx", "```md\n``\u200b`sh\nnpm i\n``\u200b`\nmore\n```\nx"),
        ("```js\nx = '```'\n```\nx", "```js\nx = '``\u200b`'\n```\nx"),
        ("```py\n````\nx", "```py\n```\nx"),
        ("~~~py\nx\n~~~\ny", "```py\nx\n```\ny"),
        ("~~~\n```\n~~~", "```\n``\u200b`\n```"),
        ("```python title=x.py\nx\n```", "```python\nx\n```"),
        ("1. a\n   ````sh\n   b\n   ````\n2. c", "1. a\n   ```sh\n   b\n   ```\n2. c"),
        ("1. a\n   ```sh\nb\n\n  c\n```\n2. c", "1. a\n   ```sh\n   b\n   \n   c\n   ```\n2. c"),
        ("a\n  ```sh\nb\n\nc\n  ```", "a\n  ```sh\nb\n\nc\n  ```"),
        ("> ````\n> ```\n> ````\n> x", "> ```\n> ``\u200b`\n> ```\n> x"),
    ],
)
def test_a_block_of_code_ends_where_its_writer_ends_it(text: str, shown: str) -> None:
    assert mended(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TABLE, SHOWN_TABLE),
        (f"a\n\n{TABLE}\nb", f"a\n\n{SHOWN_TABLE}\nb"),
        ("> | a | b |\n> |---|---|\n> | 1 | 2 |\n> x", "> ```\n> a  b\n> ─  ─\n> 1  2\n> ```\n> x"),
        ("| a |\n|---|\n| x\\|y `z` |", "```\na\n─────\nx|y z\n```"),
        ("| a | b |\n|---|---|\n| 1 |\n", "```\na  b\n─  ─\n1\n```\n"),
        ("| a | b |\n|---|---|\n| 1<br>2 | ``` x |\n", "```\na      b\n─────  ─────\n1 / 2  ˋˋˋ x\n```\n"),
    ],
)
def test_a_table_is_a_block_with_aligned_columns(text: str, shown: str) -> None:
    assert mended(text) == shown


def test_a_table_with_links_or_too_wide_a_one_is_a_list() -> None:
    assert mended("| a | site |\n|--|--|\n| fox | [x](https://x.example) |\n") == (
        "- **fox** · site: [x](https://x.example)\n"
    )
    words = "many words " * 8
    assert mended(f"| a | b |\n|---|---|\n| **fox** | {words}|\n") == f"- **fox** · b: {words.strip()}\n"


@pytest.mark.parametrize("text", ["| no | table |\nx", "|| a | b ||\n|---|---|", "a | b", "```\n| a |\n|---|\n```"])
def test_other_bars_are_none(text: str) -> None:
    assert mended(text) == text


def test_a_table_that_grows_is_shown_as_far_as_it_has_whole_rows() -> None:
    mender = Mender()
    begun = "before\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3"
    assert mender.push(begun) == "before\n"
    assert mender.growing(1000) == ("```\na  b\n─  ─\n1  2\n```", begun.index("| 3"))
    assert mender.growing(20) == ("", len("before\n"))
    assert mender.push("33 | 4 |\n| 5 |\n\n") == "```\na    b\n───  ─\n1    2\n333  4\n5\n```\n\n"
    assert mender.growing(1000)[0] == ""


def test_a_long_table_comes_in_parts_with_the_head_on_each() -> None:
    rows = "".join(f"| {number} |\n" for number in range(MOST_ROWS + 1))
    mender = Mender()
    assert mender.push(f"| n |\n|---|\n{rows}").count("```") == 2
    assert mender.finish()


@pytest.mark.parametrize(
    ("text", "wide"), [("a", 1), ("狐", 2), ("가", 2), ("é", 1), ("🦊", 2), ("👨‍👩‍👧", 2), ("ｘ", 2)]
)
def test_what_is_wide_counts_double(text: str, wide: int) -> None:
    assert columns_wide(text) == wide


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("#### Deep", "### Deep"),
        ("###### **x**\n", "### **x**\n"),
        ("####### x", "####### x"),
        ("####x", "####x"),
        ("a\n\n---\nb", f"a\n\n{RULED_LINE}\nb"),
        ("* * *", RULED_LINE),
        ("**bold**\n--\n- x\n***both***", "**bold**\n--\n- x\n***both***"),
        ("a<br>b<br/>#### c", "a\nb\n### c"),
    ],
)
def test_headings_rules_and_breaks_are_those_that_discord_has(text: str, shown: str) -> None:
    assert mended(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("见https://x.example，然后", "见https://x.example ，然后"),
        ("https://x.example是一个网站", "https://x.example 是一个网站"),
        ("https://x.example/a。下", "https://x.example/a 。下"),
        ("（https://x.example）", "（https://x.example ）"),
        ("https://x.example에서", "https://x.example 에서"),
        ("https://x.example**重点**", "https://x.example **重点**"),
        ("https://zh.wikipedia.org/wiki/狐狸。", "https://zh.wikipedia.org/wiki/狐狸 。"),
        ("https://x.example/a_(b)后", "https://x.example/a_(b) 后"),
        ("(https://x.example)后", "(https://x.example )后"),
        ("[https://x.example](https://x.example/)后", "https://x.example/ 后"),
        ("[https://x.example](https://x.example).", "https://x.example."),
    ],
)
def test_a_bare_link_ends_where_its_writer_ends_it(text: str, shown: str) -> None:
    assert mended(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/a, b", "https://x.example.", "(https://x.example)", "https://x.example/ä?q=狐&b=1 x",
        "https://例子.example/中文", "[词](https://x.example/中文)后", "<https://x.example>后", "`https://x.example，`",
        "[https://a.example](https://b.example)", "http", "https:/", "[https://x", "https://x.example)",
    ],
)  # fmt: skip
def test_other_links_stay_as_they_are(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"$x$ and $a_1 + b_1$", "x and a₁ + b₁"),
        (r"\(\frac{1}{2}\) 和 $\alpha$。", "1/2 和 α。"),
        ("$$\nE = mc^2\n$$\nx", "E = mc²\nx"),
        (r"\[ x^{n+1} \times 2 \]", "xⁿ⁺¹ × 2"),
        (r"$$-a * b$$", r"−a \* b"),
        (r"\[\begin{pmatrix} 1 & 2 \end{pmatrix}\]", r"`\begin{pmatrix} 1 & 2 \end{pmatrix}`"),
        ("$$\n\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\n$$", "a = b\nc = d"),
    ],
)
def test_formulas_can_be_read(text: str, shown: str) -> None:
    assert mended(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10", "US$5/US$10", "$PATH:$HOME/bin", "$A-$B", r"\$5 \( open", "$ x $", "`$x$`", "50$ to 60$ a day",
        "$5 for a cup\n$6 for two", "$$", "$$ open", "```\n$$x$$\n```",
    ],
)  # fmt: skip
def test_money_and_variables_are_no_formulas(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", "(−b ± √(b² − 4ac))/(2a)"),
        (r"\sum_{i=1}^{n} i", "∑ᵢ₌₁ⁿ i"),
        (r"\int_0^\infty e^{-x^2}\,dx", "∫₀^∞ e^(−x²) dx"),
        (r"\text{速度} = \frac{\text{路程}}{\text{时间}}", "速度 = 路程/时间"),
        (r"f'(x) = \lim_{h \to 0} f(x+h)", "f′(x) = lim_(h → 0) f(x+h)"),
        (r"x \in \mathbb{R}, 90^\circ, O(n \log n)", "x ∈ ℝ, 90°, O(n log n)"),
        (r"\left( \frac{1}{2} \right)^n \sqrt[3]{x}", "(1/2)ⁿ ∛x"),
        (r"\unknown{x}", None),
        (r"\frac{", None),
        ("}", None),
        ("{" * 100 + "}" * 100, None),
    ],
)
def test_a_formula_is_told_in_signs_or_not_at_all(latex: str, told: str | None) -> None:
    assert readable(latex) == told


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_pieces_give_what_the_whole_gives(text: str, sizes: list[int]) -> None:
    shown, mender, at = "", Mender(), 0
    for size in itertools.cycle(sizes):
        if at >= len(text):
            break
        shown += mender.push(text[at : at + size])
        at += size
    assert shown + mender.finish() == mended(text)


@given(TEXTS)
def test_it_is_known_how_much_of_the_text_stands(text: str) -> None:
    display = Display()
    shown = display.push(text)
    assert display.source_chars(len(shown)) <= display.taken_chars <= len(text)
    shown += display.finish()
    chars = [display.source_chars(count) for count in range(len(shown) + 1)]
    assert chars == sorted(chars)
    assert display.taken_chars == len(text)
    assert not shown or chars[-1] == len(text)


@given(TEXTS)
def test_what_was_kept_is_found_again_in_what_is_shown(text: str) -> None:
    display = Display()
    shown = display.push(text) + display.finish()
    assert written_text(shown, text) == text
    assert written_text(shown[: len(shown) // 2], text) == text


def test_what_is_shown_beyond_what_was_kept_comes_behind_it() -> None:
    kept = "#### Deep\n$x$ and https://x.example，然"
    assert written_text("### Deep\nx and https://x.example ，然后\n-\\# more", kept) == f"{kept}后\n-# more"
    assert written_text("something else", kept) == "something else"


@pytest.mark.parametrize("kept", ["", "Code:\n", "Code:\n```py\nx = 1\n", "Code:\n```py\nx = 1\ny = 2\n"])
def test_what_a_growing_page_closed_was_not_written(kept: str) -> None:
    shown = "Code:\n```py\nx = 1\ny = 2\n```"
    assert written_text(shown, kept, grows=True).rstrip() == "Code:\n```py\nx = 1\ny = 2"
    assert written_text(shown, f"{shown}\n", grows=True) == f"{shown}\n"
    if not kept:
        assert written_text(shown, kept) == shown


def test_what_a_growing_page_closed_for_a_fence_within_a_fence_was_not_written() -> None:
    kept = "x\n````md\n```py\nx=1\n"
    assert written_text("x\n```md\n``\u200b`py\nx=1\n```", kept, grows=True) == kept
    assert written_text("```py\nx\n```\nand **bold**", "", grows=True) == "```py\nx\n```\nand **bold**"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "plain words that go on and on without a mark, h and th and ht, and end with one `",
        "[https://x.example](https://x.example" + "(aaaaaaaa" * 40 + " end",
        "| a |" + " " * 500 + "\n|" + "-" * 500 + " " * 500 + "x",
        "`" * 1500 + "[" * 1500 + "$a" * 800 + "\\(" * 800,
    ],
)
def test_no_text_holds_the_loop_up(text: str) -> None:
    for size in (7, len(text)):
        mender = Mender()
        shown = "".join(mender.push(text[at : at + size]) for at in range(0, len(text), size))
        assert shown + mender.finish()
