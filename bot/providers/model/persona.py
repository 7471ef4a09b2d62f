"""A persona for models that have no place for a system prompt."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.model.messages import PromptMessage, Role


def fold_persona(messages: Sequence[PromptMessage], persona: str) -> list[PromptMessage]:
    """Put a persona before the first user turn's words; nothing changes if either is missing."""
    folded = list(messages)
    first = next((at for at, message in enumerate(folded) if message.role is Role.USER), None)
    if first is not None and persona.strip():
        content = f"{persona.strip()}\n\n{folded[first].content}"
        folded[first] = PromptMessage(role=Role.USER, content=content)
    return folded
