"""How fast one person is heard: so that nobody's questions and presses are looked at before everybody else's."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

AT_ONCE: Final = 1000
"""What one may do at once: people turn pages and settings as fast as they can press, for a while."""
EACH_S: Final = 0.05
"""Seconds until one more may be done: no hand goes on pressing faster than that."""
MOST_KEPT: Final = 10_000


class PersonPace:
    """Says whether somebody's next question or press is heard; costs the same however many there are.

    What is over it is best left out before anything is looked up, and in silence: an answer to each would be what
    fills the channel and Discord's limits.
    """

    def __init__(self, *, at_once: int = AT_ONCE, each_s: float = EACH_S) -> None:
        self._ahead_s = at_once * each_s
        self._each_s = each_s
        self._paid_until: OrderedDict[int, float] = OrderedDict()
        """Until when each has used up their share, monotonic seconds; who was heard last is last."""

    def hears(self, user_id: int, *, now: float) -> bool:
        """Whether a user is heard at ``now``, monotonic seconds, which then counts; what is not heard does not."""
        until = max(self._paid_until.get(user_id, now), now) + self._each_s
        if until - now > self._ahead_s:
            return False
        self._paid_until[user_id] = until
        self._paid_until.move_to_end(user_id)
        if len(self._paid_until) > MOST_KEPT:
            self._paid_until.popitem(last=False)
        return True
