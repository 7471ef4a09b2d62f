"""A local Discord that bots of other libraries log in to, and what all of them are put through."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox.discord import Limits, LocalDiscord, Rate


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    # Windows shorter than Discord's: the libraries' sleeping on them is seen as well, and the tests wait less.
    limits = Limits(creates=Rate(count=5, per_s=1.0), edits=Rate(count=5, per_s=1.0))
    async with LocalDiscord(port=0, limits=limits) as discord:
        yield discord
