"""The feed over its WebSocket, and the switches: the endpoint's faults, the bot's process, who may use them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.backstage.watch import WATCHERS, backstage_routes
from sandbox.discord.traffic.faults import Fault
from sandbox.process import BotCommand, BotProcess, Status
from tests.unit.sandbox.backstage.conftest import Stage


class Watcher:
    """A page's view: what it was told so far, put together."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.items: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.frames = 0

    async def until(self, true: Callable[[Watcher], bool]) -> None:
        async with asyncio.timeout(45):
            while not true(self):
                frame = await self._socket.receive_json()
                self.frames += 1
                if frame.get("clear"):
                    self.items.clear()
                self.state |= frame.get("state", {})
                for one in frame.get("put", ()):
                    self.items[one["id"]] = one
                for one in frame.get("set", ()):
                    self.items[one["id"]] |= one

    def events(self) -> list[str]:
        return [one["what"] for one in self.items.values() if one["kind"] == "event"]


def watch(stage: Stage) -> Any:
    return stage.http.ws_connect(f"{stage.discord.base_url}/control/watch")


async def test_what_was_before_and_what_comes_after(stage: Stage) -> None:
    await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} count to 50")
    async with watch(stage) as socket:
        watcher = Watcher(socket)
        await watcher.until(lambda one: bool(one.items))
        assert watcher.state["bot"] == {"supervised": False}
        assert watcher.state["endpoint"]["attached"] is True
        await stage.ask("count to 50")
        await watcher.until(lambda one: any(i.get("outcome") == "complete" for i in one.items.values()))
        answer = next(one for one in watcher.items.values() if one["kind"] == "endpoint")
        assert answer["progress"]["text"].endswith("49 50")
        # Some seventy deltas came without a pause: they are told in far fewer frames.
        assert watcher.frames < 10
        (turn,) = [one for one in watcher.items.values() if one["kind"] == "turn"]
        await watcher.until(lambda one: one.items[turn["id"]]["state"] == "finishing")


async def test_faults_are_told_where_they_are_made(stage: Stage) -> None:
    async with watch(stage) as socket:
        watcher = Watcher(socket)
        await watcher.until(lambda one: "endpoint" in one.state)
        assert await stage.control("endpoint", {"faults": ["slow", "no-images"]}) == (
            200, {"faults": ["slow", "no_images"]},
        )  # fmt: skip
        await watcher.until(lambda one: one.state["endpoint"]["faults"] == ["slow", "no_images"])
        assert await stage.control("endpoint", {"faults": ["down"], "off": ["slow", "crawling"]}) == (
            200, {"faults": ["down", "no_images"]},
        )  # fmt: skip
        await stage.control("endpoint", {"faults": []})
        await watcher.until(lambda one: one.events() == ["endpoint_faults", "endpoint_faults", "endpoint_well"])
        rule = {"name": "sends", "method": "POST", "path": "/messages$", "status": 500, "times": 2}
        await stage.control("faults", {"faults": [rule]})
        await stage.api("POST", f"/channels/{stage.general.id}/messages", {"content": "x"})
        await watcher.until(
            lambda one: [(r["name"], r["left"]) for r in one.state["discord"]["faults"]] == [("sends", 1)]
        )
        await watcher.until(lambda one: any(i.get("status") == 500 and i["fault"] for i in one.items.values()))
        lost = {"name": "lost", "reset": True, "times": 3}
        assert await stage.control("faults", {"faults": [lost], "off": ["edits"]}) == (200, {"faults": 2})
        await watcher.until(
            lambda one: [(r["name"], r["left"]) for r in one.state["discord"]["faults"]] == [("sends", 1), ("lost", 3)]
        )
        assert await stage.control("faults", {"faults": [], "off": ["sends", "lost"]}) == (200, {"faults": 0})
        assert (await stage.control("faults", {"faults": [], "off": "sends"}))[0] == 400
    wrongs: tuple[object, ...] = (
        {}, {"faults": "slow"}, {"faults": [1]}, {"faults": ["slwo"]}, [], {"faults": [], "off": [1]},
    )  # fmt: skip
    for wrong in wrongs:
        status, body = await stage.control("endpoint", wrong)
        assert (status, bool(body["error"])) == (400, True)


async def test_a_frame_is_json_whatever_is_in_it(stage: Stage) -> None:
    async with watch(stage) as socket:
        await stage.ask("hello", temperature=float("nan"), top_p=float("-inf"))
        stage.discord.faults.replace([Fault(status=429, json={"retry_after": float("inf")})])
        found = ""
        async with asyncio.timeout(45):
            while "Infinity" not in found or '"faults":[{' not in found:
                frame = await socket.receive_str()
                json.loads(frame, parse_constant=pytest.fail)
                found += frame
    assert '"temperature":"NaN"' in found


