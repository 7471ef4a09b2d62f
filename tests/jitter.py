"""A slow network for the tests, which finds what only works when all is quick: `make test JITTER=1`.

What the local servers take, answer and send is held back, each by a random time; on one connection nothing overtakes.
A test that fails so, and not without, has a race: in the test, in the page or in the bot.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    Answer = Callable[[web.Application, web.Request], Coroutine[Any, Any, web.StreamResponse]]
    Send = Callable[..., Awaitable[None]]
    Close = Callable[..., Coroutine[Any, Any, bool]]

_USUAL_S: Final = 0.03
_LONGEST_S: Final = 0.8
_AT_ONCE: Final = 0.4
_SLOW: Final = 0.05
"""Shares of what is not held back, and of what is held back for long."""
_MOST_WAITING: Final = 500
"""So many messages wait on one WebSocket until its sender has to."""


def _delay_s() -> float:
    drawn = random.random()
    if drawn < _SLOW:
        return random.uniform(_USUAL_S, _LONGEST_S)
    return 0.0 if drawn < _SLOW + _AT_ONCE else min(random.expovariate(1 / _USUAL_S), _LONGEST_S)


def _held_back(answer: Answer) -> Answer:
    async def handle(app: web.Application, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(_delay_s())
        response = await answer(app, request)
        await asyncio.sleep(_delay_s())
        return response

    return handle


_lines: WeakKeyDictionary[web.WebSocketResponse, _Line] = WeakKeyDictionary()


class _Line:
    """What one WebSocket still has to send, and when."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[float, Callable[[], Awaitable[None]]]] = asyncio.Queue(_MOST_WAITING)
        self._sender = asyncio.create_task(self._send())

    async def put(self, send: Callable[[], Awaitable[None]]) -> None:
        await self._waiting.put((asyncio.get_running_loop().time() + _delay_s(), send))

    async def _send(self) -> None:
        while True:
            due, send = await self._waiting.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            with suppress(ConnectionError):
                await send()
            self._waiting.task_done()

    async def empty(self) -> None:
        await self._waiting.join()


def _line(socket: web.WebSocketResponse) -> _Line:
    if socket not in _lines:
        _lines[socket] = _Line()
    return _lines[socket]


def _sent_later(send: Send) -> Send:
    async def put(socket: web.WebSocketResponse, *args: Any, **options: Any) -> None:
        if socket.closed:
            await send(socket, *args, **options)
        await _line(socket).put(partial(send, socket, *args, **options))

    return put


def _closed_later(close: Close) -> Close:
    async def empty_and_close(socket: web.WebSocketResponse, *args: Any, **options: Any) -> bool:
        await _line(socket).empty()
        return await close(socket, *args, **options)

    return empty_and_close


def pytest_configure() -> None:
    """Hold back what every aiohttp server of this process does."""
    socket = web.WebSocketResponse
    changed: list[tuple[type, str, Callable[..., Any]]] = [
        (web.Application, "_handle", _held_back),
        (socket, "send_str", _sent_later),
        (socket, "send_bytes", _sent_later),
        (socket, "close", _closed_later),
    ]
    for owner, name, change in changed:
        setattr(owner, name, change(getattr(owner, name)))
