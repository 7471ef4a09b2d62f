"""The edits of a channel: who waits, whose turn it is, what headers teach, and what is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from bot.presentation.reply.budget import BUDGETS_KEPT, TYPING_EVERY_S, EditBudget, EditBudgets
from tests.fakes.clock import FakeClock, settle
from tests.fakes.reply.sending import send


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
    assert times[-1] < 15.1


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


async def test_typing_is_the_channel_s_and_not_each_reply_s(budgets: EditBudgets) -> None:
    one = budgets.channel(1)
    assert [one.takes_typing() for _ in range(5)] == [True, False, False, False, False]
    assert budgets.channel(2).takes_typing()
    await asyncio.sleep(TYPING_EVERY_S - 0.1)
    assert not one.takes_typing()
    await asyncio.sleep(0.2)
    assert one.takes_typing()


async def test_no_typing_is_shown_where_the_bot_needs_its_requests_for_more(budgets: EditBudgets) -> None:
    while budgets.whole.has_room():
        await send(budgets.whole)
    assert not budgets.channel(1).takes_typing()
    await asyncio.sleep(1.1)
    assert budgets.channel(1).takes_typing()  # what was not shown does not count as shown


async def test_one_s_further_replies_leave_room_to_others_in_a_channel(budget: EditBudget) -> None:
    for key, owner in ((1, 7), (2, 7), (3, 8)):
        budget.open_stream(key, owner)
    await spend(budget, 2)  # three are left, which is what is kept
    further = asyncio.create_task(budget.acquire(2, shown_at=0.0, final=True))
    await settle()
    assert not further.done()
    await budget.acquire(3, shown_at=0.0, final=True)
    budget.returned()
    await budget.acquire(1, shown_at=0.0, final=True)
    budget.returned()
    assert now() == 0
    budget.close_stream(1)  # the second is that user's first now
    budget.close_stream(3)
    await further
    assert now() > 4


async def test_one_alone_in_a_channel_leaves_room_to_nobody(budget: EditBudget) -> None:
    for key in (1, 2):
        budget.open_stream(key, 7)
    await spend(budget, 2)
    for _ in range(3):
        await budget.acquire(2, shown_at=0.0, final=True, last=False)
        budget.returned()
    assert now() == 0


async def times_of_edits(budget: EditBudget, key: int, *, until_s: float) -> list[float]:
    """Let a reply of so many seconds grow, and be edited whenever it may be; returns when, after its beginning."""
    began = now()
    budget.open_stream(key)
    budget.text_came(key)
    times: list[float] = []
    ended = asyncio.get_running_loop().call_later(until_s, budget.promote, key)
    while now() - began < until_s:
        await budget.acquire(key, shown_at=now(), final=False)
        times.append(round(now() - began, 2))
        budget.returned()
    ended.cancel()
    budget.close_stream(key)
    return times


async def test_the_pace_follows_how_long_answers_have_lasted(budgets: EditBudgets) -> None:
    before = await times_of_edits(budgets.channel(1), 1, until_s=4.0)
    for key in range(10, 30):
        await times_of_edits(budgets.channel(key), key, until_s=4.0)
    after = await times_of_edits(budgets.channel(2), 2, until_s=4.0)
    # Four edits and the last one, evenly.
    assert after == pytest.approx([0.8, 1.6, 2.4, 3.2, 4.0], abs=0.1)
    assert before != pytest.approx(after, abs=0.02)


async def test_what_one_channel_tells_of_its_windows_holds_for_all(budgets: EditBudgets) -> None:
    budget = budgets.channel(1)
    path = "/channels/1/messages/5"
    for left in (4, 3, 2, 1, 0):
        await budget.acquire(1, shown_at=0.0, final=True)
        await asyncio.sleep(0.1)
        budgets.note_response("PATCH", path, headers(limit=5, remaining=left, reset_after_s=5.0 - 0.9 * (4 - left)))
        budget.returned()
        await asyncio.sleep(0.8)
    await budget.acquire(1, shown_at=0.0, final=True)
    await asyncio.sleep(0.1)
    budgets.note_response("PATCH", path, headers(limit=5, remaining=4, reset_after_s=4.9))
    budget.returned()
    assert budgets.channel(2)._learnt.whole
    assert budgets.interaction("a")._learnt.whole
