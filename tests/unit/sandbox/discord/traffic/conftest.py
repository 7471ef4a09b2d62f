"""Rate limits on the clock of the gateway's tests."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.discord.gateway.client import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
