"""A conversation as a small model can take it: short instructions, and the newest messages that it reads quickly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.endpoint.answers.messages import Message
from sandbox.endpoint.answers.pace import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

PROMPT_TOKENS: Final = 640
"""It reads about 150 tokens a second on one core, and nobody likes to wait."""
_INSTRUCTIONS: Final = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
"""What it was trained with (its chat template's own default): other words make its answers worse."""
_MOST_CHARS: Final = 12
"""A text with more characters a token is not worth counting: it is too long."""
_GAP: Final = "\n…\n"
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]+")


def estimate_tokens(text: str) -> int:
    """Estimate a text's tokens, rather too many: the model spells digits one by one, and other scripts in bytes."""
    return len(tokens(text)) + sum(1 if one.isdigit() else 2 for one in text if one.isdigit() or not one.isascii())


def model_prompt(messages: Sequence[Message], budget_tokens: int = PROMPT_TOKENS) -> list[dict[str, str]]:
    """Return the messages for the model: instructions, then the newest that fit, a user's first; the last always.

    Instructions of the request follow the house's own. A last message that is too long is cut in its middle.
    """
    wishes = [message.content for message in messages if message.role == "system"]
    instructions = _shortened("\n".join([_INSTRUCTIONS, *wishes]), budget_tokens // 3)
    left = budget_tokens - estimate_tokens(instructions)
    talk = [message for message in messages if message.role != "system"]
    last = talk.pop()
    shown = _shortened(last.content, left)
    left -= estimate_tokens(shown)
    kept: list[Message] = []
    # The length is looked at first: a message of megabytes is not to be counted.
    while talk and len(talk[-1].content) <= left * _MOST_CHARS and (cost := estimate_tokens(talk[-1].content)) <= left:
        kept.append(talk.pop())
        left -= cost
    while kept and kept[-1].role == "assistant":  # an answer whose question is gone
        kept.pop()
    said = [{"role": one.role, "content": one.content} for one in reversed(kept)]
    return [{"role": "system", "content": instructions}, *said, {"role": last.role, "content": shown}]


def mostly_chinese(text: str) -> bool:
    """Tell whether more of a text is Chinese (signs) than Latin (words)."""
    return len(_CHINESE.findall(text)) > len(_LATIN_WORD.findall(text))


def _shortened(text: str, budget_tokens: int) -> str:
    """Cut a text in its middle until its estimate is within the budget; a few signs always remain."""
    keep = len(text)
    if keep > budget_tokens * _MOST_CHARS:
        keep = max(16, budget_tokens * _MOST_CHARS)
        text = text[: keep // 2] + text[len(text) - keep // 2 :]
    while keep > 16 and estimate_tokens(text) > budget_tokens:
        keep = min(keep - 1, keep * 3 // 4)
        text = text[: keep // 2].rstrip() + _GAP + text[len(text) - keep // 2 :].lstrip()
    return text
