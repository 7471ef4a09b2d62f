"""The local model endpoints as one server on loopback."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Self

from aiohttp import web

from sandbox.endpoint.answers.scripted import ScriptedAnswerer
from sandbox.endpoint.calls import FUSION_PATH, Calls
from sandbox.endpoint.control import Control
from sandbox.endpoint.painting.store import PictureStore
from sandbox.endpoint.serving.context import Behaviour, Context
from sandbox.endpoint.serving.faults import Faults, faults
from sandbox.endpoint.serving.record import RequestLog
from sandbox.serving import LocalServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sandbox.endpoint.answers.answerer import Answerer
    from sandbox.endpoint.script.replies import Reply
    from sandbox.endpoint.serving.record import Entry, RecordedRequest

_MAX_BODY_BYTES = 4 * 1024 * 1024


class LocalEndpoint:
    """Both endpoints, their pictures and the control routes; `async with` starts and stops it.

    Port 0 takes a free one, which is kept for the next start; if the port is taken, the first free one of
    `spare_ports` above it serves instead. `seed` makes the random choices (sizes of pieces, seeds of drawings)
    repeatable. At most `capacity` requests are kept.

    Many arguments: each is one trait that a test or a developer may want otherwise, and every one has a default.
    """

    def __init__(
        self,
        port: int = 8788,
        host: str = "127.0.0.1",
        *,
        fusion_key: str = "local-fusion-key",
        miaohua_token: str = "local-miaohua-token",  # noqa: S107  (the sandbox's own, it opens nothing else)
        openai_key: str = "local-openai-key",
        behaviour: Behaviour | None = None,
        answerer: Answerer | None = None,
        picture_ttl_s: float = 3600.0,
        clock: Callable[[], float] = time.time,
        seed: int | None = None,
        capacity: int = 1000,
        spare_ports: int = 0,
    ) -> None:
        self._server = LocalServer(host, port, spare_ports=spare_ports)
        self._context = Context(
            fusion_key=fusion_key,
            miaohua_token=miaohua_token,
            openai_key=openai_key,
            answerer=answerer or ScriptedAnswerer(),
            pictures=PictureStore(clock=clock, ttl_s=picture_ttl_s),
            log=RequestLog(capacity, clock),
            rng=random.Random(seed),
            behaviour=behaviour or Behaviour(),
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError if no port is free, RuntimeError if it listens already."""
        app = web.Application(client_max_size=_MAX_BODY_BYTES)
        app.add_routes(
            [
                *Calls(self._context).routes(),
                *Control(self._context).routes(),
            ]
        )
        # Handlers are cancelled when their client goes, so that an answer nobody reads is not made.
        await self._server.start(app, handler_cancellation=True)
        self._context.base_url = f"http://{self._server.address}"

    async def stop(self) -> None:
        """Close every connection and stop listening; may be called again, and `start` after it."""
        await self._server.stop()

    @property
    def port(self) -> int:
        """The port, known once started."""
        return self._server.port

    @property
    def base_url(self) -> str:
        """`http://host:port`, without a slash at the end."""
        return self._context.base_url

    @property
    def fusion_url(self) -> str:
        """The whole address of the fusion endpoint."""
        return self.base_url + FUSION_PATH

    @property
    def openai_base_url(self) -> str:
        """The base address of the chat-completions endpoint, `/v1` included."""
        return f"{self.base_url}/v1"

    @property
    def fusion_key(self) -> str:
        """The key that the fusion endpoint takes."""
        return self._context.fusion_key

    @property
    def miaohua_token(self) -> str:
        """The token that `mh_key` must hold."""
        return self._context.miaohua_token

    @property
    def openai_key(self) -> str:
        """The key that the chat-completions endpoint takes."""
        return self._context.openai_key

    @property
    def answerer_name(self) -> str:
        """What answers in chat, in words for people."""
        return self._context.answerer.name

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Have `listener` called whenever a model request opens, goes on or ends; it must neither block nor raise."""
        self._context.log.listen(listener)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The model requests kept (fusion and chat; not pictures, not the model list), oldest first."""
        return [entry.request for entry in self.log]

    @property
    def log(self) -> list[Entry]:
        """The entries of `requests`, with what became of each."""
        return self._context.log.entries()

    @property
    def behaviour(self) -> Behaviour:
        """How requests are answered; assign to change it for the requests that follow."""
        return self._context.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._context.behaviour = behaviour

    @property
    def default(self) -> Reply | None:
        """The reply that is given whenever no queued one matches; None answers as usual."""
        return self._context.scripts.default

    @default.setter
    def default(self, reply: Reply | None) -> None:
        self._context.scripts.default = reply

    @property
    def faults(self) -> Faults:
        """The standing faults."""
        return self._context.faults

    def set_faults(self, *names: str) -> None:
        """Replace the standing faults (see `sandbox.endpoint.serving.faults`). Raises RefusedError."""
        self._context.faults = faults(*names)

    def script(self, *replies: Reply) -> None:
        """Queue what the next matching requests get."""
        self._context.scripts.add(*replies)

    def clear(self) -> None:
        """Forget scripts, faults and the log."""
        self._context.scripts.clear()
        self._context.faults = Faults()
        self._context.log.clear()

    async def wait_for_request(self, n: int = 1, timeout_s: float = 10.0) -> RecordedRequest:
        """Wait until the n-th model request (from 1) has arrived. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            return (await self._context.log.wait_for(n)).request

    async def wait_for_end(self, n: int = 1, timeout_s: float = 10.0) -> str:
        """Wait until the n-th model request has ended and return its outcome (see Entry). Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            entry = await self._context.log.wait_for(n)
            await entry.done.wait()
            return entry.outcome
