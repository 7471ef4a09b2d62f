"""HTTP for the checks: one GET at a time, with a deadline, and every fault told in words with its cure."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.domain.clock import Clock
from bot.errors import BotError

TIMEOUT_S: Final = 10.0
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
PROXY_NAMES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """An HTTP answer, whatever its status.

    ``body`` is what its JSON says, None where it is none. ``date`` is the server's clock, to the second; ``received``
    is this machine's at that moment, and ``took_s`` how long the answer took.
    """

    status: int
    body: Any = None
    date: datetime | None = None
    received: datetime
    took_s: float = 0.0


class WebFaultError(BotError):
    """No HTTP answer came. ``found`` says what happened, ``cure`` what to do."""

    def __init__(self, found: str, cure: str) -> None:
        super().__init__(found)
        self.found = found
        self.cure = cure


Get = Callable[[str, Mapping[str, str]], Awaitable[HttpAnswer]]
"""Asks for a URL with headers. Raises ``WebFaultError``."""
Hello = Callable[[str], Awaitable[float]]
"""Connects to the gateway at a URL, waits for its greeting and leaves; returns seconds. Raises ``WebFaultError``."""


class Web:
    """Asks over one session. ``proxied`` says that the environment names a proxy, which the bot does not use."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock, *, proxied: bool) -> None:
        self._session = session
        self._clock = clock
        self._proxied = proxied

    async def get(self, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        """Ask for a URL; redirects are not followed, since a key could go with them. Raises ``WebFaultError``."""
        started = self._clock.monotonic()
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                received = self._clock.now()
                took_s = self._clock.monotonic() - started
                return HttpAnswer(
                    status=response.status,
                    body=parse_json(await _read(response)),
                    date=parse_date(response.headers.get("Date")),
                    received=received,
                    took_s=took_s,
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._fault(error, url) from error

    async def hello(self, url: str) -> float:
        """Connect to Discord's gateway, wait for its first payload and leave. Raises ``WebFaultError``.

        Nobody is identified by that, so it takes nothing of the day's session starts.
        """
        started = self._clock.monotonic()
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._session.ws_connect(f"{url.rstrip('/')}/?v=10&encoding=json") as socket,
            ):
                payload = parse_json((await socket.receive()).data)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._fault(error, url) from error
        if not isinstance(payload, dict) or payload.get("op") != 10:
            raise WebFaultError(
                f"{host_of(url)} is no gateway of Discord's: it sent no greeting",
                "Something between this machine and Discord changes WebSocket connections: a proxy or a firewall.",
            )
        return self._clock.monotonic() - started

    def _fault(self, error: Exception, url: str) -> WebFaultError:
        found, cure = explain(error, host_of(url))
        if self._proxied:
            cure += " A proxy is set in the environment (HTTPS_PROXY), but the bot connects directly and never uses it."
        return WebFaultError(found, cure)


def explain(error: Exception, host: str) -> tuple[str, str]:
    """Say what kept a connection from coming about, and what to do; the order is from the special to the general."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {host} can't be resolved", "Check the name, this machine's DNS and its network."
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return (
            f"the certificate of {host} is not accepted",
            (
                "Install the package ca-certificates and set this machine's clock; where a proxy inspects TLS, name "
                "its root certificate in SSL_CERT_FILE."
            ),
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return f"TLS with {host} failed", "Check that the address begins rightly with https:// or http://."
    if isinstance(error, TimeoutError):
        return (
            f"{host} did not answer within {TIMEOUT_S:.0f} s",
            "Check the network and the firewall: outgoing connections to it must be allowed.",
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        # The loop's own words repeat the address; several attempts that failed have no number.
        reason = os.strerror(error.errno).lower() if error.errno else "no connection"
        return (
            f"{host} can't be reached: {reason}",
            "Check the address and its port, that the server runs, and the firewall.",
        )
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return (
            f"{host} refuses WebSocket connections with HTTP {error.status}",
            "Something between this machine and it does not let WebSockets through: a proxy or a firewall.",
        )
    if isinstance(error, (aiohttp.InvalidURL, ValueError)):
        return "the address is malformed", "Check the address in the configuration."
    if isinstance(error, (aiohttp.ClientConnectionError, OSError)):
        return (
            f"{host} broke the connection off",
            "Try again; if this goes on, check what stands between: a proxy, a firewall, the wrong port.",
        )
    return (
        f"{host} answered with something that is not HTTP ({type(error).__name__})",
        "Check the address and its port: another program may be listening there.",
    )


def host_of(url: str) -> str:
    """Take the host, and the port where there is one, out of a URL: nothing else of it may be shown."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return "the server"


def parse_json(data: Any) -> Any:
    """Read JSON; None where it is none."""
    if not isinstance(data, (str, bytes)):
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def parse_date(header: str | None) -> datetime | None:
    """Read an HTTP date; None where it is none."""
    try:
        date = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    while len(body) < MAX_BODY_BYTES and (piece := await response.content.readany()):
        body += piece
    return body
