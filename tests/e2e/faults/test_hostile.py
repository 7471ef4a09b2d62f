"""Forty hostile people and ten honest ones: every honest question is answered within twice its time without them."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.e2e.faults.honest import before, waits

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(300)]
MEASUREMENTS = 3
"""Whatever else the machine does only adds to a time, so the best of so many counts."""


async def test_nobody_honest_waits_for_the_hostile(tmp_path: Path) -> None:
    slowest: list[float] = []
    while not slowest or (slowest[-1] > 2 and len(slowest) < MEASUREMENTS):
        folder = tmp_path / str(len(slowest))
        folder.mkdir()
        async with before(folder) as stage:
            found = await waits(stage)
            assert await stage.bot.end() == 0
            assert " ERROR " not in stage.bot.log
        slowest.append(max(found.beside) / statistics.median(found.alone))
    assert slowest[-1] <= 2, f"the slowest answers took {slowest} times as long as without the hostile people"
