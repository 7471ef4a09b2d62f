"""An endpoint's own words, made fit to be shown to people."""

from __future__ import annotations

import re
from typing import Final

_QUERY: Final = re.compile(r"(https?://[^\s?#]*)[?#]\S*")
_PAGE: Final = re.compile(r"<\s*(!doctype|html|head|body)\b", re.IGNORECASE)
_SENTENCE_CHARS: Final = 300
_READ_CHARS: Final = 2000
_SHAPE: Final = re.compile(r"\[?\s{0,4}\{\s{0,4}['\"]\w{1,40}['\"]\s{0,4}:")
"""Where an object begins, as JSON or as Python writes it."""
_SAID: Final = re.compile(
    r"['\"](?:msg|message|detail|error|error_msg|description|reason)['\"]\s{0,4}:\s{0,4}"
    r"(?:'((?:[^'\\]|\\.)*+)|\"((?:[^\"\\]|\\.)*+))",
    re.DOTALL,
)
_TAGGED: Final = re.compile(r"<(message|msg|description)>([^<]{1,2000})<", re.IGNORECASE)
_OF_GO: Final = re.compile(r"\bmap\[[^\]]{0,200}?\bmessage:([^\]]{1,2000}?)(?: \w{1,40}:|\])")
_LEADS_TO: Final = re.compile(r"(?:[,;]\s?|\b)\w{1,40}=\Z|[\s:,\-]++\Z")
_PROGRAMS: Final = re.compile(r"(?:(?:[\w.]{1,80}(?:Error|Exception)|Error code: \d{3})\s{0,2}[:\-]\s{0,2})+")
"""Names of errors in a program, which relays and clients put in front of what another server says."""
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_BLANKS: Final = frozenset("nrt")
_TRACE: Final = re.compile(r"Traceback \(most recent call last\).*\n(?=\S)", re.DOTALL)
_VALIDATOR: Final = re.compile(r"\s?\[type=[^\]]*\]?|\s*For further information visit \S+")
"""What a validator of Python's adds for programmers: the kind, the value, a page of its manual."""


def clean_sentence(text: str) -> str:
    """Put an endpoint's words on one line: no HTML, no query of a URL, at most 300 characters."""
    if _PAGE.search(text):
        return ""
    sentence = " ".join(_QUERY.sub(r"\1", text).split())
    return sentence if len(sentence) <= _SENTENCE_CHARS else sentence[: _SENTENCE_CHARS - 1] + "…"


def plain_sentence(text: str) -> str:
    """Clean an endpoint's words as ``clean_sentence`` does, and of objects written into them keep what they say.

    Relays and clients put the answer of another server into a sentence of theirs, as JSON or as Python prints it.
    """
    text = _VALIDATOR.sub("", _TRACE.sub("", text[:_READ_CHARS]))
    if (begun := _SHAPE.search(text)) is not None:
        found = (_unescaped(one or other).strip() for one, other in _SAID.findall(text, begun.start()))
        said = list(dict.fromkeys(each for each in found if each and _SHAPE.match(each) is None))
        before = _LEADS_TO.sub("", text[: begun.start()].strip())
        text = ": ".join([before, *said] if before else said)
    elif (begun := _OF_GO.search(text)) is not None:
        before = _LEADS_TO.sub("", text[: begun.start()].strip())
        text = f"{before}: {begun[1]}" if before else begun[1]
    elif text.startswith("<") and (begun := _TAGGED.search(text)) is not None:
        text = begun[2]
    named = _PROGRAMS.match(text)
    return clean_sentence(text if named is None else text[named.end() :] or text)


def _unescaped(text: str) -> str:
    plain = _ESCAPE.sub(_character, text)
    # Letters beyond the first 65,536 are written as two; half of one is none.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return " " if found[2] in _BLANKS else found[2]
