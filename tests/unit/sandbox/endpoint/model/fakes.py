"""A model's process that is none, and a server that says what a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.messages import Message
from sandbox.endpoint.answers.pace import Piece
from sandbox.endpoint.model.answers import ModelAnswerer
from sandbox.endpoint.model.process import ModelJob, ModelServer, State

KEY = "model-key"
JOB = ModelJob(file=Path("model.gguf"), threads=1, slots=1, answer_tokens=50)

Handler = Callable[["FakeModel", web.StreamResponse], Awaitable[None]]


def event(text: str = "", *, finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    """Encode one event of a streamed answer."""
    body = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}], "usage": usage}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def ending(finish: str = "stop", *, prompt_tokens: int = 11, completion_tokens: int = 3) -> list[bytes]:
    """Encode the end of a streamed answer."""
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}
    counted = b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n"
    return [event(finish=finish), counted, b"data: [DONE]\n\n"]


class FakeModel:
    """Stands for both the process and its server; `lines` is what each answer is made of."""

    def __init__(self) -> None:
        self.job = JOB
        self.state: State = "ready"
        self.why = ""
        self.lines: list[bytes] = [event("Hello"), event(" there"), *ending()]
        self.after: Handler | None = None
        self.statuses: list[int] = []
        self.asked: list[dict[str, Any]] = []
        self.address = ""
        self.gone = asyncio.Event()

    async def server(self, timeout_s: float) -> ModelServer | None:
        return ModelServer(address=self.address, key=KEY) if self.state == "ready" else None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        self.asked.append(await request.json())
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            return web.Response(status=status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for line in self.lines:
                await response.write(line)
            if self.after is not None:
                await self.after(self, response)
        except (asyncio.CancelledError, ConnectionError):
            self.gone.set()
            raise
        return response


@asynccontextmanager
async def open_fake(**waits: float) -> AsyncIterator[tuple[FakeModel, ModelAnswerer]]:
    """Give a fake model that listens, and an answerer that asks it; keywords are the answerer's waits."""
    model = FakeModel()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        model.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ModelAnswerer(model, name="Small", **waits) as answerer:
            yield model, answerer
    finally:
        await runner.cleanup()


def talk(*texts: str) -> list[Message]:
    """Make messages that alternate, the user's first."""
    return [Message(role="assistant" if at % 2 else "user", content=text) for at, text in enumerate(texts)]


async def said(answerer: ModelAnswerer, messages: Sequence[Message], **wishes: Any) -> list[str | Piece]:
    """Return all that is answered."""
    return [one async for one in answerer.answer(messages, Sampling(**wishes))]
