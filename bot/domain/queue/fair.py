"""All queues of one kind: which turns run and which wait, within the bounds of users, groups and guilds."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Final, TypeVar

from bot.domain.queue.waiting import WaitingQueue

ANY: Final = sys.maxsize
"""A bound that bounds nothing."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many turns there may be, each at least 1 (``waiting``: 0).

    Of a group run ``at_once``, of one user in it ``user_at_once_here``, of a guild in all its groups ``guild_at_once``,
    of a user everywhere ``user_at_once``, of all ``all_at_once``. In a group wait ``waiting``, of one user in it
    ``per_user``, of a user everywhere ``user_waiting``. ``whole`` run or wait, of a guild ``guild_whole``.
    """

    at_once: int
    waiting: int
    per_user: int
    whole: int
    all_at_once: int = ANY
    guild_at_once: int = ANY
    guild_whole: int = ANY
    user_at_once: int = ANY
    user_at_once_here: int = ANY
    user_waiting: int = ANY

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for bounds under which no turn could run, or none that waits could be taken."""
        if any(getattr(self, each.name) < (each.name != "waiting") for each in fields(self)):
            raise ValueError("a bound on turns is too small")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an arriving turn led to.

    ``taken`` is ``False`` where it was refused; ``admitted`` are the turns that may begin now, in order: the new one,
    and others where its group was switched to more turns at once.
    """

    taken: bool
    admitted: tuple[int, ...] = ()


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
    at_once: int
    running: Counter[int] = field(default_factory=Counter)
    """How many turns of each user run."""


@dataclass(slots=True, eq=False)
class _User:
    running: int = 0
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
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
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
        known = self._groups.get(group) or self._new_group(group, guild, self._bounds.at_once)
        return self._is_whole(known) or not (self._may_begin(known, user_id) or self._may_wait(known, user_id))

    def arrive(
        self, turn_id: int, group: int, user_id: int, *, guild: int | None = None, in_order: bool = False
    ) -> Arrival:
        """Take up a turn that is not there yet: it is admitted, waits, or is refused.

        ``guild`` is whose the group is, always the same; a group without one is by itself. ``in_order`` holds for the
        whole group from now on: with it, turns are admitted when no other runs. Turns that run already go on where it
        is switched on, and those that wait may begin where it is switched off.
        """
        at_once = 1 if in_order else self._bounds.at_once
        known = self._groups.get(group)
        admitted: tuple[int, ...] = ()
        if known is not None and known.at_once != at_once:
            known.at_once = at_once
            admitted = self._admit(lambda: iter((group,)))
        known = known or self._new_group(group, guild, at_once)
        if self._is_whole(known):
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
            whole, all_of_guild = not self._has_room(), guild.running >= self._bounds.guild_at_once
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
        return known.queue.order() if known is not None else ()

    def _new_group(self, group: int, guild: int | None, at_once: int) -> _Group:
        queue = WaitingQueue(bound=self._bounds.waiting, per_user=self._bounds.per_user)
        return _Group(group if guild is None else guild, queue, at_once)

    def _has_room(self) -> bool:
        return self._running < self._bounds.all_at_once

    def _is_whole(self, known: _Group) -> bool:
        guild = self._guilds.get(known.guild)
        turns = 0 if guild is None else guild.turns
        return len(self._turns) >= self._bounds.whole or turns >= self._bounds.guild_whole

    def _may_wait(self, known: _Group, user_id: int) -> bool:
        user = self._users.get(user_id)
        waiting = 0 if user is None else user.waiting.total()
        return waiting < self._bounds.user_waiting and known.queue.takes(user_id)

    def _may_begin(self, known: _Group, user_id: int) -> bool:
        guild = self._guilds.get(known.guild)
        return (
            self._has_room()
            and (guild is None or guild.running < self._bounds.guild_at_once)
            and known.running.total() < known.at_once
            and self._may_run(known, user_id)
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
        """Serve these groups as long as there is room, each that is served behind all others; return who begins."""
        admitted: list[int] = []
        while self._waiting and self._has_room():
            turn_id = next((begun for group in groups() if (begun := self._serve(group)) is not None), None)
            if turn_id is None:
                break
            admitted.append(turn_id)
        return tuple(admitted)

    def _serve(self, group: int) -> int | None:
        """Let a turn of a group begin, if one may; the group and all that it is of go behind all others."""
        known = self._groups[group]
        guild = self._guilds[known.guild]
        if guild.running >= self._bounds.guild_at_once or known.running.total() >= known.at_once:
            return None
        turn_id = known.queue.serve(lambda user_id: self._may_run(known, user_id))
        if turn_id is None:
            return None
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
