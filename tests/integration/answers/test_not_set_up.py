"""What an operator has not set is never asked for, and told in words: a fusion endpoint without its drawing token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.domain.reply.ending import ReplyOptions
from bot.errors import ErrorKind, ProviderError
from bot.presentation.reply.composition import Composition
from bot.presentation.words.replies import Words
from bot.providers.http.transport import Transport
from bot.providers.model.fusion import FusionModel
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeReply
from tests.integration.answers.case import Way
from tests.integration.answers.outcome import QuickClock, answered, faster
from tests.integration.answers.server import ByteServer, Reaction, Script
from tests.integration.answers.writing import body, deltas, events
from tests.unit.providers.servers import KEY

ANSWER = events(*deltas("Hello", " there", fusion=True))
REFUSALS = {
    "400 that names the field": body({"code": 400, "msg": "mh_key is required"}, status=400),
    "401 that names the service": body({"error": {"code": 401, "message": "miaohua token is invalid"}}, status=401),
    "403 in Chinese": body({"code": 403, "msg": "秒画 token 无效"}, status=403),
    "at 200": body({"code": 400, "msg": "mh_key is required"}),
}


@asynccontextmanager
async def without_token(*answers: Script | Reaction) -> AsyncIterator[tuple[House, ByteServer]]:
    """Open a house whose endpoint has no token for drawings."""
    server = ByteServer(answers)
    async with server.serving():
        transport = Transport(clock=QuickClock(), timeouts=faster(1))
        model = FusionModel(transport, url=f"{server.base}/fusion", api_key=KEY, miaohua_token="")
        try:
            yield House(endpoint=model), server
        finally:
            await transport.close()


def shown(reply: FakeReply) -> str:
    """Write what Discord would show."""
    composition = Composition(Words("en-US"), ReplyOptions())
    composition.end(reply.ending)
    return "\n".join(page.content for page in composition.pages())


async def test_a_drawing_is_not_asked_for() -> None:
    async with without_token(ANSWER) as (house, server):
        reply = await answered(house, Way.DRAW)
    assert server.calls == 0
    assert reply.ending.problem is not None
    assert "MIAOHUA_TOKEN" in shown(reply)


async def test_talk_is_answered_and_offers_no_picture() -> None:
    async with without_token(ANSWER) as (house, server):
        reply = await answered(house, Way.MENTION)
    assert reply.text == "Hello there"
    assert reply.ending.problem is None
    assert [request["output_img"] for request in server.bodies] == [False]


async def test_a_refusal_that_names_nothing_is_taken_for_the_token() -> None:
    async with without_token(body({"code": 400, "msg": "invalid request"}, status=400)) as (house, _):
        reply = await answered(house, Way.MENTION)
    problem = reply.ending.problem
    assert isinstance(problem, ProviderError)
    assert problem.kind is ErrorKind.NOT_SET_UP


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_an_endpoint_that_wants_the_token_is_asked_no_more(refusal: str) -> None:
    async with without_token(REFUSALS[refusal]) as (house, server):
        first = await answered(house, Way.MENTION)
        before = server.calls
        second = await answered(house, Way.MENTION, turn=905_000)
        assert server.calls == before == 1
    for reply in (first, second):
        problem = reply.ending.problem
        assert isinstance(problem, ProviderError)
        assert problem.kind is ErrorKind.NOT_SET_UP
