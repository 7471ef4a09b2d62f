"""Rate limits as Discord applies them: which bucket a request falls in, and how the requests of a window are counted.

The figures are those that were observed (they are not documented, clients must read the headers): five creates and
five edits of messages in five seconds a channel, counted apart though they carry the same bucket hash.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `count` requests in a window of `per_s` seconds."""

    count: int
    per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the local Discord allows. `Limits(enabled=False)` lifts every limit, headers included."""

    enabled: bool = True
    creates: Rate = Rate(count=5, per_s=5.0)
    edits: Rate = Rate(count=5, per_s=5.0)
    old_edits: Rate = Rate(count=3, per_s=20.0)
    """Edits of messages older than an hour, a channel, on top of `edits`; error 30046."""
    deletes: Rate = Rate(count=5, per_s=1.0)
    bulk_deletes: Rate = Rate(count=1, per_s=3.0)
    typing: Rate = Rate(count=5, per_s=5.0)
    reactions: Rate = Rate(count=1, per_s=0.25)
    followups: Rate = Rate(count=5, per_s=2.0)
    reads: Rate = Rate(count=50, per_s=1.0)
    commands: Rate = Rate(count=60, per_s=60.0)
    other: Rate = Rate(count=10, per_s=10.0)
    over_all: Rate = Rate(count=50, per_s=1.0)
    invalid: Rate = Rate(count=10_000, per_s=600.0)
    """Answers of 401, 403 and 429 (shared ones apart) before an address is banned."""
    identifies: Rate = Rate(count=1_000, per_s=86_400.0)
    identify_every_s: float = 0.0
    """Seconds between two IDENTIFYs of the same group of shards. Discord's figure is 5; here 0, so that a bot that a
    test kills and starts again is let in at once."""
    max_concurrency: int = 16
    """Groups of shards that may identify side by side."""
    sliding: bool = False
    """Whether requests are counted over any such time, and not in windows that reset as a whole. Discord does not say
    which; what keeps to its limits keeps to both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where a request is counted: the windows' key, the hash that is told, and the rate."""

    key: str
    hash: str
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a request, and what the headers tell. Times are seconds; `reset_at` is Unix time."""

    allowed: bool
    limit: int
    remaining: int
    reset_at: float
    reset_after_s: float


class Windows:
    """Fixed windows by key: the first request opens one, and it resets as a whole when its time is up."""

    _PRUNE_AT: Final = 4_096

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: dict[str, tuple[float, int]] = {}

    def take(self, key: str, rate: Rate) -> Verdict:
        """Count a request under `key`, unless its window is full."""
        now = self._clock()
        ends_at, used = self._open.get(key, (0.0, 0))
        if ends_at <= now:
            if len(self._open) >= self._PRUNE_AT:
                self._open = {k: v for k, v in self._open.items() if v[0] > now}
            ends_at, used = now + rate.per_s, 0
        allowed = used < rate.count
        used += allowed
        self._open[key] = (ends_at, used)
        return Verdict(
            allowed=allowed,
            limit=rate.count,
            remaining=rate.count - used,
            reset_at=ends_at,
            reset_after_s=ends_at - now,
        )

    def peek(self, key: str, rate: Rate) -> Verdict:
        """Return the state of `key` without counting anything."""
        now = self._clock()
        ends_at, used = self._open.get(key, (0.0, 0))
        if ends_at <= now:
            ends_at, used = now, 0
        return Verdict(
            allowed=used < rate.count,
            limit=rate.count,
            remaining=rate.count - used,
            reset_at=ends_at,
            reset_after_s=ends_at - now,
        )


class SlidingWindows:
    """At most so many requests in any time of a window's length; what resets it is that its oldest request leaves."""

    _PRUNE_AT: Final = 4_096

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}
        """When each request that counts leaves its window, the oldest first."""

    def take(self, key: str, rate: Rate) -> Verdict:
        """Count a request under `key`, unless as many are in the window as may be."""
        now = self._clock()
        if key not in self._taken and len(self._taken) >= self._PRUNE_AT:
            self._taken = {k: v for k, v in self._taken.items() if v and v[-1] > now}
        leaving = self._taken.setdefault(key, deque())
        while leaving and leaving[0] <= now:
            leaving.popleft()
        allowed = len(leaving) < rate.count
        if allowed:
            leaving.append(now + rate.per_s)
        return Verdict(
            allowed=allowed,
            limit=rate.count,
            remaining=rate.count - len(leaving),
            reset_at=leaving[0],
            reset_after_s=leaving[0] - now,
        )


