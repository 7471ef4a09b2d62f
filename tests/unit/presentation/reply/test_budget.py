"""The edits of a channel: who waits, whose turn it is, what headers teach, and what is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from bot.presentation.reply.budget import BUDGETS_KEPT, EditBudget, EditBudgets
from tests.fakes.clock import FakeClock, settle


def now() -> float:
    return asyncio.get_running_loop().time()


def headers(*, limit: int, remaining: int, reset_after_s: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset-After": f"{reset_after_s:.3f}",
    }


@pytest.fixture
async def budgets() -> EditBudgets:
    return EditBudgets(FakeClock())


@pytest.fixture
async def budget(budgets: EditBudgets) -> EditBudget:
    return budgets.channel(1)


async def spend(budget: EditBudget, edits: int = 5) -> None:
    """Send final edits, which nothing holds back, without their headers being seen."""
    for _ in range(edits):
        await budget.acquire(0, shown_at=0.0, final=True)
        budget.returned()


async def test_a_window_s_edits_are_spread_and_never_too_many(budget: EditBudget) -> None:
    budget.open_stream(1)
    times: list[float] = []
    for _ in range(12):
        await budget.acquire(1, shown_at=now(), final=False)
        times.append(now())
        budget.returned()
    assert times[0] == 0
    for first in times:
        assert len([at for at in times if first <= at < first + 4.5]) <= 5
    assert times[-1] < 15


async def test_replies_of_one_channel_take_turns(budget: EditBudget) -> None:
    taken: list[int] = []

    async def reply(key: int) -> None:
        budget.open_stream(1)
        for _ in range(4):
            await budget.acquire(key, shown_at=now(), final=False)
            taken.append(key)
            await asyncio.sleep(0.05)  # on its way to Discord
            budget.returned()
        budget.close_stream(1)

    await asyncio.gather(*(reply(key) for key in range(3)))
    assert {tuple(sorted(taken[at : at + 3])) for at in (0, 3, 6, 9)} == {(0, 1, 2)}
    assert budget.idle


async def test_a_final_edit_goes_before_those_that_waited_longer(budget: EditBudget) -> None:
    await spend(budget)
    order: list[str] = []

    async def edit(key: int, name: str, *, final: bool) -> None:
        await budget.acquire(key, shown_at=float(key), final=final)
        order.append(name)
        budget.returned()

    tasks = [asyncio.create_task(edit(key, f"early {key}", final=False)) for key in (1, 2)]
    await settle()
    tasks.append(asyncio.create_task(edit(3, "final", final=True)))
    await asyncio.gather(*tasks)
    assert order == ["final", "early 1", "early 2"]


async def test_a_waiting_edit_may_become_the_final_one(budget: EditBudget) -> None:
    budget.open_stream(1)
    await spend(budget, 1)
    waiting = asyncio.create_task(budget.acquire(1, shown_at=0.0, final=False))
    await settle()
    assert not waiting.done()
    budget.promote(1)
    await settle()
    assert waiting.done()
    assert now() == 0
    budget.promote(7)


async def test_a_cancelled_edit_gives_its_place_up(budget: EditBudget) -> None:
    await spend(budget)
    first = asyncio.create_task(budget.acquire(1, shown_at=0.0, final=True))
    second = asyncio.create_task(budget.acquire(2, shown_at=1.0, final=True))
    await settle()
    first.cancel()
    await asyncio.wait((first,))
    await second
    assert now() == pytest.approx(5, abs=0.1)
    budget.returned()
    await asyncio.wait_for(budget.acquire(3, shown_at=0.0, final=True), 1)


async def test_a_reply_that_ends_leaves_more_room_to_the_others(budget: EditBudget) -> None:
    async def next_edit() -> float:
        began = now()
        await budget.acquire(1, shown_at=0.0, final=False)
        budget.returned()
        return now() - began

    budget.open_stream(1)
    budget.open_stream(1)
    budget.open_stream(1)
    await spend(budget, 2)
    waiting = asyncio.create_task(next_edit())
    await asyncio.sleep(1.3)
    assert not waiting.done()
    budget.close_stream(1)
    budget.close_stream(1)
    assert await waiting < 2


@pytest.mark.parametrize("path", ["/api/v10/channels/1/messages/55", "/api/v10/webhooks/9/a-token/messages/@original"])
async def test_headers_teach_a_budget_its_window(budgets: EditBudgets, path: str) -> None:
    budget = budgets.channel(1) if "channels" in path else budgets.interaction("a-token")
    await budget.acquire(1, shown_at=0.0, final=True)
    budgets.note_response("PATCH", path, headers(limit=2, remaining=0, reset_after_s=7.0))
    budget.returned()
    await budget.acquire(1, shown_at=0.0, final=True)
    assert now() == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v10/channels/1/messages/55"),
        ("PATCH", "/api/v10/channels/1"),
        ("PATCH", "/api/v10/channels/2/messages/55"),
        ("PATCH", "/api/v10/channels/1/messages/55/reactions"),
        ("PATCH", "/api/v10/webhooks/9/a-token/messages/55"),
        ("PATCH", ""),
    ],
)
async def test_other_answers_teach_it_nothing(budgets: EditBudgets, method: str, path: str) -> None:
    budget = budgets.channel(1)
    budgets.note_response(method, path, headers(limit=1, remaining=0, reset_after_s=60.0))
    await spend(budget, 5)
    assert now() == 0


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "²", "X-RateLimit-Reset-After": "soon"},
        {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "-1", "X-RateLimit-Reset-After": "nan"},
        {"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset-After": "-5"},
    ],
)
async def test_headers_that_make_no_sense_stop_nothing(budgets: EditBudgets, sent: dict[str, str]) -> None:
    budget = budgets.channel(1)
    for _ in range(6):
        await asyncio.wait_for(budget.acquire(1, shown_at=0.0, final=True), 60)
        budgets.note_response("PATCH", "/channels/1/messages/5", sent)
        budget.returned()


async def test_an_answer_that_was_not_seen_counts(budget: EditBudget) -> None:
    await spend(budget, 5)
    assert now() == 0
    await budget.acquire(1, shown_at=0.0, final=True)
    assert now() == pytest.approx(5, abs=0.1)


async def test_an_answer_that_was_seen_counts_once(budgets: EditBudgets) -> None:
    budget = budgets.channel(1)
    for left in (4, 3, 2, 1, 0):
        await budget.acquire(1, shown_at=0.0, final=True)
        budgets.note_response("PATCH", "/channels/1/messages/5", headers(limit=5, remaining=left, reset_after_s=5.0))
        budget.returned()
    assert now() == 0


async def test_a_place_has_one_budget_and_an_interaction_s_window_is_short(budgets: EditBudgets) -> None:
    assert budgets.channel(1) is budgets.channel(1)
    assert budgets.channel(1) is not budgets.channel(2)
    assert budgets.interaction("a") is budgets.interaction("a")
    budget = budgets.interaction("a")
    await spend(budget, 5)
    await budget.acquire(1, shown_at=0.0, final=True)
    assert now() == pytest.approx(2, abs=0.1)


async def test_only_so_many_budgets_are_remembered_those_in_use_among_them(budgets: EditBudgets) -> None:
    busy, idle = budgets.channel(1), budgets.channel(2)
    busy.open_stream(1)
    for channel in range(10, 10 + BUDGETS_KEPT + 5):
        budgets.channel(channel)
    assert budgets.channel(1) is busy
    assert budgets.channel(2) is not idle
    assert len(budgets._kept) <= BUDGETS_KEPT + 1
    busy.close_stream(1)
