"""Whatever Discord refuses of the answer to /draw: all the cases that the quick tests leave out."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Stage
from tests.e2e.oracle.cases import Asked, Place
from tests.e2e.oracle.matrix import holds, others


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "asked", "place"), others(Asked.DRAW), ids=str)
async def test_after_every_other_refusal_of_a_drawing_all_agree(
    stage: Stage, name: str, asked: Asked, place: Place
) -> None:
    await holds(stage, name, asked, place)
