"""What Discord answers, as it comes in, for those who can't wait until the library hands it on."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import hdrs

from bot.errors import TakenOverError
from bot.presentation.outbound.whole import Admission, BotBudget

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pending:
    """What is known of the answers to one task's requests; ``seen`` is for the one whose body is waited for."""

    statuses: list[int] = field(default_factory=list)
    seen: asyncio.Future[bytes] | None = None
    with_body: bool = False


class Wire:
    """Tells each answer of Discord's to whom it is for; one for the whole process, made before the client.

    ``heard`` gets the method, the path and the headers of every answer. Every request with the bot's token passes
    ``whole`` first, which counts from when its headers go out: a connection may have to be opened before. ``sure`` is
    waited for before every request, and raises ``TakenOverError`` if another process answers in this one's place. An
    answer belongs to the task that
    asked: the library makes every request in its caller's task, and aiohttp traces a request there. A mark that goes
    along with the request (aiohttp's ``trace_request_ctx``) would be plainer, but the library passes none on with the
    response to an interaction.
    """

    def __init__(
        self,
        heard: Callable[[str, str, Mapping[str, str]], object] | None = None,
        *,
        sure: Callable[[], Awaitable[None]] | None = None,
        whole: BotBudget | None = None,
    ) -> None:
        self._heard = heard
        self._whole = whole
        self._sure = sure
        self.refused = asyncio.Event()
        """Set when Discord has refused the bot's own token, which whoever waits for it clears."""
        self._pending: dict[asyncio.Task[Any] | None, _Pending] = {}
        self._sleeping: set[asyncio.Task[Any]] = set()

    def trace(self) -> aiohttp.TraceConfig:
        """Make what the library's session tells its answers to."""
        trace = aiohttp.TraceConfig()

        async def on_start(_session: object, context: Any, params: aiohttp.TraceRequestStartParams) -> None:
            context.sent = False
            context.admission = await self._set_out(params)

        async def on_sent(_session: object, context: Any, _params: aiohttp.TraceRequestHeadersSentParams) -> None:
            if self._whole is not None and context.admission is not None:
                self._whole.sent(context.admission)
                context.sent = True

        async def on_end(_session: object, context: Any, params: aiohttp.TraceRequestEndParams) -> None:
            response = params.response
            if self._whole is not None and context.admission is not None:
                self._whole.answered(context.admission, response.status, response.headers)
            if self._heard is not None:
                self._heard(params.method, params.url.path, response.headers)
            if response.status == 401 and hdrs.AUTHORIZATION in params.headers:
                self.refused.set()
            self.note_status(response.status)

        async def on_failure(_session: object, context: Any, _params: aiohttp.TraceRequestExceptionParams) -> None:
            if self._whole is not None and context.admission is not None and not context.sent:
                self._whole.dropped(context.admission)

        async def on_body(_session: object, _context: object, params: aiohttp.TraceResponseChunkReceivedParams) -> None:
            self.note_body(params.chunk)

        trace.on_request_start.append(on_start)
        trace.on_request_headers_sent.append(on_sent)
        trace.on_request_end.append(on_end)
        trace.on_request_exception.append(on_failure)
        trace.on_response_chunk_received.append(on_body)
        return trace

    async def _set_out(self, params: aiohttp.TraceRequestStartParams) -> Admission | None:
        """Wait until a request may go, and make sure then that it is this process that answers."""
        admission = None
        if self._whole is not None and hdrs.AUTHORIZATION in params.headers:
            admission = await self._whole.set_out(params.method, params.url.path)
        try:
            if self._sure is not None:
                await self._sure()
        except BaseException as error:
            if self._whole is not None and admission is not None:
                self._whole.dropped(admission)
            if isinstance(error, TakenOverError):
                # As if Discord could not be reached, which everybody who asks it something allows for.
                raise ConnectionAbortedError("another process answers in this one's place") from error
            raise
        return admission

    def note_status(self, status: int) -> None:
        """Note the status of an answer to the current task."""
        pending = self._pending.get(asyncio.current_task())
        if pending is None:
            return
        pending.statuses.append(status)
        if _is_good(status) and pending.seen is not None and not pending.with_body and not pending.seen.done():
            pending.seen.set_result(b"")

    def note_body(self, body: bytes) -> None:
        """Note the whole body of an answer to the current task."""
        pending = self._pending.get(asyncio.current_task())
        if pending is None or pending.seen is None or pending.seen.done():
            return
        if any(map(_is_good, pending.statuses)):
            pending.seen.set_result(body)

    @contextmanager
    def statuses(self) -> Iterator[list[int]]:
        """Collect the statuses of what the current task is answered inside, those that the library retries too."""
        task, pending = asyncio.current_task(), _Pending()
        before = self._pending.get(task)
        self._pending[task] = pending
        try:
            yield pending.statuses
        finally:
            del self._pending[task]
            if before is not None:
                self._pending[task] = before

    async def applied(self, request: Coroutine[Any, Any, Any], *, with_body: bool = False) -> Any:
        """Wait until Discord has carried a request out, without the sleep behind it; returns the answer ``with_body``.

        The library sleeps inside the call that empties a bucket until the bucket is full again, up to 5 s after the
        request was carried out (``discord.http.Ratelimit``). A caller that waits for that shows old text, or holds
        a turn open that has long ended. Here the sleep goes on in a task of its own, which keeps the library's count
        right. Raises what the request raises.
        """
        seen: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(request)
        self._pending[task] = _Pending(seen=seen, with_body=with_body)
        task.add_done_callback(self._pending.pop)
        try:
            await asyncio.wait((task, seen), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done():
            return task.result()
        self._sleeping.add(task)
        task.add_done_callback(self._woken)
        return json.loads(seen.result()) if with_body else None

    async def end_sleeps(self) -> None:
        """Give up the sleeps that are left; to be called when the client closes."""
        for task in self._sleeping:
            task.cancel()
        if self._sleeping:
            await asyncio.wait(set(self._sleeping))

    def _woken(self, task: asyncio.Task[Any]) -> None:
        self._sleeping.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # It was carried out; what failed was reading the rest of the answer.
            logger.info("an answer of Discord's broke off: %s", type(error).__name__)


def _is_good(status: int) -> bool:
    return 200 <= status < 300
