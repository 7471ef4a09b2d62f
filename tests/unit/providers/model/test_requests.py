"""What goes out: every field of the fusion document, and as little as possible to chat completions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.domain.picture.parameters import ControlNet, DrawingParameters, Size
from bot.providers.http.transport import Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.draw_prompt import phrase_drawing
from bot.providers.model.fusion import AuthScheme, FusionModel
from tests.unit.providers.servers import KEY, MIAOHUA, FakeClock, ask

HTTP = Transport(clock=FakeClock())
FUSION = FusionModel(HTTP, url="https://f.test/x", api_key=KEY, miaohua_token=MIAOHUA)
CHAT = ChatCompletionsModel(HTTP, base_url="https://c.test/v1/", api_key="", chat_model="talker", image_model="painter")


def fusion_body(request: ModelRequest) -> dict[str, Any]:
    body = json.loads(FUSION.encode(request).body)
    assert isinstance(body, dict)
    return body


def chat_body(request: ModelRequest) -> dict[str, Any]:
    body = json.loads(CHAT.encode(request).body)
    assert isinstance(body, dict)
    return body


def test_fusion_sends_every_field() -> None:
    body = fusion_body(ask("hi"))
    assert body == {
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0.8,
        "top_p": 0.7,
        "max_new_tokens": 2048,
        "repetition_penalty": 1.0,
        "stream": True,
        "user_id": "u-1",
        "output_img": True,
        "mh_key": MIAOHUA,
        "mh_add_prompt": False,
        "mh_ddim_steps": 50,
        "mh_model_name": "Artist_V0.1.3",
        "mh_output_size": "960x960",
        "mh_select_seed": -1,
        "mh_scale": 7,
        "mh_controlnet_model": "",
    }


def test_fusion_types_do_not_depend_on_how_a_setting_was_written() -> None:
    body = fusion_body(ask(sampling=Sampling(temperature=1, top_p=1, repetition_penalty=2)))
    assert [type(body[name]) for name in ("temperature", "top_p", "repetition_penalty")] == [float] * 3


def test_fusion_passes_drawing_parameters_on() -> None:
    drawing = DrawingParameters(
        model="Artist v0.4.0 Beta", size=Size(width=512, height=768), steps=20, scale=3, seed=42, enhance=True,
        control=ControlNet.CANNY,
    )  # fmt: skip
    body = fusion_body(ask("画一只狐狸", mode=Mode.DRAW, drawing=drawing))
    sent = {name: value for name, value in body.items() if name.startswith("mh_") and name != "mh_key"}
    assert sent == {
        "mh_add_prompt": True, "mh_ddim_steps": 20, "mh_model_name": "Artist v0.4.0 Beta", "mh_output_size": "512x768",
        "mh_select_seed": 42, "mh_scale": 3, "mh_controlnet_model": "canny",
    }  # fmt: skip
    assert body["messages"][-1]["content"] == "画一只狐狸"


def test_fusion_without_streaming() -> None:
    model = FusionModel(HTTP, url="https://f.test/x", api_key=KEY, miaohua_token=MIAOHUA, stream=False)
    assert json.loads(model.encode(ask()).body)["stream"] is False


def test_fusion_intent_check() -> None:
    assert fusion_body(ask(draw=False))["output_img"] is False


def test_fusion_folds_the_persona_into_the_first_user_turn() -> None:
    messages = (
        PromptMessage(role=Role.USER, content="hi"),
        PromptMessage(role=Role.ASSISTANT, content="hello"),
        PromptMessage(role=Role.USER, content="and now?"),
    )
    sent = fusion_body(ModelRequest(mode=Mode.CHAT, messages=messages, persona=" You are a fox. ", user_key="u"))
    assert sent["messages"] == [
        {"role": "user", "content": "You are a fox.\n\nhi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "and now?"},
    ]
    drawn = fusion_body(ask("a fox", mode=Mode.DRAW, persona="You are a fox."))
    assert drawn["messages"] == [{"role": "user", "content": "Draw a picture: a fox"}]


@pytest.mark.parametrize(("scheme", "header"), [(AuthScheme.RAW, KEY), ("raw", KEY), ("bearer", f"Bearer {KEY}")])
def test_fusion_authorization(scheme: str, header: str) -> None:
    model = FusionModel(HTTP, url="https://f.test/x", api_key=KEY, auth_scheme=scheme, miaohua_token="")
    assert model.encode(ask()).headers["Authorization"] == header
    with pytest.raises(ValueError, match="basic"):
        FusionModel(HTTP, url="https://f.test/x", api_key=KEY, auth_scheme="basic", miaohua_token="")


def test_chat_completions_sends_what_is_needed() -> None:
    call = CHAT.encode(ask("hi"))
    assert call.url == "https://c.test/v1/chat/completions"
    assert "Authorization" not in call.headers
    assert json.loads(call.body) == {
        "model": "talker", "messages": [{"role": "user", "content": "hi"}], "stream": True,
        "stream_options": {"include_usage": True},
    }  # fmt: skip


def test_a_gateway_is_told_to_ask_once_for_a_picture() -> None:
    header = "x-litellm-num-retries"
    assert CHAT.encode(ask("a fox", mode=Mode.DRAW)).headers[header] == "0"
    assert header not in CHAT.encode(ask("a fox")).headers


def test_chat_completions_sends_what_was_set() -> None:
    body = chat_body(ask("hi", persona="Be kind.", sampling=Sampling(temperature=1, top_p=0.5, max_new_tokens=9)))
    assert body["messages"][0] == {"role": "system", "content": "Be kind."}
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (1.0, 0.5, 9)


def test_chat_completions_draws_with_the_prompt_alone() -> None:
    request = ask("a fox", mode=Mode.DRAW, persona="Be kind.", sampling=Sampling(temperature=1))
    assert chat_body(request) == {
        "model": "painter", "messages": [{"role": "user", "content": "a fox"}], "stream": True,
    }  # fmt: skip


def test_chat_completions_without_streaming() -> None:
    model = ChatCompletionsModel(
        HTTP, base_url="http://x/v1", api_key=KEY, chat_model="a", image_model="b", stream=False
    )
    call = model.encode(ask())
    assert "stream" not in json.loads(call.body)
    assert call.headers["Accept"] == "application/json"


def test_capabilities() -> None:
    fusion, chat = FUSION.capabilities, CHAT.capabilities
    assert (fusion.intent_check, fusion.pictures_per_call) == (True, 1)
    assert fusion.drawing_fields == {"model", "size", "steps", "scale", "seed", "enhance", "control"}
    assert (chat.intent_check, chat.drawing_fields) == (False, frozenset())


@given(st.text())
def test_any_words_can_be_sent(text: str) -> None:
    assert fusion_body(ask(text))["messages"][0]["content"] == text


def test_half_a_surrogate_pair_can_be_sent() -> None:
    assert chat_body(ask("a\ud83d"))["messages"][0]["content"] == "a?"


@pytest.mark.parametrize(
    "prompt",
    ["draw me a fox", "Please draw a fox", "Could you paint the sea?", "Sketch my cat", "generate a picture of a fox",
     "give me a small oil painting of the sea", "画一只狐狸", "请帮我画一张图：狐狸",
     "绘制一座城堡", "生成一张猫的图片", "给我来一张图",
     "show me a photo of a fox"],
)  # fmt: skip
def test_drawing_requests_stay(prompt: str) -> None:
    assert phrase_drawing(prompt) == prompt


@pytest.mark.parametrize(
    ("prompt", "phrased"),
    [
        ("a fox", "Draw a picture: a fox"),
        ("a fox drawing a bow", "Draw a picture: a fox drawing a bow"),
        ("sketch of a cat", "Draw a picture: sketch of a cat"),
        ("a photo of the sea", "Draw a picture: a photo of the sea"),
        ("drawbridge at night", "Draw a picture: drawbridge at night"),
        ("一只狐狸", "画一张图：一只狐狸"),
        ("画家在海边", "画一张图：画家在海边"),
        ("fox 狐狸", "画一张图：fox 狐狸"),
        ("キツネ", "Draw a picture: キツネ"),
        ("", "Draw a picture: "),
    ],
)
def test_other_prompts_are_phrased(prompt: str, phrased: str) -> None:
    assert phrase_drawing(prompt) == phrased


@given(st.text())
def test_the_words_of_the_prompt_are_kept(prompt: str) -> None:
    assert phrase_drawing(prompt).endswith(prompt)
