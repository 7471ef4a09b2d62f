"""What was used, reported: by day, by place and by user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.clock import Clock
from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.usage.counts import DayUsage, Shares, UsageQuery, UsageRow, Used
from bot.domain.usage.limits import cost_of
from bot.domain.usage.ports import UsageStore
from bot.domain.usage.quota import Cost, QuotaLeft, day_of
from bot.errors import BotError
from bot.services.settings.service import SettingsService
from bot.services.usage.quota import QuotaService

MOST_ROWS: Final = 50_000
"""Rows in a file: at their longest, 170 bytes each, they stay below the 10 MiB that Discord takes everywhere."""


class UsageScope(StrEnum):
    """Whose usage; each has words for people in every language."""

    PERSON = "person"
    CHANNEL = "channel"
    GUILD = "guild"
    EVERYWHERE = "everywhere"
    """A user's own, over all servers and direct messages."""


class Span(StrEnum):
    """Over how long; each ends today (UTC) and has words for people in every language."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def days(self) -> int:
        """How many days, today included."""
        return {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30}[self]


class UsageRefusal(StrEnum):
    """Why there is no report; each has words for people in every language."""

    NOT_A_MANAGER = "not_a_manager"
    NO_GUILD = "no_guild"
    OWN_ALONE = "own_alone"
    """What somebody else does elsewhere is nobody's business, whoever manages this guild."""


class UsageRefusedError(BotError):
    """Somebody asked for a usage that is not theirs to see; ``refusal`` says why."""

    def __init__(self, refusal: UsageRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The file has not room for everything: it has what was used from ``first`` on, in ``rows`` rows.

    ``whole``: it has those days whole; else there is that one day alone, and of that the rows of the most tokens.
    """

    first: date
    rows: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """What was used: ``days`` has every day of the span, oldest first.

    ``person_id`` is whose usage it is, None where it is everybody's. ``rows`` is all of it by day, channel and user,
    in that order, as far as ``cut`` does not tell otherwise. Who used what is for those alone who manage the server:
    others get no ``persons``, and rows of nobody (0). ``left`` is what is left today of the quotas of whose usage it
    is, else of the asker's; ``of_another``: it is another user's.
    """

    scope: UsageScope
    span: Span
    days: tuple[DayUsage, ...]
    total: Used
    channels: Shares
    users: Shares
    rows: tuple[UsageRow, ...]
    left: tuple[QuotaLeft, ...]
    settings: Settings
    user_id: int | None = None
    of_another: bool = False
    cut: Cut | None = None

    def cost(self, used: Used) -> Cost | None:
        """What it cost, at today's prices; None where none are set."""
        return cost_of(self.settings, tokens=used.total_tokens, pictures=used.pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose usage a report is about; ``person_id`` is None for everybody's. ``by_person``: it names who used what."""

    scope: UsageScope
    user_id: int | None
    of_another: bool
    by_user: bool


def whose(
    scope: UsageScope, asker_id: int, user_id: int | None, *, in_guild: bool, manages_guild: bool
) -> Subject | UsageRefusal:
    """Decide whose usage is asked for, and whether it is for the asker to see."""
    if scope is UsageScope.EVERYWHERE:
        if user_id not in (None, asker_id):
            return UsageRefusal.OWN_ALONE
        return Subject(scope=scope, user_id=asker_id, of_another=False, by_user=False)
    if scope is UsageScope.PERSON and user_id is None:
        user_id = asker_id
    if not in_guild and (scope is not UsageScope.PERSON or user_id != asker_id):
        return UsageRefusal.NO_GUILD
    of_another = user_id not in (None, asker_id)
    of_the_guild = scope is UsageScope.GUILD and user_id is None
    if (of_another or of_the_guild) and not manages_guild:
        return UsageRefusal.NOT_A_MANAGER
    return Subject(
        # What a user used anywhere on the guild is what the scope of a user reports.
        scope=UsageScope.PERSON if scope is UsageScope.GUILD and user_id is not None else scope,
        user_id=user_id,
        of_another=of_another,
        by_user=manages_guild and user_id is None,
    )


class UsageService:
    """Makes reports, for those who may have them."""

    def __init__(self, store: UsageStore, quota: QuotaService, settings: SettingsService, clock: Clock) -> None:
        self._store = store
        self._quota = quota
        self._settings = settings
        self._clock = clock

    async def report(
        self,
        place: Place,
        asker_id: int,
        scope: UsageScope,
        span: Span,
        *,
        manages_guild: bool,
        user_id: int | None = None,
    ) -> UsageReport:
        """Report what was used in the place's guild, or outside of the bot's guilds; ``EVERYWHERE`` is over all.

        ``person_id`` is whose usage it is, in every scope: in a channel it is what they used there, on the guild what
        they used anywhere on it, as with the scope of a user, whose it is the asker's where nobody is given. Raises
        ``UsageRefusedError`` where that is not for the asker to see, and ``StorageError``.
        """
        subject = whose(
            scope, asker_id, user_id, in_guild=place.ruling_guild_id is not None, manages_guild=manages_guild
        )
        if isinstance(subject, UsageRefusal):
            raise UsageRefusedError(subject)
        settings = await self._settings.in_force(place, asker_id)
        query = _query(subject, span, place, day_of(self._clock.now()))
        sums = await self._store.add_up(query)
        used = {day.day: day.used for day in sums.days}
        days = [query.first + timedelta(days=number) for number in range(span.days)]
        rows, cut = _cut(sums.rows)
        return UsageReport(
            scope=subject.scope,
            span=span,
            days=tuple(DayUsage(day=day, used=used.get(day, Used())) for day in days),
            total=sum(used.values(), Used()),
            channels=sums.channels,
            users=sums.users,
            rows=rows,
            left=await self._quota.left(
                place,
                asker_id if subject.user_id is None else subject.user_id,
                settings,
                of_another=subject.of_another,
            ),
            settings=settings,
            user_id=subject.user_id,
            of_another=subject.of_another,
            cut=cut,
        )


def _query(subject: Subject, span: Span, place: Place, today: date) -> UsageQuery:
    in_channel, everywhere = subject.scope is UsageScope.CHANNEL, subject.scope is UsageScope.EVERYWHERE
    return UsageQuery(
        first=today - timedelta(days=span.days - 1),
        last=today,
        most_rows=MOST_ROWS + 1,  # one more tells that there are more
        guild_id=None if everywhere else place.ruling_guild_id or 0,
        channel_id=place.channel_id if in_channel else None,
        user_id=subject.user_id,
        by_channel=not in_channel and not everywhere,  # a channel elsewhere has no name here
        by_user=subject.by_user,
    )


def _cut(newest: Sequence[UsageRow]) -> tuple[tuple[UsageRow, ...], Cut | None]:
    """Keep as many whole days, the newest, as the file has room for; returns their rows oldest first."""
    kept, cut = newest, None
    if len(newest) > MOST_ROWS:
        oldest = newest[-1].account.day
        whole = [row for row in newest if row.account.day != oldest]
        kept = whole or newest[:MOST_ROWS]
        cut = Cut(first=kept[-1].account.day, rows=len(kept), whole=bool(whole))
    return tuple(sorted(kept, key=lambda row: (row.account.day, row.account.channel_id, row.account.user_id))), cut
