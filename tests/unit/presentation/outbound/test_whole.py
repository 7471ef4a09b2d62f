"""Every request of the bot passes one budget: what counts from when, what goes first, and what counts nowhere."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.domain.reply.whole import UNANSWERED_S, UNSENT_S, BotWindow, Urgency
from bot.presentation.outbound.whole import FRESH_S, BotBudget
from tests.fakes.clock import FakeClock, settle
from tests.fakes.reply.sending import EDIT, send

LIMIT = BotWindow().limit
CALLBACK = "/api/v10/interactions/1/token/callback"


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
async def whole() -> BotBudget:
    return BotBudget(FakeClock())


def most_in_a_second(times: list[float]) -> int:
    return max(sum(first <= at < first + 1 for at in times) for first in times)


async def test_a_request_counts_from_when_it_is_sent_and_not_from_when_it_was_let_go(whole: BotBudget) -> None:
    # The first ones have to open connections; those of the next second find them open.
    slow = [send(whole, connecting_s=0.6) for _ in range(LIMIT)]
    times = await asyncio.gather(*slow, *(send(whole) for _ in range(LIMIT)))
    assert most_in_a_second(times) <= LIMIT


@pytest.mark.parametrize("there", ["half", "all", "none", "any"])
async def test_no_second_sees_more_however_long_each_is_on_its_way(whole: BotBudget, there: str) -> None:
    dice = random.Random(there)
    seen: list[float] = []

    async def one() -> None:
        admission = await whole.set_out("PATCH", EDIT)
        assert admission is not None
        whole.sent(admission)
        takes_s = dice.uniform(0.08, 0.3)
        share = {"half": 0.5, "all": 1.0, "none": 0.0, "any": dice.uniform(0.3, 0.7)}[there]
        await asyncio.sleep(takes_s * share)
        seen.append(now())
        await asyncio.sleep(takes_s * (1 - share))
        whole.answered(admission, 200, {})

    await asyncio.gather(*(one() for _ in range(600)))
    assert most_in_a_second(seen) <= 50
    assert max(seen) < 600 / 41  # nor does the margin cost more than a tenth and the first second


async def test_what_is_not_answered_and_what_is_not_sent_do_not_count_for_ever(whole: BotBudget) -> None:
    for number in range(LIMIT):
        admission = await whole.set_out("PATCH", EDIT)
        assert admission is not None
        if number % 2:
            whole.sent(admission)
    assert await send(whole) == pytest.approx(1 + UNANSWERED_S, abs=0.1)
    for _ in range(LIMIT // 2 - 1):
        await send(whole)
    assert await send(whole) <= UNSENT_S + 0.1


async def test_one_that_fails_before_it_is_sent_gives_its_room_back(whole: BotBudget) -> None:
    for _ in range(3 * LIMIT):
        admission = await whole.set_out("PATCH", EDIT)
        assert admission is not None
        whole.dropped(admission)
    assert now() == 0


async def test_a_request_that_asked_before_uses_that_once(whole: BotBudget) -> None:
    for _ in range(LIMIT - 1):
        await send(whole)
    await whole.admit(Urgency.FINAL)
    assert await asyncio.create_task(send(whole)) == 0  # as the library's requests are made: in a task of their own
    assert await send(whole) >= 1


async def test_leave_that_was_not_used_is_given_back(whole: BotBudget) -> None:
    for _ in range(3 * LIMIT):
        await whole.admit(Urgency.FINAL)
        whole.settle()
        await whole.admit(Urgency.FINAL)
    assert now() == 0


async def test_leave_that_has_become_old_is_asked_for_again(whole: BotBudget) -> None:
    await whole.admit(Urgency.FINAL)
    await asyncio.sleep(FRESH_S + 0.1)
    await asyncio.gather(*(asyncio.create_task(send(whole)) for _ in range(LIMIT)))
    assert now() <= FRESH_S + 0.2
    assert await send(whole) > 1


async def test_answers_to_interactions_count_nowhere(whole: BotBudget) -> None:
    for path in (CALLBACK, "/api/v10/webhooks/1/token/messages/@original"):
        for _ in range(2 * LIMIT):
            await send(whole, "POST", path)
    assert now() == 0
    for _ in range(LIMIT):
        await send(whole)
    assert now() == 0


async def test_first_messages_and_last_edits_go_before_reads_and_these_before_what_can_wait(whole: BotBudget) -> None:
    for _ in range(LIMIT):
        await send(whole)
    order: list[str] = []

    async def ask(method: str, path: str) -> None:
        await send(whole, method, path)
        order.append(f"{method} {path.rsplit('/', 1)[1]}")

    asked = [("POST", "typing"), ("GET", "messages"), ("DELETE", "7"), ("PATCH", "7"), ("POST", "messages")]
    tasks = [asyncio.create_task(ask(method, f"/api/v10/channels/1/{last}")) for method, last in asked]
    await settle()
    await asyncio.gather(*tasks)
    assert order == ["POST messages", "PATCH 7", "GET messages", "DELETE 7", "POST typing"]


async def test_reads_leave_room_for_answers(whole: BotBudget) -> None:
    reads = asyncio.gather(*(send(whole, "GET") for _ in range(2 * LIMIT)))
    await settle(300)
    assert await send(whole, "POST", "/api/v10/channels/1/messages") == 0
    await reads


async def test_nothing_goes_while_discord_refuses_everything(whole: BotBudget) -> None:
    await send(whole, status=429, headers={"X-RateLimit-Global": "true", "Retry-After": "2"})
    assert await send(whole) == pytest.approx(2, abs=0.1)
    await send(whole, status=429, headers={"X-RateLimit-Scope": "shared", "Retry-After": "9"})
    await send(whole, status=429, headers={"X-RateLimit-Global": "true", "Retry-After": "soon"})
    assert await send(whole) == pytest.approx(3, abs=0.1)


async def test_there_is_room_for_a_nicety_while_half_of_it_is_free(whole: BotBudget) -> None:
    while whole.has_room():
        await send(whole)
    assert await send(whole, "POST", "/api/v10/channels/1/typing") == 0


async def test_a_network_that_becomes_slower_costs_rate_for_a_while_only() -> None:
    window = BotWindow()
    for ticket in range(3):
        window = window.admitted(ticket, 0.0).sent(ticket, 0.0).answered(ticket, 0.1)
    for ticket in range(3, 500):
        at = float(ticket)
        window = window.admitted(ticket, at).sent(ticket, at).answered(ticket, at + 0.4)
    assert window.going[499].out_at == pytest.approx(500 + window.slack_s)
    assert len(window.going) < 5
