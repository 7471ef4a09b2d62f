"""Whose replies are many: what Discord allows goes to each user's first ones before it goes to further ones."""

from __future__ import annotations

from itertools import islice
from typing import Final

FEW: Final = 2
"""So many replies of one user's that are under way, in all channels, are ahead of everybody's further ones."""
LATELY_S: Final = 60.0
"""Who has been answered within that time may come again at any moment."""


class Crowd:
    """The replies that are under way, by whom they are for. A reply that ends lets that user's next one move up."""

    def __init__(self, few: int = 1) -> None:
        self._few = few
        self._owners: dict[int, int] = {}
        self._replies: dict[int, dict[int, None]] = {}
        """Of each user, the oldest first."""
        self._seen: dict[int, float] = {}
        """When each user's last reply ended, monotonic seconds, in that order."""

    def begin(self, key: int, owner: int) -> None:
        """Take up a reply."""
        self._owners[key] = owner
        self._replies.setdefault(owner, {})[key] = None
        self._seen.pop(owner, None)

    def end(self, key: int, *, now: float) -> None:
        """Take a reply out. One that is not there is left alone."""
        owner = self._owners.pop(key, None)
        if owner is None:
            return
        replies = self._replies[owner]
        del replies[key]
        if not replies:
            del self._replies[owner]
            self._seen[owner] = now

    def is_further(self, key: int) -> bool:
        """Whether a reply is behind the first few of its user's."""
        return key in self._owners and key not in islice(self._replies[self._owners[key]], self._few)

    def is_shared(self, *, now: float) -> bool:
        """Whether several users have been answered lately."""
        while self._seen and now - self._seen[oldest := next(iter(self._seen))] > LATELY_S:
            del self._seen[oldest]
        return len(self._replies) + len(self._seen) > 1
