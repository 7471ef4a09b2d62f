"""What an operator bounds for everybody, from the environment to what the services take."""

from __future__ import annotations

import pytest

from bot import config
from bot.bootstrap.policy import policy_of
from bot.bounds import ADay
from bot.domain.settings.catalogue import parse_setting
from bot.domain.settings.layers import Operator, resolve
from bot.domain.usage.quota import Amount, Quotas
from bot.errors import ConfigError
from bot.services.model.registry import Models
from tests.fakes.model import FakeModel

GOOD = {"DISCORD_TOKEN": "abc.def.ghi", "FUSION_API_SECRET_KEY": "sk-123456"}


def load(**changes: str) -> config.Config:
    return config.load({**GOOD, **changes}, parse_setting=parse_setting)


def faults(**changes: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(**changes)
    return list(caught.value.faults)


def test_nothing_is_bounded_unless_it_is_set() -> None:
    found = load().bounds
    assert (found.ceilings, found.models, found.person, found.bot) == ({}, {}, ADay(), ADay())


def test_bounds_are_read() -> None:
    found = load(
        CEILING_MAX_NEW_TOKENS="500",
        CEILING_CONTEXT_TOKENS=" 4000 ",
        ALLOWED_CHAT_MODELS="small, large ,small,",
        TOTAL_PERSON_CALLS_A_DAY="50",
        TOTAL_PERSON_PICTURES_A_DAY="5",
        TOTAL_TOKENS_A_DAY="1000000",
    ).bounds
    assert found.ceilings == {"max_new_tokens": 500, "context_tokens": 4000}
    assert found.models == {"chat_model": ("small", "large")}
    assert (found.person, found.bot) == (ADay(calls=50, pictures=5), ADay(tokens=1_000_000))


def test_every_bound_that_is_wrong_is_named_at_once() -> None:
    found = faults(
        CEILING_MAX_NEW_TOKENS="0",
        CEILING_CONTEXT_MESSAGES="many",
        DEFAULT_CONTEXT_TOKENS="5000",
        CEILING_CONTEXT_TOKENS="4000",
        TOTAL_CALLS_A_DAY="-1",
        ALLOWED_CHAT_MODELS="x" * 101,
        ALLOWED_DRAWING_MODELS="a,b",
        DEFAULT_DRAWING_MODEL="c",
    )
    names = (
        "CEILING_MAX_NEW_TOKENS", "CEILING_CONTEXT_MESSAGES", "DEFAULT_CONTEXT_TOKENS", "TOTAL_CALLS_A_DAY",
        "ALLOWED_CHAT_MODELS", "DEFAULT_DRAWING_MODEL",
    )  # fmt: skip
    assert sorted(fault.split(" ")[0].rstrip(":") for fault in found) == sorted(names)


def test_a_name_of_no_ceiling_is_told() -> None:
    assert load(CEILING_MAX_TOKENS="500").unknown_defaults == ("CEILING_MAX_TOKENS",)


@pytest.mark.parametrize(
    "name", ["TOTAL_PERSON_CALL_A_DAY", "TOTAL_PICTURES_PER_DAY", "ALLOWED_MODELS", "ALLOWED_CHAT_MODEL"]
)
def test_a_mistyped_bound_is_told_since_it_bounds_nothing(name: str) -> None:
    assert load(**{name: "5"}).unknown_defaults == (name,)


def test_a_bound_and_what_only_looks_like_one_are_not_told() -> None:
    others = {"TOTAL_MEMORY": "5", "ALLOWED_HOSTS": "*", "MY_TOTAL_A_DAY": "1"}
    assert load(TOTAL_TOKENS_A_DAY="5", ALLOWED_IMAGE_MODELS="a", **others).unknown_defaults == ()


def test_the_first_drawing_model_of_a_list_is_the_default() -> None:
    assert load(ALLOWED_DRAWING_MODELS="b,a").defaults == {"drawing_model": "b"}
    found = load(ALLOWED_DRAWING_MODELS="b,a", DEFAULT_DRAWING_MODEL="a")
    assert found.defaults == {"drawing_model": "a"}
    assert load(ALLOWED_CHAT_MODELS="b,a").defaults == {}


def test_the_services_get_them() -> None:
    found = load(
        TOTAL_PERSON_CALLS_A_DAY="50",
        TOTAL_TOKENS_A_DAY="9",
        CEILING_MAX_NEW_TOKENS="500",
        ALLOWED_CHAT_MODELS="small",
        ALLOWED_DRAWING_MODELS="painter",
        OPENAI_CHAT_MODEL="large",
    )
    policy = policy_of(found, Models({"fusion": FakeModel()}, default="fusion"))
    assert policy.totals == Quotas(everywhere=Amount(calls=50), bot=Amount(tokens=9))
    assert policy.available["chat_model"] == {"small", "large", ""}  # the one that is set up, by its name and without
    assert policy.available["drawing_model"] == {"painter"}
    assert "image_model" not in policy.available
    operator = Operator(defaults=policy.defaults, available=policy.available, ceilings=policy.ceilings)
    settings = resolve(operator, ()).settings
    assert (settings.max_new_tokens, settings.drawing_model) == (500, "painter")
