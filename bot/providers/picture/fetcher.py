"""Pictures from outside: fetched from URLs that nobody vouches for, checked, stripped, made to fit (section 3)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from bot.domain.clock import Clock
from bot.domain.picture.files import Picture
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.failures import transport_error
from bot.providers.http.inflate import Inflater
from bot.providers.http.transport import USER_AGENT, Timeouts
from bot.providers.picture.resolver import CheckedResolver, Lookup, check_address, system_lookup
from bot.providers.picture.spool import Spool
from bot.providers.picture.urls import is_literal, parse_url
from bot.providers.picture.worker import BytesSource
from bot.providers.picture.workshop import PictureChecker

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    # Some hosts refuse what does not look like a browser; "compatible" says that this is none.
    "User-Agent": f"Mozilla/5.0 (compatible; {USER_AGENT})",
    # What can be decoded: for "image/*" servers choose AVIF.
    "Accept": "image/png,image/jpeg,image/webp,image/gif,*/*;q=0.1",
    "Accept-Encoding": "identity",
}
_WAITS_S: Final = (1.0, 4.0)
"""Before the second attempt and the third, each shortened at random by up to half."""
_PATIENCE_S: Final = 40.0
"""After so long no other attempt begins: a user waits for the reply, and Discord's token may expire."""
_PASSING: Final = frozenset(
    {ErrorKind.NETWORK, ErrorKind.TIMEOUT_CONNECT, ErrorKind.TIMEOUT_FIRST_BYTE, ErrorKind.TIMEOUT_IDLE}
)
_PASSING_STATUSES: Final = frozenset({408, 425, 429, *range(500, 600)})
PICTURE_TIMEOUTS: Final = Timeouts(connect_s=10, first_byte_s=30, idle_s=20, total_s=120)


@dataclass(slots=True, kw_only=True)
class _Budget:
    """The deadlines of one fetch: the event loop's times."""

    first: float
    total: float


