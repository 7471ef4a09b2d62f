"""Quotas: what may be spent in a day (UTC), what is spent, and what is left.

A call's tokens are reserved before it is made: those of the prompt as estimated, and as many for the answer as it may
get at most, which is lowered to what the quota has left. So a quota is never overspent by more than the estimate of the
prompt was too low. What was not needed is given back when the turn ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.errors import Holder, Resource, Shortage

LEAST_ANSWER_TOKENS: Final = 64
"""An answer of fewer tokens is not worth a call; where fewer are set as the most, those."""
NOTICE_SHARE: Final = 0.2
"""What is left is told once it is at most this share of the quota, or 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much of each resource; in limits 0 is no limit."""

    calls: int = 0
    tokens: int = 0
    pictures: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            calls=self.calls + other.calls, tokens=self.tokens + other.tokens, pictures=self.pictures + other.pictures
        )

    def __sub__(self, other: Amount) -> Amount:
        return Amount(
            calls=self.calls - other.calls, tokens=self.tokens - other.tokens, pictures=self.pictures - other.pictures
        )

    def of(self, resource: Resource) -> int:
        """How much of one resource."""
        match resource:
            case Resource.CALLS:
                return self.calls
            case Resource.TOKENS:
                return self.tokens
            case Resource.PICTURES:
                return self.pictures


NOTHING: Final = Amount()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """An amount for each ``Holder``: what may be spent in a day, or what is."""

    user: Amount = NOTHING
    guild: Amount = NOTHING
    everywhere: Amount = NOTHING
    bot: Amount = NOTHING

    @classmethod
    def by_holder(cls, amounts: Mapping[Holder, Amount]) -> Quotas:
        """Put together what there is for each of them."""
        return cls(
            user=amounts.get(Holder.PERSON, NOTHING),
            guild=amounts.get(Holder.GUILD, NOTHING),
            everywhere=amounts.get(Holder.EVERYWHERE, NOTHING),
            bot=amounts.get(Holder.BOT, NOTHING),
        )

    def of(self, holder: Holder) -> Amount:
        """The amount of one of them."""
        match holder:
            case Holder.PERSON:
                return self.user
            case Holder.GUILD:
                return self.guild
            case Holder.EVERYWHERE:
                return self.everywhere
            case Holder.BOT:
                return self.bot

    @property
    def holders(self) -> frozenset[Holder]:
        """Those who have any amount."""
        return frozenset(holder for holder in Holder if self.of(holder) != NOTHING)

    def __bool__(self) -> bool:
        return self != Quotas()

    def __add__(self, amount: Amount) -> Quotas:
        return Quotas.by_holder({holder: self.of(holder) + amount for holder in Holder})

    def __sub__(self, amount: Amount) -> Quotas:
        return Quotas.by_holder({holder: self.of(holder) - amount for holder in Holder})


NO_LIMITS: Final = Quotas()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """On whose account something is spent; ``guild_id`` 0 is outside of the bot's guilds."""

    day: date
    guild_id: int
    channel_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a turn is about to ask of the model, of all its ``calls`` together; ``new_tokens`` are those of each answer.

    Each answer gets ``least_new_tokens`` to ``new_tokens``. Of pictures all are given, or none where
    ``without_pictures`` will do.
    """

    calls: int = 1
    prompt_tokens: int = 0
    new_tokens: int = 0
    least_new_tokens: int = 0
    pictures: int = 0
    without_pictures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a demand got: ``reserved`` in all, ``new_tokens`` for each answer; ``spent`` is what then is spent.

    ``bounded``: a quota of tokens holds, so that no answer may be longer. ``shortage`` says why there are no pictures,
    where some were asked for and none are given.
    """

    reserved: Amount
    new_tokens: int
    bounded: bool = False
    spent: Quotas = field(default_factory=Quotas)
    shortage: Shortage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLeft:
    """What is left of a quota, ``resets_at`` is when it is full again (UTC)."""

    resource: Resource
    holder: Holder
    left: int
    limit: int
    resets_at: datetime

    @property
    def low(self) -> bool:
        """Whether so little is left that it is time to say so."""
        return self.left <= max(1, self.limit * NOTICE_SHARE)

    @property
    def short(self) -> Shortage:
        """The same as the reason why something can't be done."""
        return Shortage(
            resource=self.resource, holder=self.holder, left=self.left, limit=self.limit, resets_at=self.resets_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What something costs, in the currency that the place has set (any short text)."""

    amount: float
    currency: str


Notice = QuotaLeft | Cost
"""What is told under an answer; the presentation has words for each."""


def day_of(now: datetime) -> date:
    """The day that something spent now counts for."""
    return now.astimezone(UTC).date()


def resets_at(day: date) -> datetime:
    """When a day's quotas are full again."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def grant(demand: Demand, limits: Quotas, spent: Quotas, day: date) -> Grant | Shortage:
    """Decide what a demand gets where ``spent`` is spent already: all of it, less where that will do, or nothing."""

    calls, tokens, pictures = (tightest(resource, limits, spent, day) for resource in Resource)
    if calls is not None and calls.left < demand.calls:
        return calls.short
    shortage = None
    if pictures is not None and pictures.left < demand.pictures:
        shortage = pictures.short
        if not demand.without_pictures:
            return shortage
    new_tokens = demand.new_tokens
    if tokens is not None:
        room = (tokens.left - demand.prompt_tokens) // max(1, demand.calls)
        if room < max(1, demand.least_new_tokens):
            return tokens.short
        new_tokens = min(new_tokens, room)
    reserved = Amount(
        calls=demand.calls,
        tokens=demand.prompt_tokens + demand.calls * new_tokens,
        pictures=0 if shortage else demand.pictures,
    )
    return Grant(
        reserved=reserved,
        new_tokens=new_tokens,
        bounded=tokens is not None,
        spent=spent + reserved,
        shortage=shortage,
    )


def tightest(resource: Resource, limits: Quotas, spent: Quotas, day: date) -> QuotaLeft | None:
    """Tell what is left of a resource by the quota that has least of it left; None: no quota."""
    found: QuotaLeft | None = None
    for holder in Holder:
        limit = limits.of(holder).of(resource)
        left = max(0, limit - spent.of(holder).of(resource))
        if limit and (found is None or left < found.left):
            found = QuotaLeft(resource=resource, holder=holder, left=left, limit=limit, resets_at=resets_at(day))
    return found


def least_answer(new_tokens: int) -> int:
    """The fewest tokens for which an answer that may have ``new_tokens`` is worth a call."""
    return min(new_tokens, LEAST_ANSWER_TOKENS)
