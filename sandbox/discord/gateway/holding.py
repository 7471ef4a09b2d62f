"""Events that come late: Discord promises no order between them ("Gateway Events", and reports of thread events).

A rule names events and how many later ones overtake each; what is held back is delivered behind those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.discord.state.events import Event

BOUND: Final = 1_000
"""Events held back at most; the oldest is let go for another."""


@dataclass(slots=True, kw_only=True)
class _Rule:
    names: frozenset[str]
    after: int | None
    times: int | None


@dataclass(slots=True)
class _Held:
    event: Event
    left: int | None


class Holding:
    """Holds events back. `deliver` sends one to the bots that may hear it."""

    def __init__(self, deliver: Callable[[Event], None]) -> None:
        self._deliver = deliver
        self._rules: list[_Rule] = []
        self._held: list[_Held] = []

    @property
    def held(self) -> tuple[Event, ...]:
        """What is held back, oldest first."""
        return tuple(one.event for one in self._held)

    def hold(self, names: Iterable[str], *, after: int | None, times: int | None) -> None:
        """Hold the next `times` events of these names (None: all) back behind `after` later ones (None: for good)."""
        self._rules.append(_Rule(names=frozenset(names), after=after, times=times))

    def take(self, event: Event) -> None:
        """Deliver an event, or hold it back; what has waited for enough later ones comes behind it."""
        rule = next((one for one in self._rules if event.t in one.names), None)
        if rule is None:
            self._deliver(event)
            if event.bots:
                self._count()
            return
        if rule.times is not None:
            rule.times -= 1
            if rule.times <= 0:
                self._rules.remove(rule)
        self._held.append(_Held(event, rule.after))
        if len(self._held) > BOUND:
            self._deliver(self._held.pop(0).event)

    def _count(self) -> None:
        for one in tuple(self._held):
            if one.left is None:
                continue
            one.left -= 1
            if one.left <= 0:
                self._held.remove(one)
                self._deliver(one.event)

    def release(self) -> int:
        """Forget all rules and deliver what is held back, in its order; return how many events that were."""
        self._rules.clear()
        held, self._held = self._held, []
        for one in held:
            self._deliver(one.event)
        return len(held)

    def clear(self) -> None:
        """Forget all rules and what is held back."""
        self._rules.clear()
        self._held.clear()
