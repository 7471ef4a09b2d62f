"""Answers by the model, against a server that says what the test wants."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing

import pytest
from aiohttp import web

from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.pace import Piece
from sandbox.endpoint.model.answers import MOST_WAITING
from sandbox.endpoint.model.stream import repeats
from tests.unit.sandbox.endpoint.model.fakes import FakeModel, ending, event, open_fake, said, talk


async def hang(model: FakeModel, response: web.StreamResponse) -> None:
    await asyncio.Event().wait()


async def test_tokens_come_as_pieces_and_are_counted() -> None:
    async with open_fake() as (model, answerer):
        model.lines = [event("\n"), event("Hello"), event(" there"), *ending("length", completion_tokens=4)]
        assert await said(answerer, talk("hi")) == [
            Piece(text="Hello", tokens=2),
            Piece(text=" there", tokens=1),
            Piece(text="", tokens=1, finish="length", prompt_tokens=11),
        ]


async def test_the_wishes_of_a_request_are_passed_on() -> None:
    async with open_fake() as (model, answerer):
        await said(
            answerer, talk("hi"), temperature=0.3, top_p=0.4, limit_tokens=7, repetition_penalty=1.2, stops=("x",)
        )
        await said(answerer, talk("hi"), repetition_penalty=1e300)
    first, second = model.asked
    assert (first["temperature"], first["top_p"], first["max_tokens"]) == (0.3, 0.4, 7)
    assert first["repeat_penalty"] == pytest.approx(1.2 * 1.05)
    assert first["stop"][0] == "x"
    assert first["messages"][-1] == {"role": "user", "content": "hi"}
    assert (second["max_tokens"], second["repeat_penalty"]) == (model.job.answer_tokens, 2.0)


async def test_chinese_is_answered_by_script() -> None:
    async with open_fake() as (model, answerer):
        answer = "".join(map(str, await said(answerer, talk("hello", "Hello!", "今天天气怎么样？"))))
        assert "Small" in answer
        assert "中文" in answer
        await said(answerer, talk("你好", "你好！", "and in English, what is 你好?"))
    assert len(model.asked) == 1


@pytest.mark.parametrize("question", ["what is my name?", "2 + 3", "count to 5", "tell me a joke"])
async def test_what_the_script_knows_is_not_left_to_the_model(question: str) -> None:
    async with open_fake() as (model, answerer):
        assert isinstance((await said(answerer, talk("My name is Ada", "Hello!", question)))[0], str)
    assert not model.asked


async def test_a_model_that_says_the_same_for_ever_is_stopped() -> None:
    async with open_fake() as (model, answerer):
        model.lines, model.after = [event("I am sorry. ")] * 20, hang
        *_, end = await said(answerer, talk("hi"))
        assert end == Piece(text="", tokens=0, finish="stop")
        await asyncio.wait_for(model.gone.wait(), 10)


async def test_the_model_does_not_speak_for_people() -> None:
    async with open_fake() as (model, answerer):
        await said(answerer, talk("Alice: hi\nBob: what is your favourite colour?"))
    assert {"\nAlice:", "\nBob:"} <= set(model.asked[0]["stop"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("la " * 30, True),
        ("x" * 60, True),
        ("So be it. " * 6, True),
        ("x" * 59, False),
        ("ha ha ha ha", False),
        ("", False),
    ],
)
def test_a_loop_is_told_from_a_refrain(text: str, found: bool) -> None:
    assert repeats(f"Well: {text}") is found
    assert not repeats(f"{text} and so on")


@pytest.mark.parametrize("lines", [[event("  "), *ending()], [b"data: {oops\n\n"], [b'data: {"error": {}}\n\n'], []])
async def test_what_the_model_has_no_answer_for_is_answered_by_script(lines: list[bytes]) -> None:
    async with open_fake() as (model, answerer):
        model.lines = lines
        (answer,) = await said(answerer, talk("why so?"))
        assert isinstance(answer, str)
        assert "Small" in answer


async def test_a_model_that_is_not_there_is_stood_in_for() -> None:
    async with open_fake() as (model, answerer):
        model.state = "loading"
        assert "Small" in str(await said(answerer, talk("why so?")))
        model.state = "failed"
        assert "No language model" in str(await said(answerer, talk("why so?")))
    assert not model.asked


async def test_a_prompt_that_is_too_long_after_all_is_tried_shorter() -> None:
    async with open_fake() as (model, answerer):
        model.statuses = [400, 400, 200]
        assert isinstance((await said(answerer, talk("word " * 2000)))[0], Piece)
        lengths = [len(str(one["messages"])) for one in model.asked]
        assert lengths[0] > 1.5 * lengths[1] > 2 * lengths[2]
        model.statuses = [400] * 4
        assert isinstance((await said(answerer, talk("why?")))[0], str)
        assert len(model.asked) == 7


@pytest.mark.parametrize("lines", [[event("Hello")], [event("Hello"), b"data: {oops\n\n"]])
async def test_an_answer_that_breaks_off_is_no_whole_answer(lines: list[bytes]) -> None:
    async with open_fake() as (model, answerer):
        model.lines = lines
        with pytest.raises(ConnectionResetError):
            await said(answerer, talk("hi"))


async def test_a_model_that_falls_silent_is_left() -> None:
    async with open_fake(idle_s=0.3) as (model, answerer):
        model.lines, model.after = [event("Hello")], hang
        with pytest.raises(ConnectionResetError):
            await said(answerer, talk("hi"))
        await asyncio.wait_for(model.gone.wait(), 10)


async def test_an_answer_without_end_is_ended() -> None:
    async def babble(_model: FakeModel, response: web.StreamResponse) -> None:
        for number in itertools.count():
            await response.write(event(f"{number} "))

    async with open_fake(answer_s=0.3) as (model, answerer):
        model.lines, model.after = [], babble
        with pytest.raises(ConnectionResetError):
            await said(answerer, talk("hi"))


async def test_the_model_stops_when_nobody_listens() -> None:
    async with open_fake() as (model, answerer):
        model.lines, model.after = [event("Hello")], hang
        async with aclosing(answerer.answer(talk("hi"), Sampling())) as answer:
            assert await anext(answer) == Piece(text="Hello", tokens=1)
        await asyncio.wait_for(model.gone.wait(), 10)


async def test_they_are_answered_in_their_order_and_not_too_many_wait() -> None:
    async with open_fake() as (model, answerer):
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def wait(_model: FakeModel, _response: web.StreamResponse) -> None:
            begun.set()
            await go_on.wait()

        model.lines, model.after = [event("Hello")], wait
        asking = [asyncio.create_task(said(answerer, talk("first")))]
        await begun.wait()
        assert not answerer.busy
        for number in range(MOST_WAITING):
            asking.append(asyncio.create_task(said(answerer, talk(str(number)))))
            await asyncio.sleep(0)
        assert answerer.busy
        model.lines, model.after = [event("Hello"), *ending()], None
        go_on.set()
        first, *others = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(first, ConnectionResetError)
        assert all(isinstance(other, list) for other in others)
        assert [one["messages"][-1]["content"] for one in model.asked] == ["first", *map(str, range(MOST_WAITING))]
        assert not answerer.busy


async def test_who_waits_too_long_for_a_seat_is_answered_by_script() -> None:
    async with open_fake(seat_s=0.05) as (model, answerer):
        model.lines, model.after = [event("Hello")], hang
        first = asyncio.create_task(said(answerer, talk("first")))
        while not model.asked:  # noqa: ASYNC110  (the request is on its way over a socket)
            await asyncio.sleep(0)
        assert isinstance((await said(answerer, talk("second")))[0], str)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
