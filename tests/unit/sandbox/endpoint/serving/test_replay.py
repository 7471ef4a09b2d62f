"""Scripted replies and faults over a real socket, and the control routes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.endpoint import (
    SAMPLES,
    Chunk,
    chat_events,
    error_reply,
    fusion_events,
    html_reply,
    json_reply,
    rate_limited,
    reply,
    reset_reply,
    stalled_reply,
)
from tests.unit.sandbox.endpoint.calling import fusion_body, sse

if TYPE_CHECKING:
    from sandbox.endpoint import LocalEndpoint
    from tests.unit.sandbox.endpoint.calling import Caller


async def test_replies_are_given_in_order_and_by_endpoint(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.script(reply("for chat", to="chat"), reply("first", times=2), reply("second"))
    assert [(await caller.fusion())[1] for _ in range(3)] == ["first", "first", "second"]
    assert (await caller.chat({}))[1] == "for chat"
    assert json.loads((await caller.fusion())[1])["code"] == 0


async def test_a_default_stands_until_it_is_taken_away(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.default = reply("always")
    endpoint.script(reply("once"))
    assert [(await caller.fusion())[1] for _ in range(3)] == ["once", "always", "always"]
    endpoint.default = None
    assert "Hello" in (await caller.fusion())[1]


async def test_a_checked_reply_waits_for_a_valid_request(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.script(reply("scripted", checked=True))
    assert (await caller.fusion(top_p=5))[0] == 400
    assert (await caller.fusion())[1] == "scripted"


async def test_status_headers_and_body_are_as_scripted(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.script(rate_limited("17"), html_reply(502), error_reply(403, 7, "no"), json_reply([1], 201))
    async with caller.post("/v1/fusion/chat-with-image", {}, "") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "17")
    async with caller.post("/v1/fusion/chat-with-image", {}, "") as response:
        assert (response.status, response.content_type) == (502, "text/html")
    assert await caller.fusion() == (403, '{"error": {"code": 7, "message": "no"}}')
    assert await caller.fusion() == (201, "[1]")


@pytest.mark.parametrize("form", ["sse", "json_lines", "json"])
async def test_samples_have_the_documented_forms(caller: Caller, endpoint: LocalEndpoint, form: Any) -> None:
    endpoint.script(fusion_events(["Hel", "lo"], form=form, code=200, picture=True))
    text = (await caller.fusion())[1]
    assert text.endswith("data: [DONE]\n\n") is (form == "sse")
    events = sse(text)[:-1] if form == "sse" else [json.loads(line) for line in text.splitlines()]
    choices = [event["data"]["choices"][0] for event in events]
    assert "".join(choice.get("delta", choice.get("content")) for choice in choices) == "Hello"
    assert choices[-1]["finish_reason"] == "stop"
    assert events[-1]["data"]["usage"]["picture"] is True
    assert {event["code"] for event in events} == {200}


async def test_chat_samples_have_the_openai_form(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.script(chat_events(["Hel", "lo"], finish="length"))
    *chunks, done = sse((await caller.chat({}))[1])
    assert done == "[DONE]"
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "Hello"
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"


async def test_a_chunk_waits_for_its_event(caller: Caller, endpoint: LocalEndpoint) -> None:
    gate, start = asyncio.Event(), asyncio.Event()
    endpoint.script(reply("one ", Chunk(data=b"two", after=gate), before=start))
    start.set()
    async with caller.post("/v1/fusion/chat-with-image", {}, "") as response:
        assert await response.content.readexactly(4) == b"one "
        assert not response.content.is_eof()
        gate.set()
        assert await response.content.read() == b"two"


async def test_broken_endings_break_as_said(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.script(
        reply("half", ending="truncate"),
        reply("half", headers={"Content-Length": "100"}, ending="truncate"),
        reset_reply("half"),
        reset_reply(),
        reply("not http\r\n\r\n", raw=True),
    )
    for _ in range(3):
        async with caller.post("/v1/fusion/chat-with-image", {}, "") as response:
            assert response.status == 200
            with pytest.raises(aiohttp.ClientError):
                await response.read()
    with pytest.raises(aiohttp.ClientOSError, match="reset"):
        await caller.fusion()
    with pytest.raises(aiohttp.ClientResponseError):
        await caller.fusion()
    outcomes = [await endpoint.wait_for_end(n) for n in range(1, 5)]
    assert outcomes == ["truncated", "truncated", "reset", "reset"]


@pytest.mark.parametrize("chunks", [(), ("half",)])
async def test_a_stalled_reply_ends_when_the_client_goes(
    caller: Caller, endpoint: LocalEndpoint, chunks: tuple[str, ...]
) -> None:
    endpoint.script(stalled_reply(*chunks))
    call = asyncio.create_task(caller.fusion())
    await endpoint.wait_for_request(1)
    assert not call.done()
    call.cancel()
    assert await endpoint.wait_for_end(1) == "disconnected"


async def test_leaving_a_stream_is_noticed(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.behaviour = replace(endpoint.behaviour, tokens_per_s=200)
    async with caller.post(
        "/v1/fusion/chat-with-image", fusion_body(text="count to 9999", stream=True), endpoint.fusion_key
    ) as response:
        await response.content.readline()
    assert await endpoint.wait_for_end(1) == "disconnected"


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"stalled", "stalled_midway"}))
async def test_every_sample_can_be_asked_for_over_http(
    caller: Caller, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = SAMPLES[name]()
    at_once = replace(sample, chunks=[replace(chunk, delay_s=0) for chunk in sample.chunks])
    monkeypatch.setitem(SAMPLES, name, lambda: at_once)
    status, answer = await caller.control("script", {"replies": [{"sample": name}]})
    assert (status, answer["queued"]) == (200, 1)
    broken = name in {"reset", "reset_midway", "truncated"}
    with pytest.raises(aiohttp.ClientError) if broken else contextlib.nullcontext():
        async with caller.post("/v1/fusion/chat-with-image", {}, "") as response:
            await response.read()
    assert caller.endpoint.log[-1].outcome in {"scripted", "reset", "truncated"}


async def test_replies_over_http_have_all_parts(caller: Caller) -> None:
    chunks = ["a", {"base64": "Yg=="}, {"text": "c", "delay_s": 0}]
    wanted = {"status": 418, "headers": {"X-Test": "yes"}, "chunks": chunks, "to": "fusion", "content_type": "text/x"}
    assert (await caller.control("script", {"replies": [wanted], "default": {"chunks": ["z"]}}))[0] == 200
    assert await caller.fusion() == (418, "abc")
    assert await caller.fusion() == (200, "z")
    assert (await caller.control("script", {"clear": True}))[1]["queued"] == 0
    assert "Hello" in (await caller.fusion())[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 99},
        {"ending": "explode"},
        {"to": "nobody"},
        {"chunks": [{"base64": "?"}]},
        {"chunks": "text"},
        {"headers": {"X": "a\r\nb"}},
        {"sample": "none"},
        {"colour": "red"},
        {"times": 0},
        "text",
    ],
)
async def test_a_wrong_script_is_refused_in_words(caller: Caller, wrong: object) -> None:
    status, answer = await caller.control("script", {"replies": [wrong]})
    assert status == 400
    assert answer["error"]


async def test_the_control_routes_take_json_only(caller: Caller) -> None:
    async with caller.session.post(f"{caller.endpoint.base_url}/control/faults", data='{"faults": []}') as response:
        assert response.status == 415
    assert (await caller.control("faults", {"faults": ["flood"]}))[0] == 400
    assert (await caller.control("behaviour", {"tokens_per_s": -1}))[0] == 400


async def test_the_queue_is_bounded(endpoint: LocalEndpoint) -> None:
    with pytest.raises(ValueError, match="at most 1000"):
        endpoint.script(*[reply("x")] * 1001)


async def test_the_log_tells_what_became_of_requests_without_keys(caller: Caller, endpoint: LocalEndpoint) -> None:
    await caller.fusion(top_p=5)
    await caller.fusion(stream=True)
    async with caller.session.get(f"{endpoint.base_url}/control/log?after=1") as response:
        text = await response.text()
    answer = json.loads(text)
    assert answer["next"] == 2
    (entry,) = answer["requests"]
    assert (entry["outcome"], entry["status"], entry["body"]["top_p"]) == ("complete", 200, 0.7)
    assert entry["events"] > 3
    assert endpoint.fusion_key not in text
    assert endpoint.miaohua_token not in text


async def test_standing_faults_come_and_go(caller: Caller, endpoint: LocalEndpoint) -> None:
    picture = (await caller.fusion_json(text="draw a fox"))["data"]["choices"][0]["content"]
    assert (await caller.control("faults", {"faults": ["down"]}))[1] == {"faults": ["down"]}
    with pytest.raises(aiohttp.ClientOSError):
        await caller.fusion()
    await caller.control("faults", {"faults": ["truncating"]})
    for stream in (False, True):
        with pytest.raises(aiohttp.ClientPayloadError):
            await caller.fusion(stream=stream, text="count to 99")
    await caller.control("faults", {"faults": ["refusing", "no-images"]})
    async with caller.post("/v1/fusion/chat-with-image", fusion_body(), endpoint.fusion_key) as response:
        assert response.status == 429
        assert int(response.headers["Retry-After"]) > 0
    async with caller.session.get(picture) as response:
        assert response.status == 503
    await caller.control("faults", {"faults": []})
    assert (await caller.fusion())[0] == 200
    async with caller.session.get(picture) as response:
        assert response.status == 200


async def test_a_slow_endpoint_is_slow_before_its_first_byte(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.set_faults("slow")
    call = asyncio.create_task(caller.fusion(stream=True))
    await endpoint.wait_for_request(1)
    assert endpoint.log[0].first_byte_at is None
    call.cancel()
    assert await endpoint.wait_for_end(1) == "disconnected"
    endpoint.clear()
    assert endpoint.requests == []
    assert endpoint.faults.names() == []
