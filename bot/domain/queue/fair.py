"""All queues of one kind: which turns run and which wait, within the bounds of users, groups and guilds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import TypeVar

from bot.domain.queue.bounds import Arrival, Bounds
from bot.domain.queue.waiting import WaitingQueue

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True, eq=False)
class _Guild:
    """A guild with turns, or a direct message; afterwards it is forgotten, as are groups and users."""

    turns: int = 0
    running: int = 0
    waiting: dict[int, None] = field(default_factory=dict)
    """The groups in which turns wait, in the order in which they are served next."""


@dataclass(slots=True, eq=False)
class _Group:
    guild: int
    queue: WaitingQueue
    in_order: bool
    running: Counter[int] = field(default_factory=Counter)
    """How many turns of each user run."""


@dataclass(slots=True, eq=False)
class _User:
    running: int = 0
    """How many turns run everywhere: one who has none is first where others have several."""
    waiting: Counter[int] = field(default_factory=Counter)
    """How many turns wait in each group, the group that was served longest ago first."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Turn:
    group: int
    user: int
    runs: bool


class FairQueues:
    """Which turns run and which wait, within bounds: fair by user in a group, the groups and their guilds in turn.

    A group is what shares a queue: a channel with its questions, or a guild with its drawings. After each call nobody
    waits for whom every bound has room. If only the whole had none, a place that falls free goes to the guild that was
    served longest ago, and in it to such a group.

    ``first`` are the bounds for whoever has nothing: wider in places, so that those who have something can't take
    the last of them. A user's **first** turn is one that begins while nothing of theirs runs; whoever waits for a first
    one goes before all that wait for a further one. So nobody waits for a first turn while room is left below
    ``first``, however much others have, and nobody who has a turn waits for long: it ends, and the next is a first one.
    """

    def __init__(self, bounds: Bounds, first: Bounds | None = None) -> None:
        """Raise ``ValueError`` if ``first`` is narrower anywhere."""
        self._bounds = bounds
        self._first = first or bounds
        if any(getattr(self._first, each.name) < getattr(bounds, each.name) for each in fields(bounds)):
            raise ValueError("a bound on first turns is below that on others")
        self._turns: dict[int, _Turn] = {}
        self._groups: dict[int, _Group] = {}
        self._users: dict[int, _User] = {}
        self._guilds: dict[int, _Guild] = {}
        self._waiting: dict[int, None] = {}
        """The guilds in which turns wait, in the order in which they are served next."""
        self._running = 0

    def __len__(self) -> int:
        return len(self._turns)

    def full(self, group: int, user_id: int, *, guild: int | None = None) -> bool:
        """Whether a turn of that user's would be refused now."""
        known = self._groups.get(group) or self._new_group(group, guild, in_order=False)
        return self._is_whole(known, user_id) or not (self._may_begin(known, user_id) or self._may_wait(known, user_id))

    def arrive(
        self, turn_id: int, group: int, user_id: int, *, guild: int | None = None, in_order: bool = False
    ) -> Arrival:
        """Take up a turn that is not there yet: it is admitted, waits, or is refused.

        ``guild`` is whose the group is, always the same; a group without one is by itself. ``in_order`` holds for the
        whole group from now on: with it, turns are admitted when no other runs. Turns that run already go on where it
        is switched on, and those that wait may begin where it is switched off.
        """
        known = self._groups.get(group)
        admitted: tuple[int, ...] = ()
        if known is not None and known.in_order is not in_order:
            known.in_order = in_order
            admitted = self._admit(lambda: iter((group,)))
        known = known or self._new_group(group, guild, in_order=in_order)
        if self._is_whole(known, user_id):
            return Arrival(taken=False, admitted=admitted)
        runs = self._may_begin(known, user_id)
        if not runs and not self._may_wait(known, user_id):
            return Arrival(taken=False, admitted=admitted)
        self._groups[group] = known
        self._guilds.setdefault(known.guild, _Guild()).turns += 1
        user = self._users.setdefault(user_id, _User())
        self._turns[turn_id] = _Turn(group=group, user=user_id, runs=False)
        if runs:
            self._begin(turn_id)
            return Arrival(taken=True, admitted=(*admitted, turn_id))
        known.queue.join(turn_id, user_id)
        user.waiting[group] += 1
        self._guilds[known.guild].waiting.setdefault(group)
        self._waiting.setdefault(known.guild)
        return Arrival(taken=True, admitted=admitted)

    def leave(self, turn_id: int) -> tuple[int, ...]:
        """Take a turn out, running or waiting; return those that may begin now. Repeating does nothing."""
        turn = self._turns.pop(turn_id, None)
        if turn is None:
            return ()
        known, user = self._groups[turn.group], self._users[turn.user]
        guild = self._guilds[known.guild]
        guild.turns -= 1
        admitted: tuple[int, ...] = ()
        if turn.runs:
            whole = self._running in (self._bounds.all_at_once, self._first.all_at_once)
            all_of_guild = guild.running in (self._bounds.guild_at_once, self._first.guild_at_once)
            self._running -= 1
            guild.running -= 1
            user.running -= 1
            _take_one(known.running, turn.user)

            def gaining() -> Iterator[int]:
                """Name the groups that may have got room: each that only the missing place held up."""
                if whole:
                    yield from chain.from_iterable(self._guilds[each].waiting for each in self._waiting)
                    return
                yield from guild.waiting if all_of_guild else (turn.group,)
                yield from user.waiting

            admitted = self._admit(gaining)
        else:
            known.queue.leave(turn_id)
            self._wait_no_more(turn)
        if not known.running and not len(known.queue):
            del self._groups[turn.group]
        if not user.running and not user.waiting:
            del self._users[turn.user]
        if not guild.turns:
            del self._guilds[known.guild]
        return admitted

    def waits(self, turn_id: int) -> bool:
        """Whether a turn is there and not admitted."""
        turn = self._turns.get(turn_id)
        return turn is not None and not turn.runs

    def order(self, group: int) -> tuple[int, ...]:
        """Return a group's waiting turns in the order in which they would be served: the first has place 1."""
        known = self._groups.get(group)
        return known.queue.order(self._is_idle) if known is not None else ()

    def waits_in(self, user_id: int) -> tuple[int, ...]:
        """Name the groups in which turns of a user's wait: what runs of theirs elsewhere changes the order there."""
        user = self._users.get(user_id)
        return tuple(user.waiting) if user is not None else ()

    def _new_group(self, group: int, guild: int | None, *, in_order: bool) -> _Group:
        queue = WaitingQueue(bound=self._first.waiting, per_user=self._bounds.per_user)
        return _Group(group if guild is None else guild, queue, in_order)

    def _is_idle(self, user_id: int) -> bool:
        user = self._users.get(user_id)
        return user is None or not user.running

    def _is_whole(self, known: _Group, user_id: int) -> bool:
        bounds = self._bounds if user_id in self._users else self._first
        guild = self._guilds.get(known.guild)
        turns = 0 if guild is None else guild.turns
        return len(self._turns) >= bounds.whole or turns >= bounds.guild_whole

    def _may_wait(self, known: _Group, user_id: int) -> bool:
        user = self._users.get(user_id)
        bounds, waiting = (self._first, 0) if user is None else (self._bounds, user.waiting.total())
        return waiting < bounds.user_waiting and len(known.queue) < bounds.waiting and known.queue.takes(user_id)

    def _may_begin(self, known: _Group, user_id: int) -> bool:
        bounds = self._first if self._is_idle(user_id) else self._bounds
        return self._has_room(known, bounds) and self._may_run(known, user_id)

    def _has_room(self, known: _Group, bounds: Bounds) -> bool:
        guild = self._guilds.get(known.guild)
        return (
            self._running < bounds.all_at_once
            and (guild is None or guild.running < bounds.guild_at_once)
            and known.running.total() < (1 if known.in_order else bounds.at_once)
        )

    def _may_run(self, known: _Group, user_id: int) -> bool:
        """Whether one more of a user's turns may run, as far as the user goes."""
        user = self._users.get(user_id)
        here = known.running[user_id]
        return here < self._bounds.user_at_once_here and (user is None or user.running < self._bounds.user_at_once)

    def _begin(self, turn_id: int) -> None:
        turn = self._turns[turn_id]
        known = self._groups[turn.group]
        turn.runs = True
        known.running[turn.user] += 1
        self._users[turn.user].running += 1
        self._guilds[known.guild].running += 1
        self._running += 1

    def _wait_no_more(self, turn: _Turn) -> None:
        known, user = self._groups[turn.group], self._users[turn.user]
        _take_one(user.waiting, turn.group)
        waiting = self._guilds[known.guild].waiting
        if not len(known.queue):
            del waiting[turn.group]
        if not waiting:
            del self._waiting[known.guild]

    def _admit(self, groups: Callable[[], Iterator[int]]) -> tuple[int, ...]:
        """Serve these groups as long as there is room, first turns before all others; return who begins.

        Each that is served goes behind all others.
        """
        admitted: list[int] = []
        for first in (True, False):
            while self._waiting and self._running < (self._first if first else self._bounds).all_at_once:
                begun = (self._serve(group, first=first) for group in groups())
                turn_id = next((each for each in begun if each is not None), None)
                if turn_id is None:
                    break
                admitted.append(turn_id)
        return tuple(admitted)

    def _serve(self, group: int, *, first: bool) -> int | None:
        """Let a turn of a group begin, if one may; the group and all that it is of go behind all others."""
        known = self._groups[group]
        if not self._has_room(known, self._first if first else self._bounds):
            return None
        turn_id = known.queue.serve(lambda user: self._is_idle(user) is first and self._may_run(known, user))
        if turn_id is None:
            return None
        guild = self._guilds[known.guild]
        turn = self._turns[turn_id]
        self._wait_no_more(turn)
        self._begin(turn_id)
        _put_last(guild.waiting, group)
        _put_last(self._waiting, known.guild)
        _put_last(self._users[turn.user].waiting, group)
        return turn_id


def _take_one(counts: Counter[int], key: int) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]


def _put_last(these: dict[Key, Value], key: Key) -> None:
    if key in these:
        these[key] = these.pop(key)
