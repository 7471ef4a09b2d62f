"""Hundreds of long answers: their pages and previews show what the whole shows. Minutes of computing."""

from __future__ import annotations

import pytest

from tests.integration.markdown.judge import judge, judge_shown, said
from tests.integration.markdown.ports import needs_ports
from tests.integration.markdown.texts import answers

pytestmark = [needs_ports, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("seed", [2000, 2001, 2002])
def test_long_answers_are_shown_as_the_whole_is(seed: int) -> None:
    assert said(judge(answers(100, seed=seed), previews=20)) == []


@pytest.mark.parametrize("limit", [400, 150])
def test_long_answers_on_small_pages_are_shown_as_the_whole_is(limit: int) -> None:
    assert said(judge(answers(200, seed=limit), previews=0, limit=limit)) == []


def test_long_answers_that_are_mended_are_shown_as_the_mended_whole_is() -> None:
    assert said(judge_shown(answers(100, seed=7), previews=4)) == []
