r"""Somebody else's text within a line of the bot's own: it is read as it is, and Discord acts on nothing in it.

What Discord takes for a mark was tried on four ports of its parser. All agree that a backslash makes any sign but a
letter, a digit or white space plain; so one behind ``https`` or ``discord.gg`` unmakes a link as well.
"""

from __future__ import annotations

import re
import unicodedata

from bot.domain.page.graphemes import clip, whole_characters

_SIGNS = r"\\*_~`|>#\[\]()<@:/\-"
"""What marks, links, mentions, emoji and timestamps are made of."""
_SIGN = re.compile(rf"[{_SIGNS}]|(?<=\d)\.(?!\S)")  # the last makes a line one of a list
_ESCAPED = re.compile(rf"\\([{_SIGNS}.])")

_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINING = "\u0600-\u109f\u1780-\u18af\ua840-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff"
"""Scripts with joiners in their words: Arabic, those of India, and others like them."""
_IDEOGRAPHS = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CONTROLS = "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
_FORMATS = (
    "\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters, marks and signs that nobody sees."""
_HIDDEN = re.compile(
    "(?P<kept>\U0001f3f4[\U000e0020-\U000e007e]{1,16}\U000e007f"  # a flag: its tags are its name
    f"|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_JOINING}])[\u200c\u200d]"
    f"|(?<=[{_IDEOGRAPHS}])[\U000e0100-\U000e01ef])"
    f"|[{_CONTROLS}{_FORMATS}{_BLANKS}]"
)


def one_line(text: str) -> str:
    """Put a text on one line, without what nobody sees: control and format characters, such as turn its direction.

    Joiners stay in emoji and in the words of scripts that have them. A mark at the start, which would be written over
    what stands before it, goes too.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    line = " ".join(_visible(text).split())
    start = 0
    while start < len(line) and unicodedata.category(line[start])[0] == "M":
        start += 1
    return line[start:].lstrip()


def is_unseen(char: str) -> bool:
    """Whether a character shows nothing: white space, control and format characters, and blank letters."""
    return char.isspace() or _HIDDEN.match(char) is not None


def lines(text: str) -> str:
    """Take out what nobody sees, as ``one_line`` does, but leave the lines as they are."""
    return "\n".join(map(_visible, text.splitlines())).strip()


def escaped(text: str) -> str:
    """Write a text so that Discord shows every sign of it; at most twice as long."""
    return _SIGN.sub(r"\\\g<0>", text)


def unescaped(text: str) -> str:
    """Read a text back that was written so."""
    return _ESCAPED.sub(r"\1", text)


def literal(text: str, longest: int) -> str:
    """Write somebody's text into a line of the bot's: ``longest`` UTF-16 units of it, each sign escaped."""
    return escaped(clip(one_line(text), longest))


def _visible(text: str) -> str:
    return _HIDDEN.sub(_kept, whole_characters(text))


def _kept(match: re.Match[str]) -> str:
    return match["kept"] or ""
