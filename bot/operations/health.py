"""A health page for supervisors: ``GET /healthz`` answers 200 while the bot can do its work, else 503.

A process that waits for another one to stop is well too: a supervisor that replaces one by the other waits for that.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[bool]]


class HealthServer:
    """Serves the health page; each check is asked anew for each request."""

    def __init__(
        self, host: str, port: int, checks: Mapping[str, Check], *, waiting: Callable[[], bool] = lambda: False
    ) -> None:
        self._host = host
        self._port = port
        self._checks = checks
        self._waiting = waiting
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to listen. Raises ``OSError`` where the port is taken."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        logger.info("health page on http://%s:%s/healthz", self._host, self._port)

    async def stop(self) -> None:
        """Stop listening. Repeating does nothing."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _healthz(self, request: web.Request) -> web.Response:
        del request
        found: dict[str, bool] = {}
        for name, check in self._checks.items():
            found[name] = await check()
        well = all(found.values())
        if self._waiting():
            well = all(found[name] for name in found if name != "discord")
            found["waiting"] = True
        return web.json_response(found, status=200 if well else 503)
