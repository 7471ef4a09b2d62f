"""The rules of a place: channels, roles, words, quotas and prices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.turn.admission import has_forbidden_word, refusal, refused_place, refused_roles
from bot.domain.usage.limits import cost_of, limits_of
from bot.domain.usage.quota import Amount, Cost, Quotas
from bot.errors import Refusal

CHANNEL = Place(channel_id=10, guild_id=1, category_id=30)
THREAD = Place(channel_id=20, guild_id=1, parent_id=10, category_id=30)
DIRECT = Place(channel_id=40)
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a Spam here", ("spam",)),
        ("SPAM", ("spam",)),
        ("spam!", ("Spam",)),
        ("(spam)", ("spam",)),
        ("s\u200bp\u00adam", ("spam",)),
        ("ｓｐａｍ", ("spam",)),
        ("𝓼𝓹𝓪𝓶", ("spam",)),
        ("spa\u200d\ufe0fm", ("spam",)),
        ("straße", ("STRASSE",)),
        ("cafe\u0301", ("café",)),
        ("我要spam吗", ("spam",)),
        ("这是垃圾邮件吗", ("垃圾",)),
        ("垃\u200b圾", ("垃圾",)),
        ("スパムです", ("スパム",)),
        ("ｽﾊﾟﾑ", ("スパム",)),
        ("스팸이다", ("스팸",)),
        ("bad   word", ("bad word",)),
        ("bad\nword", ("bad word",)),
        ("say c++ now", ("c++",)),
        ("one", ("two", "one")),
        ("спам!", ("СПАМ",)),
        ("s\u034fp\U000e0100a\u3164m\u180b", ("spam",)),
        ("垃\u1160圾\U000e01ef", ("垃圾",)),
        ("s\u0336p\u0336a\u0336m\u0336", ("spam",)),
        ("hi🖕you", ("🖕",)),
        ("price$$$", ("$$$",)),
        ("c++11", ("c++",)),
    ],
)
def test_a_forbidden_word_is_found(text: str, words: tuple[str, ...]) -> None:
    assert has_forbidden_word(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spammer", ("spam",)),
        ("antispam", ("spam",)),
        ("spam_1", ("spam",)),
        ("spams", ("spam",)),
        ("Scunthorpe", ("cunt",)),
        ("hello", ()),
        ("hello", ("", "\u200b")),
        ("垃 圾", ("垃圾",)),
        ("a.b", ("a?b",)),
        ("xc++", ("c++",)),
        ("cafe", ("café",)),
        ("hello", ("\u3164", "\u034f")),
        ("", ("spam",)),
    ],
)
def test_what_is_no_forbidden_word(text: str, words: tuple[str, ...]) -> None:
    assert not has_forbidden_word(text, words)


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
