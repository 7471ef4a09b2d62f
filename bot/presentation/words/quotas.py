"""Words on quotas and prices: templates and what goes into them; times are shown in the reader's own zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.page.foreign import literal
from bot.domain.usage.quota import Cost, Notice, QuotaLeft
from bot.errors import Holder, Resource, Shortage
from bot.presentation.words.languages import WordId, mark

_USED_UP: Mapping[tuple[Resource, Holder], WordId] = {
    (Resource.CALLS, Holder.PERSON): mark("quota.used_up.person.calls"),
    (Resource.CALLS, Holder.GUILD): mark("quota.used_up.guild.calls"),
    (Resource.TOKENS, Holder.PERSON): mark("quota.used_up.person.tokens"),
    (Resource.TOKENS, Holder.GUILD): mark("quota.used_up.guild.tokens"),
    (Resource.PICTURES, Holder.PERSON): mark("quota.used_up.person.pictures"),
    (Resource.PICTURES, Holder.GUILD): mark("quota.used_up.guild.pictures"),
    (Resource.CALLS, Holder.EVERYWHERE): mark("quota.used_up.everywhere.calls"),
    (Resource.CALLS, Holder.BOT): mark("quota.used_up.bot.calls"),
    (Resource.TOKENS, Holder.EVERYWHERE): mark("quota.used_up.everywhere.tokens"),
    (Resource.TOKENS, Holder.BOT): mark("quota.used_up.bot.tokens"),
    (Resource.PICTURES, Holder.EVERYWHERE): mark("quota.used_up.everywhere.pictures"),
    (Resource.PICTURES, Holder.BOT): mark("quota.used_up.bot.pictures"),
}
_TOO_FEW: Mapping[tuple[Resource, Holder], WordId] = {
    (Resource.CALLS, Holder.PERSON): mark("quota.too_few.person.calls"),
    (Resource.CALLS, Holder.GUILD): mark("quota.too_few.guild.calls"),
    (Resource.TOKENS, Holder.PERSON): mark("quota.too_few.person.tokens"),
    (Resource.TOKENS, Holder.GUILD): mark("quota.too_few.guild.tokens"),
    (Resource.PICTURES, Holder.PERSON): mark("quota.too_few.person.pictures"),
    (Resource.PICTURES, Holder.GUILD): mark("quota.too_few.guild.pictures"),
    (Resource.CALLS, Holder.EVERYWHERE): mark("quota.too_few.everywhere.calls"),
    (Resource.CALLS, Holder.BOT): mark("quota.too_few.bot.calls"),
    (Resource.TOKENS, Holder.EVERYWHERE): mark("quota.too_few.everywhere.tokens"),
    (Resource.TOKENS, Holder.BOT): mark("quota.too_few.bot.tokens"),
    (Resource.PICTURES, Holder.EVERYWHERE): mark("quota.too_few.everywhere.pictures"),
    (Resource.PICTURES, Holder.BOT): mark("quota.too_few.bot.pictures"),
}
_LEFT: Mapping[tuple[Resource, Holder], WordId] = {
    (Resource.CALLS, Holder.PERSON): mark("quota.left.person.calls"),
    (Resource.CALLS, Holder.GUILD): mark("quota.left.guild.calls"),
    (Resource.TOKENS, Holder.PERSON): mark("quota.left.person.tokens"),
    (Resource.TOKENS, Holder.GUILD): mark("quota.left.guild.tokens"),
    (Resource.PICTURES, Holder.PERSON): mark("quota.left.person.pictures"),
    (Resource.PICTURES, Holder.GUILD): mark("quota.left.guild.pictures"),
    (Resource.CALLS, Holder.EVERYWHERE): mark("quota.left.everywhere.calls"),
    (Resource.CALLS, Holder.BOT): mark("quota.left.bot.calls"),
    (Resource.TOKENS, Holder.EVERYWHERE): mark("quota.left.everywhere.tokens"),
    (Resource.TOKENS, Holder.BOT): mark("quota.left.bot.tokens"),
    (Resource.PICTURES, Holder.EVERYWHERE): mark("quota.left.everywhere.pictures"),
    (Resource.PICTURES, Holder.BOT): mark("quota.left.bot.pictures"),
}
_LEFT_OF_ANOTHER: Mapping[Resource, WordId] = {
    Resource.CALLS: mark("quota.left_of_another.calls"),
    Resource.TOKENS: mark("quota.left_of_another.tokens"),
    Resource.PICTURES: mark("quota.left_of_another.pictures"),
}
_COST = mark("quota.cost")
CURRENCY_CHARS = 8
"""No currency is longer (``cost_currency``)."""


def shortage_words(shortage: Shortage) -> tuple[WordId, Mapping[str, str]]:
    """Choose the template for a quota that does not allow something, with its values."""
    templates = _TOO_FEW if shortage.left else _USED_UP
    return templates[shortage.resource, shortage.holder], _values(shortage)


def notice_words(notice: Notice, *, of_another: bool = False) -> tuple[WordId, Mapping[str, str]]:
    """Choose the template for what is told under an answer, with its values; ``of_another``: to somebody else."""
    match notice:
        case QuotaLeft(holder=Holder.PERSON) if of_another:
            return _LEFT_OF_ANOTHER[notice.resource], _values(notice)
        case QuotaLeft():
            return _LEFT[notice.resource, notice.holder], _values(notice)
        case Cost():
            return _COST, {"cost": price(notice.amount, literal(notice.currency, CURRENCY_CHARS))}


def price(amount: float, currency: str) -> str:
    """Write an amount of money: two places, and as many more as a small one needs to be seen (at most six).

    ``currency`` is what a place has set, made fit for where it is shown.
    """
    places = next((places for places in range(2, 6) if amount >= 10 ** (1 - places)), 6)
    return f"{amount:,.{places}f} {currency}".strip()


def relative(moment: datetime) -> str:
    """Write a time so that Discord shows how far away it is ("in 3 hours"), in the reader's language."""
    return f"<t:{int(moment.timestamp())}:R>"


def clock_time(moment: datetime) -> str:
    """Write a time so that Discord shows its date and hour in the reader's time zone."""
    return f"<t:{int(moment.timestamp())}:f>"


def _values(quota: Shortage | QuotaLeft) -> dict[str, str]:
    return {
        "left": f"{quota.left:,}",
        "limit": f"{quota.limit:,}",
        "until": relative(quota.resets_at),
        "at": clock_time(quota.resets_at),
    }
