"""The rules of a place: channels, roles, quotas and prices, and which of them is told first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.admission import refusal, refused_place, refused_roles
from bot.domain.usage.limits import cost_of, limits_of
from bot.domain.usage.quota import Amount, Cost, Quotas
from bot.errors import Refusal

CHANNEL = Place(channel_id=10, guild_id=1, category_id=30)
THREAD = Place(channel_id=20, guild_id=1, parent_id=10, category_id=30)
DIRECT = Place(channel_id=40)
UNKNOWN = Place(channel_id=50, guild_id=1, certain=False)
ABROAD = replace(CHANNEL, by_token_only=True)


@pytest.mark.parametrize(
    ("place", "allowed", "refused", "expected"),
    [
        (CHANNEL, (), (), False),
        (CHANNEL, (10,), (), False),
        (CHANNEL, (11,), (), True),
        (CHANNEL, (30,), (), False),
        (CHANNEL, (), (10,), True),
        (CHANNEL, (), (30,), True),
        (CHANNEL, (10,), (30,), True),
        (THREAD, (10,), (), False),
        (THREAD, (20,), (), False),
        (THREAD, (30,), (), False),
        (THREAD, (), (10,), True),
        (THREAD, (), (30,), True),
        (THREAD, (20,), (10,), True),
        (THREAD, (11,), (), True),
        (DIRECT, (10,), (), False),
        (DIRECT, (), (40,), False),
        (ABROAD, (11,), (10,), False),
        (UNKNOWN, (), (), False),
        (UNKNOWN, (), (10,), True),
        (UNKNOWN, (50,), (), True),
    ],
)
def test_channels(place: Place, allowed: tuple[int, ...], refused: tuple[int, ...], expected: bool) -> None:
    assert refused_place(place, Settings(channels_allowed=allowed, channels_refused=refused)) is expected


@pytest.mark.parametrize(
    ("roles", "allowed", "refused", "expected"),
    [
        ((), (), (), False),
        ((5,), (), (), False),
        ((5,), (5,), (), False),
        ((5, 6), (6,), (), False),
        ((), (5,), (), True),
        ((6,), (5,), (), True),
        ((5,), (), (5,), True),
        ((5, 6), (6,), (5,), True),
        ((), (1,), (), False),  # the guild's own id is everyone's role
        ((5,), (), (1,), True),
    ],
)
def test_roles(roles: tuple[int, ...], allowed: tuple[int, ...], refused: tuple[int, ...], expected: bool) -> None:
    settings = Settings(roles_allowed=allowed, roles_refused=refused)
    assert refused_roles(CHANNEL, roles, settings) is expected
    assert refused_roles(DIRECT, roles, settings) is False


def test_what_is_refused_first() -> None:
    settings = Settings(channels_refused=(10,), roles_refused=(5,), forbidden_words=("spam",))
    assert refusal("spam", CHANNEL, (5,), settings) is Refusal.CHANNEL
    elsewhere = replace(CHANNEL, channel_id=11)
    assert refusal("spam", elsewhere, (5,), settings) is Refusal.ROLE
    assert refusal("spam", elsewhere, (), settings) is Refusal.FORBIDDEN_WORD
    assert refusal("spam", elsewhere, None, settings) is Refusal.FORBIDDEN_WORD
    assert refusal("hello", elsewhere, (), settings) is None
    assert refusal("spam", DIRECT, (), settings) is Refusal.FORBIDDEN_WORD


def test_roles_that_are_not_known_are_not_asked_for() -> None:
    assert refusal("hello", CHANNEL, None, Settings(roles_allowed=(5,))) is None
    assert refusal("hello", CHANNEL, (), Settings(roles_allowed=(5,))) is Refusal.ROLE


def test_a_guild_s_quota_holds_in_guilds_only() -> None:
    settings = Settings(
        person_calls_a_day=1,
        person_tokens_a_day=2,
        person_pictures_a_day=3,
        guild_calls_a_day=4,
        guild_tokens_a_day=5,
        guild_pictures_a_day=6,
    )
    user, guild = Amount(calls=1, tokens=2, pictures=3), Amount(calls=4, tokens=5, pictures=6)
    assert limits_of(settings, CHANNEL) == Quotas(user=user, guild=guild)
    assert limits_of(settings, DIRECT) == Quotas(user=user)
    assert not limits_of(Settings(), CHANNEL)


def test_prices() -> None:
    settings = Settings(cost_per_1000_tokens=2.0, cost_per_picture=0.5, cost_currency="元")
    assert cost_of(settings, tokens=1500, pictures=2) == Cost(amount=4.0, currency="元")
    assert cost_of(settings, tokens=0, pictures=0) is None
    assert cost_of(Settings(), tokens=1500, pictures=2) is None
