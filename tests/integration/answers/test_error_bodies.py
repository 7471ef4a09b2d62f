"""Every error body of the corpora, over real sockets, in what people then read and what is asked again."""

from __future__ import annotations

import logging

import pytest

from bot.errors import ProviderError
from tests.fakes.words import wording
from tests.integration.answers.bodies import TAKES_ONE_MORE, ErrorBody, corpus
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.outcome import QUESTION, Outcome, played

BODIES = corpus()


def counts(body: ErrorBody, way: Way, endpoint: Endpoint) -> set[int]:
    """Say how many calls are right."""
    billed = way is Way.DRAW or endpoint is Endpoint.FU
    if billed and body.draw_calls is not None:
        return {body.draw_calls}
    more = {body.calls + 1} if set(body.kinds) & TAKES_ONE_MORE else set()
    fewer = {1} if billed else set()
    return {body.calls} | more | fewer


def told(outcome: Outcome, body: ErrorBody) -> None:
    """Hold what is said against what is right."""
    assert outcome.kind in body.kinds, (outcome.kind, outcome.content)
    assert wording(f"error.{outcome.kind}").search(outcome.content), outcome.content
    assert "<h" not in outcome.content
    assert "{" not in outcome.content


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("body", BODIES, ids=str)
async def test_an_error_is_told_by_what_it_is_about(
    body: ErrorBody, way: Way, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with played(Case(name=body.name, answers=(body.script,), way=way, endpoint=endpoint)) as outcome:
        told(outcome, body)
        assert outcome.server.calls in counts(body, way, endpoint)
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
