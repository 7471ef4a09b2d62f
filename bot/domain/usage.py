"""What was used, by whom and where: counted by day (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.quota import Account, Amount, Demand, Grant, Quotas
from bot.errors import Shortage


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
class Wanted:
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
    """Which usage: from ``first`` to ``last`` (days, both included), of a guild, a channel and a person where given."""

    first: date
    last: date
    guild_id: int | None = None
    channel_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one person used in one channel on one day."""

    account: Account
    used: Used


class UsageStore(Protocol):
    """Usage and quotas, counted exactly, whatever else uses the database at the same time.

    Every method raises ``StorageError`` when the database fails.
    """

    async def reserve(self, wanted: Wanted) -> Grant | Shortage:
        """Reserve what a demand gets, for the person and the guild, both or neither.

        An earlier reservation of the same turn is given back but for ``used``. Counting begins with what the usage of
        the day says, where no quota was set before.
        """

    async def settle(self, settlement: Settlement) -> None:
        """Count what a turn has used, and give back what it had reserved and not used."""

    async def give_back(self, turn_id: int) -> bool:
        """Give back all that a turn has reserved; False where it has nothing."""

    async def give_back_stale(self, made_before: datetime) -> int:
        """Give back what was reserved before a time for turns that are not under way; returns how many there were.

        Counters of days that are long past go too.
        """

    async def reserved(self, turn_id: int) -> Account | None:
        """Tell on whose account a turn has something reserved; None where it has nothing."""

    async def spent(self, account: Account) -> Quotas:
        """Tell what counts against the quotas of a day, reservations included."""

    async def rows(self, query: UsageQuery) -> tuple[UsageRow, ...]:
        """Return what was used, by day, guild, channel and person, in that order; at most 100 000 rows."""
