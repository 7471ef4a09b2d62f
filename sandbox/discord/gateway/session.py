"""A gateway session: what a bot asked for in IDENTIFY, its sequence, and what can be sent again on RESUME."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

REPLAY_LIMIT: Final = 2_000
"""Events that a session keeps for a resume; a client that missed more gets INVALID_SESSION, as on Discord."""


class Outlet(Protocol):
    """The connection that a session writes to."""

    def push(self, frame: str) -> None: ...

    def abort(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Shard `index` of `count`; of a single one, 0 of 1."""

    index: int = 0
    count: int = 1

    def has(self, guild_id: int | None) -> bool:
        """Tell whether events of this guild are this shard's; direct messages (None) are shard 0's."""
        return (0 if guild_id is None else guild_id >> 22) % self.count == self.index


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One session. It outlives its connection for as long as it can be resumed."""

    id: str
    bot_id: int
    token: str
    intents: int
    large_threshold: int = 50
    """Guilds of more members than this are told of without those that are offline."""
    shard: Shard
    outlet: Outlet | None = None
    sequence: int = 0
    lost_at: float = 0.0
    """When the connection was lost, by the gateway's clock; meaningful only while `outlet` is None."""
    _sent: deque[tuple[int, str, str]] = field(default_factory=lambda: deque(maxlen=REPLAY_LIMIT))

    def dispatch(self, event: str, data: str) -> None:
        """Send an event whose `d` is the JSON text `data`, and keep it for a resume."""
        self.sequence += 1
        frame = f'{{"t":"{event}","s":{self.sequence},"op":0,"d":{data}}}'
        self._sent.append((self.sequence, event, frame))
        if self.outlet is not None:
            self.outlet.push(frame)

    def missed_since(self, sequence: int) -> list[str] | None:
        """Return the frames after `sequence`, oldest first; None if some of them are no longer kept."""
        missed = self.sequence - sequence
        if missed > len(self._sent):
            return None
        return [frame for number, _, frame in self._sent if number > sequence] if missed else []

    def repeat(self, count: int, events: Iterable[str]) -> None:
        """Dispatch the last `count` events of the given names once more: Discord may deliver an event many times."""
        wanted = frozenset(events)
        chosen = [(event, frame) for _, event, frame in self._sent if event in wanted][-count:]
        for event, frame in chosen:
            self.dispatch(event, frame[frame.index('"d":') + 4 : -1])
