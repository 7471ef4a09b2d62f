"""What both local servers have in common: ports, and starting and stopping."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from sandbox.serving import LocalServer

HOST = "127.0.0.1"


def application(word: str = "here") -> web.Application:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=word)

    found = web.Application()
    found.router.add_get("/", answer)
    return found


@asynccontextmanager
async def listening(port: int = 0, *, spare_ports: int = 0, word: str = "here") -> AsyncIterator[LocalServer]:
    server = LocalServer(HOST, port, spare_ports=spare_ports)
    await server.start(application(word))
    try:
        yield server
    finally:
        await server.stop()


async def read(server: LocalServer) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"http://{server.address}/") as response:
        return await response.text()


async def test_a_taken_port_gives_way_to_a_spare_one() -> None:
    async with (
        listening(word="first") as first,
        listening(first.port, spare_ports=50, word="second") as second,
    ):
        assert first.port < second.port <= first.port + 50
        assert [await read(first), await read(second)] == ["first", "second"]


async def test_a_taken_port_without_spare_ones_is_an_error() -> None:
    async with listening() as first:
        second = LocalServer(HOST, first.port)
        with pytest.raises(OSError, match="address already in use"):
            await second.start(application())
        assert not second.listening
        await second.stop()


async def test_it_starts_again_on_the_port_it_had_although_others_are_spare() -> None:
    async with listening() as taken:
        server = LocalServer(HOST, taken.port, spare_ports=50)
        await server.start(application())
        port = server.port
        await server.stop()
        async with listening(port):
            with pytest.raises(OSError, match="address already in use"):
                await server.start(application())
        await server.start(application("again"))
        assert (server.port, await read(server)) == (port, "again")
        await server.stop()


async def test_starting_twice_is_an_error_and_leaves_it_listening() -> None:
    async with listening() as server:
        with pytest.raises(RuntimeError, match="started already"):
            await server.start(application())
        assert await read(server) == "here"
