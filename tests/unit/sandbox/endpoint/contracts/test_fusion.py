"""The fusion endpoint over a real socket."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.endpoint import SENSITIVE_PROMPT, SENTINEL, Behaviour, LocalEndpoint
from tests.unit.sandbox.endpoint.calling import Caller, fusion_body

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from sandbox.endpoint.answers.answerer import Sampling
    from sandbox.endpoint.answers.messages import Message
    from sandbox.endpoint.answers.pace import Piece


@pytest.mark.parametrize("authorization", ["", "wrong", "Bearer local-fusion-key", "local-fusion-key "[:-2]])
async def test_another_key_is_refused(caller: Caller, authorization: str) -> None:
    status, text = await caller.fusion(authorization=authorization)
    assert status == 401
    assert set(json.loads(text)["error"]) == {"code", "message"}


async def test_bearer_is_taken_where_it_is_configured(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, auth="bearer")
    assert (await caller.fusion(authorization="Bearer local-fusion-key"))[0] == 200
    assert (await caller.fusion())[0] == 401
    endpoint.behaviour = replace(endpoint.behaviour, auth="either")
    assert (await caller.fusion(authorization="Bearer local-fusion-key"))[0] == 200
    assert (await caller.fusion())[0] == 200


async def test_another_miaohua_token_is_forbidden(caller: Caller) -> None:
    status, text = await caller.fusion(mh_key="wrong")
    assert status == 403
    assert json.loads(text)["error"]["code"] == 7


async def test_an_invalid_parameter_is_named(caller: Caller) -> None:
    status, text = await caller.fusion(mh_scale=21)
    assert status == 400
    assert "mh_scale" in json.loads(text)["error"]["message"]


async def test_a_body_over_the_limit_is_refused(caller: Caller) -> None:
    big = io.BytesIO(b" " * 5_000_000)
    headers = {"Authorization": caller.endpoint.fusion_key, "Content-Type": "application/json"}
    async with caller.session.post(caller.endpoint.fusion_url, data=big, headers=headers) as response:
        assert response.status == 413


async def test_a_whole_answer_has_the_documented_shape(caller: Caller) -> None:
    answer = await caller.fusion_json()
    assert (answer["code"], set(answer)) == (0, {"code", "msg", "data"})
    data = answer["data"]
    assert set(data) == {"id", "choices", "usage", "status"}
    assert data["choices"][0]["content"].startswith("Hello")
    assert data["choices"][0]["finish_reason"] == "stop"
    usage = data["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert usage["picture"] is False


async def test_a_stream_has_its_usage_in_the_last_event_only(caller: Caller) -> None:
    *events, done = await caller.fusion_stream()
    assert done == "[DONE]"
    assert "".join(event["data"]["choices"][0]["delta"] for event in events).startswith("Hello")
    *early, last = [event["data"] for event in events]
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "picture": False}
    assert len(early) > 2
    assert all(one["usage"] == zeros and one["choices"][0]["finish_reason"] == "" for one in early)
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["usage"]["completion_tokens"] > 0
    assert len({one["id"] for one in [*early, last]}) == 1


async def test_a_stream_can_be_bare_json_lines(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, form="json_lines", code=200)
    status, text = await caller.fusion(stream=True)
    events = [json.loads(line) for line in text.splitlines()]
    assert status == 200
    assert all(event["code"] == 200 for event in events)
    assert "[DONE]" not in text


async def test_a_stream_can_lack_done_and_carry_complete_texts(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, done=False, text_key="content")
    events = await caller.fusion_stream()
    texts = [event["data"]["choices"][0]["content"] for event in events]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert texts[-1].startswith("Hello")


async def test_the_length_limit_cuts_the_answer(caller: Caller) -> None:
    whole = (await caller.fusion_json(text="count to 300"))["data"]["choices"][0]
    cut = (await caller.fusion_json(text="count to 300", max_new_tokens=5))["data"]
    assert whole["finish_reason"] == "stop"
    assert cut["choices"][0] == {"content": "1 2 3 4 5", "finish_reason": "length"}
    assert cut["usage"]["completion_tokens"] == 5


@pytest.mark.parametrize("sentinel", ["pieces", "whole"])
async def test_an_intent_check_answers_a_drawing_with_the_sentinel(
    caller: Caller, endpoint: LocalEndpoint, sentinel: str
) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, sentinel="whole" if sentinel == "whole" else "pieces")
    events = (await caller.fusion_stream(text="draw a fox", output_img=False))[:-1]
    pieces = [event["data"]["choices"][0]["delta"] for event in events]
    assert "".join(pieces) == SENTINEL == "This is a drawing request*&^**#"
    assert (len(pieces) == 1) is (sentinel == "whole")
    assert not any(event["data"]["usage"]["picture"] for event in events)
    whole = await caller.fusion_json(text="画一只狐狸", output_img=False)
    assert whole["data"]["choices"][0]["content"] == SENTINEL


async def test_an_intent_check_answers_chat_as_usual(caller: Caller) -> None:
    answer = await caller.fusion_json(text="how do I draw a fox?", output_img=False)
    assert "large shapes" in answer["data"]["choices"][0]["content"]


@pytest.mark.parametrize("form", ["stream", "json"])
async def test_a_drawing_is_the_address_of_a_picture(caller: Caller, endpoint: LocalEndpoint, form: str) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, drawing_form="json" if form == "json" else "stream")
    whole = (await caller.fusion_json(text="draw a fox"))["data"]
    status, text = await caller.fusion(text="draw a fox", stream=True)
    assert status == 200
    streamed = json.loads(text) if form == "json" else json.loads(text.split("\n\n")[0].removeprefix("data: "))
    choice = streamed["data"]["choices"][0]
    streamed_url = choice.get("delta", choice.get("content"))
    for data, url in (
        (whole, whole["choices"][0]["content"]),
        (streamed["data"], streamed_url),
    ):
        assert data["usage"]["picture"] is True
        assert data["choices"][0]["finish_reason"] == "stop"
        assert url.startswith(endpoint.base_url + "/pictures/")
        async with caller.session.get(url) as response:
            assert response.content_type == "image/png"


async def test_failed_drawings_are_sentences_word_for_word(caller: Caller) -> None:
    refused = await caller.fusion_json(text="draw a bloody fox")
    unknown = await caller.fusion_json(text="draw a fox", mh_model_name="Artist_V0.3.0 Beta")
    assert refused["data"]["choices"][0]["content"] == SENSITIVE_PROMPT
    assert SENSITIVE_PROMPT == "我们检测到您的提示词中有敏感词语。请勿使用违反社区条约的提示词。"
    assert unknown["data"]["choices"][0]["content"] == "不支持的模型: Artist_V0.3.0 Beta"
    for answer in (refused, unknown):
        assert (answer["code"], answer["data"]["status"]) == (0, 0)
        assert answer["data"]["usage"]["picture"] is True


async def test_the_same_recipe_is_the_same_picture_and_a_random_seed_is_not(caller: Caller) -> None:
    async def picture(seed: int) -> bytes:
        answer = await caller.fusion_json(text="draw a fox", mh_select_seed=seed)
        async with caller.session.get(answer["data"]["choices"][0]["content"]) as response:
            return await response.read()

    assert await picture(5) == await picture(5) != await picture(6)
    assert await picture(-1) != await picture(-1)


async def test_requests_are_recorded_and_can_be_waited_for(caller: Caller, endpoint: LocalEndpoint) -> None:
    await caller.fusion(text="one")
    await caller.fusion(text="two")
    path, headers, body = endpoint.requests[1]
    assert path == "/v1/fusion/chat-with-image"
    assert headers["authorization"] == endpoint.fusion_key
    assert body == fusion_body(text="two")
    assert (await endpoint.wait_for_request(1)).body["messages"][0]["content"] == "one"
    assert await endpoint.wait_for_end(2) == "complete"
    with pytest.raises(TimeoutError):
        await endpoint.wait_for_request(3, timeout_s=0)


class Endless:
    """An answerer that says when it was closed."""

    name = "endless"
    busy = False

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def answer(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[str | Piece]:
        try:
            while True:
                yield f"{messages[-1].content} "
        finally:
            self.closed.set()


async def test_an_answerer_without_room_is_overloaded_and_drawings_go_on() -> None:
    class Full(Endless):
        busy = True

    async with LocalEndpoint(port=0, answerer=Full()) as endpoint, aiohttp.ClientSession() as session:
        caller = Caller(endpoint, session)
        for stream in (True, False):
            body = fusion_body(text="hello", stream=stream)
            async with caller.post("/v1/fusion/chat-with-image", body, endpoint.fusion_key) as response:
                assert response.status == 503
                assert (await response.json())["error"]["code"] == 14
        chat = {"model": endpoint.behaviour.chat_model, "messages": [{"role": "user", "content": "hello"}]}
        async with caller.post("/v1/chat/completions", chat, f"Bearer {endpoint.openai_key}") as response:
            assert response.status == 503
        assert (await caller.fusion_json(text="draw a fox"))["data"]["usage"]["picture"]


async def test_another_answerer_may_answer_and_stops_when_nobody_reads() -> None:
    endless = Endless()
    behaviour = Behaviour(tokens_per_s=500)
    async with (
        LocalEndpoint(port=0, answerer=endless, behaviour=behaviour) as endpoint,
        aiohttp.ClientSession() as session,
    ):
        caller = Caller(endpoint, session)
        body, key = fusion_body(text="again", stream=True), endpoint.fusion_key
        async with caller.post("/v1/fusion/chat-with-image", body, key) as response:
            assert b'"delta":"again' in await response.content.readline()
        async with asyncio.timeout(45):
            await endless.closed.wait()
        endless.closed.clear()
        assert (await caller.fusion_json(max_new_tokens=4))["data"]["usage"]["completion_tokens"] == 4
        assert endless.closed.is_set()


async def test_a_stopped_endpoint_starts_again_on_its_port(caller: Caller, endpoint: LocalEndpoint) -> None:
    before = endpoint.fusion_url
    await endpoint.stop()
    await endpoint.stop()
    with pytest.raises(OSError, match=r"Connect call failed|refused|Cannot connect"):
        await caller.fusion()
    await endpoint.start()
    assert endpoint.fusion_url == before
    assert (await caller.fusion())[0] == 200
