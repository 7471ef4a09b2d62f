"""HTTP for the checks, over real sockets: every fault in words with its cure."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import SystemClock
from bot.operations.doctor import web as doctor_web
from bot.operations.doctor.web import MAX_BODY_BYTES, Web, WebFaultError, explain, host_of, parse_date


@asynccontextmanager
async def served(app: web.Application, *, proxied: bool = False) -> AsyncIterator[tuple[Web, str]]:
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Web(session, SystemClock(), proxied=proxied), str(server.make_url("/"))


@asynccontextmanager
async def raw(reply: bytes) -> AsyncIterator[tuple[Web, str]]:
    ended = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(reply)
        writer.close()
        ended.set()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server, aiohttp.ClientSession() as session:
        port = server.sockets[0].getsockname()[1]
        yield Web(session, SystemClock(), proxied=False), f"http://127.0.0.1:{port}/"
        await ended.wait()


async def test_an_answer_is_told_with_the_servers_clock_and_the_key_stays_at_home() -> None:
    seen: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response({"a": 1}, headers={"Date": "Sun, 01 Mar 2026 12:00:00 GMT"})

    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/")

    made = web.Application()
    made.add_routes([web.get("/", handle), web.get("/away", away)])
    async with served(made) as (client, url):
        answer = await client.get(url, {"Authorization": "Bot x"})
        assert (answer.status, answer.body) == (200, {"a": 1})
        assert answer.date == datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert answer.took_s > 0
        assert (await client.get(f"{url}away", {"Authorization": "Bot y"})).status == 302
    assert seen == ["Bot x"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=503)

    made = web.Application()
    made.add_routes([web.get("/", handle)])
    async with served(made) as (client, url):
        answer = await client.get(url, {})
    assert (answer.status, answer.body) == (503, None)


async def test_an_endless_body_is_read_to_a_limit() -> None:
    sent = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 10 * MAX_BODY_BYTES:
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    made = web.Application()
    made.add_routes([web.get("/", handle)])
    async with served(made) as (client, url):
        assert (await client.get(url, {})).body is None
    assert sent < 2 * MAX_BODY_BYTES


async def test_a_greeting_from_the_gateway() -> None:
    replies = iter(['{"op": 10, "d": {"heartbeat_interval": 41250}}', '{"op": 9}', "nonsense"])

    async def handle(request: web.Request) -> web.WebSocketResponse:
        assert request.query_string == "v=10&encoding=json"
        response = web.WebSocketResponse()
        await response.prepare(request)
        await response.send_str(next(replies))
        await response.close()
        return response

    made = web.Application()
    made.add_routes([web.get("/", handle)])
    async with served(made) as (client, url):
        assert await client.hello(url) > 0
        for _ in range(2):
            with pytest.raises(WebFaultError, match="no gateway"):
                await client.hello(url)


async def test_a_server_that_lets_no_web_sockets_through() -> None:
    async with served(web.Application()) as (client, url):
        with pytest.raises(WebFaultError, match="refuses WebSocket connections with HTTP 404"):
            await client.hello(url)


async def test_a_server_that_breaks_off() -> None:
    async with raw(b"") as (client, url):
        with pytest.raises(WebFaultError, match="broke the connection off"):
            await client.get(url, {})


async def test_a_server_that_does_not_speak_http() -> None:
    async with raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as (client, url):
        with pytest.raises(WebFaultError, match="not HTTP"):
            await client.get(url, {})


async def test_a_port_that_nobody_listens_on(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        client = Web(session, SystemClock(), proxied=True)
        with pytest.raises(WebFaultError, match="connection refused") as caught:
            await client.get(f"http://127.0.0.1:{unused_tcp_port}/?key=secret", {})
    assert "proxy" in caught.value.cure
    assert "secret" not in caught.value.found


async def test_tls_where_there_is_none() -> None:
    async with raw(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (client, url):
        with pytest.raises(WebFaultError) as caught:
            await client.get(url.replace("http:", "https:"), {})
    assert "TLS" in caught.value.found or "connection" in caught.value.found


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_web, "TIMEOUT_S", 0.05)
    released = asyncio.Event()

    async def handle(_request: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    made = web.Application()
    made.add_routes([web.get("/", handle)])
    async with served(made) as (client, url):
        with pytest.raises(WebFaultError, match="did not answer within"):
            await client.get(url, {})
        released.set()


KEY = aiohttp.client_reqrep.ConnectionKey("h.test", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "unknown")), "can't be resolved"),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("self-signed")), "certificate"),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version")), "TLS"),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ENETUNREACH, "x")), "network is unreachable"),
        (aiohttp.ClientConnectorError(KEY, OSError("Multiple exceptions")), "no connection"),
        (aiohttp.ConnectionTimeoutError(), "did not answer within 10 s"),
        (aiohttp.InvalidURL("http://:x"), "malformed"),
        (ConnectionResetError(), "broke the connection off"),
    ],
)
def test_faults_are_told_apart(error: Exception, words: str) -> None:
    found, cure = explain(error, "h.test")
    assert words in found
    assert cure


def test_of_a_url_the_host_alone_is_shown() -> None:
    assert host_of("https://user:pass@h.test/x?key=secret") == "h.test"
    assert host_of("http://h.test:8080/x") == "h.test:8080"
    assert host_of("http://[::1") == "the server"


@pytest.mark.parametrize("header", [None, "", "yesterday", "Sun, 99 Mar 2026 12:00:00 GMT"])
def test_a_date_that_is_none(header: str | None) -> None:
    assert parse_date(header) is None
