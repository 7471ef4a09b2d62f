"""What looks at the text of a request before it is posted or edited, as Discord's filters do.

Set for the time of one bot's request by what handles it; what people write meets no filter here.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Screen(Protocol):
    """Raises `DiscordError` for what Discord refuses; `components` says whether any came along."""

    def __call__(self, texts: Sequence[str], *, components: bool) -> None: ...


SCREEN: Final[ContextVar[Screen | None]] = ContextVar("screen", default=None)


def screen(texts: Sequence[str], *, components: bool) -> None:
    """Have the filter of this request look at what it would post. Raises what Discord would answer."""
    found = SCREEN.get()
    if found is not None:
        found(texts, components=components)
