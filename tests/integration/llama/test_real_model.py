"""llama.cpp's server with a small model, asked through the chat-completions client: nothing here is this project's."""

from __future__ import annotations

import pytest

from bot.domain.model.events import Failure, Finish, FinishReason, ModelEvent, TextDelta, Usage
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.errors import ErrorKind
from tests.integration.llama.conftest import LIKELIEST, Make

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMIT_TOKENS = 12
WINDOW_TOKENS = 512
"""What `server.py` starts the model with."""


def request(*texts: str, mode: Mode = Mode.CHAT, persona: str = "", limit: int = LIMIT_TOKENS) -> ModelRequest:
    """Make a request of messages that alternate, the person's first."""
    roles = (Role.USER, Role.ASSISTANT)
    return ModelRequest(
        mode=mode,
        messages=tuple(PromptMessage(role=roles[at % 2], content=text) for at, text in enumerate(texts)),
        persona=persona,
        user_key="somebody",
        sampling=Sampling(temperature=LIKELIEST, max_new_tokens=limit),
    )


TALK = request("Say hello.", "Hello!", "Tell me a long story about a fox.", persona="You are a storyteller.")


async def collect(model: ChatModel, asked: ModelRequest) -> list[ModelEvent]:
    async with model.stream(asked) as events:
        return [event async for event in events]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def failure(events: list[ModelEvent]) -> ErrorKind:
    (event,) = events
    assert isinstance(event, Failure)
    return event.error.kind


async def test_streamed(make: Make) -> None:
    events = await collect(make(), TALK)
    assert text_of(events).strip()
    assert sum(isinstance(event, TextDelta) for event in events) > LIMIT_TOKENS // 2, (
        "the answer did not come in pieces"
    )
    assert events[-1] == Finish(reason=FinishReason.LENGTH)


async def test_whole(make: Make) -> None:
    events = await collect(make(stream=False), TALK)
    assert text_of(events).strip()
    usage, end = events[-2:]
    assert isinstance(usage, Usage)
    assert usage.completion_tokens == LIMIT_TOKENS
    assert usage.total_tokens == usage.prompt_tokens + LIMIT_TOKENS
    assert end == Finish(reason=FinishReason.LENGTH)
    assert all(isinstance(event, TextDelta) for event in events[:-2])


async def test_leaving_a_stream_harms_nobody(make: Make) -> None:
    """The server answers one request at a time, and goes on to the next."""
    model = make()
    async with model.stream(request("Tell me a long story.", limit=400)) as events:
        async for event in events:
            assert isinstance(event, TextDelta), event
            break
    assert text_of(await collect(model, TALK)).strip()


async def test_a_drawing_asked_of_a_model_that_only_talks(make: Make) -> None:
    events = await collect(make(), request("Reply with the single word OK.", mode=Mode.DRAW))
    assert failure(events) is ErrorKind.DRAWING_FAILED


@pytest.mark.parametrize("stream", [True, False])
async def test_refusals_are_understood(make: Make, stream: bool) -> None:
    assert failure(await collect(make(api_key="wrong", stream=stream), TALK)) is ErrorKind.AUTHENTICATION
    too_long = request("word " * 2000)
    end = (await collect(make(stream=stream), too_long))[-1]
    assert isinstance(end, Failure)
    assert (end.error.kind, end.error.window_tokens) == (ErrorKind.TOO_LONG, WINDOW_TOKENS)
    assert end.error.prompt_tokens is not None
    assert end.error.prompt_tokens > 2000
    elsewhere = str(make()._url).removesuffix("/v1/chat/completions")
    assert failure(await collect(make(base_url=f"{elsewhere}/v9", stream=stream), TALK)) is ErrorKind.INVALID_REQUEST
