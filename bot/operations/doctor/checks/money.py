"""The checks of what may be spent: quotas, ceilings, and what one stranger could spend with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.domain.people import Place
from bot.domain.settings.layers import Operator, resolve
from bot.domain.usage.exposure import TOTALS, Exposure, dearest, in_words
from bot.domain.usage.limits import limits_of
from bot.domain.usage.quota import NOTHING, Amount, Quotas
from bot.errors import Holder, Resource
from bot.operations.doctor.findings import Finding, fine, warning

_WHOSE: Final = {
    Holder.EVERYWHERE: "a user has, over everything,",
    Holder.BOT: "all users together have",
    Holder.PERSON: "a user has in each server",
    Holder.GUILD: "each server has",
}
_NAMES: Final = {Resource.CALLS: "requests", Resource.TOKENS: "tokens", Resource.PICTURES: "pictures"}
_CURE: Final = (
    "Set TOTAL_PERSON_CALLS_A_DAY, TOTAL_PERSON_TOKENS_A_DAY and TOTAL_PERSON_PICTURES_A_DAY for each user, or TOTAL_… "
    "without PERSON for all together (docs/configuration.md)."
)


def check_money(operator: Operator, totals: Quotas, exposure: Exposure) -> list[Finding]:
    """Say what bounds the spending; ``exposure`` is what one user could spend within that."""
    in_a_server = limits_of(resolve(operator, ()).settings, Place(channel_id=1, guild_id=1))
    if totals:
        said = f"{_said(totals, (Holder.EVERYWHERE, Holder.BOT))}: {in_words(exposure)}"
        # Whoever may have no picture made can still talk.
        talk = any(_bounds_talk(totals.of(holder)) for holder in TOTALS)
        quotas = fine("quotas", said) if talk else warning("quotas", said, _CURE)
    elif in_a_server:
        said = _said(in_a_server, (Holder.PERSON, Holder.GUILD))
        if in_a_server.of(Holder.PERSON) == NOTHING:
            said += ", which holds in no direct message"
        quotas = fine("quotas", f"{said}, anew in each; TOTAL_PERSON_… and TOTAL_… bound what is used over all of them")
    else:
        quotas = warning("quotas", f"none is set: {in_words(exposure)}", _CURE)
    most = dearest(operator)
    ceilings = (
        f"at most {most.max_new_tokens:,} tokens an answer, {most.context_tokens:,} tokens of {most.context_messages} "
        f"messages before it, {most.max_count} pictures of {most.max_megapixels:g} megapixels and {most.max_steps} "
        "steps"
    )
    return [quotas, fine("ceilings", ceilings)]


def _bounds_talk(limit: Amount) -> bool:
    return bool(limit.calls or limit.tokens)


def _said(limits: Quotas, holders: Iterable[Holder]) -> str:
    return "; ".join(f"{_WHOSE[one]} {_amounts(limits.of(one))} a day" for one in holders if one in limits.holders)


def _amounts(limit: Amount) -> str:
    return ", ".join(f"{limit.of(resource):,} {name}" for resource, name in _NAMES.items() if limit.of(resource))
