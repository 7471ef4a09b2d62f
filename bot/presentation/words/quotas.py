"""Words on quotas and prices: templates and what goes into them; times are shown in the reader's own zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.usage.quota import Cost, Notice, QuotaLeft
from bot.errors import Holder, Resource, Shortage
from bot.presentation.words.languages import mark

_USED_UP: Mapping[tuple[Resource, Holder], str] = {
    (Resource.CALLS, Holder.PERSON): mark(
        "You have used up your requests for today ({limit}). You can ask again {until} ({at})."
    ),
    (Resource.CALLS, Holder.GUILD): mark(
        "This server has used up its requests for today ({limit}). You can ask again {until} ({at})."
    ),
    (Resource.TOKENS, Holder.PERSON): mark(
        "You have used up your tokens for today ({limit}). You can ask again {until} ({at})."
    ),
    (Resource.TOKENS, Holder.GUILD): mark(
        "This server has used up its tokens for today ({limit}). You can ask again {until} ({at})."
    ),
    (Resource.PICTURES, Holder.PERSON): mark(
        "You have used up your pictures for today ({limit}). There are new ones {until} ({at}); I can still talk."
    ),
    (Resource.PICTURES, Holder.GUILD): mark(
        "This server has used up its pictures for today ({limit}). There are new ones {until} ({at}); I can still talk."
    ),
}
_TOO_FEW: Mapping[tuple[Resource, Holder], str] = {
    (Resource.CALLS, Holder.PERSON): mark(
        "Only {left} of {limit} are left of your requests for today, too few for this. They are full again {until} "
        "({at})."
    ),
    (Resource.CALLS, Holder.GUILD): mark(
        "Only {left} of {limit} are left of this server's requests for today, too few for this. They are full again "
        "{until} ({at})."
    ),
    (Resource.TOKENS, Holder.PERSON): mark(
        "Only {left} of {limit} are left of your tokens for today, too few for this. They are full again {until} "
        "({at})."
    ),
    (Resource.TOKENS, Holder.GUILD): mark(
        "Only {left} of {limit} are left of this server's tokens for today, too few for this. They are full again "
        "{until} ({at})."
    ),
    (Resource.PICTURES, Holder.PERSON): mark(
        "Only {left} of {limit} are left of your pictures for today: ask for fewer. They are full again {until} ({at})."
    ),
    (Resource.PICTURES, Holder.GUILD): mark(
        "Only {left} of {limit} are left of this server's pictures for today: ask for fewer. They are full again "
        "{until} ({at})."
    ),
}
_LEFT: Mapping[tuple[Resource, Holder], str] = {
    (Resource.CALLS, Holder.PERSON): mark("Your requests left today: {left} of {limit} · resets {until} ({at})"),
    (Resource.CALLS, Holder.GUILD): mark(
        "This server's requests left today: {left} of {limit} · resets {until} ({at})"
    ),
    (Resource.TOKENS, Holder.PERSON): mark("Your tokens left today: {left} of {limit} · resets {until} ({at})"),
    (Resource.TOKENS, Holder.GUILD): mark("This server's tokens left today: {left} of {limit} · resets {until} ({at})"),
    (Resource.PICTURES, Holder.PERSON): mark("Your pictures left today: {left} of {limit} · resets {until} ({at})"),
    (Resource.PICTURES, Holder.GUILD): mark(
        "This server's pictures left today: {left} of {limit} · resets {until} ({at})"
    ),
}
_LEFT_OF_ANOTHER: Mapping[Resource, str] = {
    Resource.CALLS: mark("Their requests left today: {left} of {limit} · resets {until} ({at})"),
    Resource.TOKENS: mark("Their tokens left today: {left} of {limit} · resets {until} ({at})"),
    Resource.PICTURES: mark("Their pictures left today: {left} of {limit} · resets {until} ({at})"),
}
_COST = mark("Cost: about {cost}")


def shortage_words(shortage: Shortage) -> tuple[str, Mapping[str, str]]:
    """Choose the template for a quota that does not allow something, with its values."""
    templates = _TOO_FEW if shortage.left else _USED_UP
    return templates[shortage.resource, shortage.holder], _values(shortage)


def notice_words(notice: Notice, *, of_another: bool = False) -> tuple[str, Mapping[str, str]]:
    """Choose the template for what is told under an answer, with its values; ``of_another``: to somebody else."""
    match notice:
        case QuotaLeft(holder=Holder.PERSON) if of_another:
            return _LEFT_OF_ANOTHER[notice.resource], _values(notice)
        case QuotaLeft():
            return _LEFT[notice.resource, notice.holder], _values(notice)
        case Cost():
            return _COST, {"cost": price(notice.amount, notice.currency)}


def price(amount: float, currency: str) -> str:
    """Write an amount of money: two places, and as many more as a small one needs to be seen (at most six)."""
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
