"""What every REST request of a bot passes through: the way there and back, the log, faults on demand, rate limits."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from sandbox.discord.protocol.errors import DiscordError
from sandbox.discord.protocol.screening import SCREEN
from sandbox.discord.rest.common import API
from sandbox.discord.traffic import faults as fault_rules
from sandbox.discord.traffic.limiter import VIA, Admission, RateLimiter, caller_of
from sandbox.discord.traffic.log_body import describe_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aiohttp.typedefs import Middleware

    from sandbox.discord.traffic.faults import Fault, Faults
    from sandbox.discord.traffic.log import RequestLog
    from sandbox.discord.traffic.network import Network


def bot_pipeline(
    log: RequestLog,
    faults: Faults,
    limiter: RateLimiter,
    clock: Callable[[], float],
    *,
    network: Network | None = None,
) -> Middleware:
    """Return the middleware; it must stand outside the one that turns errors into answers."""
    dice = network.dice() if network is not None else None

    @web.middleware
    async def pipeline(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not request.path.startswith(API + "/"):
            return await handler(request)
        one_way_s = network.one_way_s(dice) if network is not None and dice is not None else 0.0
        if one_way_s:
            await asyncio.sleep(one_way_s)
        at, started = clock(), time.perf_counter()
        path = request.raw_path
        route = path.partition("?")[0]
        admission = Admission()
        content_fault: Fault | None = None

        async def answer(request: web.Request) -> web.StreamResponse:
            nonlocal admission
            admission = limiter.admit(request.method, route.removeprefix(API), caller_of(request))
            response = admission.refusal or await handler(request)
            if admission.headers is not None and not response.prepared:
                response.headers.update(admission.headers)
            return response

        def screened(texts: Sequence[str], *, components: bool) -> None:
            nonlocal content_fault
            content_fault = faults.take_content(request.method, route, texts, components=components)
            if content_fault is not None:
                told = content_fault.json
                raise DiscordError(content_fault.status or 400, told["code"], told["message"], told.get("errors"))

        fault = faults.take(request.method, route)
        if fault is not None and fault.refuses:
            await describe_body(request)  # while there is still a connection to read it from
        mark = SCREEN.set(screened)
        try:
            response = await (answer(request) if fault is None else fault_rules.apply(fault, request, answer))
        finally:
            SCREEN.reset(mark)
        dropped = fault is not None and fault.reset
        if not dropped:
            response.headers[hdrs.VIA] = VIA
            limiter.observe(response)
        body, files = await describe_body(request)
        log.add(
            at=at,
            method=request.method,
            path=path,
            body=body,
            files=files,
            status=0 if dropped else response.status,
            bucket=admission.bucket,
            remaining=admission.remaining,
            ms=round((time.perf_counter() - started) * 1000, 3),
            body_bytes=0 if files else request.content_length or 0,
            limit=admission.limit,
            reset_after_s=admission.reset_after_s,
            fault=fault is not None or content_fault is not None,
        )
        if one_way_s:
            await asyncio.sleep(one_way_s)
        return response

    return pipeline
