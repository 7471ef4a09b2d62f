"""How a prompt is put so that the fusion endpoint takes it for a drawing request."""

from __future__ import annotations

import re
from typing import Final

_CHINESE: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ENGLISH_REQUEST: Final = re.compile(
    r"\W*(?:(?:please|pls|hey|can you|could you|would you|will you|i want you to|i'd like you to)[\s,]+)*"
    r"(?:(?:draw|paint|sketch|illustrate)\s+(?:me|us|a|an|the|some|my|your|this|that|\d+)\b"
    r"|(?:generate|create|make|render|design|give me|show me|draw|paint)\s+(?:\S+\s+){0,4}?"
    r"(?:picture|image|photo|drawing|painting|illustration|portrait|sketch)s?\b)",
    re.IGNORECASE,
)
_CHINESE_REQUEST: Final = re.compile(
    r"\W*(?:请|帮我|给我|为我|替我|麻烦|你|能不能|能|可以|可否|我想要?|我要|来|再|帮忙|\s)*"
    r"(?:画(?![面家中框像布室廊风质册作])|绘(?:制|画|出)?|作画|[画绘]图"
    r"|(?:生成|创作|制作|设计|做|要|出|来)[^，。！？,.!?\n]{0,12}?[图画])"
)


def phrase_drawing(prompt: str) -> str:
    """Return the prompt as it is where it reads as a request to draw; else with a request before it.

    The user's words are never changed. The request is Chinese where the prompt holds a Chinese character.
    """
    if _ENGLISH_REQUEST.match(prompt) or _CHINESE_REQUEST.match(prompt):
        return prompt
    return f"画一张图：{prompt}" if _CHINESE.search(prompt) else f"Draw a picture: {prompt}"
