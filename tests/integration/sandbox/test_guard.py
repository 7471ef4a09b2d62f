"""Pages of other sites reach no path of either server, under whatever name they call this machine."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from sandbox.backstage import watch_discord
from sandbox.discord import LocalDiscord
from sandbox.endpoint import LocalEndpoint
from sandbox.guard import is_local_name
from sandbox.serving import LocalServer

Server = LocalDiscord | LocalEndpoint

REBOUND: Final = "rebound.example:8787"
"""What a page sends whose own name has come to resolve to this machine: its origin is the same, so is the host."""


@pytest.fixture
async def servers() -> AsyncIterator[tuple[Server, ...]]:
    """Both servers, and the backstage's routes on the first."""
    async with AsyncExitStack() as stack:
        discord = LocalDiscord(port=0)
        backstage = watch_discord(discord)
        await stack.enter_async_context(discord)
        endpoint = await stack.enter_async_context(LocalEndpoint(port=0))
        backstage.attach_endpoint(endpoint)
        yield discord, endpoint


def listener(server: Server) -> LocalServer:
    return server._server


def routes(server: Server) -> list[tuple[str, str]]:
    """Every method and path that a server answers to, with made-up values in the path."""
    runner = listener(server)._runner
    assert runner is not None
    found: list[tuple[str, str]] = []
    for route in runner.app.router.routes():
        info = route.resource.get_info() if route.resource is not None else {}
        path = info.get("path") or info.get("formatter") or ""
        found.append((route.method, re.sub(r"\{[^}]*\}", "1", path)))
    return found


async def status(http: aiohttp.ClientSession, method: str, url: str, **headers: str) -> int:
    async with http.request(method if method != "*" else "GET", URL(url, encoded=True), headers=headers) as response:
        return response.status


async def test_no_path_is_open_to_a_page_whose_name_resolves_to_this_machine(servers: tuple[Server, ...]) -> None:
    asked = 0
    async with aiohttp.ClientSession() as http:
        for server in servers:
            for method, path in routes(server):
                url = f"http://{listener(server).address}{path}"
                for headers in ({"Host": REBOUND}, {"Host": REBOUND, "Origin": f"http://{REBOUND}"}):
                    assert await status(http, method, url, **headers) == 403, (method, path, headers)
                asked += 1
    assert asked > 100  # the routes were found at all


async def test_no_path_is_open_to_a_page_of_another_site(servers: tuple[Server, ...]) -> None:
    async with aiohttp.ClientSession() as http:
        for server in servers:
            for method, path in routes(server):
                url = f"http://{listener(server).address}{path}"
                assert await status(http, method, url, Origin="https://other.example") == 403, (method, path)


async def test_a_form_of_another_site_controls_neither_server(servers: tuple[Server, ...]) -> None:
    async with aiohttp.ClientSession() as http:
        for server, path in zip(servers, ("reset", "faults"), strict=True):
            address = f"http://{listener(server).address}/control/{path}"
            async with http.post(address, data="{}", headers={"Content-Type": "text/plain"}) as response:
                assert response.status == 415


async def test_programs_and_pages_of_this_machine_are_answered(servers: tuple[Server, ...]) -> None:
    async with aiohttp.ClientSession() as http:
        for server, path in zip(servers, ("/people/state?as=alice", "/control/log"), strict=True):
            port = listener(server).port
            url = f"http://{listener(server).address}{path}"
            for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"demo.localhost:{port}"):
                assert await status(http, "GET", url, Host=host) == 200, (path, host)
                assert await status(http, "GET", url, Host=host, Origin=f"http://{host}") == 200, (path, host)


async def test_no_page_may_frame_one_of_these(servers: tuple[Server, ...]) -> None:
    async with aiohttp.ClientSession() as http:
        for server in servers:
            for path in ("/", "/control/log", "/nothing"):
                async with http.get(f"http://{listener(server).address}{path}") as response:
                    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], path


async def test_the_checks_of_a_response_of_its_own_stay() -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(headers={"Content-Security-Policy": "default-src 'none'"})

    application = web.Application()
    application.router.add_get("/", answer)
    server = LocalServer("127.0.0.1", 0)
    await server.start(application)
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://{server.address}/") as response:
            assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("authority", "listening_on", "local"),
    [
        ("127.0.0.1:8787", "127.0.0.1", True),
        ("[::1]:8787", "127.0.0.1", True),
        ("192.168.1.5", "0.0.0.0", True),
        ("LOCALHOST:8787", "127.0.0.1", True),
        ("localhost.:8787", "127.0.0.1", True),
        ("box.lan:8787", "box.lan", True),
        ("sandbox:8787", "0.0.0.0", True),
        ("sandbox:8787", "127.0.0.1", False),
        ("other.example", "0.0.0.0", False),
        ("localhost.other.example", "127.0.0.1", False),
        ("127.0.0.1.other.example", "127.0.0.1", False),
        ("notlocalhost", "127.0.0.1", False),
        ("127.0.0.1@other.example", "127.0.0.1", False),
        ("localhost@127.0.0.1", "127.0.0.1", False),
        ("a:b:c", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("", "", False),
        (":8787", "0.0.0.0", False),
    ],
)
def test_a_name_is_this_machines_or_not(authority: str, listening_on: str, local: bool) -> None:
    assert is_local_name(authority, listening_on) is local
