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


def name_of(found: re.Match[str]) -> str:
    """Return a mark as the lists above have it."""
    mark = found.group()
    return mark if mark[0] == "[" else mark.lower()
