"""What was used and what is reserved, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.domain.usage.counts import (
    MOST_SHARES,
    DayUsage,
    Reservation,
    Settlement,
    Share,
    Shares,
    UsageQuery,
    UsageRow,
    UsageSums,
    Used,
)
from bot.domain.usage.quota import NOTHING, Account, Amount, Grant, Quotas, grant
from bot.errors import Holder, Shortage, StorageError

K = TypeVar("K")


class FakeUsageStore:
    """``UsageStore`` in memory; ``failing`` set to an error makes every method raise it.

    ``held`` are the reservations by turn, ``used`` what was counted by account. ``under_way`` are the turns that are.
    """

    def __init__(self) -> None:
        self.failing: StorageError | None = None
        self.held: dict[int, tuple[Account, Amount, datetime]] = {}
        self.used: dict[Account, Used] = {}
        self.under_way: set[int] = set()
        self.asked: list[Reservation] = []

    async def reserve(self, wanted: Reservation) -> Grant | Shortage:
        self._check()
        self.asked.append(wanted)
        before = self._spent(wanted.account, but=wanted.turn_id) + wanted.used
        # A counter that has no limit is not kept.
        before = Quotas.by_holder({holder: before.of(holder) for holder in wanted.limits.holders})
        granted = grant(wanted.demand, wanted.limits, before, wanted.account.day)
        if isinstance(granted, Grant):
            self.held[wanted.turn_id] = (wanted.account, wanted.used + granted.reserved, wanted.made_at)
        return granted

    async def settle(self, settlement: Settlement) -> None:
        self._check()
        if settlement.reserved:
            self.held.pop(settlement.turn_id, None)
        if settlement.used != Used():
            self.used[settlement.account] = self.used.get(settlement.account, Used()) + settlement.used

    async def give_back_stale(self, made_before: datetime) -> int:
        self._check()
        stale = [turn for turn, (_, _, at) in self.held.items() if at < made_before and turn not in self.under_way]
        for turn in stale:
            del self.held[turn]
        return len(stale)

    async def reserved(self, turn_id: int) -> Account | None:
        self._check()
        return self.held[turn_id][0] if turn_id in self.held else None

    async def spent(self, account: Account) -> Quotas:
        self._check()
        return self._spent(account)

    async def add_up(self, query: UsageQuery) -> UsageSums:
        self._check()
        found = {
            account: used
            for account, used in self.used.items()
            if query.first <= account.day <= query.last
            and query.guild_id in (None, account.guild_id)
            and query.channel_id in (None, account.channel_id)
            and query.user_id in (None, account.user_id)
        }
        rows = _sums(found, lambda account: account if query.named else replace(account, user_id=0))
        newest = sorted(
            rows.items(),
            key=lambda row: (-row[0].day.toordinal(), -row[1].total_tokens, *_place(row[0])),
        )
        days = _sums(found, lambda account: account.day)
        return UsageSums(
            days=tuple(DayUsage(day=day, used=used) for day, used in sorted(days.items())),
            channels=_shares(_sums(found, lambda account: account.channel_id)) if query.by_channel else Shares(),
            users=_shares(_sums(found, lambda account: account.user_id)) if query.by_user else Shares(),
            rows=tuple(UsageRow(account=account, used=used) for account, used in newest[: query.most_rows]),
        )

    def _spent(self, account: Account, *, but: int | None = None) -> Quotas:
        spent = [(each, used.amount) for each, used in self.used.items()]
        spent += [(each, amount) for turn, (each, amount, _) in self.held.items() if turn != but]
        found = dict.fromkeys(Holder, NOTHING)
        for each, amount in spent:
            if each.day != account.day:
                continue
            guild, user = each.guild_id == account.guild_id, each.user_id == account.user_id
            shares = {
                Holder.PERSON: guild and user,
                Holder.GUILD: guild,
                Holder.EVERYWHERE: user,
                Holder.BOT: True,
            }
            found |= {holder: found[holder] + amount for holder, share in shares.items() if share}
        return Quotas.by_holder(found)

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing


def _sums(found: Mapping[Account, Used], key: Callable[[Account], K]) -> dict[K, Used]:
    sums: dict[K, Used] = {}
    for account, used in found.items():
        sums[key(account)] = sums.get(key(account), Used()) + used
    return sums


def _shares(sums: Mapping[int, Used]) -> Shares:
    def order(share: Share) -> tuple[int, int, int, int]:
        return (-share.used.total_tokens, -share.used.pictures, -share.used.calls, share.id)

    shares = sorted((Share(id=each, used=used) for each, used in sums.items()), key=order)
    return Shares(largest=tuple(shares[:MOST_SHARES]), count=len(shares))


def _place(account: Account) -> tuple[int, int, int]:
    return account.guild_id, account.channel_id, account.user_id
