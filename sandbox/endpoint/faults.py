"""Standing faults of the endpoint, switched on and off as a whole (a panel's switches, in the first place)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sandbox.endpoint import checks

NAMES: Final = ("slow", "down", "truncating", "refusing", "no_images")


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong for now; nothing, by default.

    slow: the first byte after `SLOW_START_S` seconds, then `SLOW_TOKENS_PER_S` tokens a second. down: connections
    are reset. truncating: an answer breaks off in the middle. refusing: 429 with Retry-After. no_images:
    pictures can't be downloaded (503).
    """

    slow: bool = False
    down: bool = False
    truncating: bool = False
    refusing: bool = False
    no_images: bool = False

    def names(self) -> list[str]:
        """Return the names of the faults that are on."""
        return [name for name in NAMES if getattr(self, name)]


SLOW_START_S: Final = 3.0
SLOW_TOKENS_PER_S: Final = 3.0
TRUNCATE_AFTER_EVENTS: Final = 6
RETRY_AFTER_S: Final = 20


def faults(*names: str) -> Faults:
    """Make the faults of these names ("no-images" is "no_images"). Raises RefusedError for another name."""
    wanted = {checks.choice("faults", name.replace("-", "_"), NAMES) for name in names}
    return Faults(**dict.fromkeys(wanted, True))