class InvalidRequests:
    """Counts answers that Discord bans an address for, in a sliding window."""

    def __init__(self, clock: Callable[[], float], rate: Rate) -> None:
        self._clock = clock
        self._rate = rate
        self._at: deque[float] = deque(maxlen=rate.count)

    def add(self) -> None:
        """Count one."""
        self._at.append(self._clock())

    @property
    def count(self) -> int:
        """How many are in the window now, `limit` at most."""
        oldest = self._clock() - self._rate.per_s
        while self._at and self._at[0] <= oldest:
            self._at.popleft()
        return len(self._at)

    @property
    def banned(self) -> bool:
        """Whether Discord would have banned the address by now."""
        return self.count >= self._rate.count


def bucket_hash(name: str) -> str:
    """Return 32 hexadecimal digits, stable between runs, as Discord's hashes look."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


_ID: Final = r"(\d+)"
_INTERACTION: Final = re.compile(r"/interactions/")
_WEBHOOK: Final = re.compile(r"/webhooks/\d+/([^/]+)")
_CHANNEL: Final = re.compile(rf"/channels/{_ID}")
_GUILD: Final = re.compile(rf"/guilds/{_ID}")
_NUMBER: Final = re.compile(r"/\d{15,20}(?=/|$)")


def is_interaction(path: str) -> bool:
    """Tell whether Discord leaves the request out of the limit over all routes. `path` is below /api/v10."""
    return path.startswith(("/interactions/", "/webhooks/"))


def is_edit(method: str, path: str) -> re.Match[str] | None:
    """Match an edit of a channel's message; its groups are the channel's and the message's id."""
    return _EDIT.fullmatch(path) if method == "PATCH" else None


_EDIT: Final = re.compile(rf"/channels/{_ID}/messages/{_ID}")
_MESSAGE_HASH: Final = bucket_hash("channel messages")


def bucket_of(method: str, path: str, limits: Limits) -> Bucket | None:
    """Return the bucket of a request, None where Discord has none. `path` is below /api/v10, without its query."""
    if _INTERACTION.match(path):
        return None
    if (webhook := _WEBHOOK.match(path)) is not None:
        rate = limits.reads if method == "GET" else limits.followups
        name = "webhook read" if method == "GET" else "webhook"
        return Bucket(key=f"{name}:{webhook[1]}", hash=bucket_hash(name), rate=rate)
    if (channel := _CHANNEL.match(path)) is not None:
        return _channel_bucket(method, path[channel.end() :], channel[1], limits)
    if method == "GET":
        name, rate = "read", limits.reads
    elif "/commands" in path:
        name, rate = "commands", limits.commands
    else:
        name, rate = f"{method} {_NUMBER.sub('/:id', path)}", limits.other
    major = guild[1] if (guild := _GUILD.match(path)) is not None else "-"
    return Bucket(key=f"{name}:{major}", hash=bucket_hash(name), rate=rate)


def _channel_bucket(method: str, rest: str, channel: str, limits: Limits) -> Bucket:
    if method == "GET":
        name, rate = "channel read", limits.reads
    elif "/reactions" in rest:
        name, rate = "reactions", limits.reactions
    elif rest == "/messages" and method == "POST":
        return Bucket(key=f"create:{channel}", hash=_MESSAGE_HASH, rate=limits.creates)
    elif method == "PATCH" and is_edit(method, f"/channels/{channel}{rest}"):
        return Bucket(key=f"edit:{channel}", hash=_MESSAGE_HASH, rate=limits.edits)
    elif rest == "/messages/bulk-delete":
        name, rate = "bulk delete", limits.bulk_deletes
    elif method == "DELETE" and rest.startswith("/messages/") and "/pins" not in rest:
        name, rate = "delete", limits.deletes
    elif rest == "/typing":
        name, rate = "typing", limits.typing
    else:
        name, rate = f"channel {method} {_NUMBER.sub('/:id', rest)}", limits.other
    return Bucket(key=f"{name}:{channel}", hash=bucket_hash(name), rate=rate)
