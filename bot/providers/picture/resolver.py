"""Looks a picture's host up, and hands out only addresses that were checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.address import is_public

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Finds the IP addresses of a host for a port. Raises ``OSError`` if there are none."""


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
        """Return the addresses of a host. Raises ``ProviderError`` of kind ``picture_host`` if one is refused."""
        host = host.lower()
        addresses = list(dict.fromkeys(await self._lookup(host, port)))
        if (host, port) not in self._allow:
            for address in addresses:
                check_address(address, host, port)
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


def check_address(address: str, host: str, port: int) -> None:
    """Raise ``ProviderError`` of kind ``picture_host`` if an address is not one of the public Internet.

    The detail names host and port in the form that ``IMAGE_FETCH_ALLOW`` takes.
    """
    if not is_public(address):
        raise ProviderError(ErrorKind.PICTURE_HOST, f"{f'[{host}]' if ':' in host else host}:{port} is not public")
