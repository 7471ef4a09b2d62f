"""Which messages of one person are one question, and whether more of it seems to be on its way.

A question is never held back in general: it is asked at once, and asked again with what follows within the moment.
Only a message that looks unfinished waits for the rest, since its answer would be thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.settings.catalogue import LONGEST_MOMENT_S

LONGEST_S: Final = LONGEST_MOMENT_S
"""From a question's first message to the last that may join it for having come within the moment."""
MOST_MESSAGES: Final = 10
"""Messages of one question, the first included; each that comes while it is answered costs another call."""
MOST_CHARS: Final = 20_000
"""Of one question: five of the longest messages that Discord takes."""

_LIMITS: Final = (2_000, 4_000)
"""How long a message may be (Discord's documentation, Create Message; 4,000 with Nitro)."""
_NEAR_LIMIT_CHARS: Final = 200
"""A paste is cut at an end of a line, and mentions are shorter here than they were typed."""
_ENCLOSED: Final = re.compile(r"\[attachment: [^\n]*\]")
_GOES_ON: Final = (":", "：", ",", "，", "、", "…", "...", "⋯", ";", "；")
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When the messages of a question were written, by their ids."""

    first_at: datetime
    last_at: datetime

    def holds(self, at: datetime, within_s: float) -> bool:
        """Whether a message that was written at ``at`` follows within the moment; with 0 seconds none does."""
        if within_s <= 0 or at < self.last_at:
            return False
        return at - self.last_at <= timedelta(seconds=within_s) and at - self.first_at <= timedelta(seconds=LONGEST_S)


def looks_unfinished(newest: str, whole: str) -> bool:
    """Whether more of a question seems to come: its ``newest`` message alone, and all of them together.

    So it is with a file without a word, a piece of a long paste, an open fence, and what ends as nobody ends.
    """
    newest = newest.strip()
    if not newest or all(_ENCLOSED.fullmatch(line) for line in newest.splitlines()):
        return True
    if any(limit - _NEAR_LIMIT_CHARS <= len(newest) <= limit for limit in _LIMITS):
        return True
    return newest.endswith(_GOES_ON) or whole.count(_FENCE) % 2 == 1


def has_room(messages: int, whole: str, text: str) -> bool:
    """Whether one more message fits into a question of so many."""
    return messages < MOST_MESSAGES and len(whole) + len(text) < MOST_CHARS


def as_one(texts: Iterable[str]) -> str:
    """Write the messages of a question as one text."""
    return "\n".join(filter(None, (text.strip() for text in texts)))


def latest(written: Sequence[datetime], at: datetime, within_s: float) -> int:
    """Tell how many of these, oldest first, lead up to what was written at ``at``, each within the moment."""
    found, following = 0, at
    for each in reversed(written):
        if not Moment(first_at=each, last_at=each).holds(following, within_s):
            break
        if at - each > timedelta(seconds=LONGEST_S):
            break
        found, following = found + 1, each
    return found
