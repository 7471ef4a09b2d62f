"""What tells words of the bot's about an answer from the answer: small print with a warning sign."""

from __future__ import annotations

from bot.domain.page.small import SMALL, small

WARNING = "⚠️ "


def notice(words: str) -> str:
    """Set words apart from an answer: small print, which the model's words can't be, with a warning sign in front."""
    return small(warned(words))


def warned(words: str) -> str:
    """Write a notice's words as they are within their small print, and stood alone in earlier versions."""
    return f"{WARNING}{words}"


def is_notice(content: str) -> bool:
    """Whether a message begins with a notice, as this version writes them or an earlier one, without small print."""
    return content.removeprefix(SMALL).startswith(WARNING)


def is_old_notice(content: str) -> bool:
    """Whether a text begins as only earlier versions wrote a notice; it may be the model's as well."""
    return content.startswith(WARNING)
