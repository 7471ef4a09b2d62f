"""Forgetting what is older than a place keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What one step has taken away, in rows; ``files`` are the names of pictures that nothing is known of any more."""

    messages: int = 0
    turns: int = 0
    drawings: int = 0
    files: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there was anything to take away."""
        return bool(self.messages or self.turns or self.drawings)

    def __add__(self, step: Purged) -> Purged:
        """Count another step; its files are left out."""
        return Purged(
            messages=self.messages + step.messages,
            turns=self.turns + step.turns,
            drawings=self.drawings + step.drawings,
        )
