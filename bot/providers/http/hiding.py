"""Takes prompts and keys out of what an endpoint says: some repeat the request in their errors."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from bot.errors import ProviderError
from bot.providers.http.transport import Call
from bot.providers.wire.values import as_record, as_text, records

_GONE: Final = "…"
_BYTES: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_CHARACTER: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_RUN_CHARS: Final = 12
_RUN_LETTERS: Final = 11
_DENSE_RUN_CHARS: Final = 6
"""A run with characters that are words by themselves, and one of a key."""
_WHOLE_CHARS: Final = 4
_TEXT_CHARS: Final = 600
_SECRETS: Final = re.compile(
    r"\beyJ[\w-]{6,}(\.[\w-]*){0,2}"  # JSON Web Tokens
    r"|\b(sk|pk|ak|rk|gsk|hf|xai|tp|tok|key)[-_][\w*.…-]{4,}"
    r"|\bAIza[\w-]{10,}|\bAKIA\w{8,}"
    r"|\bbearer\s+[^\s\"',}]{6,}"
    r"|(?<=[?&])[\w%-]+=[^\s&\"']*"  # what follows an address
    r"|\b(api[\s_-]?key|secret|password|mh_key|authorization)\b(\W{0,4}(is|provided|passed)?\W{1,4})(?=[\w*.…-]*[\d*])[\w*.…-]{4,}"
    r"|\b(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])(?![0-9a-f]{8}-)[\w+/-]{32,}={0,2}",
    re.IGNORECASE,
)


class Hidden:
    """What a call holds that nobody may read: its messages, its keys, its user's name at the endpoint."""

    def __init__(self, call: Call) -> None:
        texts, keys = _contents(call)
        self._texts = [(plain, _letters(plain)) for text in texts if (plain := _spaced(text))]
        self._keys = [_letters(key) for key in keys if len(key.strip()) >= _WHOLE_CHARS]

    def out_of(self, text: str) -> str:
        """Return a text without them; what looks like a key of another goes too."""
        text = _spaced(text)[:_TEXT_CHARS]
        for secret in self._keys:
            text = _without_runs(text, secret, _DENSE_RUN_CHARS)
        text = _SECRETS.sub(_GONE, text)
        for said, letters in self._texts:
            text = _without_whole(text, said) if len(said) < _RUN_CHARS else _without_runs(text, letters, _RUN_LETTERS)
        return re.sub(rf"(?:{_GONE}[\s.,:;'\"]*){{2,}}", f"{_GONE} ", text).strip()

    def out_of_error(self, error: ProviderError) -> ProviderError:
        """Take them out of what an error says, for the log and for people."""
        error.tell(self.out_of(error.detail), sentence=self.out_of(error.sentence))
        return error


def _contents(call: Call) -> tuple[list[str], list[str]]:
    body = as_record(json.loads(call.body))
    texts: list[str] = []
    for message in records(body.get("messages")):
        texts += _texts(message.get("content"))
    scheme, _, rest = call.headers.get("Authorization", "").rpartition(" ")
    keys = [rest or scheme, as_text(body.get("mh_key")), as_text(body.get("user_id"))]
    return texts, keys


def _texts(content: object) -> Iterator[str]:
    """Iterate over the texts of a message, whose content is one or has parts."""
    if isinstance(content, str):
        yield content
    else:
        for part in records(content):
            yield as_text(part.get("text"))


def _spaced(text: str) -> str:
    """Undo what JSON, HTML, addresses and Python do to a text, and make one blank of all white space.

    So a repeated text is recognised. No half of a surrogate pair and no control character is left.
    """
    text = _BYTES.sub(lambda match: bytes.fromhex(match[0].replace("\\x", "")).decode("utf-8", "replace"), text)
    text = _CHARACTER.sub(_character, text)
    text = re.sub(r"\\[nrt]", " ", text)
    text = re.sub(r"\\(.)", r"\1", text)
    if "%" in text:
        text = unquote(text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _character(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number < 0x110000 else " "


def _letters(text: str) -> str:
    """Return the letters and digits of a text, so that no marks between them hide that it is repeated."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _without_whole(text: str, said: str) -> str:
    dense = not said.isascii()
    if len(said) < (2 if dense else _WHOLE_CHARS):
        return text
    edge = "" if dense else r"\b"
    return re.sub(
        rf"(?:(?<=[\"'`：:「“])|{edge}){re.escape(said)}(?:(?=[\"'`」”])|{edge})", _GONE, text, flags=re.IGNORECASE
    )


def _without_runs(text: str, said: str, least: int) -> str:
    """Take each run out whose letters also are in ``said``, from so many on; fewer of a dense writing."""
    places = [(letter, at) for at, char in enumerate(text) for letter in _letters(char)]
    letters = "".join(letter for letter, _ in places)
    kept: list[str] = []
    done = at = 0
    while at < len(letters):
        length = _run_at(letters, at, said, least)
        if length:
            kept += (text[done : places[at][1]], _GONE)
            done = places[at + length - 1][1] + 1
        at += length or 1
    return "".join((*kept, text[done:]))


def _run_at(text: str, at: int, within: str, least: int) -> int:
    """Return the length of the run at a place, 0 if it is too short to say anything."""
    short = text[at : at + _DENSE_RUN_CHARS]
    if len(short) < _DENSE_RUN_CHARS or short not in within:
        return 0
    length = _DENSE_RUN_CHARS
    while at + length < len(text) and text[at : at + length + 1] in within:
        length += 1
    return length if length >= least or not short.isascii() else 0
