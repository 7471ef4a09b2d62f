"""A started endpoint that does not wait, and a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.endpoint import Behaviour, LocalEndpoint
from tests.unit.sandbox.endpoint.calling import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def endpoint() -> AsyncIterator[LocalEndpoint]:
    async with LocalEndpoint(port=0, behaviour=Behaviour(tokens_per_s=0), seed=1) as started:
        yield started


@pytest.fixture
async def caller(endpoint: LocalEndpoint) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(endpoint, session)
