"""Who is served next: a fair, bounded waiting line for each channel. No tasks, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain, zip_longest


class WaitingLine:
    """Turns that wait in one channel, served round-robin over persons, first come, first served within a person.

    A person whose turn is served goes behind all others who wait, and one who joins starts behind them. So between two
    servings of a person everybody else who waits all that time is served exactly once.
    """

    def __init__(self, *, bound: int, per_person: int) -> None:
        """Allow ``bound`` turns (≥ 0), of which ``per_person`` (≥ 1) may belong to one person."""
        self._bound = bound
        self._per_person = per_person
        self._persons: dict[int, deque[int]] = {}
        """The turns of each person, oldest first; the persons in the order in which they are served next."""
        self._owners: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def takes(self, person_id: int) -> bool:
        """Whether one more turn of a person is within the bounds."""
        return len(self._owners) < self._bound and len(self._persons.get(person_id, ())) < self._per_person

    def join(self, turn_id: int, person_id: int) -> bool:
        """Put a turn into the line; ``False`` where it is over a bound. The turn must not be in the line."""
        if not self.takes(person_id):
            return False
        self._persons.setdefault(person_id, deque()).append(turn_id)
        self._owners[turn_id] = person_id
        return True

    def leave(self, turn_id: int) -> bool:
        """Take a turn out, wherever it stands; ``False`` where it is not in the line.

        Its person's later turns move up, each to the place of the one before it; all others keep their order.
        """
        person_id = self._owners.pop(turn_id, None)
        if person_id is None:
            return False
        own = self._persons[person_id]
        own.remove(turn_id)
        if not own:
            del self._persons[person_id]
        return True

    def serve(self) -> int | None:
        """Take out the turn that is next; ``None`` where nobody waits."""
        person_id = next(iter(self._persons), None)
        if person_id is None:
            return None
        own = self._persons.pop(person_id)
        turn_id = own.popleft()
        del self._owners[turn_id]
        if own:
            self._persons[person_id] = own
        return turn_id

    def order(self) -> tuple[int, ...]:
        """Return the turns in the order in which they would be served: the first has place 1."""
        rounds = zip_longest(*self._persons.values())
        return tuple(turn_id for turn_id in chain.from_iterable(rounds) if turn_id is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an arriving turn led to.

    ``taken`` is ``False`` where it was refused; ``admitted`` are the turns that may begin now, in order: the new one,
    and others where the channel was switched to more turns at once.
    """

    taken: bool
    admitted: tuple[int, ...] = ()


class _Channel:
    """A channel with turns; afterwards it is forgotten."""

    def __init__(self, line: WaitingLine) -> None:
        self.line = line
        self.running: set[int] = set()
        self.at_once = 1

    def admit(self) -> tuple[int, ...]:
        """Move turns from the line's head to the running ones as long as there is room; return them in order."""
        admitted: list[int] = []
        while len(self.running) < self.at_once and (turn_id := self.line.serve()) is not None:
            self.running.add(turn_id)
            admitted.append(turn_id)
        return tuple(admitted)


class Lines:
    """Which turns run and which wait, in all channels, within bounds.

    After each call nobody waits in a channel that has room for one more.
    """

    def __init__(self, *, side_by_side: int, waiting: int, per_person: int, whole: int) -> None:
        """Take the bounds: a channel's running turns, its waiting ones, those of a person; all turns of all channels.

        Raises ``ValueError`` for bounds under which no turn could run, or none that waits could be taken.
        """
        if side_by_side < 1 or whole < 1 or per_person < 1 or waiting < 0:
            raise ValueError("a bound on turns is too small")
        self._side_by_side = side_by_side
        self._waiting = waiting
        self._per_person = per_person
        self._whole = whole
        self._channels: dict[int, _Channel] = {}
        self._where: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, turn_id: int) -> bool:
        return turn_id in self._where

    @property
    def channels(self) -> int:
        """How many channels have turns."""
        return len(self._channels)

    def arrive(self, turn_id: int, channel_id: int, person_id: int, *, in_order: bool) -> Arrival:
        """Take up a turn that is not there yet: it is admitted, waits, or is refused.

        ``in_order`` holds for the whole channel from now on: with it, turns are admitted when no other runs. Turns that
        run already go on where it is switched on, and those that wait may begin where it is switched off.
        """
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = _Channel(WaitingLine(bound=self._waiting, per_person=self._per_person))
        channel.at_once = 1 if in_order else self._side_by_side
        admitted = channel.admit()
        if len(self._where) >= self._whole:
            return Arrival(taken=False, admitted=admitted)
        if len(channel.running) < channel.at_once:
            channel.running.add(turn_id)
            admitted = (*admitted, turn_id)
        elif not channel.line.join(turn_id, person_id):
            return Arrival(taken=False, admitted=admitted)
        self._channels[channel_id] = channel
        self._where[turn_id] = channel_id
        return Arrival(taken=True, admitted=admitted)

    def leave(self, turn_id: int) -> tuple[int, ...]:
        """Take a turn out, running or waiting; return those that may begin now. Repeating does nothing."""
        channel_id = self._where.pop(turn_id, None)
        if channel_id is None:
            return ()
        channel = self._channels[channel_id]
        channel.running.discard(turn_id)
        channel.line.leave(turn_id)
        admitted = channel.admit()
        if not channel.running:
            # Nobody waits where nobody runs: there was room.
            del self._channels[channel_id]
        return admitted

    def waits(self, turn_id: int) -> bool:
        """Whether a turn is there and not admitted."""
        channel_id = self._where.get(turn_id)
        return channel_id is not None and turn_id not in self._channels[channel_id].running

    def order(self, channel_id: int) -> tuple[int, ...]:
        """Return a channel's waiting turns in the order in which they would be served: the first has place 1."""
        channel = self._channels.get(channel_id)
        return channel.line.order() if channel is not None else ()
