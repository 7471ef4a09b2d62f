"""One queue, fair by user."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import chain, islice, zip_longest


class WaitingQueue:
    """Turns that wait together, served round-robin over users, first come, first served within a user.

    A user whose turn is served goes behind all others who wait, and one who joins starts behind them. So between two
    servings of a user everybody else who waits all that time is served exactly once.
    """

    def __init__(self, *, bound: int, per_user: int) -> None:
        """Allow ``bound`` turns (≥ 0), of which ``per_user`` (≥ 1) may belong to one user."""
        self._bound = bound
        self._per_user = per_user
        self._users: dict[int, deque[int]] = {}
        """The turns of each user, oldest first; the users in the order in which they are served next."""
        self._owners: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def takes(self, user_id: int) -> bool:
        """Whether one more turn of a user is within the bounds."""
        return len(self._owners) < self._bound and len(self._users.get(user_id, ())) < self._per_user

    def join(self, turn_id: int, user_id: int) -> bool:
        """Put a turn into the queue; ``False`` where it is over a bound. The turn must not be in it yet."""
        if not self.takes(user_id):
            return False
        self._users.setdefault(user_id, deque()).append(turn_id)
        self._owners[turn_id] = user_id
        return True

    def leave(self, turn_id: int) -> bool:
        """Take a turn out, wherever it stands; ``False`` where it is not in the queue.

        Its user's later turns move up, each to the place of the one before it; all others keep their order.
        """
        user_id = self._owners.pop(turn_id, None)
        if user_id is None:
            return False
        own = self._users[user_id]
        own.remove(turn_id)
        if not own:
            del self._users[user_id]
        return True

    def serve(self, may: Callable[[int], bool] | None = None) -> int | None:
        """Take out the turn that is next, of a user who ``may`` be served; ``None`` if there is none."""
        user_id = next((user for user in self._users if may is None or may(user)), None)
        if user_id is None:
            return None
        own = self._users.pop(user_id)
        turn_id = own.popleft()
        del self._owners[turn_id]
        if own:
            self._users[user_id] = own
        return turn_id

    def order(self, first: Callable[[int], bool] | None = None) -> tuple[int, ...]:
        """Return the turns in the order in which they would be served: the one at place 1 is next.

        One turn of each user who is ``first`` goes before all others; that user then goes behind them.
        """
        ahead = [user for user in self._users if first is not None and first(user)]
        others = [turns for user, turns in self._users.items() if user not in ahead]
        rounds = zip_longest(*others, *(islice(self._users[user], 1, None) for user in ahead))
        begun = (self._users[user][0] for user in ahead)
        return tuple(turn_id for turn_id in chain(begun, chain.from_iterable(rounds)) if turn_id is not None)
