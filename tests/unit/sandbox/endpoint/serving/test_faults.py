"""Faults that stay until they are switched off, and what the record tells of an answer under way."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.endpoint import LocalEndpoint
from sandbox.endpoint.serving.faults import NAMES, faults
from sandbox.endpoint.serving.progress import BEATS, Progress
from tests.unit.sandbox.endpoint.calling import Caller, fusion_body, sse

CHAT = {"model": "local-chat", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize(
    ("name", "status"), [("unavailable", 503), ("unauthorized", 401), ("refusing", 429), ("filtering", 400)]
)
async def test_refusals_stand_until_they_are_taken_back(
    name: str, status: int, caller: Caller, endpoint: LocalEndpoint
) -> None:
    endpoint.set_faults(name)
    for _ in range(2):
        assert (await caller.fusion())[0] == status
        assert (await caller.chat(CHAT))[0] == status
    entry = endpoint.log[0]
    assert (entry.status, entry.outcome) == (status, "refused")
    assert entry.progress.error
    endpoint.set_faults()
    assert (await caller.fusion())[0] == 200


async def test_garbage_is_no_answer(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.set_faults("garbage")
    async with caller.post("/v1/fusion/chat-with-image", fusion_body(), endpoint.fusion_key) as response:
        assert response.status == 200
        assert b"not json" in await response.read()
    assert endpoint.log[0].outcome == "scripted"


async def test_a_stalling_answer_goes_silent_in_the_middle(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.set_faults("stalling")
    six = asyncio.Event()
    endpoint.listen(lambda entry: six.set() if entry.events >= 6 else None)
    call = asyncio.create_task(caller.fusion(stream=True, text="count to 99"))
    async with asyncio.timeout(45):
        await six.wait()
    entry = endpoint.log[0]
    assert entry.outcome == "open"
    assert entry.progress.text.startswith("1 2")
    call.cancel()
    assert await endpoint.wait_for_end(1) == "disconnected"


async def test_a_cut_answer_ends_in_the_middle_without_a_reason(caller: Caller, endpoint: LocalEndpoint) -> None:
    endpoint.set_faults("cutting")
    messages = [{"role": "user", "content": "count to 99"}]
    chat = (await caller.chat({**CHAT, "stream": True, "messages": messages}))[1]
    fusion = (await caller.fusion(stream=True, text="count to 99"))[1]
    assert [sse(sent)[-1] for sent in (chat, fusion)] == ["[DONE]", "[DONE]"]
    for entry in endpoint.log:
        assert entry.outcome == "complete"
        assert not entry.progress.finish
        assert entry.progress.text.startswith("1 2")
        assert "99" not in entry.progress.text


async def test_a_thought_comes_before_the_answer(caller: Caller, endpoint: LocalEndpoint) -> None:
    assert (await caller.control("behaviour", {"thinking_s": 0.01}))[0] == 200
    messages = [{"role": "user", "content": "count to 3"}]
    deltas = [
        one["choices"][0]["delta"]
        for one in sse((await caller.chat({**CHAT, "stream": True, "messages": messages}))[1])[:-1]
    ]
    assert [delta["reasoning_content"] for delta in deltas[1:2]] == ["Let me think… "]
    assert "".join(delta.get("content", "") for delta in deltas) == "1 2 3"
    await caller.fusion(stream=True, text="count to 3")
    assert endpoint.log[-1].progress.text == "<think>Let me think… </think>1 2 3"


async def test_the_record_reads_text_finish_and_usage(caller: Caller, endpoint: LocalEndpoint) -> None:
    told: list[tuple[str, int]] = []
    endpoint.listen(lambda entry: told.append((entry.outcome, entry.progress.deltas)))
    await caller.fusion(stream=True, text="count to 20")
    await caller.fusion(text="count to 20")
    await caller.chat({**CHAT, "stream": True, "messages": [{"role": "user", "content": "count to 20"}]})
    wanted = " ".join(str(number) for number in range(1, 21))
    for entry in endpoint.log:
        assert entry.progress.text == wanted
        assert entry.progress.chars == len(wanted)
        assert entry.progress.finish == "stop"
    usage = endpoint.log[0].progress.usage
    assert usage is not None
    assert usage["completion_tokens"] == 20
    assert endpoint.log[0].progress.deltas > 5
    assert sum(endpoint.log[0].progress.beats) == endpoint.log[0].progress.deltas
    assert told[0] == ("open", 0)
    assert told[-1][0] == "complete"


def test_every_name_makes_its_fault() -> None:
    for name in NAMES:
        assert faults(name.replace("_", "-")).names() == [name]
    assert faults("crawling", "slow").limited(0) == 1.0
    assert faults("slow").limited(0) == 3.0
    assert faults("slow").limited(2) == 2
    assert faults().limited(0) == 0


def _delta(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


def test_deltas_are_counted_by_half_seconds() -> None:
    progress = Progress()
    assert progress.rate(1.0) == 0.0
    progress.feed(b": comment\n\n", 10.0)
    assert progress.beats == []
    for at in (10.0, 10.1, 10.6, 12.1):
        progress.feed(_delta("a"), at)
    assert progress.beats == [2, 1, 0, 0, 1]
    assert progress.rate(12.1) == 1.0  # two of them in the last four half seconds
    assert progress.rate(20.0) == 0.0
    progress.feed(_delta("b"), 10_000.0)
    assert len(progress.beats) == BEATS
    assert progress.beats[-1] == 1
    assert progress.text == "aaaab"


def test_bytes_in_any_pieces_and_of_any_kind() -> None:
    progress = Progress()
    whole = _delta("one ") + b"data: [1, 2]\n\ndata: {not json\n\n\xff\xfe\n\n" + _delta("two")
    for place in range(len(whole)):
        progress.feed(whole[place : place + 1], 1.0)
    assert (progress.text, progress.deltas, progress.bytes) == ("one two", 2, len(whole))
    progress.feed(b"x" * 300_000, 1.0)
    progress.feed(b"\n" + _delta("!"), 1.0)
    assert progress.text == "one two!"
    progress.feed(b'{"code": 20001, "msg": "internal"}', 2.0)
    progress.finish_line()
    assert progress.error == "internal"
    progress.feed(b'{"error": {"message": "' + b"long " * 1000 + b'"}}\n', 2.0)
    assert len(progress.error) == 300
    progress.feed(
        b'{"choices": [{"message": {"content": [{"text": "a"}, {"type": "image_url"}]}}, 5], "usage": 7}\n', 3.0
    )
    assert progress.text == "a[picture]"
    progress.feed(_delta("y" * 5000), 3.0)
    assert len(progress.text) == 2000
