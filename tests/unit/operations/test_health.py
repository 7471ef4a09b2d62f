"""The health page."""

from __future__ import annotations

import aiohttp
import pytest

from bot.operations.health import HealthServer


class Checks:
    """Two checks that a test sets."""

    def __init__(self) -> None:
        self.discord = self.database = True

    async def discord_up(self) -> bool:
        return self.discord

    async def database_up(self) -> bool:
        return self.database


async def get(url: str) -> tuple[int, object]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


async def test_it_answers_for_what_is_so_now(unused_tcp_port: int) -> None:
    checks = Checks()
    server = HealthServer("127.0.0.1", unused_tcp_port, {"discord": checks.discord_up, "database": checks.database_up})
    await server.start()
    url = f"http://127.0.0.1:{unused_tcp_port}/healthz"
    try:
        assert await get(url) == (200, {"discord": True, "database": True})
        checks.database = False
        assert await get(url) == (503, {"discord": True, "database": False})
    finally:
        await server.stop()
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(url)


async def test_a_port_that_is_taken_is_told(unused_tcp_port: int) -> None:
    first, second = (HealthServer("127.0.0.1", unused_tcp_port, {}) for _ in range(2))
    await first.start()
    try:
        with pytest.raises(OSError, match="address already in use"):
            await second.start()
    finally:
        await second.stop()
        await first.stop()


@pytest.mark.parametrize(("database_up", "status"), [(True, 200), (False, 503)])
async def test_one_that_waits_for_another_process_is_well(unused_tcp_port: int, database_up: bool, status: int) -> None:
    checks = Checks()
    checks.discord, checks.database = False, database_up
    up = {"discord": checks.discord_up, "database": checks.database_up}
    server = HealthServer("127.0.0.1", unused_tcp_port, up, waiting=lambda: True)
    await server.start()
    try:
        found = await get(f"http://127.0.0.1:{unused_tcp_port}/healthz")
    finally:
        await server.stop()
    assert found == (status, {"discord": False, "database": database_up, "waiting": True})
