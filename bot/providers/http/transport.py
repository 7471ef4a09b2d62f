"""HTTP to the model endpoints: one connection pool, deadlines for every wait, errors translated once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

import aiohttp
from yarl import URL

from bot.domain.clock import Clock
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.failures import status_error, transport_error
from bot.providers.http.inflate import Inflater
from bot.providers.http.retry import parse_retry_after

USER_AGENT: Final = "fusion-bot"
CONNECTIONS: Final = 512
"""Streams at once in one process, over all endpoints; more wait for a while."""
_ERROR_BODY_BYTES: Final = 64 * 1024
_ERROR_BODY_S: Final = 5.0
_DRAIN_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait, in seconds.

    ``connect_s`` for a connection, TLS included, and before that until one more may be open. ``first_byte_s`` from the
    call to the first byte of the answer's body, and between two pieces as long as there is nothing of the answer: a
    drawing takes all its time there.
    ``idle_s`` between two pieces of an answer. ``total_s`` for one call with all its attempts. ``settle_s`` after the
    answer was declared whole, for the figures that may follow; ``linger_s`` where it may go on all the same.
    """

    connect_s: float = 10.0
    first_byte_s: float = 180.0
    idle_s: float = 60.0
    total_s: float = 900.0
    settle_s: float = 1.0
    linger_s: float = 10.0


class Patience(Enum):
    """How long the next bytes may take; each has its time in ``Timeouts``."""

    BEGINNING = auto()
    """Nothing of the answer has come: no word, no thought; of a drawing, no picture."""
    IDLE = auto()
    LINGERING = auto()
    """The answer is said to be whole, in a way that some servers say it with every piece."""
    SETTLED = auto()
    """The answer is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, ready to be sent. Headers and body hold secrets and are never printed."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Body:
    """The body of an answer, as it arrives."""

    def __init__(self, response: aiohttp.ClientResponse, *, started: float, deadline: float, timeouts: Timeouts):
        self._response = response
        self._content = response.content
        self._inflater = Inflater(response.headers.get("Content-Encoding", ""))
        self._inflated: Iterator[bytes] = iter(())
        self._time = asyncio.get_running_loop().time
        self._timeouts = timeouts
        self._deadline = deadline
        self._first_deadline: float | None = started + timeouts.first_byte_s

    async def read(self, patience: Patience = Patience.IDLE) -> bytes:
        """Wait for the next bytes; empty at the end of the body.

        Raises ``ProviderError``, a ``timeout_…`` or ``network``.
        """
        for data in self._inflated:
            await asyncio.sleep(0)  # much may come out of little: other streams get their turn in between
            return data
        while True:
            raw = await self._receive(patience)
            if not raw:
                return b""
            self._inflated = self._inflater.feed(raw)
            for data in self._inflated:
                return data

    async def _receive(self, patience: Patience) -> bytes:
        kind = ErrorKind.TIMEOUT_IDLE
        if self._first_deadline is not None:
            until, kind = self._first_deadline, ErrorKind.TIMEOUT_FIRST_BYTE
        elif patience is Patience.IDLE:
            until = self._time() + self._timeouts.idle_s
        elif patience is Patience.BEGINNING:
            until, kind = self._time() + self._timeouts.first_byte_s, ErrorKind.TIMEOUT_FIRST_BYTE
        elif patience is Patience.LINGERING:
            until = self._time() + self._timeouts.linger_s
        else:
            until = self._time() + self._timeouts.settle_s
        if self._deadline < until:
            until, kind = self._deadline, ErrorKind.TIMEOUT_TOTAL
        try:
            async with asyncio.timeout_at(until):
                data = await self._content.readany()
        except Exception as error:
            raise transport_error(error, phase=kind) from error
        self._first_deadline = None
        return data

    async def drain(self) -> None:
        """Read what little may follow an answer's end, so that the connection can be used again; never long."""
        try:
            async with asyncio.timeout(_DRAIN_S):
                while await self._content.readany():
                    pass
        except (TimeoutError, aiohttp.ClientError, OSError):
            self._response.close()