class PictureFetcher:
    """Fetches and checks pictures; fulfils ``PictureSource``. The session is made at the first fetch.

    ``allow`` names (host, port) pairs whose addresses are not checked, for a local endpoint. ``max_bytes`` is a
    limit on what is downloaded, whatever the place takes. ``workshop`` looks at them; whoever made it closes it.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        workshop: PictureChecker,
        allow: frozenset[tuple[str, int]] = frozenset(),
        lookup: Lookup = system_lookup,
        timeouts: Timeouts = PICTURE_TIMEOUTS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self._allow = frozenset((host.lower().strip("[]"), port) for host, port in allow)
        self._lookup = lookup
        self._timeouts = timeouts
        self._rng = random.SystemRandom()
        self._max_bytes = max_bytes
        self._workshop = workshop
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def fetch(self, url: str, *, limit_bytes: int) -> Picture:
        """Download a picture; see ``PictureSource.fetch``. Faults that may pass are retried, a refusal is not.

        The picture is made and paid for, and asking the model again would pay again. A connection that broke is tried
        once more by aiohttp itself, as it does for every GET.
        """
        started = self._clock.monotonic()
        for wait_s in _WAITS_S:
            try:
                return await self._attempt(url, limit_bytes)
            except ProviderError as error:
                passing = error.kind in _PASSING or error.status in _PASSING_STATUSES
                if not passing or self._clock.monotonic() - started > _PATIENCE_S:
                    raise
                logger.info("a picture's download failed, it is tried again: %s", error)
            await self._clock.sleep(wait_s * (1 - self._rng.random() / 2))
        return await self._attempt(url, limit_bytes)

    async def _attempt(self, url: str, limit_bytes: int) -> Picture:
        try:
            async with Spool() as spool:
                await self._download(url, spool)
                return await self._workshop.check(spool, limit_bytes=limit_bytes)
        except OSError as error:
            raise ProviderError(ErrorKind.PICTURE_FETCH, f"no disk: {type(error).__name__}") from error
        except ProviderError as error:
            if self._closed:
                raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping") from error
            if error.kind is ErrorKind.PICTURE_HOST:
                logger.warning("a picture is not fetched: %s; IMAGE_FETCH_ALLOW names exceptions", error.detail)
            raise

    async def accept(self, data: bytes, *, limit_bytes: int) -> Picture:
        """Check bytes that are said to be a picture; see ``PictureSource.accept``."""
        if len(data) > self._max_bytes:
            raise ProviderError(ErrorKind.TOO_LARGE, "the picture is larger than the limit")
        return await self._workshop.check(BytesSource(data=data), limit_bytes=limit_bytes)

    def stop(self) -> None:
        """Let nothing wait for a picture: the bot is about to close."""
        self._workshop.leave()

    async def close(self) -> None:
        """Close the session; fetches under way end with ``cancelled``. Idempotent."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def _download(self, url: str, spool: Spool) -> None:
        """Follow a URL over at most three redirects to its bytes."""
        now = asyncio.get_running_loop().time()
        budget = _Budget(first=now + self._timeouts.first_byte_s, total=now + self._timeouts.total_s)
        target = parse_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with self._get(target, budget) as response:
                if response.status == 200:
                    await self._read(response, budget, spool)
                    return
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or not location:
                    raise ProviderError(ErrorKind.PICTURE_FETCH, f"HTTP {response.status}", status=response.status)
                target = parse_url(location, base=target)
        raise ProviderError(ErrorKind.PICTURE_FETCH, "too many redirects")

    @asynccontextmanager
    async def _get(self, url: URL, budget: _Budget) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask one hop. Its host is resolved and checked by the resolver; one that is an address already, here."""
        if self._closed:
            raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping")
        host, port = url.host or "", url.port or 0
        if is_literal(host) and (host.lower(), port) not in self._allow:
            check_address(host, host, port)
        if self._session is None:
            self._session = self._new_session()
        response: aiohttp.ClientResponse | None = None
        try:
            async with asyncio.timeout_at(min(budget.first, budget.total)):
                response = await self._session.get(url, allow_redirects=False)
        except aiohttp.InvalidURL:
            # Its words hold the URL, so it is not chained.
            raise ProviderError(ErrorKind.PICTURE_FETCH, "a malformed URL") from None
        except Exception as error:
            raise _fetch_error(error, ErrorKind.TIMEOUT_FIRST_BYTE) from error
        try:
            yield response
        finally:
            response.close()

    def _new_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=64, resolver=CheckedResolver(self._lookup, self._allow), use_dns_cache=False, force_close=True
        )
        connect_s = self._timeouts.connect_s
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_s, sock_connect=connect_s),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would resolve the host by itself
            headers=_HEADERS,
        )

    async def _read(self, response: aiohttp.ClientResponse, budget: _Budget, spool: Spool) -> None:
        """Read a body up to the limit on bytes, counted after decompression."""
        if (response.content_length or 0) > self._max_bytes:
            raise ProviderError(ErrorKind.TOO_LARGE, "the picture is larger than the limit")
        inflater = Inflater(response.headers.get("Content-Encoding", ""))
        time = asyncio.get_running_loop().time
        while True:
            until, kind = time() + self._timeouts.idle_s, ErrorKind.TIMEOUT_IDLE
            if budget.total < until:
                until, kind = budget.total, ErrorKind.TIMEOUT_TOTAL
            try:
                async with asyncio.timeout_at(until):
                    raw = await response.content.readany()
            except Exception as error:
                raise _fetch_error(error, kind) from error
            if not raw:
                return
            for piece in inflater.feed(raw):
                await spool.write(piece)
                if spool.size_bytes > self._max_bytes:
                    raise ProviderError(ErrorKind.TOO_LARGE, "the picture is larger than the limit")


def _fetch_error(error: Exception, phase: ErrorKind) -> ProviderError:
    """Translate what broke a fetch; a malformed answer is a failed fetch, not a breach of the endpoint's protocol."""
    translated = transport_error(error, phase=phase)
    if translated.kind is ErrorKind.PROTOCOL:
        return ProviderError(ErrorKind.PICTURE_FETCH, translated.detail)
    return translated
