"""The demo's model behind the local endpoints, asked by the bot's own clients through both contracts."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.domain.model.events import DrawingIntent, Finish, FinishReason, ModelEvent, PictureUrl, TextDelta, Usage
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from sandbox.endpoint import Behaviour, LocalEndpoint
from sandbox.endpoint.answers.answerer import Sampling as Wishes
from sandbox.endpoint.answers.messages import Message
from sandbox.endpoint.answers.pace import Piece
from sandbox.endpoint.model.answers import ModelAnswerer
from sandbox.endpoint.model.files import find_model, thread_count
from sandbox.endpoint.model.process import ModelJob, ModelProcess
from tests.integration.llama.conftest import LIKELIEST

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMIT_TOKENS = 12
LOAD_S = 40


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The model, the endpoints before it, and a client of each."""

    process: ModelProcess
    answerer: ModelAnswerer
    models: dict[str, ChatModel]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    # A small context, so that prompts which do not fit it are soon read.
    job = ModelJob(file=find_model(), threads=thread_count(), slots=1, context_tokens=512)
    log = tmp_path_factory.mktemp("model") / "model.log"
    http = Transport(clock=SystemClock(), timeouts=Timeouts(connect_s=10, first_byte_s=40, idle_s=40, total_s=50))
    async with (
        ModelProcess(job, log=log, environment=dict(os.environ)) as process,
        ModelAnswerer(process, load_s=LOAD_S) as answerer,
        LocalEndpoint(port=0, answerer=answerer, behaviour=Behaviour(tokens_per_s=0), seed=1) as endpoint,
    ):
        assert await process.server(LOAD_S) is not None, f"{process.why}: {log.read_text(errors='replace')}"
        fusion = FusionModel(
            http, url=endpoint.fusion_url, api_key=endpoint.fusion_key, miaohua_token=endpoint.miaohua_token
        )
        chat = ChatCompletionsModel(
            http,
            base_url=endpoint.openai_base_url,
            api_key=endpoint.openai_key,
            chat_model=endpoint.behaviour.chat_model,
            image_model="stable-diffusion-api",
        )
        yield Demo(process=process, answerer=answerer, models={"fusion": fusion, "chat_completions": chat})
    await http.close()


def request(*texts: str, limit: int = LIMIT_TOKENS) -> ModelRequest:
    """Make a request of messages that alternate, the person's first."""
    roles = (Role.USER, Role.ASSISTANT)
    messages = tuple(PromptMessage(role=roles[at % 2], content=text) for at, text in enumerate(texts))
    sampling = Sampling(temperature=LIKELIEST, max_new_tokens=limit)
    return ModelRequest(mode=Mode.CHAT, messages=messages, user_key="somebody", sampling=sampling)


async def collect(model: ChatModel, asked: ModelRequest) -> list[ModelEvent]:
    async with model.stream(asked) as events:
        return [event async for event in events]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("provider", ["fusion", "chat_completions"])
async def test_it_answers_through_both_contracts(demo: Demo, provider: str) -> None:
    events = await collect(demo.models[provider], request("Tell me a long story about a fox."))
    assert text_of(events).strip()
    assert sum(isinstance(event, TextDelta) for event in events) > LIMIT_TOKENS // 2
    assert events[-1] == Finish(reason=FinishReason.LENGTH)
    usage = [event for event in events if isinstance(event, Usage)]
    if provider == "fusion":
        # The model's own count: its chat template is among it.
        assert usage[-1].completion_tokens == LIMIT_TOKENS
        assert usage[-1].prompt_tokens > 25


async def test_a_drawing_is_drawn_and_not_talked_about(demo: Demo) -> None:
    events = await collect(demo.models["fusion"], request("draw a fox in the snow"))
    assert any(isinstance(event, PictureUrl) for event in events)
    recognised = await collect(demo.models["fusion"], replace(request("draw a fox in the snow"), draw=False))
    assert any(isinstance(event, DrawingIntent) for event in recognised)


async def test_more_than_its_context_holds_is_no_trouble(demo: Demo) -> None:
    texts = [f"{number}: qxz{number} " * 300 for number in range(9)]
    assert text_of(await collect(demo.models["fusion"], request(*texts))).strip()


async def test_one_who_leaves_makes_room(demo: Demo) -> None:
    async with demo.models["fusion"].stream(request("Tell me a long story.", limit=600)) as events:
        async for event in events:
            assert isinstance(event, TextDelta), event
            break
    assert text_of(await collect(demo.models["fusion"], request("Say hello."))).strip()


async def test_it_comes_back_when_it_was_killed(demo: Demo) -> None:
    before = await demo.process.server(LOAD_S)
    assert demo.process.pid is not None
    os.kill(demo.process.pid, signal.SIGKILL)
    while demo.process.state == "ready":  # noqa: ASYNC110  (the loop is told by the system)
        await asyncio.sleep(0.01)
    said = demo.answerer.answer([Message(role="user", content="Say hello.")], Wishes(limit_tokens=LIMIT_TOKENS))
    assert isinstance(await anext(said), Piece)
    await said.aclose()
    assert await demo.process.server(LOAD_S) not in (None, before)
