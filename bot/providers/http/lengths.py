"""How long a conversation was and may be, in the words of endpoints that find it too long."""

from __future__ import annotations

import re
from typing import Final

_N: Final = r"(\d[\d,]{1,9})"
_WINDOWS: Final = (
    rf"maximum (?:context|prompt|input|model) (?:length|len|window)(?: is| of|:)? *(?:only )?{_N}",
    rf"context (?:length|window|size)(?: limit)?(?: is| of|:)? *(?:only )?\(?{_N}",
    rf"{_N} maximum context length",
    rf"(?:> *|<= *|less than ){_N}",
    rf"maximum number of tokens allowed *\(?{_N}",
    rf"input length should be \[\d+, *{_N}\]",
    rf"token limit(?: is|:)? *{_N}",
    rf"cannot exceed {_N}",
    rf"maximum(?: model)? length of {_N}",
    rf"max size: *{_N} tokens",
    rf"max_\w*tokens *\(?{_N}",
    rf"limit(?: is|:)? *{_N}",
    rf"(?:最大|上限|最长|最多|限制|窗口|上下文长度)[^\d]{{0,12}}{_N}",
)
_PROMPTS: Final = (
    rf"{_N} (?:tokens )?in (?:the messages|your prompt|the prompt)",
    rf"input tokens *\({_N}\)",
    rf"(?:requested:?|resulted in|received|contains|has|given:?|prompt is too long:) *(?:about )?{_N}",
    rf"(?:prompt|request|input)[^\d]{{0,30}}\(?{_N} *tokens",
    rf"input token count *\(?(?:of )?{_N}",
    rf"length {_N}\)",
    rf"{_N} *(?:tokens *)?(?:\+ *\d+ *)?>",
    rf"{_N} input tokens",
    rf"(?:当前|请求|输入|实际|您的)[^\d]{{0,12}}{_N}",
)


def window_in(text: str) -> int | None:
    """Find the tokens of a context window."""
    return _first(_WINDOWS, text)


def prompt_in(text: str) -> int | None:
    """Find the tokens of a prompt."""
    return _first(_PROMPTS, text)


def _first(patterns: tuple[str, ...], text: str) -> int | None:
    for pattern in patterns:
        if found := re.search(pattern, text, re.IGNORECASE):
            return int(found[1].replace(",", "")) or None
    return None
