"""A Discord's CDN, on a local server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Files:
    """What lies there: ``body`` at every address under ``/cdn/``; ``asked`` are the names that were asked for.

    ``cut`` breaks the connection off instead of answering, which waits until ``open`` is set.
    """

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.cut = False
        self.open = asyncio.Event()
        self.open.set()
        self.asked: list[str] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.match_info["name"])
        await self.open.wait()
        if self.cut and request.transport is not None:
            request.transport.abort()
        if self.status == 302:
            raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
        return web.Response(body=self.body, status=self.status)


@asynccontextmanager
async def open_cdn(files: Files) -> AsyncIterator[str]:
    """Serve files; yields the server's address."""
    app = web.Application()
    app.router.add_get("/cdn/{name:.*}", files.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
