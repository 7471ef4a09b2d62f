"""What is marked up within lines of Discord's Markdown: where each thing ends that begins at a place."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from bot.domain.page.tree import Kind

SPECIAL = re.compile(r"[\\`*_~|\[<@\n¯]|https?://")
"""Where something may begin."""

_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_SHRUG = re.compile(r"¯\\_\(ツ\)_/¯")
_TICKS = re.compile("`+")
_BOLD = re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")
_UNDERLINE = re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")
_ITALICS = re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)")
_ITALICS_LINE = re.compile(r"_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])")
_STRIKE = re.compile(r"~~([\s\S]+?)~~(?!_)")
_SPOILER = re.compile(r"\|\|([\s\S]+?)\|\|")
_URL = re.compile(r"https?://[^\s<]+[^<.,:;\"')\]\s]")
_SIGN = re.compile(
    r"<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|id:[\w-]+(?::\d+)?|/[^<>\n]{1,120}:\d+|\+\d+)>|@(?:everyone|here)"
)
_AUTOLINK = re.compile(r"<[^: >]+:/[^ >]+>")
_TITLE = r"(?:\s+(?:'[^'\n]{0,300}'|\"[^\"\n]{0,300}\"))?\s*\)"
_TARGETS = (
    re.compile(rf"\]\(\s*<?(?:\([^)\n]{{0,200}}+\)|[^\s\\()<>]|<(?!\s)|\\.)*+>?{_TITLE}"),
    re.compile(rf"\]\(\s*<?(?:[^\s\\)>]|\\.)*+>?{_TITLE}"),
)
"""A link's address: brackets in it come in pairs, or are open ones."""
_LANGUAGE = re.compile(r"([A-Za-z0-9_+\-.#]+)\n+")

_OPEN_LINK = re.compile(r"\[[^\n]{0,300}?(?:\]\([^\s)]*(?:\s+(?:['\"][^'\"\n]*['\"]?)?)?|\]?)\Z")
_OPEN_SIGN = re.compile(
    r"<(?:@[!&]?\d*|#\d*|a|a?:\w*(?::\d*)?|t:?-?\d*(?::\w?)?|i|id:?[\w-]*|/[^<>\n]{0,120}|https?[^\s<>]*)?\Z"
)

_BRACKET = re.compile(r"\\[\s\S]|[\[\]]")
_MAX_OPEN_LINK = 700
"""Longer than a link that is still being written gets to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something at a place of a text: it ends at ``end``, its inside is from ``low`` to ``high``.

    ``is_open``: it has no end there, but it may still come.
    """

    kind: Kind
    end: int
    low: int
    high: int
    mark: str = ""
    is_open: bool = False


def span_at(text: str, at: int, end: int, marks: Marks) -> Span | None:
    """Find what begins at ``at`` and ends before ``end``."""
    char = text[at]
    found = None
    if char == "|":
        found = _styled(_SPOILER, Kind.SPOILER, "||", text, at, end)
    elif char == "`":
        found = _block(text, at, end) or _code(text, at, end, marks)
    elif char == "\\":
        match = _ESCAPE.match(text, at, end)
        found = Span(kind=Kind.TEXT, end=match.end(), low=at + 1, high=match.end()) if match else None
    elif char == "*":
        italics = _styled(_ITALICS, Kind.ITALICS, "*", text, at, end)
        bold = _styled(_BOLD, Kind.BOLD, "**", text, at, end) if text.startswith("**", at) else None
        found = _longest(italics, bold)
    elif char == "_":
        italics = _styled(_ITALICS_LINE, Kind.ITALICS, "_", text, at, end)
        line = _styled(_UNDERLINE, Kind.UNDERLINE, "__", text, at, end) if text.startswith("__", at) else None
        found = _longest(italics, line)
    elif char == "~":
        found = _styled(_STRIKE, Kind.STRIKE, "~~", text, at, end)
    elif char == "[":
        found = _link(text, at, end, marks)
    elif char in "<@":
        match = _SIGN.match(text, at, end)
        found = Span(kind=Kind.SIGN, end=match.end(), low=at, high=match.end()) if match else None
        if found is None and char == "<" and (match := _AUTOLINK.match(text, at, end)):
            found = Span(kind=Kind.LINK, end=match.end(), low=at + 1, high=match.end() - 1)
    elif char == "h":
        match = _URL.match(text, at, end)
        found = Span(kind=Kind.LINK, end=match.end(), low=at, high=match.end()) if match else None
    elif char == "¯":
        match = _SHRUG.match(text, at, end)
        found = Span(kind=Kind.TEXT, end=match.end(), low=at, high=match.end()) if match else None
    return found


def _longest(one: Span | None, other: Span | None) -> Span | None:
    if one is None or other is None:
        return one or other
    return other if other.end > one.end else one


def _styled(rule: re.Pattern[str], kind: Kind, mark: str, text: str, at: int, end: int) -> Span | None:
    match = rule.match(text, at, end)
    if match is None:
        return None
    return Span(kind=kind, end=match.end(), low=match.start(1), high=match.end(1), mark=mark)


def _code(text: str, at: int, end: int, marks: Marks) -> Span | None:
    """Find code: of the ways to read its first backticks the one with the most of them that has an end."""
    run = _TICKS.match(text, at, end)
    count = run.end() - at if run else 0
    length, close = marks.code_end(at + count, end, count)
    if not length:
        return None
    return Span(kind=Kind.CODE, end=close + length, low=at + length, high=close, mark="`" * length)


