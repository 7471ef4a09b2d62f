"""One call of a model, whatever the endpoint: attempts, framing, assembling, and exactly one terminal event."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, NoReturn, Protocol

from bot.domain.model.events import Failure, Finish, ModelEvent, PictureBytes, Retrying, TextDelta, Usage
from bot.domain.model.request import ModelRequest
from bot.errors import ErrorKind, ProviderError
from bot.providers.answer.parts import Assembler, DrawingPath, Lost, Part, PictureReference, Piece, Whole
from bot.providers.http.failures import cut_short
from bot.providers.http.hiding import Hidden
from bot.providers.http.retry import RetryPolicy
from bot.providers.http.transport import Body, Call, Patience, Transport
from bot.providers.wire.cutting import Cutter
from bot.providers.wire.framing import Done, Framer

_log: Final = logging.getLogger(__name__)
_ENDING: Final = frozenset({Patience.LINGERING, Patience.SETTLED})
_SILENCE: Final = frozenset({ErrorKind.TIMEOUT_IDLE, ErrorKind.TIMEOUT_TOTAL})
TOLD_FROM_S: Final = 1.0
"""The shortest wait before another attempt that is reported as an event."""
_ADAPTATIONS: Final = 5
"""How many fields one request may lose: all that chat completions need not have."""


class Dialect(Protocol):
    """What one endpoint's language is made of."""

    @property
    def name(self) -> str:
        """The endpoint's name in the log."""

    def bills(self, request: ModelRequest) -> bool:
        """Whether the answer may be a picture that is paid for: what may have been made is not asked for again."""

    def encode(self, request: ModelRequest) -> Call:
        """Write a request in the endpoint's terms."""

    def denied(self, request: ModelRequest) -> ProviderError | None:
        """Say why a request need not be sent at all; None if it must be."""

    def understood(self, error: ProviderError) -> ProviderError:
        """Return an error as what it is at this endpoint."""

    def adapts(self, request: ModelRequest, error: ProviderError, call: Call) -> bool:
        """Learn from a refusal of a call; whether the request is now written otherwise, and so may go once more."""

    def accepted(self, request: ModelRequest) -> None:
        """Note that the endpoint took a request as it was written."""

    def decode(self, record: Mapping[str, object]) -> Iterable[Part]:
        """Read one object of an answer; whatever it holds, nothing is raised."""

    def assembler(self, request: ModelRequest) -> Assembler:
        """Make the assembler for one answer."""


@dataclass(slots=True, kw_only=True)
class _CallLog:
    """What the log line of a call says. ``begun``: an answer, or a picture, was under way, if only held back."""

    attempts: int = 0
    events: int = 0
    begun: bool = False
    first_s: float | None = None
    outcome: str = "abandoned"


