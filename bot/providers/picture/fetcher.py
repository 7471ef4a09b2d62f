"""Pictures from outside: fetched from URLs that nobody vouches for, checked, stripped, made to fit (section 3)."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.domain.clock import Clock
from bot.domain.picture.files import Picture
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.failures import transport_error
from bot.providers.http.inflate import Inflater
from bot.providers.http.retry import RetryPolicy
from bot.providers.http.transport import USER_AGENT, Timeouts
from bot.providers.picture.address import is_public
from bot.providers.picture.check import check_picture
from bot.providers.picture.spool import Spool

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_REDIRECTS: Final = 3
MAX_URL_CHARS: Final = 8192
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_AUTHORITY: Final = re.compile(r"(?P<scheme>(?:[a-z][a-z0-9+.\-]*:)?)//(?P<host>[^/?#]*)", re.IGNORECASE | re.ASCII)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
PICTURE_TIMEOUTS: Final = Timeouts(connect_s=10, first_byte_s=30, idle_s=20, total_s=120)

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Finds the IP addresses of a host for a port. Raises ``OSError`` where there are none."""


async def system_lookup(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class CheckedResolver(AbstractResolver):
    """Resolves a host once and hands out only addresses that were checked: what is connected to is what was checked.

    One address that is not public refuses the host, whatever the others are.
    """

    def __init__(self, lookup: Lookup, allow: frozenset[tuple[str, int]]) -> None:
        self._lookup = lookup
        self._allow = allow

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # of the interface; every family is checked
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises ``ProviderError`` of kind ``picture_fetch`` where one is refused."""
        host = host.lower()
        addresses = list(dict.fromkeys(await self._lookup(host, port)))
        if (host, port) not in self._allow:
            for address in addresses:
                check_address(address)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing to give back."""


def check_address(address: str) -> None:
    """Raise ``ProviderError`` of kind ``picture_fetch`` where an address is not one of the public Internet."""
    if not is_public(address):
        raise ProviderError(ErrorKind.PICTURE_FETCH, "the host's address is not public")


@dataclass(slots=True, kw_only=True)
class _Budget:
    """The deadlines of one fetch: the event loop's times."""

    first: float
    total: float


class PictureFetcher:
    """Fetches and checks pictures; fulfils ``PictureSource``. The session is made at the first fetch.

    ``allow`` names (host, port) pairs whose addresses are not checked, for a local endpoint. ``max_bytes`` is a
    limit on what is downloaded, whatever the place takes. At most two pictures are decoded at once.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        allow: frozenset[tuple[str, int]] = frozenset(),
        lookup: Lookup = system_lookup,
        timeouts: Timeouts = PICTURE_TIMEOUTS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self._allow = frozenset((host.lower().strip("[]"), port) for host, port in allow)
        self._lookup = lookup
        self._timeouts = timeouts
        self._retry = RetryPolicy()
        self._rng = random.SystemRandom()
        self._max_bytes = max_bytes
        self._decoding = asyncio.Semaphore(2)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def fetch(self, url: str, *, limit_bytes: int) -> Picture:
        """Download a picture; see ``PictureSource.fetch``. Faults that pass are retried, a refusal is not.

        A connection that broke is tried once more by aiohttp itself, as it does for every GET.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                async with Spool() as spool:
                    await self._download(url, spool)
                    # Many may come at once; in memory are those alone that are looked at.
                    async with self._decoding:
                        return await self._check(await spool.read(), limit_bytes)
            except OSError as error:
                raise ProviderError(ErrorKind.PICTURE_FETCH, f"no disk: {type(error).__name__}") from error
            except ProviderError as error:
                if self._closed:
                    raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping") from error
                passing = error.kind is ErrorKind.NETWORK or error.status in _PASSING
                seen = ProviderError(ErrorKind.NETWORK, error.detail) if passing else error
                delay_s = self._retry.delay_s(seen, attempt=attempt, bills=False, rng=self._rng)
                if delay_s is None:
                    raise
            await self._clock.sleep(delay_s)

    async def accept(self, data: bytes, *, limit_bytes: int) -> Picture:
        """Check bytes that are said to be a picture; see ``PictureSource.accept``."""
        if len(data) > self._max_bytes:
            raise ProviderError(ErrorKind.TOO_LARGE, "the picture is larger than the limit")
        async with self._decoding:
            return await self._check(data, limit_bytes)

    async def close(self) -> None:
        """Close the session; fetches under way end with ``cancelled``. Idempotent."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def _check(self, data: bytes, limit_bytes: int) -> Picture:
        return await asyncio.to_thread(check_picture, data, limit_bytes=limit_bytes)

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
        if _is_literal(host) and (host.lower(), port) not in self._allow:
            check_address(host)
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
            headers={"User-Agent": USER_AGENT, "Accept": "image/*", "Accept-Encoding": "identity"},
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


def parse_url(url: str, *, base: URL | None = None) -> URL:
    """Read a picture's URL, or where a redirect leads; its query stays byte for byte, since it may be signed.

    Raises ``ProviderError`` of kind ``picture_fetch``: not http(s), user-info, no host, too long, malformed.
    """
    url = url.strip()
    try:
        parsed = URL(_in_ascii(url), encoded=True)
        user_info = "@" in urlsplit(url).netloc
        if base is not None and (parsed.host or not parsed.scheme):
            parsed = base.join(parsed)
        fit = (
            len(url) <= MAX_URL_CHARS
            and parsed.scheme in ("http", "https")
            and bool(parsed.host)
            and parsed.port is not None
            and not any(char.isspace() or ord(char) < 32 for char in url)
        )
    except (ValueError, UnicodeError):
        raise ProviderError(ErrorKind.PICTURE_FETCH, "a malformed URL") from None
    if user_info:
        raise ProviderError(ErrorKind.PICTURE_FETCH, "a URL with user-info")
    if not fit:
        raise ProviderError(ErrorKind.PICTURE_FETCH, "not an http(s) URL")
    return parsed


def _in_ascii(url: str) -> str:
    """Encode what is not ASCII as browsers do; all else is kept byte for byte. ``ValueError`` for a malformed host."""
    if url.isascii():
        return url
    if (found := _AUTHORITY.match(url)) is not None and not found["host"].isascii():
        url = f"{found['scheme']}//{URL('http://' + found['host']).raw_authority}{url[found.end() :]}"
    return _NOT_ASCII.sub(lambda found: quote(found.group()), url)


def _is_literal(host: str) -> bool:
    """Whether a host is an address in some notation, which never reaches the resolver."""
    return ":" in host or host.rsplit(".", 1)[-1].isdigit() or host.rsplit(".", 1)[-1].lower().startswith("0x")


def _fetch_error(error: Exception, phase: ErrorKind) -> ProviderError:
    """Translate what broke a fetch; a malformed answer is a failed fetch, not a breach of the endpoint's protocol."""
    translated = transport_error(error, phase=phase)
    if translated.kind is ErrorKind.PROTOCOL:
        return ProviderError(ErrorKind.PICTURE_FETCH, translated.detail)
    return translated