def _block(text: str, at: int, end: int) -> Span | None:
    if not text.startswith("```", at):
        return None
    language = _LANGUAGE.match(text, at + 3, end)
    for match in (language, None) if language else (None,):
        low = _behind_newlines(text, match.end() if match else at + 3, end)
        close = text.find("```", low + 1, end)
        if close >= 0:
            high = close
            while high > low + 1 and text[high - 1] == "\n":
                high -= 1
            return Span(kind=Kind.BLOCK, end=close + 3, low=low, high=high, mark=match[1] if match else "")
    return None


def _behind_newlines(text: str, at: int, end: int) -> int:
    while at < end and text[at] == "\n":
        at += 1
    return at


class Marks:
    """Knows where each square bracket of a text is closed, and where its runs of backticks are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._closes: dict[int, int] | None = None
        self._runs: dict[int, list[int]] | None = None
        """Where the runs begin, by their length, the longest first."""

    def close(self, at: int) -> int:
        """Tell where the bracket at ``at`` is closed; -1 where it is not."""
        if self._closes is None:
            self._closes = {}
            opened: list[int] = []
            for match in _BRACKET.finditer(self._text):
                if match[0] == "[":
                    opened.append(match.start())
                elif match[0] == "]" and opened:
                    self._closes[opened.pop()] = match.start()
        return self._closes.get(at, -1)

    def code_end(self, low: int, end: int, most: int) -> tuple[int, int]:
        """Find the longest run of backticks, ``most`` at most, that begins behind ``low``; 0 where there is none.

        Of those that are as long, the first. Returns how long it is, and where; what is behind ``end`` does not count.
        """
        if self._runs is None:
            runs: dict[int, list[int]] = {}
            for match in _TICKS.finditer(self._text):
                runs.setdefault(match.end() - match.start(), []).append(match.start())
            self._runs = dict(sorted(runs.items(), reverse=True))
        last = self._cut_run(low, end)
        if last[0] > most:
            last = (0, 0)
        for length, starts in self._runs.items():
            if length > most:
                continue
            if length < last[0]:
                break
            index = bisect_right(starts, low)
            if index < len(starts) and starts[index] + length <= end:
                return length, starts[index]
        return last

    def _cut_run(self, low: int, end: int) -> tuple[int, int]:
        """Find the run that ``end`` cuts in two, as far as it is before that."""
        text = self._text
        if end >= len(text) or text[end] != "`":
            return 0, 0
        start = end
        while start > low and text[start - 1] == "`":
            start -= 1
        return (end - start, start) if start > low else (0, 0)


def _link(text: str, at: int, end: int, marks: Marks) -> Span | None:
    """Find a link: its text may hold brackets in pairs."""
    close = marks.close(at)
    if not at < close < end:
        return None
    if text.find(")", close, end) < 0:
        return None
    match = next(filter(None, (rule.match(text, close, end) for rule in _TARGETS)), None)
    return Span(kind=Kind.LINK, end=match.end(), low=at + 1, high=close, mark="[") if match else None


def open_at(text: str, at: int, end: int, *, low: int) -> Span | None:
    """Find what begins at ``at`` and may be ended by what still comes behind ``end``, where the text stops.

    ``low`` is where the style begins, or the text, that ``at`` is in.
    """
    char = text[at]
    if char == "|" and text.startswith("||", at):
        return _opened(Kind.SPOILER, "||", at, end)
    if char == "`":
        return _open_code(text, at, end)
    if char in "[<":
        rule = _OPEN_LINK if char == "[" else _OPEN_SIGN
        if end - at <= _MAX_OPEN_LINK and rule.match(text, at, end):
            return Span(kind=Kind.LINK, end=end, low=at, high=end, is_open=True)
        return None
    if char in "*_~" and text.find("\n\n", at, end) < 0:
        return None if at > low and text[at - 1] == char else _open_style(text, at, end)
    return None


def _open_code(text: str, at: int, end: int) -> Span | None:
    if text.startswith("```", at):
        language = _LANGUAGE.match(text, at + 3, end)
        low = _behind_newlines(text, language.end() if language else at + 3, end)
        return Span(kind=Kind.BLOCK, end=end, low=low, high=end, mark=language[1] if language else "", is_open=True)
    mark = "``" if text.startswith("``", at) else "`"
    low = at + len(mark)
    # What bars hide stays hidden where the code's end is not there yet.
    if low >= end or text[low].isspace() or text.find("\n\n", at, end) >= 0 or text.find("||", at, end) >= 0:
        return None
    return _opened(Kind.CODE, mark, at, end)


def _open_style(text: str, at: int, end: int) -> Span | None:
    kind, mark = Kind.ITALICS, text[at]
    if text.startswith(mark * 2, at) and not text.startswith("***", at):
        mark *= 2
        kind = {"*": Kind.BOLD, "_": Kind.UNDERLINE, "~": Kind.STRIKE}[mark[0]]
    low = at + len(mark)
    if mark == "~" or low >= end or text[low].isspace():
        return None
    before = text[at - 1] if at else " "
    in_word = before.isascii() and before.isalnum()
    # x**2 and snake_case: where no end is in sight, a mark within a word is most likely none.
    if in_word and (mark[0] == "_" or (text[low].isascii() and text[low].isalnum())):
        return None
    return _opened(kind, mark, at, end)


def _opened(kind: Kind, mark: str, at: int, end: int) -> Span:
    return Span(kind=kind, end=end, low=at + len(mark), high=end, mark=mark, is_open=True)
