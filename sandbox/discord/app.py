"""The local Discord as one server: REST, gateway, files, people's side, control and page on one port."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from aiohttp import web

from sandbox.discord.control.others import other_routes
from sandbox.discord.control.routes import Controlled, control_routes
from sandbox.discord.gateway.server import HEARTBEAT_INTERVAL_S, Gateway
from sandbox.discord.protocol.limits import REQUEST_BYTES
from sandbox.discord.rest.common import answer, bot_route
from sandbox.discord.routing import all_routes, error_middleware
from sandbox.discord.traffic.buckets import Limits
from sandbox.discord.traffic.catalogue import AUTOMOD, refuse, refuse_text
from sandbox.discord.traffic.faults import Fault, Faults
from sandbox.discord.traffic.limiter import RateLimiter
from sandbox.discord.traffic.log import LoggedRequest, RequestLog
from sandbox.discord.traffic.network import Network
from sandbox.discord.traffic.pipeline import bot_pipeline
from sandbox.discord.world import World
from sandbox.serving import LocalServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from types import TracebackType

    from sandbox.discord.state.records import Application

DEFAULT_PORT: Final = 8787
_WEB: Final = Path(__file__).parent.parent / "web"
_DEFAULT_LIMITS: Final = Limits()


class LocalDiscord:
    """A local Discord. Use it as an async context manager, or call `start` and `stop`.

    `port` 0 takes a free one; if the port is taken, the first free one of `spare_ports` above it serves instead.
    `log_path` names the file of the request log. `limits` with `enabled=False` lifts the rate limits. A `network` is
    what a bot's REST requests take there and back beyond what this machine needs, by default nothing. `clock` gives
    Unix seconds; a `world` of one's own should have the same. `heartbeat_interval_s` is what HELLO tells. Browsers
    may keep the page's files for `page_cache_s` seconds without asking again; by default they ask each time, so that
    a change is seen at once.

    Many arguments: each is one trait that a test or a developer may want otherwise, and every one has a default.
    """

    def __init__(
        self,
        port: int = DEFAULT_PORT,
        host: str = "127.0.0.1",
        log_path: Path | str | None = None,
        world: World | None = None,
        limits: Limits = _DEFAULT_LIMITS,
        *,
        clock: Callable[[], float] = time.time,
        heartbeat_interval_s: float = HEARTBEAT_INTERVAL_S,
        page_cache_s: int = 0,
        spare_ports: int = 0,
        network: Network | None = None,
    ) -> None:
        self.world = world if world is not None else World(clock=clock)
        self.faults = Faults(clock)
        self.log = RequestLog(None if log_path is None else Path(log_path))
        self.limiter = RateLimiter(limits, clock)
        self.gateway = Gateway(self.world, limits=limits, clock=clock, heartbeat_interval_s=heartbeat_interval_s)
        self.about: Callable[[], Mapping[str, object]] = dict
        """What the page is told of the demo that this is part of; nothing by default."""
        self._mounted: list[web.RouteDef] = []
        self._reset_listeners: list[Callable[[], None]] = []
        self._server = LocalServer(host, port, spare_ports=spare_ports)
        self._clock = clock
        self._network = network
        self._page_cache = f"max-age={page_cache_s}" if page_cache_s else "no-cache"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """The page's address, without a slash at the end."""
        return f"http://{self._server.address}"

    @property
    def api_base(self) -> str:
        """What bots take for Discord's API, version included."""
        return f"{self.base_url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """The gateway's WebSocket address."""
        return f"ws://{self._server.address}/gateway"

    @property
    def token(self) -> str:
        """The bot token of the world's first application."""
        return self.world.application.token

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The latest REST requests of bots, in the order of their answers."""
        return self.log.requests

    def refuse_text(
        self,
        text: str,
        *,
        code: int = AUTOMOD,
        where: str = "everywhere",
        times: int | None = None,
        for_s: float | None = None,
    ) -> Fault:
        """Have Discord refuse every post, edit and answer of bots that holds `text`.

        `code` is 200000 for AutoMod, 240000 for the filter of harmful links; see `catalogue.refuse` for the rest.
        """
        return self._add(refuse_text(text, code=code, where=where, times=times, for_s=for_s))

    def refuse(
        self, name: str, *, where: str | None = None, times: int | None = None, for_s: float | None = None
    ) -> Fault:
        """Have Discord refuse something, by a name of `catalogue.REFUSALS`: "new_messages", "edits", "components"…"""
        return self._add(refuse(name, where=where, times=times, for_s=for_s))

    def allow(self, *names: str) -> None:
        """End refusals, by their names ("automod", "harmful_link", "edits"…); all faults without one."""
        if names:
            self.faults.change((), off=names)
        else:
            self.faults.clear()

    def _add(self, fault: Fault) -> Fault:
        self.faults.add(fault)
        return fault

    def mount(self, routes: Iterable[web.RouteDef]) -> None:
        """Serve further routes beside Discord's own. Raises RuntimeError while it listens: routes come before that."""
        if self._server.listening:
            raise RuntimeError("it is started already")
        self._mounted += routes

    def on_reset(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each reset; it must neither block nor raise."""
        self._reset_listeners.append(listener)

    async def start(self) -> None:
        """Listen. Raises OSError if no port is free or the log can't be written, RuntimeError if it listens already.

        After a stop it may be started again: the same port and world, as after an outage.
        """
        await self._server.start(self._application())
        self.world.base_url = self.base_url
        self.gateway.open()

    async def stop(self) -> None:
        """Drop all connections and stop listening; stopping twice does nothing."""
        if self._server.listening:
            self.gateway.close()
        await self._server.stop()

    def reset(self) -> None:
        """Begin a new world: sessions end, faults and logged requests go."""
        self.gateway.reset()
        self.world.reset()
        self.faults.clear()
        self.log.clear()
        for listener in self._reset_listeners:
            listener()

    def _application(self) -> web.Application:
        pipeline = bot_pipeline(self.log, self.faults, self.limiter, self._clock, network=self._network)
        app = web.Application(
            client_max_size=REQUEST_BYTES + 2**20,
            middlewares=[pipeline, error_middleware],
        )
        app.cleanup_ctx.append(self._logging)
        app.add_routes([web.get("/gateway", self.gateway.handle), web.get("/gateway/", self.gateway.handle)])
        app.add_routes([*control_routes(self._controlled()), *other_routes(self.world), *self._mounted])
        app.add_routes([web.get("/control/demo", self._demo)])
        # Before the world's own route of that name, which knows nothing of the sessions that were started.
        app.add_routes([bot_route(self.world, "GET", "/gateway/bot", self._gateway_bot)])
        app.add_routes(all_routes(self.world))
        app.add_routes([web.get(r"/{path:(?!(?:api|people|control|cdn|gateway)(?:/|$)).*}", self._page)])
        return app

    def _controlled(self) -> Controlled:
        return Controlled(
            log=self.log,
            limiter=self.limiter,
            faults=self.faults,
            gateway=self.gateway,
            world=self.world,
            reset=self.reset,
        )

    async def _logging(self, _app: web.Application) -> AsyncIterator[None]:
        """Keep the log's file open while the application runs."""
        self.log.open()
        yield
        self.log.close()

    async def _demo(self, _request: web.Request) -> web.Response:
        return web.json_response(self.about())

    async def _gateway_bot(self, _request: web.Request, application: Application) -> web.Response:
        starts = self.gateway.session_start_limit(application.bot.id)
        return answer({"url": self.gateway_url, "shards": 1, "session_start_limit": starts})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the page; nothing outside its folder."""
        wanted = request.match_info["path"] or "index.html"
        path = await asyncio.to_thread(_find, wanted)
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": self._page_cache})


def _find(wanted: str) -> Path | None:
    try:
        path = (_WEB / wanted).resolve()
        return path if path.is_relative_to(_WEB.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        return None  # a name that no file can have
