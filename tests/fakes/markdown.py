"""Discord's Markdown, read as ports of its parser read it: what of a text is acted on, and what is left to be read.

The ports are the npm packages @cloudrac3r/discord-markdown 2.6.10, @odiffey/discord-markdown 3.3.0 and
discord-markdown-parser 1.3.1. Where they differ, this one acts: it is for tests that want nothing to happen. What the
client does beyond them (invites without a scheme, ``:name:``, addresses and numbers in angle brackets) it does too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_QUOTE: Final = re.compile(r" *>>> (?P<all>[\s\S]*)| *> [^\n]*(?:\n *> [^\n]*)*\n?")
_LINES: Final = (
    ("subtext", re.compile(r"-# +(?P<inside>[^\n]+)")),
    ("heading", re.compile(r"#{1,3} +(?P<inside>[^\n]+)")),
    ("list", re.compile(r" *(?:[*-]|\d+\.) (?P<inside>[^\n]*)")),
)
_RULES: Final = (
    ("text", re.compile(r"\\(?P<text>[^0-9A-Za-z\s])")),
    ("code block", re.compile(r"```(?:[a-z0-9_+\-.#]+?\n+)?\n*(?P<code>[\s\S]+?)\n*```", re.IGNORECASE)),
    ("code", re.compile(r"(`+)(?P<code>[\s\S]*?[^`])\1(?!`)")),
    ("spoiler", re.compile(r"\|\|(?P<inside>[\s\S]+?)\|\|")),
    ("link", re.compile(r"<[^: >]+:/[^ >]+>|<[^ >]+@[^ >]+>|<\+\d+>")),
    ("link", re.compile(r"https?://[^\s<]+[^<.,:;\"')\]\s]")),
    ("link", re.compile(r"\[(?P<inside>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?[^\s)]*>?[^)]*\)")),
    ("invite", re.compile(r"discord(?:\.gg|(?:app)?\.com/invite)/\w+")),
    ("user", re.compile(r"<@!?\d+>")),
    ("role", re.compile(r"<@&\d+>")),
    ("channel", re.compile(r"<#\d+>")),
    ("command", re.compile(r"</[-_'\w ]{1,100}:\d+>")),
    ("emoji", re.compile(r"<a?:\w+:\d+>|:\w+:")),
    ("time", re.compile(r"<t:-?\d+(?::[RtTdDfFsS])?>")),
    ("place", re.compile(r"<id:[\w-]+(?::\d+)?>|<\d+:(?:customize|browse|guide|linked-roles)(?::\d+)?>")),
    ("everyone", re.compile(r"@(?:everyone|here)")),
    ("strong", re.compile(r"\*\*(?P<inside>(?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__(?P<inside>(?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("emphasis", re.compile(r"_(?P<inside>(?:__|\\[\s\S]|[^\\_])+?)_(?!\w)")),
    ("emphasis", re.compile(r"\*(?=\S)(?P<inside>(?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)")),
    ("strike", re.compile(r"~~(?P<inside>[\s\S]+?)~~(?!_)")),
)

_BLOCKS: Final = frozenset({"quote", "list", "heading", "subtext"})

CONSTRUCTS: Final = (
    "**bold**", "*italic*", "_italic_", "__underlined__", "~~struck~~", "||hidden||", "***both***", "`code`",
    "``co`de``", "```py\ncode\n```", "```code```", "# Heading", "## Heading", "### Heading", "-# small", "> quote",
    ">>> quote", "- item", "* item", "1. item", "12. item", "> -# small", "- -# small", "# -# small",
    "[words](https://evil.example)", "[wo [r] ds](<https://evil.example> 'title')", "[a](discord://-/x)",
    "https://evil.example/a_b_c", "http://evil.example", "<https://evil.example>", "<discord://-/channels/1>",
    "<steam://run/1>", "<mail@evil.example>", "<+4912345678>", "discord.gg/abc", "https://discord.gg/abc",
    "discord.com/invite/abc", "<@1>", "<@!17>", "<@&123456789012345678>", "<#123456789012345678>",
    "</draw:123456789012345678>", "</settings set:123456789012345678>", "<:fox:123456789012345678>",
    "<a:fox:123456789012345678>", ":fox:", "<t:0>", "<t:1700000000:R>", "<id:customize>", "<id:linked-roles:1>",
    "<123456789012345678:customize>", "@everyone", "@here",
)  # fmt: skip
"""One of each thing that Discord acts on."""


@dataclass(slots=True)
class Read:
    """What Discord makes of a text: the constructs that it acts on, outermost first, and the words that are left."""

    live: list[str] = field(default_factory=list)
    text: str = ""


def read_markdown(source: str) -> Read:
    """Read a message's content."""
    found = Read()
    _read(source, found, quoted=False)
    return found


def _read(source: str, found: Read, *, quoted: bool, begins: bool = True) -> None:
    at = 0
    while at < len(source):
        name, match = _next(source, at, begins=begins, quoted=quoted)
        if match is None:
            found.text += source[at]
            # White space before a mark is a list's inside, where lines begin again.
            begins = source[at] == "\n" or (begins and source[at] == " ")
            at += 1
            continue
        if name != "text":
            found.live.append(name)
        _inside(match, found, quoted=quoted or name == "quote", begins=begins and name in _BLOCKS)
        begins = match[0].endswith("\n")
        at = match.end()


def _next(source: str, at: int, *, begins: bool, quoted: bool) -> tuple[str, re.Match[str] | None]:
    if begins:
        if not quoted and (match := _QUOTE.match(source, at)) is not None:
            return "quote", match
        for name, rule in _LINES:
            if (match := rule.match(source, at)) is not None:
                return name, match
    for name, rule in _RULES:
        if (match := rule.match(source, at)) is not None:
            return name, match
    return "", None


def _inside(match: re.Match[str], found: Read, *, quoted: bool, begins: bool) -> None:
    groups = match.groupdict()
    if match.re is _QUOTE:
        every = groups["all"]
        inside = every if every is not None else re.sub(r"(?m)^ *> ?", "", match[0])
        _read(inside, found, quoted=True)
    elif groups.get("inside") is not None:
        _read(groups["inside"], found, quoted=quoted, begins=begins)
    else:
        found.text += groups.get("text") or groups.get("code") or ""
