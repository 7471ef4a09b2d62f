"""What a guild sets goes out in the right field and type: from the store to the bodies of both endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bounds import Bounds
from bot.domain.drawing.wish import DrawWish
from bot.domain.model.events import Finish, FinishReason, PictureUrl, TextDelta
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.picture.parameters import STEPS_MAX
from bot.domain.settings.catalogue import CATALOGUE, Setting
from bot.domain.settings.choices import IntentCheck
from bot.domain.settings.kinds import Value
from bot.domain.settings.scopes import Target
from bot.providers.http.transport import Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from tests.fakes.asks import ANN, HERE, ME, ask, said
from tests.fakes.clock import FakeClock
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeSink
from tests.fakes.setting_values import in_range

HTTP = Transport(clock=FakeClock())
FUSION = FusionModel(HTTP, url="https://f.test/x", api_key="k", miaohua_token="m")
CHAT = ChatCompletionsModel(HTTP, base_url="https://c.test/v1", chat_model="talker", image_model="painter")
QUICK = settings(max_examples=6, deadline=None)
DONE = Finish(reason=FinishReason.STOP)

Body = Mapping[str, Any]
Check = Callable[[Value, Body], bool]

NOT_IN_A_FIELD = {key for key, entry in CATALOGUE.items() if not entry.fusion and not entry.chat_completions}
"""What the bot itself heeds."""


async def request_with(entry: Setting, value: Value, mode: Mode) -> ModelRequest:
    """Ask something where a guild has set one value, and catch what goes to the endpoint; no ceiling is in the way."""
    house = House(operator={"max_steps": STEPS_MAX, "max_megapixels": 39.0})
    house.model.capabilities = FUSION.capabilities
    assert HERE.guild_id is not None
    house.kept_settings.values[Target.guild(HERE.guild_id), entry.key] = entry.write(value)
    house.keep(*(said(each, f"line {each}", user=ME if each % 2 else ANN) for each in range(2000, 2240)))
    sink = FakeSink(first_id=5001)
    if mode is Mode.DRAW:
        house.model.script(PictureUrl(url="https://p.test/1.png"), DONE)
        await house.draw.draw(ask(mode=mode), sink)
    else:
        house.model.script(TextDelta(text="Hi"), DONE)
        await house.chat.respond(ask(), sink)
    return house.model.requests[0]


def body(model: FusionModel | ChatCompletionsModel, request: ModelRequest) -> Body:
    found = json.loads(model.encode(request).body)
    assert isinstance(found, dict)
    return found


def is_same(field: str, kind: type) -> Check:
    """Check a field that is always sent."""
    return lambda value, sent: type(sent[field]) is kind and sent[field] == value


def leads_with_persona(role: str) -> Check:
    def check(value: Value, sent: Body) -> bool:
        persona, first = str(value).strip(), sent["messages"][0]
        return persona in first["content"] and (not persona or first["role"] == role)

    return check


def is_no_longer_than(value: Value, sent: Body) -> bool:
    assert isinstance(value, int)
    lines = [message for message in sent["messages"] if message["role"] != "system"]
    return 1 <= len(lines) <= value + 1 and lines[-1]["content"].endswith("hello")


def seed(value: Value, sent: Body) -> bool:
    number = sent["mh_select_seed"]
    return type(number) is int and (number == value if value != -1 else 0 <= number <= 9_999_999)


ON_FUSION: Mapping[str, Check] = {
    "temperature": is_same("temperature", float),
    "top_p": is_same("top_p", float),
    "max_new_tokens": is_same("max_new_tokens", int),
    "repetition_penalty": is_same("repetition_penalty", float),
    "persona": leads_with_persona("user"),
    "context_messages": is_no_longer_than,
    "context_tokens": is_no_longer_than,
    "drawing_allowed": is_same("output_img", bool),
    "intent_check": lambda value, sent: sent["output_img"] is (value in (IntentCheck.AUTO, IntentCheck.NEVER)),
    "drawing_model": is_same("mh_model_name", str),
    "size": lambda value, sent: sent["mh_output_size"] == str(value),
    "steps": is_same("mh_ddim_steps", int),
    "scale": is_same("mh_scale", int),
    "seed": seed,
    "enhance": is_same("mh_add_prompt", bool),
    "control": is_same("mh_controlnet_model", str),
}
ON_CHAT: Mapping[str, Check] = {
    "chat_model": lambda value, sent: sent["model"] == (value or "talker"),
    "temperature": is_same("temperature", float),
    "top_p": is_same("top_p", float),
    "max_new_tokens": is_same("max_tokens", int),
    "persona": leads_with_persona("system"),
    "context_messages": is_no_longer_than,
    "context_tokens": is_no_longer_than,
}


def test_every_field_that_the_catalogue_names_is_looked_at() -> None:
    assert set(ON_FUSION) == {key for key, entry in CATALOGUE.items() if entry.fusion}
    assert {*ON_CHAT, "image_model"} == {key for key, entry in CATALOGUE.items() if entry.chat_completions}
    assert "scale" not in NOT_IN_A_FIELD
    fields = {entry.fusion for entry in CATALOGUE.values() if entry.fusion}
    request = ModelRequest(mode=Mode.CHAT, messages=(), user_key="u")
    assert fields == set(body(FUSION, request)) - {"stream", "user_id", "mh_key"}, "every field of the document is set"


@pytest.mark.parametrize("key", sorted({*ON_FUSION, *ON_CHAT}))
@QUICK
@given(data=st.data())
async def test_a_question_is_asked_as_set(key: str, data: st.DataObject) -> None:
    entry = CATALOGUE[key]
    value = data.draw(in_range(entry.kind))
    request = await request_with(entry, value, Mode.CHAT)
    for model, checks, field in ((FUSION, ON_FUSION, entry.fusion), (CHAT, ON_CHAT, entry.chat_completions)):
        if key in checks:
            sent = body(model, request)
            assert checks[key](value, sent), (value, sent.get(field))


@pytest.mark.parametrize("key", ["temperature", "top_p", "max_new_tokens"])
async def test_a_default_that_somebody_has_set_is_sent_where_the_endpoint_has_its_own(key: str) -> None:
    entry = CATALOGUE[key]
    sent = body(CHAT, await request_with(entry, entry.default, Mode.CHAT))
    optional = {"temperature", "top_p", "max_tokens"} & set(sent)
    assert optional == {entry.chat_completions}
    assert ON_CHAT[key](entry.default, sent)


async def test_the_length_that_a_quota_reserved_for_is_sent() -> None:
    sent = body(CHAT, await request_with(CATALOGUE["person_tokens_a_day"], 100_000, Mode.CHAT))
    assert sent["max_tokens"] == CATALOGUE["max_new_tokens"].default


@pytest.mark.parametrize("key", sorted(key for key in ON_FUSION if CATALOGUE[key].fusion.startswith("mh_")))
@QUICK
@given(data=st.data())
async def test_a_picture_is_asked_for_as_set(key: str, data: st.DataObject) -> None:
    entry = CATALOGUE[key]
    value = data.draw(in_range(entry.kind))
    sent = body(FUSION, await request_with(entry, value, Mode.DRAW))
    assert ON_FUSION[key](value, sent), (value, sent[entry.fusion])
    assert sent["output_img"] is True


@pytest.mark.parametrize("value", ["", "some/painter:2"])
async def test_the_chosen_model_draws(value: str) -> None:
    sent = body(CHAT, await request_with(CATALOGUE["image_model"], value, Mode.DRAW))
    assert sent["model"] == (value or "painter")


@pytest.mark.parametrize("value", ["", "fusion", "chat_completions"])
async def test_the_chosen_endpoint_is_named(value: str) -> None:
    assert (await request_with(CATALOGUE["provider"], value, Mode.CHAT)).provider == value


async def test_a_users_own_defaults_are_for_their_own_command() -> None:
    house = House()
    house.model.capabilities = FUSION.capabilities
    house.kept_settings.values[Target.user(ANN.id), "scale"] = "12"
    house.model.script(PictureUrl(url="https://p.test/1.png"), DONE)
    await house.draw.draw(ask(mode=Mode.DRAW), FakeSink(first_id=5001))
    house.model.script(TextDelta(text="Hi"), DONE)
    await house.chat.respond(ask(5100), FakeSink(first_id=5101))
    assert [request.drawing.scale for request in house.model.requests] == [12, 7]


@pytest.mark.parametrize(
    ("bounds", "operator", "key", "sent_as", "most"),
    [
        (Bounds(), {}, "steps", "mh_ddim_steps", 60),
        (Bounds(), {}, "max_steps", "mh_ddim_steps", 60),
        (Bounds(), {"max_steps": 40}, "steps", "mh_ddim_steps", 40),
        (Bounds(ceilings={"max_new_tokens": 500}), {}, "max_new_tokens", "max_new_tokens", 500),
    ],
    ids=["built in", "a ceiling set higher", "the operator's", "set apart"],
)
async def test_what_the_database_has_of_before_is_sent_within_the_ceilings(
    bounds: Bounds, operator: dict[str, Any], key: str, sent_as: str, most: int
) -> None:
    house = House(operator={"steps": 50, **operator}, bounds=bounds)
    house.model.capabilities = FUSION.capabilities
    assert HERE.guild_id is not None
    kept = {"steps": "150", key: "32768" if key == "max_new_tokens" else "150"}
    house.kept_settings.values |= {(Target.guild(HERE.guild_id), each): raw for each, raw in kept.items()}
    house.model.script(PictureUrl(url="https://p.test/1.png"), DONE)
    await house.draw.draw(ask(mode=Mode.DRAW, wish=DrawWish(steps=150)), FakeSink(first_id=5001))
    assert body(FUSION, house.model.requests[0])[sent_as] == most


async def test_a_ceiling_of_the_length_is_sent_where_nobody_has_chosen_one() -> None:
    """An endpoint that is told no length answers as long as it likes."""
    house = House(bounds=Bounds(ceilings={"max_new_tokens": 9000}))
    house.model.script(TextDelta(text="Hi"), DONE)
    await house.chat.respond(ask(), FakeSink(first_id=5001))
    assert body(CHAT, house.model.requests[0])["max_tokens"] == CATALOGUE["max_new_tokens"].default
