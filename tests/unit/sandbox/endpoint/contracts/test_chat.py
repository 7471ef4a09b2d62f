"""The chat-completions endpoint over a real socket."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from sandbox.endpoint.serving.context import PictureForm
from tests.unit.sandbox.endpoint.calling import sse

if TYPE_CHECKING:
    from sandbox.endpoint import LocalEndpoint
    from tests.unit.sandbox.endpoint.calling import Caller


def body(text: str = "hello", **changes: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": text}]
    return {"model": "local-chat", "messages": messages, **changes}


@pytest.mark.parametrize("authorization", ["", "local-openai-key", "Bearer wrong", "Bearer "])
async def test_another_key_is_refused(caller: Caller, authorization: str) -> None:
    status, text = await caller.chat(body(), authorization)
    assert status == 401
    assert set(json.loads(text)["error"]) == {"message", "type", "param", "code"}
    async with caller.session.get(
        f"{caller.endpoint.openai_base_url}/models", headers={"Authorization": authorization}
    ) as response:
        assert response.status == 401


async def test_an_unknown_parameter_or_model_is_refused(caller: Caller) -> None:
    status, text = await caller.chat(body(seed=1))
    assert (status, json.loads(text)["error"]["param"]) == (400, "seed")
    status, text = await caller.chat(body(model="gpt"))
    assert (status, json.loads(text)["error"]["code"]) == (404, "model_not_found")


async def test_the_models_are_listed(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.endpoint.openai_key}"}
    async with caller.session.get(f"{caller.endpoint.openai_base_url}/models", headers=headers) as response:
        listed = await response.json()
    assert [model["id"] for model in listed["data"]] == ["local-chat", "stable-diffusion-api"]


async def test_a_whole_answer_has_the_documented_shape(caller: Caller) -> None:
    answer = json.loads((await caller.chat(body(n=2)))[1])
    assert answer["object"] == "chat.completion"
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    assert answer["choices"][0]["message"]["content"].startswith("Hello")
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] > answer["usage"]["completion_tokens"] > 0


async def test_a_stream_ends_in_usage_if_asked_and_done(caller: Caller) -> None:
    asked = body(stream=True, stream_options={"include_usage": True})
    *chunks, usage, done = sse((await caller.chat(asked))[1])
    assert done == "[DONE]"
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] > 0
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks).startswith("Hello")
    assert chunks[-1]["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert all("usage" not in chunk for chunk in sse((await caller.chat(body(stream=True)))[1])[:-1])


async def test_stop_and_length_end_an_answer(caller: Caller) -> None:
    stopped = json.loads((await caller.chat(body("count to 20", stop=[" 6", "9"])))[1])["choices"][0]
    assert (stopped["message"]["content"], stopped["finish_reason"]) == ("1 2 3 4 5", "stop")
    cut = json.loads((await caller.chat(body("count to 20", max_tokens=3)))[1])["choices"][0]
    assert (cut["message"]["content"], cut["finish_reason"]) == ("1 2 3", "length")


async def test_the_image_model_refuses_forbidden_words(caller: Caller) -> None:
    status, text = await caller.chat(body("gore", model="stable-diffusion-api"))
    assert (status, json.loads(text)["error"]["code"]) == (400, "content_policy_violation")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("form", get_args(PictureForm))
async def test_a_picture_comes_back_in_every_form(
    caller: Caller, endpoint: LocalEndpoint, form: PictureForm, stream: bool
) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, picture_form=form)
    text = (await caller.chat(body("a fox", model="stable-diffusion-api", stream=stream)))[1]
    if stream:
        deltas = [chunk["choices"][0]["delta"] for chunk in sse(text)[:-1]]
        parts = [delta["content"] for delta in deltas if delta.get("content")]
        content: Any = parts[0] if form == "parts" else "".join(parts)
        images = [image for delta in deltas for image in delta.get("images", [])]
    else:
        message = json.loads(text)["choices"][0]["message"]
        content, images = message["content"], message.get("images", [])
    found = {
        "markdown": lambda: re.fullmatch(r"!\[picture\]\((\S+)\)", content),
        "progress": lambda: re.fullmatch(r"> 生成中 …\n\n!\[picture\]\((\S+)\)\n\n\[下载图片\]\(\S+\)", content),
        "url": lambda: re.fullmatch(r"(\S+)", content),
        "img": lambda: re.fullmatch(r'<img src="(\S+)" alt="picture">', content),
        "data_url": lambda: re.fullmatch(r"!\[picture\]\(data:image/png;base64,(\S+)\)", content),
        "images": lambda: re.fullmatch(r"(\S+)", images[0]["image_url"]["url"]),
        "parts": lambda: re.fullmatch(r"(\S+)", content[1]["image_url"]["url"]),
    }[form]()
    assert found is not None
    if form == "data_url":
        assert base64.b64decode(found[1]).startswith(b"\x89PNG")
        return
    async with caller.session.get(found[1].replace("&amp;", "&")) as response:
        assert (response.status, response.content_type) == (200, "image/png")
