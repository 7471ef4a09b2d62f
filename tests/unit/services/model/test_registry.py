"""Each request goes to the endpoint that it names."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from bot.bootstrap.models import open_models
from bot.config import Config, Secret
from bot.domain.model.events import Finish, FinishReason, TextDelta
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.providers.http.transport import Transport
from bot.services.model.registry import Models
from tests.fakes.clock import FakeClock
from tests.fakes.model import FakeModel

REQUEST = ModelRequest(mode=Mode.CHAT, messages=(PromptMessage(role=Role.USER, content="hi"),), user_key="u")


async def said(models: Models, provider: str) -> str:
    async with models.stream(replace(REQUEST, provider=provider)) as events:
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])


async def test_a_request_goes_where_it_wants_and_else_to_the_operators() -> None:
    one, other = FakeModel(), FakeModel()
    models = Models({"fusion": one, "chat_completions": other}, default="fusion")
    for provider, words in (("fusion", "one"), ("", "one"), ("gone", "one"), ("chat_completions", "other")):
        for model, text in ((one, "one"), (other, "other")):
            model.script(TextDelta(text=text), Finish(reason=FinishReason.STOP))
        assert await said(models, provider) == words
    assert models.of("chat_completions") is other
    assert models.of("") is one
    assert models.names == {"fusion", "chat_completions"}


def test_the_operators_endpoint_must_be_there() -> None:
    with pytest.raises(ValueError, match="fusion"):
        Models({"chat_completions": FakeModel()}, default="fusion")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, {"fusion"}),
        ({"openai_base_url": "https://c.test/v1"}, {"fusion"}),
        ({"openai_base_url": "https://c.test/v1", "openai_chat_model": "m"}, {"fusion", "chat_completions"}),
        (
            {"provider": "chat_completions", "openai_base_url": "https://c.test/v1", "openai_chat_model": "m"},
            {"fusion", "chat_completions"},
        ),
        (
            {
                "provider": "chat_completions",
                "openai_base_url": "https://c.test/v1",
                "openai_chat_model": "m",
                "fusion_api_secret_key": Secret(""),
            },
            {"chat_completions"},
        ),
    ],
)
def test_what_is_set_up_can_be_chosen(changes: dict[str, object], names: set[str]) -> None:
    config = Config(discord_token=Secret("t"), fusion_api_secret_key=Secret("k"))
    models = open_models(replace(config, **changes), Transport(clock=FakeClock()))  # type: ignore[arg-type]  # fields of Config
    assert models.names == names


@pytest.mark.parametrize(("token", "warnings"), [("", 1), ("t", 0)])
def test_the_start_says_what_to_do_about_a_token_that_is_missing(
    token: str, warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config(discord_token=Secret("t"), fusion_api_secret_key=Secret("k"), miaohua_token=Secret(token))
    open_models(config, Transport(clock=FakeClock()))
    told = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == warnings
    assert all("Put the Miaohua token into MIAOHUA_TOKEN" in each for each in told)
