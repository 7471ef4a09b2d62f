"""What was used, reported: by day, by place and by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.admission import cost_of
from bot.domain.messages import Place
from bot.domain.ports import Clock
from bot.domain.quota import Account, Cost, QuotaLeft, day_of
from bot.domain.settings import Settings
from bot.domain.usage import UsageQuery, UsageRow, UsageStore, Used
from bot.errors import BotError
from bot.services.quota import QuotaService
from bot.services.settings import SettingsService


class UsageScope(StrEnum):
    """Whose usage; each has words for people in every language."""

    PERSON = "person"
    CHANNEL = "channel"
    GUILD = "guild"


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


class UsageRefusedError(BotError):
    """Somebody asked for a usage that is not theirs to see; ``refusal`` says why."""

    def __init__(self, refusal: UsageRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """What was used on one day."""

    day: date
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What was used in one channel, or by one person: ``id`` is theirs."""

    id: int
    used: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """What was used: ``days`` has every day of the span, oldest first; the shares come largest first.

    ``rows`` is all of it by day, channel and person. Who used what is for those alone who manage the server: others get
    no ``persons``, and rows of nobody (0). ``left`` is what is left today of the quotas of whose usage it is, else of
    the asker's; ``of_another``: it is another person's.
    """

    scope: UsageScope
    span: Span
    days: tuple[DayUsage, ...]
    total: Used
    channels: tuple[Share, ...]
    persons: tuple[Share, ...]
    rows: tuple[UsageRow, ...]
    left: tuple[QuotaLeft, ...]
    settings: Settings
    of_another: bool = False

    def cost(self, used: Used) -> Cost | None:
        """What it cost, at today's prices; None where none are set."""
        return cost_of(self.settings, tokens=used.total_tokens, pictures=used.pictures)


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
        person_id: int | None = None,
    ) -> UsageReport:
        """Report what was used in the place's guild, or outside of the bot's guilds.

        ``person_id`` is whose usage it is, where not the asker's. Raises ``UsageRefusedError``
        where that is not for the asker to see, and ``StorageError``.
        """
        person_id = asker_id if person_id is None else person_id
        guild_id = place.ruling_guild_id
        manages = manages_guild and guild_id is not None
        if scope is not UsageScope.PERSON and guild_id is None:
            raise UsageRefusedError(UsageRefusal.NO_GUILD)
        if not manages and (scope is UsageScope.GUILD or person_id != asker_id):
            raise UsageRefusedError(UsageRefusal.NOT_A_MANAGER)
        settings = await self._settings.in_force(place, asker_id)
        last = day_of(self._clock.now())
        first = last - timedelta(days=span.days - 1)
        rows = await self._store.rows(
            UsageQuery(
                first=first,
                last=last,
                guild_id=guild_id or 0,
                channel_id=place.channel_id if scope is UsageScope.CHANNEL else None,
                user_id=person_id if scope is UsageScope.PERSON else None,
            )
        )
        days = {first + timedelta(days=number): Used() for number in range(span.days)}
        for row in rows:
            days[row.account.day] += row.used
        own = scope is UsageScope.PERSON
        return UsageReport(
            scope=scope,
            span=span,
            days=tuple(DayUsage(day=day, used=used) for day, used in days.items()),
            total=sum((row.used for row in rows), Used()),
            channels=() if scope is UsageScope.CHANNEL else _shares(rows, lambda row: row.account.channel_id),
            persons=_shares(rows, lambda row: row.account.user_id) if manages and not own else (),
            rows=rows if manages or own else _nobody_s(rows),
            left=await self._quota.left(place, person_id if own else asker_id, settings),
            settings=settings,
            of_another=own and person_id != asker_id,
        )


def _shares(rows: Iterable[UsageRow], key: Callable[[UsageRow], int]) -> tuple[Share, ...]:
    """Add up by whatever ``key`` tells; the most tokens first, then pictures, then calls."""
    found: dict[int, Used] = {}
    for row in rows:
        found[key(row)] = found.get(key(row), Used()) + row.used

    def size(share: Share) -> tuple[int, int, int, int]:
        return (-share.used.total_tokens, -share.used.pictures, -share.used.calls, share.id)

    return tuple(sorted((Share(id=each, used=used) for each, used in found.items()), key=size))


def _nobody_s(rows: Iterable[UsageRow]) -> tuple[UsageRow, ...]:
    """Leave out who it was."""
    found: dict[Account, Used] = {}
    for row in rows:
        account = replace(row.account, user_id=0)
        found[account] = found.get(account, Used()) + row.used
    return tuple(UsageRow(account=account, used=used) for account, used in found.items())
