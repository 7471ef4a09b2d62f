"""Links that stand bare in a text: Discord lets them go on to the next blank, so Chinese text behind them is lost."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.page.mends.cursor import end_of_match

SCHEMES: Final = ("https://", "http://")
MOST_CHARS: Final = 1000
"""The longest link that is followed, in characters."""
NAMED: Final = re.compile(r"\[(https?://[^\s\[\]]+)\]\(<?(https?://(?:[^\s()<>]|\([^\s()<>]*\))+)>?\)")
"""A link whose words are an address."""
NAMED_BEGUN: Final = re.compile(r"\[https?://[^\s\[\]]*(?:\](?:\([^\s<>]*)?)?\Z")
_STOPS: Final = re.compile(
    r"[\s<>\"`]|\*\*|~~|\|\||[\u2014\u2018-\u201f\u2026\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)
"""What no bare link holds: white space, marks of Discord's, and punctuation of East Asian scripts."""
_RUNS_ON: Final = re.compile(
    r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that are written without blanks, or that put endings behind a word: Thai, Han, Kana, Hangul."""
_SPECIAL: Final = re.compile(f"{_STOPS.pattern}|{_RUNS_ON.pattern}|[()\\[\\]]")
_JOINTS: Final = frozenset("/=_-?&#%+")
"""Behind these such a letter begins a part of the address, as in https://zh.wikipedia.org/wiki/狐."""
_TRAILING: Final = ".,:;!?'"
_PUNCTUATION: Final = re.compile(r"(?:\*\*|~~|\|\|)?[.,:;!?'\")\]]*")
"""What Discord leaves out at the end of a link by itself."""
_UNDECIDED: Final = re.compile(r"[*~|]{0,2}[.,:;!?'\")\]]*")
_OPENING: Final = {")": "(", "]": "["}


def end_of_link(text: str, start: int) -> int:
    """Find where the bare link that begins at ``start`` ends, by what its writer means; it may be the text's end."""
    begins = at = text.index("//", start) + 2
    last = min(len(text), start + MOST_CHARS)
    opened = {"(": 0, "[": 0}
    at = last
    for found in _SPECIAL.finditer(text, begins, last):
        char = found[0]
        if char in opened:
            opened[char] += 1
        elif char in _OPENING:
            opened[_OPENING[char]] -= 1
        if (
            _STOPS.match(char)
            or (char in _OPENING and opened[_OPENING[char]] < 0)
            or (_RUNS_ON.match(char) and not _may_go_on(text, begins, found.start()))
        ):
            at = found.start()
            break
    if at < len(text) and text[at].isspace():
        return at
    while at > begins and text[at - 1] in _TRAILING:
        at -= 1
    return at


def _may_go_on(text: str, begins: int, at: int) -> bool:
    """Whether a letter at ``at`` of a script without blanks belongs to the address."""
    if at == begins:
        return True  # a name in that script
    before = text[at - 1]
    if _RUNS_ON.match(before):
        return True
    return before in _JOINTS and "/" in text[begins:at]


def is_certain(text: str, end: int) -> bool:
    """Whether nothing that may still come behind ``text`` changes what is said of the link that ends at ``end``."""
    return end_of_match(_UNDECIDED, text, end) < len(text)


def swallows(text: str, end: int) -> bool:
    """Whether Discord takes what stands behind a link that ends at ``end`` for part of it."""
    behind = end_of_match(_PUNCTUATION, text, end)
    return behind < len(text) and not text[behind].isspace() and text[behind] != "<"
