"""Looks a picture's host up, and hands out only addresses that were checked."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.address import is_public

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Finds the IP addresses of a host for a port. Raises ``OSError`` if there are none."""


LOOKUPS: Final = 256
"""Look-ups at once, those that nobody waits for any more included: each holds a thread."""


async def system_lookup(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class SystemLookup:
    """Asks the system's resolver in threads of its own, which neither other work nor the end of the process waits for.

    The resolver itself can't be cancelled: a name whose servers are silent takes it half a minute.
    """

    def __init__(self, *, at_once: int = LOOKUPS) -> None:
        self._free = at_once

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host. Raises ``OSError`` if there are none, or too many look-ups go on."""
        if not self._free:
            raise OSError(errno.EAGAIN, "too many look-ups go on")
        self._free -= 1
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[str]] = loop.create_future()
        thread = threading.Thread(target=self._look_up, args=(loop, found, host, port), name="look-up", daemon=True)
        thread.start()
        return await found

    def _look_up(
        self, loop: asyncio.AbstractEventLoop, found: asyncio.Future[Sequence[str]], host: str, port: int
    ) -> None:
        addresses: Sequence[str] = ()
        fault: Exception | None = None
        try:
            addresses = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            fault = error if isinstance(error, OSError) else OSError(errno.EINVAL, "no name of a host")
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(self._tell, found, addresses, fault)

    def _tell(self, found: asyncio.Future[Sequence[str]], addresses: Sequence[str], fault: Exception | None) -> None:
        self._free += 1
        if found.done():
            return
        if fault is None:
            found.set_result(addresses)
        else:
            found.set_exception(fault)


async def checked_addresses(lookup: Lookup, host: str, port: int, allow: frozenset[tuple[str, int]]) -> tuple[str, ...]:
    """Resolve a host, once: what is connected to is what was checked. One refused address refuses the host.

    Raises ``ProviderError`` of kind ``picture_host``, and what the look-up raises.
    """
    addresses = tuple(dict.fromkeys(await lookup(host, port)))
    if (host, port) not in allow:
        for address in addresses:
            check_address(address, host, port)
    return addresses


class PinnedResolver(AbstractResolver):
    """Hands out the addresses that a host was checked to have, and none of any other."""

    def __init__(self, host: str, addresses: Sequence[str]) -> None:
        self._host = host
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # of the interface; every family is checked
    ) -> list[ResolveResult]:
        """Return the addresses. Raises ``OSError`` for another host."""
        if host.lower() != self._host:
            raise OSError(errno.EINVAL, "not the host that was checked")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing to give back."""


def networks_of(addresses: Iterable[str]) -> frozenset[str]:
    """Name the networks of addresses by whom they may belong to: 256 addresses of IPv4, a site's of IPv6 (/48)."""
    networks = set()
    for address in addresses:
        try:
            wide = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            networks.add(address)  # in a notation that only the system reads
        else:
            networks.add(str(ipaddress.ip_network((wide, 24 if wide.version == 4 else 48), strict=False)))
    return frozenset(networks)


def check_address(address: str, host: str, port: int) -> None:
    """Raise ``ProviderError`` of kind ``picture_host`` if an address is not one of the public Internet.

    The detail names host and port in the form that ``IMAGE_FETCH_ALLOW`` takes.
    """
    if not is_public(address):
        raise ProviderError(ErrorKind.PICTURE_HOST, f"{f'[{host}]' if ':' in host else host}:{port} is not public")
