"""Listening on this machine: what the local Discord and the local endpoint have in common as servers."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from aiohttp import web

from sandbox.guard import guard_application

if TYPE_CHECKING:
    from aiohttp.web import Application

_SHUTDOWN_S: Final = 0.1
_MOST: Final = 65_535


class LocalServer:
    """Serves an application on one port. It may listen again after a stop, and then on the same port.

    Port 0 takes a free one. If a port is taken, up to `spare_ports` ports above it are tried.
    """

    def __init__(self, host: str, port: int, *, spare_ports: int = 0) -> None:
        self._host = host
        self._port = port
        self._spare_ports = spare_ports
        self._runner: web.AppRunner | None = None

    @property
    def listening(self) -> bool:
        """Whether the port is open."""
        return self._runner is not None

    @property
    def port(self) -> int:
        """The port, known once it listens."""
        return self._port

    @property
    def address(self) -> str:
        """Host and port, as addresses name them."""
        return f"{self._host}:{self._port}"

    async def start(self, application: Application, *, handler_cancellation: bool = False) -> None:
        """Listen. Raises OSError if no port is free, RuntimeError if it listens already.

        What other machines or pages of other sites ask is refused (`sandbox.guard`). With `handler_cancellation` a
        handler is cancelled when its client goes.
        """
        if self._runner is not None:
            raise RuntimeError("it is started already")
        guard_application(application, self._host)
        runner = web.AppRunner(
            application, handler_cancellation=handler_cancellation, shutdown_timeout=_SHUTDOWN_S, access_log=None
        )
        try:
            await runner.setup()
            await self._take_port(runner)
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]
        self._spare_ports = 0  # clients know the port from now on

    async def stop(self) -> None:
        """Drop all connections and close the port; stopping twice does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _take_port(self, runner: web.AppRunner) -> None:
        last = min(self._port + self._spare_ports, _MOST) if self._port else 0
        for port in range(self._port, last + 1):
            site = web.TCPSite(runner, self._host, port)
            try:
                await site.start()
            except OSError as error:
                await site.stop()
                if error.errno != errno.EADDRINUSE or port == last:
                    raise
            else:
                return