class Transport:
    """Sends calls to the model endpoints. Shared by all streams of the process; used inside one event loop.

    A session is made at its first call. Redirects are never followed: the key would go with them. ``deadline`` is the
    event loop's time.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self.clock = clock
        self.timeouts = timeouts or Timeouts()
        self._tls = tls
        self._connections = asyncio.Semaphore(connections)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._closed = False

    def _session(self, *, fresh: bool) -> aiohttp.ClientSession:
        if fresh not in self._sessions:
            self._sessions[fresh] = self._new_session(fresh=fresh)
        return self._sessions[fresh]

    def _new_session(self, *, fresh: bool) -> aiohttp.ClientSession:
        tls = True if self._tls is None else self._tls
        connector = aiohttp.TCPConnector(limit=0, ssl=tls, force_close=fresh)
        wait = aiohttp.ClientTimeout(
            total=None, connect=self.timeouts.connect_s, sock_connect=self.timeouts.connect_s, sock_read=None
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=wait,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        )

    @asynccontextmanager
    async def post(self, call: Call, *, deadline: float, fresh: bool = False) -> AsyncIterator[Body]:
        """Send a call and open its answer; leaving the context aborts what is still under way.

        ``fresh`` takes a connection of its own, for what is not sent again: one that was kept from an earlier call may
        be closed by the server just as it is used.
        Raises ``ProviderError`` where there is no successful answer, ``busy`` if no connection was to be had; also for
        errors of aiohttp within the context.
        """
        response: aiohttp.ClientResponse | None = None
        held = False
        try:
            held = await self._take_connection(deadline)
            started = asyncio.get_running_loop().time()
            response = await self._send(call, started=started, deadline=deadline, fresh=fresh)
            if not 200 <= response.status < 300:
                raise await self._refused(response)
            yield Body(response, started=started, deadline=deadline, timeouts=self.timeouts)
        except ProviderError as error:
            if self._closed:
                raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping") from error
            raise
        finally:
            # A body that was read to its end has given its connection back already; any other is cut off here.
            if response is not None:
                response.close()
            if held:
                self._connections.release()

    async def _take_connection(self, deadline: float) -> bool:
        """Wait until one more may be open: aiohttp would call that wait a host that can't be reached."""
        until = asyncio.get_running_loop().time() + self.timeouts.connect_s
        try:
            async with asyncio.timeout_at(min(until, deadline)):
                return await self._connections.acquire()
        except TimeoutError as error:
            raise ProviderError(ErrorKind.BUSY, "every connection is in use") from error

    async def _send(self, call: Call, *, started: float, deadline: float, fresh: bool) -> aiohttp.ClientResponse:
        if self._closed:
            raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping")
        until, kind = started + self.timeouts.first_byte_s, ErrorKind.TIMEOUT_FIRST_BYTE
        if deadline < until:
            until, kind = deadline, ErrorKind.TIMEOUT_TOTAL
        try:
            async with asyncio.timeout_at(until):
                return await self._session(fresh=fresh).post(
                    URL(call.url), data=call.body, headers=call.headers, allow_redirects=False
                )
        except aiohttp.InvalidURL:
            raise ProviderError(ErrorKind.INVALID_REQUEST, "the endpoint's address is malformed") from None
        except Exception as error:
            raise transport_error(error, phase=kind) from error

    async def _refused(self, response: aiohttp.ClientResponse) -> ProviderError:
        """Make the error of an answer that is no success, of as much of its body as comes soon."""
        body = b""
        try:
            async with asyncio.timeout(_ERROR_BODY_S):
                inflater = Inflater(response.headers.get("Content-Encoding", ""))
                while len(body) < _ERROR_BODY_BYTES and (raw := await response.content.readany()):
                    for data in inflater.feed(raw):
                        body += data
                        if len(body) >= _ERROR_BODY_BYTES:
                            break
        except (TimeoutError, aiohttp.ClientError, OSError, ProviderError):
            pass  # the status alone says enough
        wait_s = parse_retry_after(response.headers.get("Retry-After"), self.clock.now())
        return status_error(response.status, body[:_ERROR_BODY_BYTES], wait_s)

    async def close(self) -> None:
        """Close the sessions; calls under way end with ``cancelled``. Idempotent."""
        self._closed = True
        for session in self._sessions.values():
            await session.close()
