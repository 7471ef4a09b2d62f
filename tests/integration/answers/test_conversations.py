"""Several questions in one channel: what an answer leaves behind for the next one, over real sockets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakes.asks import BOB
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeReply
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.cases.paid import DONE_PERHAPS
from tests.integration.answers.cases.parameters import USE_OTHER, refused, without
from tests.integration.answers.cases.reasoning import MARKS
from tests.integration.answers.outcome import QuickClock, answered, faster, open_house, played
from tests.integration.answers.server import ByteServer, Reaction, Script
from tests.integration.answers.writing import END, body, deltas, events
from tests.unit.providers.servers import opening

LINES = (" ".join(f"{n * 7919 % 100_000:05d}.{n % 97:02d}" for n in range(line, line + 6)) for line in range(33))
PASTE = "\n".join(("what is the mean here?", *LINES))
"""Six numbers a line, for which a tokenizer takes four times what letters would be."""
_TOKEN = re.compile(r"[0-9]|[A-Za-z]{1,4}|[^\sA-Za-z0-9]")


def real_tokens(request: dict[str, Any]) -> int:
    """Count as a tokenizer does that takes every digit by itself."""
    return sum(len(_TOKEN.findall(message["content"])) + 4 for message in request["messages"])


def spoken(endpoint: Endpoint, *texts: str) -> Script:
    """Write an answer in words."""
    return events(*deltas(*texts, fusion=endpoint is Endpoint.FU))


def with_numbers(tokens: int, window: int) -> Script:
    """Refuse as llama.cpp does."""
    fault = {
        "code": 400,
        "message": f"request ({tokens} tokens) exceeds the available context size ({window} tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": tokens,
        "n_ctx": window,
    }
    return body({"error": fault}, status=400)


def without_numbers(tokens: int, window: int) -> Script:
    """Refuse as a gateway does that says no number."""
    return body({"error": {"message": "ContextWindowExceededError: the prompt is too long", "code": "400"}}, status=400)


def with_nothing(tokens: int, window: int) -> Script:
    """Refuse as llama-cpp-python does in a stream."""
    return [opening(), END]


def bounded(endpoint: Endpoint, window: int, refusal: Callable[[int, int], Script]) -> Reaction:
    """Answer what fits into a window."""

    def react(request: dict[str, Any]) -> Script:
        tokens = real_tokens(request)
        return spoken(endpoint, "Noted", ".") if tokens <= window else refusal(tokens, window)

    return react


@asynccontextmanager
async def talking(
    endpoint: Endpoint, *answers: Script | Reaction, **settings: object
) -> AsyncIterator[tuple[House, ByteServer]]:
    """Open a house before a server."""
    server = ByteServer(answers)
    async with (
        server.serving(),
        open_house(server, endpoint, timeouts=faster(1), clock=QuickClock(), settings=settings) as house,
    ):
        yield house, server


async def asked(house: House, *texts: str, since: int = 5000) -> list[FakeReply]:
    """Ask questions one after the other; their ids are 10,000 apart."""
    return [await answered(house, Way.MENTION, turn=since + 10_000 * at, text=text) for at, text in enumerate(texts)]


def told(reply: FakeReply) -> object:
    """Say what went wrong; None where nothing did."""
    return reply.ending.problem


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize(
    "refusal", [with_numbers, without_numbers, with_nothing], ids=["numbers", "no-numbers", "nothing"]
)
@pytest.mark.parametrize("window", [4096, 8192])
async def test_no_channel_is_stuck_behind_what_was_pasted(
    endpoint: Endpoint, window: int, refusal: Callable[[int, int], Script]
) -> None:
    async with talking(endpoint, bounded(endpoint, window, refusal)) as (house, server):
        pasted = await asked(house, *[PASTE] * 6)
        short = await asked(house, "hi", "thanks, and now?", "hello?", since=905_000)
    assert [told(reply) for reply in pasted] == [None] * 6
    assert [told(reply) for reply in short] == [None] * 3
    assert {reply.text for reply in (*pasted, *short)} == {"Noted."}
    assert server.calls <= 2 * 9


@pytest.mark.parametrize("endpoint", Endpoint)
async def test_what_fits_is_remembered_for_the_next_question(endpoint: Endpoint) -> None:
    async with talking(endpoint, bounded(endpoint, 4096, with_numbers)) as (house, server):
        await asked(house, *[PASTE] * 5)
        before = server.calls
        await asked(house, PASTE, since=905_000)
    assert server.calls == before + 1


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize("failure", DONE_PERHAPS)
async def test_a_short_question_is_answered_after_any_failure(endpoint: Endpoint, failure: str) -> None:
    failing = True

    def react(request: dict[str, Any]) -> Script:
        return DONE_PERHAPS[failure] if failing else spoken(endpoint, "Noted", ".")

    async with talking(endpoint, react) as (house, server):
        (failed,) = await asked(house, "tell me about the zebra")
        failing = False
        (reply,) = await asked(house, "hi", since=905_000)
    assert told(failed) is not None
    assert told(reply) is None
    assert "zebra" not in server.bodies[-1]["messages"][-1]["content"], "the failed question is asked again with it"


@pytest.mark.parametrize("endpoint", Endpoint)
async def test_who_asks_meanwhile_gets_an_answer_to_their_own_question(endpoint: Endpoint) -> None:
    go = asyncio.Event()
    held: Script = [go, *spoken(endpoint, "Noted", ".")]
    async with talking(endpoint, held, spoken(endpoint, "Noted", ".")) as (house, server):
        first = asyncio.create_task(answered(house, Way.MENTION, turn=5000, text="a zebra"))
        while not server.calls:  # noqa: ASYNC110  # the server tells nobody of a call
            await asyncio.sleep(0.01)
        second = await answered(house, Way.MENTION, turn=15_000, text="an okapi", user=BOB)
        go.set()
        await first
    assert told(second) is None
    said = "".join(message["content"] for message in server.bodies[1]["messages"])
    assert "okapi" in said
    assert "zebra" not in said


@pytest.mark.parametrize("case", [case for case in MARKS if case.endpoint is Endpoint.CC], ids=str)
async def test_the_next_question_holds_no_reasoning(case: Case) -> None:
    async with played(case) as outcome:
        await asked(outcome.house, "and now?", since=905_000)
        said = [message["content"] for message in outcome.server.bodies[-1]["messages"]]
    assert any("Hello" in each for each in said)
    assert not [each for each in said for mark in ("secret", "think>", "<|") if mark in each]


async def test_a_refused_field_is_left_out_of_the_next_question_at_once() -> None:
    answer = without("max_tokens", answer=lambda name: refused(name, USE_OTHER))
    async with talking(Endpoint.CC, answer, max_new_tokens=1000) as (house, server):
        replies = await asked(house, "one", "two")
    assert [told(reply) for reply in replies] == [None, None]
    assert server.calls == 3
    assert [body.get("max_completion_tokens") for body in server.bodies] == [None, 1000, 1000]
