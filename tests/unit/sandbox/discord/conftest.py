"""The local Discord's world behind real HTTP, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from sandbox.discord.routing import all_routes, error_middleware
from sandbox.discord.state.events import Event
from sandbox.discord.world import World


@dataclass
class FakeClock:
    """Unix seconds that move only when told to."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Answer:
    """A response, read."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes = b""


@dataclass
class Api:
    """Calls the server as the first application's bot, or as nobody."""

    client: TestClient[web.Request, web.Application]
    world: World
    answers: list[tuple[str, str, Answer]] = field(default_factory=list)

    async def __call__(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        token: str | None = "",
        data: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bot {token or self.world.application.token}"
        url = path if path.startswith(("/people", "/cdn", "/api")) else "/api/v10" + path
        async with self.client.request(method, url, json=json, data=data, headers=sent) as response:
            found = await _read(response)
        self.answers.append((method, url, found))
        return found

    async def upload(self, method: str, path: str, payload: str, *files: tuple[str, bytes]) -> Answer:
        """Send payload_json with files."""
        form = FormData(quote_fields=False, default_to_multipart=True)
        form.add_field("payload_json", payload, content_type="application/json")
        for index, (name, content) in enumerate(files):
            form.add_field(f"files[{index}]", BytesIO(content), filename=name, content_type="application/octet-stream")
        return await self(method, path, data=form)


async def _read(response: ClientResponse) -> Answer:
    raw = await response.read()
    is_json = response.headers.get("Content-Type") == "application/json"
    body = await response.json() if is_json and raw else None
    return Answer(status=response.status, body=body, headers=dict(response.headers), raw=raw)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock=clock)


@pytest.fixture
def events(world: World) -> list[Event]:
    """All that the world publishes, in order."""
    found: list[Event] = []
    world.subscribe(found.append)
    return found


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    app = web.Application(middlewares=[error_middleware])
    app.add_routes(all_routes(world))
    async with TestClient(TestServer(app)) as client:
        world.base_url = str(client.make_url("")).rstrip("/")
        yield Api(client=client, world=world)
