"""Replies under way: what the endpoint writes for each, and when it is seen in the local Discord."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.discord.state.events import Event
from sandbox.discord.state.records import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Some replies at once: ``streams`` of ``tokens`` tokens at ``per_s`` tokens a second, in ``channels`` channels."""

    name: str
    streams: int
    channels: int
    tokens: int
    per_s: float
    seen: bool = False
    """Whether the bot has answered as many of the same before."""


@dataclass(slots=True, kw_only=True)
class Stream:
    """One reply as it was seen: monotonic times of the prompt, the request, each token's leaving and showing."""

    asked_at: float = 0.0
    requested_at: float = 0.0
    left_at: list[float] = field(default_factory=list)
    seen_at: list[float] = field(default_factory=list)


class Endpoint:
    """A fusion endpoint that writes ``#n`` tokens on a schedule; the prompt names the stream.

    ``endless``: no answer ends after its tokens.
    """

    def __init__(self, scenario: Scenario, streams: Sequence[Stream], *, endless: bool = False) -> None:
        self._scenario = scenario
        self._streams = streams
        self._endless = endless
        self._over = asyncio.Event()

    def answer_for(self, streams: Sequence[Stream]) -> None:
        """Write to other streams from now on."""
        self._streams = streams

    def end(self) -> None:
        """Let endless answers end."""
        self._over.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        stream = self._streams[int(body["messages"][-1]["content"].rsplit("stream ", 1)[1])]
        stream.requested_at = time.monotonic()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        start = time.monotonic()
        for number in range(self._scenario.tokens):
            await asyncio.sleep(max(0.0, start + (number + 1) / self._scenario.per_s - time.monotonic()))
            last = number == self._scenario.tokens - 1 and not self._endless
            event = {
                "code": 0,
                "msg": "ok",
                "data": {
                    "id": "x",
                    "choices": [{"delta": f"#{number} ", "finish_reason": "stop" if last else ""}],
                    "usage": {"completion_tokens": 0, "total_tokens": 0, "picture": False},
                    "status": 0,
                },
            }
            stream.left_at.append(time.monotonic())
            await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        if self._endless:
            await self._over.wait()
        await response.write(b"data: [DONE]\n\n")
        return response


@asynccontextmanager
async def serving(endpoint: Endpoint) -> AsyncIterator[str]:
    """Serve the endpoint; yields its address."""
    app = web.Application()
    app.router.add_post("/fusion", endpoint.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/fusion"
    endpoint.end()
    await runner.cleanup()


class Watcher:
    """Notes when tokens become visible."""

    def __init__(self, scenario: Scenario, streams: Sequence[Stream]) -> None:
        self._tokens = scenario.tokens
        self._streams = streams
        self._prompts: dict[str, Stream] = {}
        self.done = asyncio.Event()

    def expect(self, prompt: Message, stream: Stream) -> None:
        """Tell which stream answers a prompt."""
        self._prompts[str(prompt.id)] = stream

    def __call__(self, event: Event) -> None:
        if event.t not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return
        message = event.d
        reference = (message.get("message_reference") or {}).get("message_id")
        stream = self._prompts.get(reference or "")
        if stream is None:
            return
        numbers = [int(word[1:]) for word in message["content"].split() if word.startswith("#")]
        now = time.monotonic()
        if numbers:
            stream.seen_at += [now] * (max(numbers) + 1 - len(stream.seen_at))
        if all(len(one.seen_at) >= self._tokens for one in self._streams):
            self.done.set()