async def test_without_a_bot_or_endpoint_of_ours_it_is_told_in_words(stage: Stage) -> None:
    for what in ("kill", "stop", "start", "restart"):
        status, body = await stage.control("bot", {"do": what})
        assert status == 409
        assert "not started from here" in body["error"]
    assert (await stage.control("bot", {"do": "dance"}))[0] == 400
    assert (await stage.control("bot", {}))[0] == 400
    stage.backstage.endpoint = None
    assert (await stage.control("endpoint", {"faults": []}))[0] == 409


async def test_the_bot_is_killed_stopped_and_started(stage: Stage, tmp_path: Path) -> None:
    program = "import signal; print('up', flush=True); signal.pause()"
    command = BotCommand(
        arguments=(sys.executable, "-c", program), environment={}, folder=tmp_path, log=tmp_path / "bot.log"
    )
    bot = BotProcess(command, lambda _words: None)
    stage.backstage.attach_bot(bot)
    await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} count to 99")
    stage.endpoint.set_faults("stalling")
    supervisor = asyncio.create_task(bot.supervise())
    try:
        async with watch(stage) as socket:
            watcher = Watcher(socket)

            async def until(status: Status) -> None:
                await watcher.until(lambda one: one.state.get("bot", {}).get("status") == status)

            await until(Status.RUNNING)
            first = watcher.state["bot"]["pid"]
            call = asyncio.create_task(stage.ask("count to 99"))
            await stage.endpoint.wait_for_request(1)
            assert (await stage.control("bot", {"do": "kill"}))[0] == 200
            await watcher.until(lambda one: one.state["bot"]["pid"] not in (None, first))
            assert stage.states() == ["interrupted"]
            call.cancel()
            assert (await stage.control("bot", {"do": "start"}))[0] == 409
            await stage.control("bot", {"do": "stop"})
            await until(Status.STOPPED)
            assert (await stage.control("bot", {"do": "kill"}))[0] == 409
            await stage.control("bot", {"do": "start"})
            await until(Status.RUNNING)
        assert watcher.events() == [
            "bot_started", "bot_ended", "bot_started", "bot_stopping", "bot_ended", "bot_started",
        ]  # fmt: skip
    finally:
        supervisor.cancel()
        await asyncio.gather(supervisor, return_exceptions=True)


async def test_pages_of_elsewhere_may_do_nothing(stage: Stage) -> None:
    elsewhere = {"Origin": "http://evil.test", "Host": "evil.test"}
    for name in ("bot", "endpoint", "faults", "gateway", "reset"):
        assert (await stage.control(name, {}, **elsewhere))[0] == 403
        assert (await stage.control(name, {}, Origin="http://evil.test"))[0] == 403
    address = f"{stage.discord.base_url}/control/"
    async with stage.http.post(
        address + "endpoint", data='{"faults": []}', headers={"Content-Type": "text/plain"}
    ) as no:
        assert no.status == 415
    for headers in (elsewhere, {"Host": "evil.test"}, {"Host": "a:b:c"}):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await stage.http.ws_connect(address + "watch", headers=headers)
    port = stage.discord.base_url.rpartition(":")[2]
    here = {"Origin": f"http://localhost:{port}", "Host": f"localhost:{port}"}
    assert (await stage.control("endpoint", {"faults": []}, **here))[0] == 200


async def test_watchers_are_bounded(stage: Stage) -> None:
    sockets = [await watch(stage) for _ in range(WATCHERS)]
    async with watch(stage) as one_more:
        assert (await one_more.receive()).data == aiohttp.WSCloseCode.TRY_AGAIN_LATER
    await sockets.pop().close()
    await sockets[0].receive_json()
    for socket in sockets:
        await socket.close()


async def test_one_who_does_not_read_is_cut_off(stage: Stage) -> None:
    app = web.Application()
    app.add_routes(backstage_routes(stage.backstage, every_s=0, send_s=0.2))
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port, limit=1024)
        try:
            head = (
                f"GET /control/watch HTTP/1.1\r\nHost: {server.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n"
            )
            writer.write(head.encode())
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
            feed = stage.backstage.feed
            async with asyncio.timeout(45):
                while feed._readers:
                    for _ in range(600):
                        stage.backstage.note("filler", words="x" * 5000)
                    await asyncio.sleep(0.01)
        finally:
            writer.close()
