"""Who is served next: fair, bounded queues of channels or guilds. No tasks, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain, zip_longest


class WaitingQueue:
    """Turns that wait together, served round-robin over users, first come, first served within a user.

    A user whose turn is served goes behind all others who wait, and one who joins starts behind them. So between two
    servings of a user everybody else who waits all that time is served exactly once.
    """

    def __init__(self, *, bound: int, per_user: int) -> None:
        """Allow ``bound`` turns (≥ 0), of which ``per_person`` (≥ 1) may belong to one user."""
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

    def serve(self) -> int | None:
        """Take out the turn that is next; ``None`` where nobody waits."""
        user_id = next(iter(self._users), None)
        if user_id is None:
            return None
        own = self._users.pop(user_id)
        turn_id = own.popleft()
        del self._owners[turn_id]
        if own:
            self._users[user_id] = own
        return turn_id

    def order(self) -> tuple[int, ...]:
        """Return the turns in the order in which they would be served: the first has place 1."""
        rounds = zip_longest(*self._users.values())
        return tuple(turn_id for turn_id in chain.from_iterable(rounds) if turn_id is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an arriving turn led to.

    ``taken`` is ``False`` where it was refused; ``admitted`` are the turns that may begin now, in order: the new one,
    and others where its group was switched to more turns at once.
    """

    taken: bool
    admitted: tuple[int, ...] = ()


class _Group:
    """A group with turns; afterwards it is forgotten."""

    def __init__(self, queue: WaitingQueue, at_once: int) -> None:
        self.queue = queue
        self.at_once = at_once
        self.running: set[int] = set()

    @property
    def has_room(self) -> bool:
        """Whether one more may run, as far as the group goes."""
        return len(self.running) < self.at_once


class FairQueues:
    """Which turns run and which wait, within bounds: fair by user in a group, the groups in turn.

    A group is what shares a queue: a channel with its questions, or a guild with its drawings. After each call nobody
    waits where both the group and the whole have room for one more. Where only the whole had none, a place that falls
    free goes to the group that was served longest ago.
    """

    def __init__(
        self, *, at_once: int, waiting: int, per_user: int, whole: int, all_at_once: int | None = None
    ) -> None:
        """Take the bounds: a group's running turns, its waiting ones, those of a user that wait in it; all turns of
        all groups, and how many of these run (None: as many as the groups let).

        Raises ``ValueError`` for bounds under which no turn could run, or none that waits could be taken.
        """
        if min(at_once, per_user, whole, at_once if all_at_once is None else all_at_once) < 1 or waiting < 0:
            raise ValueError("a bound on turns is too small")
        self._at_once = at_once
        self._waiting = waiting
        self._per_user = per_user
        self._whole = whole
        self._all_at_once = all_at_once
        self._groups: dict[int, _Group] = {}
        """In the order in which they are served next."""
        self._where: dict[int, int] = {}
        self._running = 0

    def __len__(self) -> int:
        return len(self._where)

    def full(self, group: int, user_id: int) -> bool:
        """Whether a turn of that user's would be refused now."""
        if len(self._where) >= self._whole:
            return True
        known = self._groups.get(group) or self._empty(self._at_once)
        return not (known.has_room and self._has_room()) and not known.queue.takes(user_id)

    def arrive(self, turn_id: int, group: int, user_id: int, *, in_order: bool = False) -> Arrival:
        """Take up a turn that is not there yet: it is admitted, waits, or is refused.

        ``in_order`` holds for the whole group from now on: with it, turns are admitted when no other runs. Turns that
        run already go on where it is switched on, and those that wait may begin where it is switched off.
        """
        at_once = 1 if in_order else self._at_once
        known = self._groups.get(group)
        admitted: tuple[int, ...] = ()
        if known is not None and known.at_once != at_once:
            known.at_once = at_once
            admitted = self._admit(group)
        if len(self._where) >= self._whole:
            return Arrival(taken=False, admitted=admitted)
        known = known or self._empty(at_once)
        if known.has_room and self._has_room():
            self._begin(turn_id, group, known)
            admitted = (*admitted, turn_id)
        elif known.queue.join(turn_id, user_id):
            self._groups[group] = known
        else:
            return Arrival(taken=False, admitted=admitted)
        self._where[turn_id] = group
        return Arrival(taken=True, admitted=admitted)

    def leave(self, turn_id: int) -> tuple[int, ...]:
        """Take a turn out, running or waiting; return those that may begin now. Repeating does nothing."""
        group = self._where.pop(turn_id, None)
        if group is None:
            return ()
        known = self._groups[group]
        if turn_id in known.running:
            known.running.remove(turn_id)
            self._running -= 1
        else:
            known.queue.leave(turn_id)
        admitted = self._admit(group)
        if not known.running and not len(known.queue):
            del self._groups[group]
        return admitted

    def waits(self, turn_id: int) -> bool:
        """Whether a turn is there and not admitted."""
        group = self._where.get(turn_id)
        return group is not None and turn_id not in self._groups[group].running

    def order(self, group: int) -> tuple[int, ...]:
        """Return a group's waiting turns in the order in which they would be served: the first has place 1."""
        known = self._groups.get(group)
        return known.queue.order() if known is not None else ()

    def _empty(self, at_once: int) -> _Group:
        return _Group(WaitingQueue(bound=self._waiting, per_user=self._per_user), at_once)

    def _has_room(self) -> bool:
        return self._all_at_once is None or self._running < self._all_at_once

    def _begin(self, turn_id: int, group: int, known: _Group) -> None:
        known.running.add(turn_id)
        self._running += 1
        self._groups.pop(group, None)  # served now, it is behind all others
        self._groups[group] = known

    def _admit(self, group: int) -> tuple[int, ...]:
        """Serve as long as there is room, which ``group`` has got; return the turns that begin, in order."""
        admitted: list[int] = []
        while (found := self._next(group)) is not None:
            known = self._groups[found]
            turn_id = known.queue.serve()
            if turn_id is None:  # pragma: no cover - somebody waits there
                break
            self._begin(turn_id, found, known)
            admitted.append(turn_id)
        return tuple(admitted)

    def _next(self, group: int) -> int | None:
        """Find the group that is served next; without a bound on the whole, no other than ``group`` has got room."""
        if self._all_at_once is None:
            own = self._groups[group]
            return group if len(own.queue) and own.has_room else None
        if not self._has_room():
            return None
        return next((each for each, known in self._groups.items() if len(known.queue) and known.has_room), None)
