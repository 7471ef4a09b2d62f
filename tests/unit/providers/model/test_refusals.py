"""A field that a model refuses is left out, asked once more, and remembered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.model.events import Failure, Finish, ModelEvent
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.errors import ErrorKind
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from bot.providers.model.refusals import Refusals
from tests.unit.providers.chat_samples import completion
from tests.unit.providers.servers import RawServer, Step, Wait, ask, collect, http, warm_up

GOOD: list[Step] = [http(completion({"content": "Hi"}))]
CHOSEN = Sampling(temperature=0.3, max_new_tokens=1000)


def refusal(
    param: str = "", message: str = "", *, status: int = 400, code: str = "unsupported_parameter"
) -> list[Step]:
    error = {"message": message or f"Unsupported parameter: '{param}' is not supported", "param": param, "code": code}
    return [http({"error": {"type": "invalid_request_error", **error}}, status=status)]


def kind_of(events: list[ModelEvent]) -> ErrorKind | None:
    last = events[-1]
    return last.error.kind if isinstance(last, Failure) else None


def bodies(server: RawServer) -> list[dict[str, Any]]:
    return [received.json for received in server.requests]


MAX_TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
)


@pytest.mark.parametrize(
    ("answer", "gone", "new"),
    [
        (refusal("temperature", "'temperature' does not support 0.3 with this model.", code="unsupported_value"),
         "temperature", {}),
        (refusal("max_tokens", MAX_TOKENS), "max_tokens", {"max_completion_tokens": 1000}),
        (refusal("max_tokens", "max_tokens is too large: 1000. This model supports at most 512", code="invalid_value"),
         "max_tokens", {}),
        (refusal("stream_options"), "stream_options", {}),
        ([http({"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"],
                            "msg": "Extra inputs are not permitted"}]}, status=422)], "stream_options", {}),
        ([http({"error": {"message": "invalid argument", "type": "invalid_request_error", "code": "3"}}, status=400)],
         "stream_options", {}),
    ],
    ids=["a value", "an old name", "too large a value", "usage", "usage, as pydantic says it", "nothing named"],
)  # fmt: skip
async def test_what_is_refused_is_left_out_once_and_for_all(
    answer: list[Step], gone: str, new: dict[str, int], server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer(answer, GOOD)
    for _ in range(2):
        assert isinstance((await collect(chat, ask(sampling=CHOSEN)))[-1], Finish)
    first, second, third = bodies(server)
    assert second == third == {name: value for name, value in first.items() if name != gone} | new


async def test_the_persona_goes_before_the_question_if_the_system_role_is_refused(
    server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer([http({"error": {"message": "System role not supported", "type": "server_error"}}, status=500)], GOOD)
    assert isinstance((await collect(chat, ask("hi", persona="You are a fox.")))[-1], Finish)
    assert [body["messages"] for body in bodies(server)] == [
        [{"role": "system", "content": "You are a fox."}, {"role": "user", "content": "hi"}],
        [{"role": "user", "content": "You are a fox.\n\nhi"}],
    ]


async def test_a_strict_server_costs_a_call_for_each_field(server: RawServer, chat: ChatCompletionsModel) -> None:
    server.answer(refusal("stream_options"), refusal("max_tokens"), refusal("max_completion_tokens"),
                  refusal("temperature"), GOOD)  # fmt: skip
    assert isinstance((await collect(chat, ask(sampling=CHOSEN)))[-1], Finish)
    assert set(bodies(server)[-1]) == {"model", "messages", "stream"}
    assert isinstance((await collect(chat, ask(sampling=CHOSEN)))[-1], Finish)
    assert server.connections == 6


@pytest.mark.parametrize(
    ("param", "calls"),
    [("temperature", 2), ("max_tokens", 3), ("top_p", 1), ("stream_options", 2), ("repetition_penalty", 1)],
)
async def test_what_leaving_out_does_not_help_ends_in_words(
    param: str, calls: int, server: RawServer, chat: ChatCompletionsModel
) -> None:
    """A server that says the same whatever is sent."""
    server.answer(refusal(param))
    for asked in (calls, 1):
        server.connections = 0
        events = await collect(chat, ask(sampling=CHOSEN))
        assert (kind_of(events), server.connections) == (ErrorKind.REFUSED_PARAMETER, asked)


@pytest.mark.parametrize("named", [True, False])
async def test_two_questions_that_are_refused_at_once_are_both_answered(
    named: bool, server: RawServer, chat: ChatCompletionsModel
) -> None:
    refused = refusal("stream_options") if named else refusal(message="invalid argument", code="3")
    both = Wait()
    server.answer([both, *refused], [both, *refused], GOOD)
    server.awaited = 2
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(collect(chat, ask())) for _ in range(2)]
        await server.full.wait()
        both.event.set()
    events = [each.result() for each in asked]
    assert [type(each[-1]) for each in events] == [Finish, Finish]
    assert ["stream_options" in body for body in bodies(server)] == [True, True, False, False]


@pytest.mark.parametrize(("status", "message"), [(422, "no"), (400, "1210: API 调用参数有误"), (400, "bad field")])
async def test_a_refusal_that_names_no_field_costs_one_call_once(
    status: int, message: str, server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer([http({"error": {"message": message}}, status=status)])
    for calls in (2, 1):
        server.connections = 0
        assert kind_of(await collect(chat, ask())) is ErrorKind.INVALID_REQUEST
        assert server.connections == calls
    assert ["stream_options" in body for body in bodies(server)] == [True, False, True]


async def test_usage_is_not_asked_for_where_it_is_refused_without_being_named(
    server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer([http({"error": {"message": "bad field"}}, status=400)], GOOD)
    for _ in range(2):
        assert isinstance((await collect(chat, ask()))[-1], Finish)
    assert ["stream_options" in body for body in bodies(server)] == [True, False, False]


async def test_a_refusal_that_speaks_of_no_field_is_the_question_s_but_the_next_one_goes_without(
    server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer([http({"error": {"message": "no"}}, status=400)])
    assert kind_of(await collect(chat, ask())) is ErrorKind.INVALID_REQUEST
    assert server.connections == 1
    server.answer(GOOD)
    for _ in range(2):
        assert isinstance((await collect(chat, ask()))[-1], Finish)
    assert ["stream_options" in body for body in bodies(server)] == [True, False, False]


async def test_usage_is_asked_for_again_if_it_was_not_what_was_refused(
    server: RawServer, chat: ChatCompletionsModel
) -> None:
    server.answer([http({"error": {"message": "no"}}, status=400)])
    for _ in range(3):
        await collect(chat, ask())
    assert ["stream_options" in body for body in bodies(server)] == [True, False, True]


async def test_a_refusal_is_the_question_s_once_the_model_has_answered(
    server: RawServer, chat: ChatCompletionsModel
) -> None:
    await warm_up(chat, server)
    server.answer([http({"error": {"message": "no"}}, status=400)])
    assert kind_of(await collect(chat, ask())) is ErrorKind.INVALID_REQUEST
    server.answer(GOOD)
    await collect(chat, ask())
    assert [body["stream_options"] for body in bodies(server)] == [{"include_usage": True}] * 2


async def test_each_model_has_its_own(server: RawServer, chat: ChatCompletionsModel) -> None:
    other = ModelRequest(
        mode=Mode.CHAT, messages=(PromptMessage(role=Role.USER, content="hi"),), user_key="u", chat_model="other"
    )
    server.answer(refusal("stream_options"), GOOD)
    await collect(chat, ask())
    await collect(chat, other)
    assert ["stream_options" in body for body in bodies(server)] == [True, False, True]


async def test_fusion_sends_every_field_and_says_which_is_refused(server: RawServer, fusion: FusionModel) -> None:
    server.answer([http({"error": {"code": 3, "message": "top_p must be below 1"}}, status=400)])
    events = await collect(fusion, ask())
    assert (kind_of(events), server.connections) == (ErrorKind.REFUSED_PARAMETER, 1)
    last = events[-1]
    assert isinstance(last, Failure)
    assert (last.error.parameter, last.error.sentence) == ("top_p", "top_p must be below 1")


def test_the_models_that_were_asked_long_ago_are_forgotten() -> None:
    refusals = Refusals()
    for number in range(1000):
        refusals.prove(f"m{number}")
    assert len(refusals._models) == 200
