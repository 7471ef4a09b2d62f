"""Nobody waits for the sleep that the library puts behind a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import SystemClock
from bot.errors import TakenOverError
from bot.presentation.outbound.whole import Admission, BotBudget
from bot.presentation.outbound.wire import Wire


@pytest.fixture
def wire() -> Wire:
    return Wire()


async def request(wire: Wire, status: int, body: bytes, awake: asyncio.Event) -> dict[str, str]:
    """Behave as the library's: the answer comes in, its body is read, then it sleeps."""
    await asyncio.sleep(0)
    wire.note_status(status)
    await asyncio.sleep(0)
    wire.note_body(body)
    await awake.wait()
    return {"id": "from the library"}


def nothing_left(wire: Wire) -> bool:
    return not wire._pending and not wire._sleeping


async def test_an_edit_is_over_when_it_was_carried_out(wire: Wire) -> None:
    assert await wire.applied(request(wire, 200, b"{}", asyncio.Event())) is None
    assert not nothing_left(wire)
    await wire.end_sleeps()
    assert nothing_left(wire)


async def test_a_send_is_over_when_its_message_is_known(wire: Wire) -> None:
    made = await wire.applied(request(wire, 200, b'{"id": "7"}', asyncio.Event()), with_body=True)
    assert made == {"id": "7"}
    await wire.end_sleeps()


@pytest.mark.parametrize("status", [429, 500, 404])
async def test_an_answer_that_is_not_good_is_the_library_s_to_deal_with(wire: Wire, status: int) -> None:
    awake = asyncio.Event()
    waiting = asyncio.create_task(wire.applied(request(wire, status, b'{"id": "7"}', awake), with_body=True))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    awake.set()
    assert await waiting == {"id": "from the library"}
    assert nothing_left(wire)


async def test_what_the_request_raises_is_raised(wire: Wire) -> None:
    async def failing() -> None:
        await asyncio.sleep(0)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await wire.applied(failing())
    assert nothing_left(wire)


async def test_cancelling_cancels_the_request(wire: Wire) -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(wire.applied(endless()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(ended.wait(), 5)


async def test_answers_to_others_are_not_taken_for_one_s_own(wire: Wire) -> None:
    awake = asyncio.Event()
    waiting = asyncio.create_task(wire.applied(request(wire, 500, b"", awake), with_body=True))
    with wire.statuses() as statuses:
        wire.note_status(200)
        wire.note_body(b'{"id": "of another"}')
        awake.set()
        assert await waiting == {"id": "from the library"}
    assert statuses == [200]


async def test_the_statuses_that_the_library_tries_again_after_are_collected(wire: Wire) -> None:
    async def asking() -> None:
        wire.note_status(502)
        wire.note_status(204)

    wire.note_status(404)
    with wire.statuses() as outer:
        await asking()
        with wire.statuses() as inner:
            wire.note_status(401)
        wire.note_status(403)
    wire.note_status(405)
    assert (outer, inner) == ([502, 204, 403], [401])
    assert nothing_left(wire)


async def test_two_wires_know_nothing_of_each_other(wire: Wire) -> None:
    other = Wire()
    with wire.statuses() as statuses, other.statuses() as others:
        other.note_status(200)
    assert (statuses, others) == ([], [200])


async def test_what_is_heard_is_passed_on_with_its_headers() -> None:
    heard: list[tuple[object, ...]] = []
    wire = Wire(lambda *answer: heard.append(answer))
    trace = wire.trace()
    (on_end,) = trace.on_request_end
    answer: Any = type("Answer", (), {"status": 200, "headers": {"X-RateLimit-Limit": "5"}})
    url: Any = type("Url", (), {"path": "/channels/1/messages"})
    ended: Any = type("Ended", (), {"method": "POST", "url": url, "response": answer})
    session: Any = None
    with wire.statuses() as statuses:
        await on_end(session, session, ended)
    assert heard == [("POST", "/channels/1/messages", {"X-RateLimit-Limit": "5"})]
    assert statuses == [200]


async def test_no_request_goes_out_for_a_process_that_was_taken_over() -> None:
    asked: list[str] = []
    answers: list[Exception | None] = [None, TakenOverError("over")]

    async def sure() -> None:
        if (failure := answers.pop(0)) is not None:
            raise failure

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/{name}", answer)
    async with TestServer(app) as server:
        session = aiohttp.ClientSession(server.make_url("/"), trace_configs=[Wire(sure=sure).trace()])
        async with session:
            async with session.get("/one") as response:
                assert response.status == 200
            with pytest.raises(ConnectionAbortedError):
                await session.get("/two")
    assert asked == ["/one"]


class Counted(BotBudget):
    """A budget that notes what passes it."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.notes: list[str] = []

    async def set_out(self, method: str, path: str) -> Admission | None:
        self.notes.append(f"{method} {path}")
        return await super().set_out(method, path)

    def sent(self, admission: Admission) -> None:
        self.notes.append("sent")
        super().sent(admission)

    def answered(self, admission: Admission, status: int, headers: Mapping[str, str]) -> None:
        self.notes.append(str(status))
        super().answered(admission, status, headers)

    def dropped(self, admission: Admission) -> None:
        self.notes.append("dropped")
        super().dropped(admission)


@asynccontextmanager
async def asking(wire: Wire) -> AsyncIterator[tuple[aiohttp.ClientSession, Counted]]:
    """Ask a server by a session of the library's kind, and note at the same place when it hears of a request."""
    whole = wire._whole
    assert isinstance(whole, Counted)

    async def answer(request: web.Request) -> web.Response:
        whole.notes.append("heard")
        return web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession(server.make_url("/"), trace_configs=[wire.trace()]) as session,
    ):
        yield session, whole


TOKEN = {"Authorization": "Bot token"}


async def test_each_request_with_the_bot_s_token_passes_the_budget() -> None:
    async with asking(Wire(whole=Counted())) as (session, whole):
        async with session.get("/api/v10/channels/1/messages", headers=TOKEN):
            pass
        assert whole.notes == ["GET /api/v10/channels/1/messages", "sent", "heard", "404"]
        whole.notes.clear()
        async with session.get("/a-picture"):
            pass
        async with session.post("/api/v10/interactions/1/token/callback", headers=TOKEN):
            pass
        assert whole.notes == ["heard", "POST /api/v10/interactions/1/token/callback", "heard"]


async def test_a_request_that_can_t_be_sent_gives_its_room_back() -> None:
    whole = Counted()
    async with aiohttp.ClientSession(trace_configs=[Wire(whole=whole).trace()]) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("http://127.0.0.1:1/users/@me", headers=TOKEN)
    assert whole.notes == ["GET /users/@me", "dropped"]


async def test_a_request_that_must_not_go_gives_its_room_back() -> None:
    whole = Counted()

    async def sure() -> None:
        raise TakenOverError("over")

    async with asking(Wire(sure=sure, whole=whole)) as (session, _):
        with pytest.raises(ConnectionAbortedError):
            await session.get("/users/@me", headers=TOKEN)
    assert whole.notes == ["GET /users/@me", "dropped"]
