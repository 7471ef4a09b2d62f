"""What was used, by whom and where: counted by day (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.domain.usage.quota import Account, Amount, Demand, Quotas

MOST_SHARES: Final = 8
"""Channels or people that are told one by one; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used of the model. ``total_tokens`` may be more than its parts, where the endpoint says so."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    pictures: int = 0

    @property
    def amount(self) -> Amount:
        """What of it counts against quotas."""
        return Amount(calls=self.calls, tokens=self.total_tokens, pictures=self.pictures)

    def __add__(self, other: Used) -> Used:
        return Used(
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            total_tokens=self.total_tokens + other.total_tokens,
            pictures=self.pictures + other.pictures,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a turn wants to reserve. ``used`` is what its earlier calls used, which stays reserved with it."""

    turn_id: int
    account: Account
    demand: Demand
    limits: Quotas
    made_at: datetime
    used: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a turn has used in the end. ``reserved``: there may be a reservation of it, which this replaces."""

    turn_id: int
    account: Account
    used: Used
    reserved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """Which usage: from ``first`` to ``last`` (days, both included), of a guild, a channel and a user where given.

    ``by_channel`` and ``by_person``: shares of them are wanted. Without ``by_person`` the rows name nobody (0) but the
    one whose usage it is. ``most_rows`` is how many rows are wanted at most.
    """

    first: date
    last: date
    most_rows: int
    guild_id: int | None = None
    channel_id: int | None = None
    user_id: int | None = None
    by_channel: bool = False
    by_user: bool = False

    @property
    def named(self) -> bool:
        """Whether the rows say whose they are."""
        return self.by_user or self.user_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one user used in one channel on one day; without a user (0) what all did."""

    account: Account
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """What was used on one day."""

    day: date
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What was used in one channel, or by one user: ``id`` is theirs."""

    id: int
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Who or where: the ``MOST_SHARES`` largest, and how many there are of all (``count``).

    The most tokens come first, then the most pictures, the most calls, the smallest id.
    """

    largest: tuple[Share, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSums:
    """What was used, added up, as it was at one moment.

    ``days`` has those on which something was used, oldest first. ``rows`` are the newest, newest day first, and of a
    day those of the most tokens first: all that there are, as far as ``UsageQuery.most_rows`` goes.
    """

    days: tuple[DayUsage, ...]
    channels: Shares
    users: Shares
    rows: tuple[UsageRow, ...]
