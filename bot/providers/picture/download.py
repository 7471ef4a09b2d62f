"""One download: over its redirects to its bytes, each hop checked, in a slot, and not too slow (section 3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.failures import transport_error
from bot.providers.http.inflate import Inflater
from bot.providers.http.transport import USER_AGENT, Timeouts
from bot.providers.picture.resolver import Lookup, PinnedResolver, check_address, checked_addresses, networks_of
from bot.providers.picture.slots import Claim, DownloadSlots
from bot.providers.picture.spool import Spool
from bot.providers.picture.urls import is_literal, parse_url

MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    # Some hosts refuse what does not look like a browser; "compatible" says that this is none.
    "User-Agent": f"Mozilla/5.0 (compatible; {USER_AGENT})",
    # What can be decoded: for "image/*" servers choose AVIF.
    "Accept": "image/png,image/jpeg,image/webp,image/gif,*/*;q=0.1",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How slow a download may be: its deadlines, and the fewest bytes in every ``window_s`` seconds of its body.

    Whoever waits for a slot may end one that took longer than ``crowded_s`` and brought fewer than
    ``crowded_bytes_s`` bytes a second; None: nobody may.
    """

    timeouts: Timeouts
    window_s: float
    window_bytes: int
    crowded_s: float | None = None
    crowded_bytes_s: int = 64 * 1024


OWN_PATIENCE: Final = Patience(
    timeouts=Timeouts(connect_s=10, first_byte_s=30, idle_s=20, total_s=120), window_s=20, window_bytes=16 * 1024
)
NAMED_PATIENCE: Final = Patience(
    timeouts=Timeouts(connect_s=10, first_byte_s=20, idle_s=8, total_s=120),
    window_s=8,
    window_bytes=16 * 1024,
    crowded_s=15,
)
"""2 KiB a second: at half of that, 120 KB would take all the time there is. Some hosts draw what is asked of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which hosts may be asked; each is a pair of name and port.

    ``allow``: those whose addresses are not checked. ``named``: the only ones that a talk's text may name, or None for
    any that is public. A text gets those exceptions alone that are named there too.
    """

    allow: frozenset[tuple[str, int]] = frozenset()
    named: frozenset[tuple[str, int]] | None = None

    def exceptions(self, errand: Errand) -> frozenset[tuple[str, int]]:
        """Return the hosts that are not checked."""
        return self.allow & (self.named or frozenset()) if errand.named else self.allow

    def check(self, host: str, port: int, errand: Errand) -> None:
        """Raise ``ProviderError`` of kind ``picture_named`` if a text may not name the host."""
        if errand.named and self.named is not None and (host, port) not in self.named:
            raise ProviderError(ErrorKind.PICTURE_NAMED, f"{host}:{port} is not one that a text may name")


@dataclass(slots=True, kw_only=True)
class _Budget:
    """The deadlines of one download: the event loop's times."""

    first: float
    total: float
    wait_s: float
    """How long may still be waited for slots, over all hops."""

    def extend(self, seconds: float) -> None:
        """Take what was waited for a slot out of them."""
        self.first += seconds
        self.total += seconds
        self.wait_s = max(0.0, self.wait_s - seconds)


