"""One of each thing that may be torn where a text is cut, to be put at every place of a page."""

from __future__ import annotations

from typing import Final

_ID: Final = "123456789012345678"
_CODE: Final = "x = 1\n" * 6

CONSTRUCTS: Final = {
    "nested bullets": "\n\n1. one two three\n   - four five six\n   - seven eight\n2. nine ten\n3. eleven\n\n",
    "nested numbers": "\n\n- one two three\n  1. four five six\n  2. seven eight\n- nine ten\n- eleven\n\n",
    "numbers that are all 1": "\n\n1. one two\n1. three four\n1. five six\n1. seven eight\n\n",
    "numbers that are all 1, below bullets": "\n\n- one\n  1. two three\n  1. four\n  1. five\n- six\n  1. seven\n\n",
    "numbers behind bullets": "\n\n- one two\n- three four\n3. five six\n4. seven\n\n",
    "bullets behind numbers": "\n\n1. one two\n2. three four\n- five six\n- seven\n\n",
    "three levels": "\n\n1. one\n   - two\n     1. three\n     2. four\n   - five\n2. six\n   - seven\n\n",
    "text in items": "\n\n1. one two\n   three four\n   - five six\n     seven\n2. eight\n\n",
    "wide indentation": "\n\n- one\n    - two\n    - three\n        - four\n- five\n    - six\n\n",
    "narrow indentation": "\n\n1. one\n - two\n - three\n2. four\n - five\n\n",
    "code in an item": "\n\n1. one:\n   ```sh\n   two three\n     four\n   five\n   ```\n2. six\n3. seven\n\n",
    "code in a nested item": "\n\n- one\n  - two:\n    ```py\n    three\n    four\n    ```\n  - five\n- six\n\n",
    "a quote in an item": "\n\n1. one\n   > two three\n   > four\n2. five\n\n",
    "a quote": "\n\n> one two three four five\n> six seven eight nine\n> ten\n\n",
    "a list in a quote": "\n\n> - one two\n>   - three four\n>   - five\n> - six\n\n",
    "numbers in a quote": "\n\n> 1. one two\n> 1. three four\n> 1. five six\n\n",
    "code in a quote": "\n\n> one\n> ```py\n> x = 1\n>   y = 2\n> z = 3\n> ```\n> two\n\n",
    "a quoted blank line": "\n\n> one two three\n> \n> four five six\n> \n> seven\n\n",
    "code": f"\n\n```py\n{_CODE}```\n\n",
    "code with blank lines": "\n\n```py\nx = 1\n\ny = 2\n\n\nz = 3\n\n```\n\n",
    "code without a language": f"\n\n```\n{_CODE}```\n\n",
    "code between words": f" one ```py\n{_CODE}``` two ",
    "code in one line": " ```one two three four``` ",
    "bold": "**one two three four five**",
    "bold at letters": "Python**很好用，真的很好用**吧",
    "bold at a digit": "第1**章是很长的一章**节",
    "bold over lines": "**one two\nthree four\nfive**",
    "bold over quoted lines": "\n\n> **one two\n> three four\n> five** six\n\n",
    "bold in an item": "\n\n- one **two three four** five\n- **six** seven\n\n",
    "italics": "*one two three four five*",
    "italics at letters": "狐狸*在雪地里奔跑*吧",
    "italics by lines": " _one two three four_ ",
    "italics over lines": "*one two\nthree four*",
    "underlined": "__one two three four__",
    "underlined over lines": "__one two\nthree__",
    "struck": "~~one two three four~~",
    "struck at letters": "Python~~很好用真的~~吧",
    "struck over lines": "~~one two\nthree four~~",
    "bold italics": "***one two three four***",
    "italics in bold": "**one *two three* four**",
    "bold in italics": "*one **two three** four*",
    "code in bold": "**one `two three` four**",
    "bold in a heading": "\n\n## one **two three** four\nfive six\n\n",
    "hidden": "||one two three four five||",
    "hidden at letters": "答案是A||凶手是谁谁也不知道||吧",
    "hidden behind a digit": "7||one two||8",
    "hidden over paragraphs": "||one two\n\nthree four||",
    "hidden code": "||one\n```py\nx = 1\ny = 2\n```\ntwo three||",
    "hidden at code alone": "||```py\nx = 1\ny = 2\nz = 3\n```||",
    "hidden bold": "||one **two three** four||",
    "bold hidden": "**||one two three||**",
    "a hidden list": "\n\n||- one two\n- three four\n- five||\n\n",
    "hidden in an item": "\n\n1. one ||two three|| four\n2. five\n\n",
    "hidden with a backtick": "||one `two three||",
    "inline code": "`one two three`",
    "inline code with two": "``one ` two``",
    "inline code with marks": "`**one** _two_`",
    "a link": "[one two](https://example.org/a_b)",
    "a link with brackets": "[one [two] three](https://example.org)",
    "a link with a title": '[one](https://example.org "two three")',
    "a link with pairs": "[one two](https://example.org/a_(b))",
    "a link with an open bracket": "[one two](https://example.org/a_(b)",
    "a bold link": "**[one two](https://example.org)**",
    "a link with bold": "[one **two** three](https://example.org)",
    "a bare link": " https://example.org/one/two?three=4 ",
    "a link in angles": "<https://example.org/one/two>",
    "a mention": f"<@{_ID}>",
    "a role": f"<@&{_ID}>",
    "a channel": f"<#{_ID}>",
    "an emoji": f"<:party_parrot:{_ID}>",
    "a moving emoji": f"<a:party_parrot:{_ID}>",
    "a time": "<t:1700000000:R>",
    "a time alone": "<t:1700000000>",
    "a command": f"</settings set:{_ID}>",
    "a place": "<id:customize>",
    "escaped stars": "\\*one\\*",
    "an escaped list": "\n\n\\- one\n1\\. two\n\n",
    "a year": " in 2024. It was ",
    "a dash": " one - two ",
    "a star": " 2 * 3 * 4 ",
    "a number sign": " one # two ",
    "an arrow": " one > two ",
    "small print": "\n\n-# one two\nthree\n\n",
    "small print within a line": " one -# two ",
    "a power": " x**2 + y ",
    "a snake": " snake_case_name ",
    "a heading": "\n\n# one two\nthree four five\n\n",
    "headings": "\n\n# one\n## two\n### three\nfour\n\n",
    "a table": "\n\n| one | two |\n|---|---|\n| three | four |\n\n",
    "a formula": " $x_1^2 + y_2$ and \\(a \\cdot b\\) ",
    "a ruler": "\n\n---\n\n",
    "a shrug": " ¯\\_(ツ)_/¯ ",
    "a family": "👩‍👩‍👧‍👦",
    "flags": "🇩🇪🇫🇷",
    "tabs": "\n\n- one\n\t- two\n\t- three\n- four\n\n",
    "to the end": "\n\n>>> one two three\n\nfour five six",
}
"""By name, each as it stands between words."""

UNKNOWN_WHILE_IT_GROWS: Final = frozenset({"hidden with a backtick"})
"""What can't be shown right before it has ended: a backtick may be one of a pair."""

FILLERS: Final = ("aa " * 100, "狐狸在雪地里奔跑，" * 40)


def around(construct: str, filler: str, offset: int) -> str:
    """Put something behind so many characters, and not within a Latin word, where an open mark is taken for none."""
    before = filler[:offset]
    if before[-1:].isascii() and before[-1:].isalnum() and construct[0] in "*_~":
        before += " "
    return f"{before}{construct}{filler[:80]}".strip()
