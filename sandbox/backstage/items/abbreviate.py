"""JSON made small enough to show: keys hidden, pictures and long texts cut, depth and number bounded."""

from __future__ import annotations

import re
from typing import Any, Final

HIDDEN: Final = "(hidden)"
TEXT_CHARS: Final = 4_000
LIST_ITEMS: Final = 100
DEPTH: Final = 8
TOTAL_CHARS: Final = 48_000
"""Bound on all texts of one value together; what comes after it is cut to nothing."""
_SECRET: Final = re.compile(r"key|token|secret|authorization|password|cookie", re.IGNORECASE)
_NO_SECRET: Final = re.compile(r"tokens$", re.IGNORECASE)
"""`max_new_tokens` and the like are numbers of tokens."""
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w=.-]+)*;base64,([A-Za-z0-9+/=_-]{64,})")
_SIGNATURE: Final = re.compile(r"([?&](?:Signature|X-Amz-Signature|sig|hm)=)[^&\s)\"'>]+", re.IGNORECASE)


def abbreviate(value: Any) -> Any:
    """Return a copy of a JSON value that can be shown; its texts come to about 48,000 characters at most."""
    return _Cutter().cut(value, 0)


def cut_text(text: str, limit: int = TEXT_CHARS) -> str:
    """Return a text with pictures abbreviated and at most about `limit` characters, what is missing told."""
    # Beyond any place where the text could be cut, nothing needs to be looked at.
    shown = _DATA_URL.sub(_picture, text)
    shown = _SIGNATURE.sub(r"\1…", shown)
    return shown if len(shown) <= limit else f"{shown[:limit]}… (+{len(shown) - limit})"


def _picture(found: re.Match[str]) -> str:
    size = len(found[2]) * 3 // 4
    return f"data:{found[1] or ''};base64,… ({size:,} bytes)"


class _Cutter:
    def __init__(self) -> None:
        self._left = TOTAL_CHARS

    def cut(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            shown = cut_text(value, min(TEXT_CHARS, max(0, self._left)))
            self._left -= len(shown)
            return shown
        if isinstance(value, dict | list) and depth >= DEPTH:
            return "…"
        if isinstance(value, dict):
            return self._cut_object(value, depth)
        if isinstance(value, list):
            shown_items = [self.cut(one, depth + 1) for one in value[:LIST_ITEMS]]
            return shown_items if len(value) <= LIST_ITEMS else [*shown_items, f"… (+{len(value) - LIST_ITEMS})"]
        self._left -= 8
        return value

    def _cut_object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, one in list(value.items())[:LIST_ITEMS]:
            name = str(key)[:80]
            self._left -= len(name)
            secret = _SECRET.search(name) and not _NO_SECRET.search(name) and isinstance(one, str) and one
            made[name] = HIDDEN if secret else self.cut(one, depth + 1)
        if len(value) > LIST_ITEMS:
            made["…"] = f"(+{len(value) - LIST_ITEMS})"
        return made
