"""Answers in which nothing comes for a while, over real sockets; time passes a hundred times as fast."""

from __future__ import annotations

import pytest

from tests.integration.answers.case import Case
from tests.integration.answers.cases.silence import SILENCE
from tests.integration.answers.outcome import check, played


@pytest.mark.parametrize("case", SILENCE, ids=str)
async def test_silence_becomes(case: Case) -> None:
    async with played(case) as outcome:
        check(case, outcome)
