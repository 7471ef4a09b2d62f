"""What the use cases need to store what was used.

Every method raises ``StorageError`` when the database fails, and holds no session open when it returns.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.domain.usage.counts import Reservation, Settlement, UsageQuery, UsageSums
from bot.domain.usage.quota import Account, Grant, Quotas
from bot.errors import Shortage


class UsageStore(Protocol):
    """Usage and quotas, counted exactly, whatever else uses the database at the same time.

    Every method raises ``StorageError`` when the database fails.
    """

    async def reserve(self, wanted: Reservation) -> Grant | Shortage:
        """Reserve what a demand gets, for the user and the guild, both or neither.

        An earlier reservation of the same turn is given back but for ``used``. Counting begins with what the usage of
        the day says, where no quota was set before.
        """

    async def settle(self, settlement: Settlement) -> None:
        """Count what a turn has used, and give back what it had reserved and not used."""

    async def give_back_stale(self, made_before: datetime) -> int:
        """Give back what was reserved before a time for turns that are not under way; returns how many there were.

        Counters of days that are long past go too.
        """

    async def reserved(self, turn_id: int) -> Account | None:
        """Tell on whose account a turn has something reserved; None where it has nothing."""

    async def spent(self, account: Account) -> Quotas:
        """Tell what counts against the quotas of a day, reservations included."""

    async def add_up(self, query: UsageQuery) -> UsageSums:
        """Add up what was used; the sums are of everything, however many rows there are."""
