"""Which drawings are made and which wait: in each guild fair by person, over all guilds in turn. No tasks, no clock."""

from __future__ import annotations

from bot.domain.queue import Arrival, WaitingLine


class _Guild:
    """A guild with drawings; afterwards it is forgotten."""

    def __init__(self, line: WaitingLine) -> None:
        self.line = line
        self.running: set[int] = set()


class DrawingLines:
    """The drawings of all guilds, within bounds.

    A guild is what shares a line: a direct message, or a place where the bot is no member, is one by itself. After each
    call nobody waits where both the guild and the whole have room for one more. Where the whole has none, a place that
    falls free goes to the guild that was served longest ago.
    """

    def __init__(self, *, at_once: int, waiting: int, per_person: int, all_at_once: int, whole: int) -> None:
        """Take the bounds: a guild's running drawings, its waiting ones, those of a person that wait in it; the running
        ones of all guilds, and all drawings.

        Raises ``ValueError`` for bounds under which no drawing could run, or none that waits could be taken.
        """
        if min(at_once, all_at_once, whole, per_person) < 1 or waiting < 0:
            raise ValueError("a bound on drawings is too small")
        self._at_once = at_once
        self._waiting = waiting
        self._per_person = per_person
        self._all_at_once = all_at_once
        self._whole = whole
        self._guilds: dict[int, _Guild] = {}
        """In the order in which they are served next."""
        self._where: dict[int, int] = {}
        self._running = 0

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, turn_id: int) -> bool:
        return turn_id in self._where

    @property
    def guilds(self) -> int:
        """How many guilds have drawings."""
        return len(self._guilds)

    def full(self, guild: int, person_id: int) -> bool:
        """Whether a drawing of that person's would be refused now."""
        if len(self._where) >= self._whole:
            return True
        known = self._guilds.get(guild)
        if known is None:
            return self._running >= self._all_at_once and not self._waiting
        return not self._has_room(known) and not known.line.takes(person_id)

    def arrive(self, turn_id: int, guild: int, person_id: int) -> Arrival:
        """Take up a drawing that is not there yet: it is admitted, waits, or is refused."""
        if self.full(guild, person_id):
            return Arrival(taken=False)
        known = self._guilds.get(guild)
        if known is None:
            known = _Guild(WaitingLine(bound=self._waiting, per_person=self._per_person))
        if self._has_room(known):
            known.running.add(turn_id)
            self._running += 1
            self._guilds.pop(guild, None)  # served now, it is behind all others
            admitted: tuple[int, ...] = (turn_id,)
        elif known.line.join(turn_id, person_id):
            admitted = ()
        else:  # pragma: no cover - ``full`` has said so
            return Arrival(taken=False)
        self._guilds[guild] = known
        self._where[turn_id] = guild
        return Arrival(taken=True, admitted=admitted)

    def leave(self, turn_id: int) -> tuple[int, ...]:
        """Take a drawing out, running or waiting; return those that may begin now. Repeating does nothing."""
        guild = self._where.pop(turn_id, None)
        if guild is None:
            return ()
        known = self._guilds[guild]
        if turn_id in known.running:
            known.running.remove(turn_id)
            self._running -= 1
        else:
            known.line.leave(turn_id)
        if not known.running and not len(known.line):
            del self._guilds[guild]
        return self._admit()

    def waits(self, turn_id: int) -> bool:
        """Whether a drawing is there and not admitted."""
        guild = self._where.get(turn_id)
        return guild is not None and turn_id not in self._guilds[guild].running

    def order(self, guild: int) -> tuple[int, ...]:
        """Return a guild's waiting drawings in the order in which they would be served: the first has place 1."""
        known = self._guilds.get(guild)
        return known.line.order() if known is not None else ()

    def _has_room(self, known: _Guild) -> bool:
        return self._running < self._all_at_once and len(known.running) < self._at_once

    def _admit(self) -> tuple[int, ...]:
        """Serve the guilds in turn as long as there is room; return those that begin, in order."""
        admitted: list[int] = []
        while self._running < self._all_at_once:
            guild = next(
                (
                    guild
                    for guild, known in self._guilds.items()
                    if len(known.line) and len(known.running) < self._at_once
                ),
                None,
            )
            if guild is None:
                break
            known = self._guilds.pop(guild)
            self._guilds[guild] = known
            turn_id = known.line.serve()
            if turn_id is None:  # pragma: no cover - somebody waits there
                break
            known.running.add(turn_id)
            self._running += 1
            admitted.append(turn_id)
        return tuple(admitted)