class Downloader:
    """Gets the bytes of URLs that nobody vouches for: GET alone, without cookies, referrer or credentials."""

    def __init__(
        self, reach: Reach, lookup: Lookup, slots: DownloadSlots, patience: Patience, *, max_bytes: int
    ) -> None:
        self._reach = reach
        self._lookup = lookup
        self._slots = slots
        self._patience = patience
        self._max_bytes = max_bytes

    async def download(self, url: str, spool: Spool, errand: Errand) -> None:
        """Follow a URL over at most three redirects to its bytes. Raises ``ProviderError``."""
        now = asyncio.get_running_loop().time()
        timeouts = self._patience.timeouts
        first, total = now + timeouts.first_byte_s, now + timeouts.total_s
        budget = _Budget(first=first, total=total, wait_s=self._slots.wait_s)
        target = parse_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with self._get(target, budget, errand) as response:
                if response.status == 200:
                    await self._read(response, budget, spool)
                    return
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or not location:
                    raise ProviderError(ErrorKind.PICTURE_FETCH, f"HTTP {response.status}", status=response.status)
                target = parse_url(location, base=target)
        raise ProviderError(ErrorKind.PICTURE_FETCH, "too many redirects")

    @asynccontextmanager
    async def _get(self, url: URL, budget: _Budget, errand: Errand) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask one hop, in a slot of its host's and of the networks that it is connected to."""
        host, port = (url.raw_host or "").lower(), url.port or 0
        self._reach.check(host, port, errand)
        addresses = await self._resolve(host, port, budget, errand)
        claim = Claim(errand=errand, host=host, networks=networks_of(addresses))
        async with self._held(claim, budget), self._session(host, addresses) as session:
            try:
                async with asyncio.timeout_at(min(budget.first, budget.total)):
                    response = await session.get(url, allow_redirects=False)
            except aiohttp.InvalidURL:
                # Its words hold the URL, so it is not chained.
                raise ProviderError(ErrorKind.PICTURE_FETCH, "a malformed URL") from None
            except Exception as error:
                raise _fetch_error(error, ErrorKind.TIMEOUT_FIRST_BYTE) from error
            try:
                yield response
            finally:
                response.close()

    async def _resolve(self, host: str, port: int, budget: _Budget, errand: Errand) -> tuple[str, ...]:
        """Return the checked addresses of a host; a look-up takes a slot too, since a host's names may be slow."""
        exceptions = self._reach.exceptions(errand)
        if is_literal(host):
            if (host, port) not in exceptions:
                check_address(host, host, port)
            return (host,)
        async with self._held(Claim(errand=errand, host=host), budget):
            try:
                async with asyncio.timeout(self._patience.timeouts.connect_s):
                    return await checked_addresses(self._lookup, host, port, exceptions)
            except (TimeoutError, OSError) as error:
                raise _fetch_error(error, ErrorKind.TIMEOUT_CONNECT) from error

    @asynccontextmanager
    async def _held(self, claim: Claim, budget: _Budget) -> AsyncIterator[None]:
        time = asyncio.get_running_loop().time
        since = time()
        async with self._slots.hold(claim, wait_s=budget.wait_s):
            budget.extend(time() - since)
            yield

    def _session(self, host: str, addresses: tuple[str, ...]) -> aiohttp.ClientSession:
        """Make a session that connects to nothing but what was checked."""
        connector = aiohttp.TCPConnector(
            resolver=PinnedResolver(host, addresses), use_dns_cache=False, force_close=True
        )
        connect_s = self._patience.timeouts.connect_s
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
        speed = _Speed(self._patience, self._slots)
        while raw := await self._receive(response, budget, speed):
            for piece in inflater.feed(raw):
                await spool.write(piece)
                if spool.size_bytes > self._max_bytes:
                    raise ProviderError(ErrorKind.TOO_LARGE, "the picture is larger than the limit")

    async def _receive(self, response: aiohttp.ClientResponse, budget: _Budget, speed: _Speed) -> bytes:
        """Return the next bytes; none at the end. Raises ``ProviderError`` if they don't come, or come too slowly."""
        until, kind = asyncio.get_running_loop().time() + self._patience.timeouts.idle_s, ErrorKind.TIMEOUT_IDLE
        if budget.total < until:
            until, kind = budget.total, ErrorKind.TIMEOUT_TOTAL
        while True:
            speed.check()
            try:
                async with asyncio.timeout_at(min(until, speed.window_ends)):
                    raw = await response.content.readany()
            except TimeoutError as error:
                if asyncio.get_running_loop().time() >= until:
                    raise _fetch_error(error, kind) from error
            except Exception as error:
                raise _fetch_error(error, kind) from error
            else:
                speed.note(len(raw))
                return raw


class _Speed:
    """How fast a body comes."""

    def __init__(self, patience: Patience, slots: DownloadSlots) -> None:
        self._patience = patience
        self._slots = slots
        self._time = asyncio.get_running_loop().time
        self._began = self._time()
        self._bytes = 0
        self._window_bytes = 0
        self.window_ends = self._began + patience.window_s
        """When the next look is due: the event loop's time."""

    def note(self, number: int) -> None:
        """Count bytes that came."""
        self._bytes += number
        self._window_bytes += number

    def check(self) -> None:
        """Look at a window that is over. Raises ``ProviderError`` if too little came in it."""
        now = self._time()
        if now < self.window_ends:
            return
        patience = self._patience
        if self._window_bytes < patience.window_bytes:
            raise ProviderError(ErrorKind.TIMEOUT_IDLE, f"{self._window_bytes} bytes in {patience.window_s:g} s")
        took_s = now - self._began
        slow = patience.crowded_s is not None and took_s >= patience.crowded_s
        if slow and self._bytes < took_s * patience.crowded_bytes_s and self._slots.crowded:
            raise ProviderError(ErrorKind.PICTURE_BUSY, "a slow download, and others wait")
        self._window_bytes = 0
        self.window_ends = now + patience.window_s


def _fetch_error(error: Exception, phase: ErrorKind) -> ProviderError:
    """Translate what broke a fetch; a malformed answer is a failed fetch, not a breach of the endpoint's protocol."""
    translated = transport_error(error, phase=phase)
    if translated.kind is ErrorKind.PROTOCOL:
        return ProviderError(ErrorKind.PICTURE_FETCH, translated.detail)
    return translated
