"""Every error body of the corpora, over real sockets, in what people then read and what is asked again."""

from __future__ import annotations

import logging

import pytest

from bot.errors import ProviderError
from tests.fakes.words import tells
from tests.integration.answers.bodies import ErrorBody, corpus
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.outcome import QUESTION, Outcome, played

BODIES = corpus()


def told(outcome: Outcome, body: ErrorBody) -> None:
    """Hold what is said against what is right."""
    assert outcome.kind is not None
    assert outcome.kind in body.kinds, (outcome.kind, outcome.content)
    assert tells(outcome.content, outcome.kind), outcome.content
    assert "<h" not in outcome.content
    assert "{" not in outcome.content


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize(
    ("body", "endpoint"),
    [pytest.param(body, each, id=f"{body}, {each}") for body in BODIES for each in Endpoint if body.of(each)],
)
async def test_an_error_is_told_by_what_it_is_about(
    body: ErrorBody, way: Way, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case = Case(name=body.name, answers=(body.script(endpoint),), way=way, endpoint=endpoint)
    async with played(case) as outcome:
        told(outcome, body)
        assert outcome.server.calls in body.counts(way, endpoint)
        assert QUESTION not in caplog.text
        problem = outcome.reply.ending.problem
        assert isinstance(problem, ProviderError)
        if body.window is not None:
            assert problem.window_tokens == body.window
        if body.prompt is not None:
            assert problem.prompt_tokens == body.prompt


def test_every_body_has_a_name_of_its_own() -> None:
    names = [body.name for body in BODIES]
    assert sorted(set(names)) == sorted(names)
