"""How many tokens a text may be, without any model's tokenizer."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

_DENSE = re.compile(
    "["
    "\u1100-\u11ff"  # Hangul parts
    "\u2e80-\u9fff"  # radicals, kana, ideographs and their punctuation
    "\ua960-\ua97f\uac00-\ud7ff"  # Hangul syllables
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"  # compatibility and full-width forms
    "\U00010000-\U0010ffff"  # rare ideographs, emoji
    "]"
)

CountTokens = Callable[[str], int]
"""Estimates the tokens of a text, as one model counts them."""

CHARS_PER_TOKEN = 4
"""Of English; other alphabets take more tokens, which the budget of a prompt leaves room for."""


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of ``text``: one a Chinese, Japanese or Korean character or emoji, else one in four.

    Never less than 1 for text that is not empty; additive but for rounding up; time linear in the text.
    """
    if text.isascii():
        return math.ceil(len(text) / CHARS_PER_TOKEN)
    dense = len(text) - len(_DENSE.sub("", text))
    return dense + math.ceil((len(text) - dense) / CHARS_PER_TOKEN)
