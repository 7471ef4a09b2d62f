"""What the doctor says of quotas and ceilings."""

from __future__ import annotations

from bot import config
from bot.bootstrap.policy import exposure, unbounded
from bot.domain.settings.catalogue import parse_setting
from bot.operations.doctor.checks.money import check_money
from bot.operations.doctor.findings import Finding, Verdict

GOOD = {"DISCORD_TOKEN": "abc.def.ghi", "FUSION_API_SECRET_KEY": "sk-123456"}


def load(**changes: str) -> config.Config:
    return config.load({**GOOD, **changes}, parse_setting=parse_setting)


def found(**changes: str) -> list[Finding]:
    return check_money(*exposure(load(**changes)))


def test_without_any_quota_it_warns_with_what_one_stranger_could_spend() -> None:
    quotas, ceilings = found(DEFAULT_COST_PER_PICTURE="0.02", DEFAULT_COST_CURRENCY="USD")
    assert (quotas.verdict, ceilings.verdict) == (Verdict.WARNING, Verdict.OK)
    assert "USD" in quotas.found
    assert "TOTAL_PERSON_CALLS_A_DAY" in quotas.cure
    assert "2.4 megapixels and 60 steps" in ceilings.found
    assert "32,768 tokens an answer" in ceilings.found


def test_a_quota_over_everything_is_told() -> None:
    quotas, ceilings = found(TOTAL_PERSON_CALLS_A_DAY="50", TOTAL_TOKENS_A_DAY="900000", CEILING_MAX_NEW_TOKENS="500")
    assert quotas.verdict is Verdict.OK
    for part in ("a user has, over everything, 50 requests a day", "all users together have 900,000 tokens a day"):
        assert part in quotas.found
    assert "at most 500 tokens an answer" in ceilings.found


def test_a_quota_of_each_server_is_told_for_what_it_is() -> None:
    quotas, _ = found(DEFAULT_PERSON_PICTURES_A_DAY="5")
    assert quotas.verdict is Verdict.OK
    assert "a user has in each server 5 pictures a day, anew in each" in quotas.found


def test_a_quota_of_pictures_alone_leaves_talk_unbounded() -> None:
    quotas, _ = found(TOTAL_PERSON_PICTURES_A_DAY="5", TOTAL_PICTURES_A_DAY="50")
    assert quotas.verdict is Verdict.WARNING
    assert "million tokens and 5 pictures in all" in quotas.found
    assert "TOTAL_PERSON_CALLS_A_DAY" in quotas.cure


def test_a_server_s_own_quota_is_none_in_direct_messages() -> None:
    quotas, _ = found(DEFAULT_GUILD_CALLS_A_DAY="10")
    assert "each server has 10 requests a day, which holds in no direct message" in quotas.found
    both, _ = found(DEFAULT_GUILD_CALLS_A_DAY="10", DEFAULT_PERSON_CALLS_A_DAY="5")
    assert "direct message" not in both.found


def test_the_shards_of_other_processes_count_too() -> None:
    assert "in each of 3 processes" in unbounded(load(SHARD_COUNT="5", SHARD_IDS="0,1"))
    assert "processes" not in unbounded(load(SHARD_COUNT="5"))


def test_the_start_says_it_where_no_quota_is_set_anywhere() -> None:
    assert "one user could have" in unbounded(load())
    for name in ("TOTAL_CALLS_A_DAY", "TOTAL_PERSON_TOKENS_A_DAY", "DEFAULT_GUILD_CALLS_A_DAY"):
        assert unbounded(load(**{name: "100000"})) == ""
