from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from tests.unit.providers.servers import KEY, MIAOHUA, FakeClock, RawServer


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    raw = RawServer()
    await raw.start()
    yield raw
    await raw.stop()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timeouts() -> Timeouts:
    """Long enough never to fire, but those after an end; tests of a timeout make their own."""
    return Timeouts(connect_s=20, first_byte_s=20, idle_s=20, total_s=600, settle_s=0.05, linger_s=0.3)


@pytest.fixture
async def transport(clock: FakeClock, timeouts: Timeouts) -> AsyncIterator[Transport]:
    http = Transport(clock=clock, timeouts=timeouts)
    yield http
    await http.close()


@pytest.fixture
def fusion(transport: Transport, server: RawServer) -> FusionModel:
    return FusionModel(transport, url=f"{server.base}/fusion", api_key=KEY, miaohua_token=MIAOHUA)


@pytest.fixture
def chat(transport: Transport, server: RawServer) -> ChatCompletionsModel:
    return ChatCompletionsModel(
        transport,
        base_url=f"{server.base}/v1",
        api_key=KEY,
        chat_model="talker",
        image_model="stable-diffusion-api",
    )
