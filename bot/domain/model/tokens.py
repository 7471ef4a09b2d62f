"""How many tokens a text may be, without any model's tokenizer."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

CountTokens = Callable[[str], int]
"""Estimates the tokens of a text; more text is never fewer tokens."""

MESSAGE_TOKENS: Final = 4
"""What the role and the marks around a message of a prompt come to, about."""


class Writing(StrEnum):
    """The kinds of characters whose tokens differ from model to model, each on its own."""

    LATIN = "latin"
    DIGITS = "digits"
    SYMBOLS = "symbols"
    IDEOGRAPHS = "ideographs"
    KANA = "kana"
    HANGUL = "hangul"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    HEBREW = "hebrew"
    ARABIC = "arabic"
    THAI = "thai"
    INDIC = "indic"
    EMOJI = "emoji"
    OTHER = "other"


WRITINGS: Final = tuple(Writing)

Weights = tuple[int, ...]
"""What a text weighs in hundredths of a token, by ``WRITINGS``."""

_HUNDRED: Final = 100
_ACCENTED, _SYMBOL, _DRAWN, _EMOJI, _RARE, _OTHER = 110, 75, 170, 290, 280, 150


def _kind(first: int, last: int, writing: Writing, weight: int) -> tuple[bytes, int, int]:
    return bytes(range(first, last + 1)), WRITINGS.index(writing), weight


def _pairs(lead: int, first: int, last: int, writing: Writing, weight: int) -> tuple[tuple[bytes, ...], int, int]:
    seconds = range(first, last + 1)
    return tuple(bytes((lead, second)) for second in seconds), WRITINGS.index(writing), weight


# What a character weighs in hundredths of a token: what it costs the dearest of several tokenizers, as measured (see
# docs/benchmarks.md). Bytes tell the kind: to count them costs a small part of a look at each character.
_ASCII: Final = (
    _kind(0x61, 0x7A, Writing.LATIN, 27),
    _kind(0x20, 0x20, Writing.LATIN, 6),
    _kind(0x41, 0x5A, Writing.LATIN, 75),
    _kind(0x30, 0x39, Writing.DIGITS, 110),
    _kind(0x09, 0x0D, Writing.SYMBOLS, 70),
    _kind(0x00, 0x7F, Writing.SYMBOLS, 60),
)
# By the first byte of a character in UTF-8, those that whole blocks share (Unicode, Blocks.txt).
_LEADS: Final = (
    _kind(0xE4, 0xE9, Writing.IDEOGRAPHS, 100),
    _kind(0xEA, 0xED, Writing.HANGUL, 100),
    _kind(0xD0, 0xD4, Writing.CYRILLIC, 48),
    _kind(0xC3, 0xC8, Writing.LATIN, _ACCENTED),
    _kind(0xC2, 0xC2, Writing.SYMBOLS, _SYMBOL),
    _kind(0xD8, 0xDB, Writing.ARABIC, 55),
    _kind(0xCE, 0xCF, Writing.GREEK, 85),
    _kind(0xD6, 0xD7, Writing.HEBREW, 85),
    _kind(0xDD, 0xDD, Writing.ARABIC, 100),  # letters of other languages than Arabic and Persian
)
# By the second byte, where the first leaves it open; what is not named here is as the last line of each says.
_SECONDS: Final = {
    0xE0: (
        _pairs(0xE0, 0xB8, 0xB9, Writing.THAI, 65),
        _pairs(0xE0, 0xB0, 0xB1, Writing.INDIC, 160),  # Telugu
        _pairs(0xE0, 0xA4, 0xB7, Writing.INDIC, 125),
        _pairs(0xE0, 0xA2, 0xA3, Writing.ARABIC, 100),
        _pairs(0xE0, 0x80, 0xBF, Writing.OTHER, 260),  # Lao and Tibetan
    ),
    0xE1: (
        _pairs(0xE1, 0xB8, 0xBB, Writing.LATIN, _ACCENTED),
        _pairs(0xE1, 0x84, 0x87, Writing.HANGUL, 100),
        _pairs(0xE1, 0xBC, 0xBF, Writing.GREEK, _OTHER),
        _pairs(0xE1, 0x88, 0x8E, Writing.OTHER, 250),  # Ethiopic
        _pairs(0xE1, 0x80, 0xBF, Writing.OTHER, _OTHER),
    ),
    0xE2: (
        _pairs(0xE2, 0x80, 0x85, Writing.SYMBOLS, _SYMBOL),
        _pairs(0xE2, 0x88, 0x8B, Writing.SYMBOLS, _SYMBOL),
        _pairs(0xE2, 0xBA, 0xBF, Writing.IDEOGRAPHS, _RARE),
        _pairs(0xE2, 0x80, 0xBF, Writing.SYMBOLS, _DRAWN),
    ),
    0xE3: (
        _pairs(0xE3, 0x81, 0x83, Writing.KANA, 70),
        _pairs(0xE3, 0x80, 0x80, Writing.IDEOGRAPHS, 90),
        _pairs(0xE3, 0x84, 0x86, Writing.HANGUL, 100),
        _pairs(0xE3, 0x80, 0xBF, Writing.IDEOGRAPHS, _RARE),
    ),
    0xEF: (
        _pairs(0xEF, 0xBC, 0xBF, Writing.IDEOGRAPHS, 90),
        _pairs(0xEF, 0xB8, 0xB8, Writing.EMOJI, _EMOJI),
        _pairs(0xEF, 0xA4, 0xAB, Writing.IDEOGRAPHS, _RARE),
        _pairs(0xEF, 0x80, 0xBF, Writing.OTHER, _OTHER),
    ),
    0xF0: (
        _pairs(0xF0, 0x9F, 0x9F, Writing.EMOJI, _EMOJI),
        _pairs(0xF0, 0xA0, 0xBF, Writing.IDEOGRAPHS, _RARE),
        _pairs(0xF0, 0x80, 0xBF, Writing.OTHER, _OTHER),
    ),
}
_NOT_ASCII: Final = bytes(range(0x80, 0x100))
_NOT_LEADS: Final = bytes(range(0xC0))
_OF_OTHERS: Final = WRITINGS.index(Writing.OTHER)


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of ``text`` by what its characters cost the dearest of the common tokenizers.

    Never less than 1 for text that is not empty; additive but for rounding up; time linear in the text.
    """
    return -(-sum(weigh(text)) // _HUNDRED)


def weigh(text: str) -> Weights:
    """Weigh ``text`` in hundredths of a token, each kind of characters on its own."""
    sums = [0] * len(WRITINGS)
    written = text.encode(errors="surrogatepass")
    if text.isascii():
        _take_out(written, _ASCII, sums)
        return tuple(sums)
    _take_out(written.translate(None, _NOT_ASCII), _ASCII, sums)
    left = _take_out(written.translate(None, _NOT_LEADS), _LEADS, sums)
    for lead, kinds in _SECONDS.items():
        before = len(left)
        left = left.translate(None, bytes((lead,)))
        if len(left) < before:
            _count_pairs(written, before - len(left), kinds, sums)
    sums[_OF_OTHERS] += len(left) * _OTHER
    return tuple(sums)


def _take_out(left: bytes, kinds: tuple[tuple[bytes, int, int], ...], sums: list[int]) -> bytes:
    """Add up what the bytes of each kind weigh; returns what is of none."""
    for chars, at, weight in kinds:
        if not left:
            break
        before = len(left)
        left = left.translate(None, chars)
        sums[at] += (before - len(left)) * weight
    return left


def _count_pairs(
    written: bytes, times: int, kinds: tuple[tuple[tuple[bytes, ...], int, int], ...], sums: list[int]
) -> None:
    """Add up what the ``times`` characters weigh that begin with the first byte that these pairs share."""
    *named, (_, rest_at, rest_weight) = kinds
    for pairs, at, weight in named:
        for pair in pairs:
            if not times:
                return
            found = written.count(pair)
            sums[at] += found * weight
            times -= found
    sums[rest_at] += times * rest_weight