class ModelStreams:
    """Opens streams of model events; holds nothing between them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._retry = RetryPolicy()
        self._rng = random.SystemRandom()

    @asynccontextmanager
    async def open(self, dialect: Dialect, request: ModelRequest) -> AsyncIterator[AsyncIterator[ModelEvent]]:
        """Open one stream; leaving the context closes its connection at once."""
        record = _CallLog()
        started = asyncio.get_running_loop().time()
        try:
            async with aclosing(self._events(dialect, request, record, started)) as events:
                yield events
        finally:
            _log.debug(
                "%s %s: %s after %.3f s, first event after %s s, %d events, %d attempts",
                dialect.name,
                request.mode,
                record.outcome,
                asyncio.get_running_loop().time() - started,
                "-" if record.first_s is None else f"{record.first_s:.3f}",
                record.events,
                record.attempts,
            )

    async def _events(
        self, dialect: Dialect, request: ModelRequest, record: _CallLog, started: float
    ) -> AsyncGenerator[ModelEvent, None]:
        """Yield the events of as many attempts as it takes; only one in which no answer began is repeated."""
        time = asyncio.get_running_loop().time
        deadline = started + self._transport.timeouts.total_s
        if (denied := dialect.denied(request)) is not None:
            record.outcome = str(denied)
            yield Failure(error=denied)
            return
        call = dialect.encode(request)
        adaptations = 0
        while True:
            record.attempts += 1
            try:
                async with aclosing(self._attempt(dialect, request, call, deadline, record)) as events:
                    async for event in events:
                        if not record.events:
                            dialect.accepted(request)
                        record.events += 1
                        if record.first_s is None:
                            record.first_s = time() - started
                        if isinstance(event, Finish):
                            record.outcome = event.reason
                        yield event
            except ProviderError as failure:
                error = Hidden(call).out_of_error(cut_short(failure) if record.events else failure)
                error = dialect.understood(error)
                delay_s = None
                if not record.events and not record.begun:
                    if adaptations < _ADAPTATIONS and dialect.adapts(request, error, call):
                        adaptations += 1
                        call = dialect.encode(request)
                        _log.warning("%s %s: %s; asked once more without it", dialect.name, request.mode, error)
                        continue
                    bills = dialect.bills(request)
                    tries = record.attempts - adaptations
                    delay_s = self._retry.delay_s(error, attempt=tries, bills=bills, rng=self._rng)
                if delay_s is None or time() + delay_s >= deadline:
                    error.drawing = error.drawing or request.certain
                    record.outcome = str(error)
                    if error.kind is not ErrorKind.CANCELLED:
                        _log.warning("%s %s failed: %s", dialect.name, request.mode, error)
                    yield Failure(error=error)
                    return
                _log.warning(
                    "%s %s: %s; attempt %d in %.1f s", dialect.name, request.mode, error, record.attempts + 1, delay_s
                )
            else:
                return
            if delay_s >= TOLD_FROM_S:
                yield Retrying(error=error, after_s=delay_s)
            await self._transport.clock.sleep(delay_s)

    async def _attempt(
        self, dialect: Dialect, request: ModelRequest, call: Call, deadline: float, record: _CallLog
    ) -> AsyncGenerator[ModelEvent, None]:
        """Yield the events of one attempt. Raises ``ProviderError`` where it ends badly, after what may be kept."""
        assembler = dialect.assembler(request)
        framer = Framer()
        # A picture is not asked for again where its connection breaks, so it gets one that nothing was wrong with.
        fresh = dialect.bills(request)
        async with self._transport.post(call, deadline=deadline, fresh=fresh) as body:
            done = received = understood = False
            try:
                while not done:
                    data = await self._read(body, assembler)
                    for frame in framer.feed(data) if data else framer.close():
                        received = True
                        if isinstance(frame, Done):
                            done = True
                            break
                        for part in dialect.decode(frame):
                            understood = True
                            record.begun = record.begun or _begins(part)
                            for event in assembler.feed(part):
                                yield restored(event, framer.cutter) if framer.cutter else event
                    if not data:
                        break
                if not (understood or done):
                    _refuse(anything=received or framer.skipped > 0)
                if framer.lost:
                    assembler.feed(Lost())
                last = assembler.end(done=done)
            except ProviderError:
                for event in assembler.abandon():
                    yield restored(event, framer.cutter)
                raise
            for event in last:
                yield restored(event, framer.cutter)
            await body.drain()

    async def _read(self, body: Body, assembler: Assembler) -> bytes:
        """Read on; once the answer is whole, a fault of the connection is its end, and so is silence."""
        patience = assembler.patience
        try:
            return await body.read(patience)
        except ProviderError as error:
            silence = patience in _ENDING and error.kind in _SILENCE
            if silence or assembler.complete:
                return b""
            raise


def restored(event: ModelEvent, cutter: Cutter) -> ModelEvent:
    """Return an event with what was cut out of its bytes, or of its text."""
    if isinstance(event, PictureBytes):
        return replace(event, data=cutter.restore(event.data)) if cutter else event
    if isinstance(event, TextDelta):
        return replace(event, text=cutter.restore_text(event.text)) if cutter else event
    return event


def _begins(part: Part) -> bool:
    """Whether a part shows that an answer is under way; its first words may be half a picture's address."""
    match part:
        case Piece() | Whole():
            return bool(part.text.strip())
        case DrawingPath():
            return part.taken
        case Usage():
            return part.pictures > 0
        case PictureReference():
            return True
    return False


def _refuse(*, anything: bool) -> NoReturn:
    """Raise the error of a successful answer in which nothing was of a known form."""
    if anything:
        raise ProviderError(ErrorKind.PROTOCOL, "the answer is in no known form")
    raise ProviderError(ErrorKind.EMPTY, "the answer has no body", bare=True)
