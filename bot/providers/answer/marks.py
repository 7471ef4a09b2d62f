"""The marks that models and their templates put into text: around reasoning, answers and turns."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")
OPEN: Final = (*(f"<{name}>" for name in _NAMES), "◁think▷", "[THINK]", "<|start_thinking|>")
CLOSE: Final = (*(f"</{name}>" for name in _NAMES), "◁/think▷", "[/THINK]", "<|end_thinking|>")
ANSWER: Final = ("<answer>", "</answer>")
HEADS: Final = ("<|start|>", "<|channel|>")
_MESSAGE: Final = "<|message|>"
_ENDS: Final = ("<|end|>", "<|return|>", "<|call|>")
"""Marks of the harmony format: `<|start|>role<|channel|>name<|message|>text<|end|>`."""
_DROPPED: Final = (
    _MESSAGE, *_ENDS, "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<end_of_turn>",
    "<|begin_of_box|>", "<|end_of_box|>", "<|start_response|>", "<|end_response|>", "<｜end▁of▁sentence｜>",
)  # fmt: skip
"""Marks of no use to a reader: ends of a text or a turn, boxes around an answer."""
_MARKS: Final = (*OPEN, *CLOSE, *ANSWER, *HEADS, *_DROPPED)


def _one_of(marks: tuple[str, ...], *others: str) -> re.Pattern[str]:
    """Match one of the marks, in any case but for those in brackets, whose words are common in small letters."""
    words = "|".join(f"(?-i:{re.escape(mark)})" if mark[0] == "[" else re.escape(mark) for mark in marks)
    return re.compile("|".join((*others, f"(?=[<◁\\[])(?:{words})")), re.IGNORECASE)


MAX_TICKS: Final = 32
MARK: Final = _one_of(_MARKS, f"`{{1,{MAX_TICKS}}}")
CODE_MARK: Final = re.compile(f"`{{1,{MAX_TICKS}}}|\n")
CLOSING: Final = _one_of(CLOSE)
HEADER_END: Final = _one_of((_MESSAGE,))
HIDDEN_END: Final = _one_of((*_ENDS, *HEADS))
WORDS: Final = re.compile(r"[^.!?…。！？\r\n]{0,24}")
"""What may stand between two marks that are only talked about: `<think>` and `</think>`."""
_SIGNS: Final = r"[ \t,，、\"'“”「」*/&+-]{0,8}"
LINK: Final = re.compile(rf"{_SIGNS}(?:and|or|to|with|then|by|和|与|或|到|至|及|以及)?{_SIGNS}", re.IGNORECASE)
"""The same in an answer that had reasoning in such marks: there, more words are reasoning, too."""
SMALL: Final = tuple(mark.lower() for mark in _MARKS)
LONGEST: Final = max(map(len, _MARKS))
TALK_END: Final = re.compile("[`\r\n]")
"""What ends the place where an opening mark in a sentence may find its end: the line, or code."""
_HEADER_CHARS: Final = 300
_NO_HEADER: Final = re.compile(r"\n|[^\w\s.=<>|/:@-]", re.ASCII)
_HEADER_WORD: Final = re.compile(r"<\|\w+\|>\s*([^\s<]+)")
_HEADER_WORDS: Final = ("assistant", "system", "developer", "user", "tool", "analysis", "commentary", "final")
"""Roles and channels; functions have names with a point."""


def name_of(found: re.Match[str]) -> str:
    """Return a mark as the lists above have it."""
    mark = found.group()
    return mark if mark[0] == "[" else mark.lower()


def header_over(text: str) -> int | None:
    """Say up to where a text, which begins with a mark of ``HEADS``, is words; None while it may become a header."""
    ends = [found.start()] if (found := _NO_HEADER.search(text)) else []
    word = _HEADER_WORD.match(text)
    if word is not None and word.end() < len(text) and "." not in word[1] and word[1].lower() not in _HEADER_WORDS:
        ends.append(word.end())
    return min((end for end in (*ends, _HEADER_CHARS) if end < len(text)), default=None)


def is_header(text: str) -> bool:
    """Whether a text that ends within a header, as far as ``header_over`` says, is one."""
    word = _HEADER_WORD.match(text)
    return word is None or any(each.startswith(word[1].lower()) for each in _HEADER_WORDS) or "." in word[1]


def is_final(header: str) -> bool:
    """Whether the message under a header of the harmony format is for the reader."""
    _, named, channel = header.lower().rpartition("<|channel|>")
    return channel.strip().startswith("final") if named else "assistant" in channel
