"""A slow network for the tests, which finds what only works when all is quick: `make test JITTER=1`.

What the local servers take, answer and send is held back, each by a random time; on one connection nothing overtakes.
A test that fails so, and not without, has a race: in the test, in the page or in the bot.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = Callable[[web.Application, web.Request], Awaitable[web.StreamResponse]]
    Send = Callable[..., Awaitable[None]]

_USUAL_S: Final = 0.03
_LONGEST_S: Final = 0.8
_AT_ONCE: Final = 0.4
_SLOW: Final = 0.05
"""Shares of what is not held back, and of what is held back for long."""


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


def _in_line(send: Send) -> Send:
    async def wait_and_send(socket: web.WebSocketResponse, *args: Any, **options: Any) -> None:  # noqa: ANN401
        line = vars(socket).setdefault("_jitter_line", asyncio.Lock())
        due = asyncio.get_running_loop().time() + _delay_s()  # before the line: what waits in it waits no longer
        async with line:
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await send(socket, *args, **options)

    return wait_and_send


def pytest_configure() -> None:
    """Hold back what every aiohttp server of this process does."""
    web.Application._handle = _held_back(web.Application._handle)  # type: ignore[method-assign]
    for name in ("send_str", "send_bytes"):
        setattr(web.WebSocketResponse, name, _in_line(getattr(web.WebSocketResponse, name)))
