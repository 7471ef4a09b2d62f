"""The quotas of a place, and what a turn counts against them."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.usage.quota import NO_LIMITS, Amount, Cost, Quotas


def limits_of(settings: Settings, place: Place, totals: Quotas = NO_LIMITS) -> Quotas:
    """Read the quotas that hold in a place; where no guild rules there are a user's only.

    ``totals`` are the operator's, which hold over all places together.
    """
    user = Amount(
        calls=settings.person_calls_a_day, tokens=settings.person_tokens_a_day, pictures=settings.person_pictures_a_day
    )
    if place.ruling_guild_id is None:
        return replace(totals, user=user)
    guild = Amount(
        calls=settings.guild_calls_a_day, tokens=settings.guild_tokens_a_day, pictures=settings.guild_pictures_a_day
    )
    return replace(totals, user=user, guild=guild)


def cost_of(settings: Settings, *, tokens: int, pictures: int) -> Cost | None:
    """Work out what something cost; None where no price is set or nothing was spent."""
    amount = tokens / 1000 * settings.cost_per_1000_tokens + pictures * settings.cost_per_picture
    return Cost(amount=amount, currency=settings.cost_currency) if amount > 0 else None
