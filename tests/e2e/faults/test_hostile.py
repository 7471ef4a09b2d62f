"""Forty hostile people and ten honest ones: every honest question is answered whole, and the bot ends as it should.

How long they wait is measured by ``benchmarks/lag/hostile.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.faults.honest import HONEST, ROUNDS, before, waits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_everybody_honest_is_answered_beside_the_hostile(tmp_path: Path) -> None:
    async with before(tmp_path) as stage:
        found = await waits(stage)
        assert len(found.beside) == len(found.alone) == HONEST * ROUNDS
        assert await stage.bot.end() == 0
