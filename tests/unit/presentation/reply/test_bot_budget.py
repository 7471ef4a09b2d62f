"""The requests of the whole bot: what goes first where all have to wait."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from bot.domain.reply.whole import BotWindow, Urgency
from bot.presentation.outbound.whole import BotBudget
from bot.presentation.reply.budget import EditBudgets
from tests.fakes.clock import FakeClock, settle
from tests.fakes.reply.sending import send

WINDOW = BotWindow()


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
async def budgets() -> EditBudgets:
    return EditBudgets(FakeClock())


async def final_edit(budgets: EditBudgets, channel: int) -> float:
    budget = budgets.channel(channel)
    await budget.acquire(0, shown_at=0.0, final=True)
    at = await send(budgets.whole)
    budget.returned()
    return at


async def exhaust(budgets: EditBudgets) -> None:
    """Send as much as the bot may in this second, in channels of their own."""
    for channel in range(1000, 1000 + WINDOW.limit):
        await final_edit(budgets, channel)
    assert now() == 0


async def test_never_more_go_than_discord_takes(budgets: EditBudgets) -> None:
    times = await asyncio.gather(*(final_edit(budgets, channel) for channel in range(200)))
    assert max(Counter(int(at) for at in times).values()) <= 50
    for first in times:
        assert len([at for at in times if first <= at < first + 1]) <= WINDOW.limit
    assert max(times) < 4.1


async def test_the_most_urgent_go_first_and_then_who_waited_longest() -> None:
    budget = BotBudget(FakeClock())
    for _ in range(WINDOW.limit):
        await send(budget)
    order: list[str] = []

    async def ask(name: str, urgency: Urgency, since: float) -> None:
        await budget.admit(urgency, since=since)
        await send(budget)
        order.append(name)

    names = {
        "late edit": (Urgency.INTERMEDIATE, 2.0),
        "early edit": (Urgency.INTERMEDIATE, 1.0),
        "last": (Urgency.FINAL, 9.0),
        "first": (Urgency.FIRST, 9.0),
    }
    await asyncio.gather(*(ask(name, *how) for name, how in names.items()))
    assert order == ["first", "last", "early edit", "late edit"]


async def test_an_edit_that_waits_for_the_whole_bot_may_become_the_final_one(budgets: EditBudgets) -> None:
    await exhaust(budgets)
    order: list[str] = []

    async def edit(channel: int, name: str) -> None:
        budget = budgets.channel(channel)
        # Each channel has room; it is the whole bot that has not.
        await budget.acquire(7, shown_at=float(channel), final=False)
        await send(budgets.whole)
        order.append(name)
        budget.returned()

    tasks = [asyncio.create_task(edit(channel, f"edit {channel}")) for channel in range(50)]
    await settle()
    budgets.channel(49).promote(7)
    await asyncio.gather(*tasks)
    assert order[0] == "edit 49"
    assert order[1:] == [f"edit {channel}" for channel in range(49)]


async def test_one_that_was_promoted_and_cancelled_leaves_nothing_behind(budgets: EditBudgets) -> None:
    await exhaust(budgets)
    budget = budgets.channel(1)
    waiting = asyncio.create_task(budget.acquire(7, shown_at=0.0, final=False))
    await settle()
    budget.promote(7)
    await settle()
    waiting.cancel()
    await asyncio.wait((waiting,))
    budget.promote(7)
    assert await final_edit(budgets, 2) == pytest.approx(WINDOW.length_s, abs=0.1)
    assert await final_edit(budgets, 1) == pytest.approx(WINDOW.length_s, abs=0.1)


async def test_interactions_are_exempt(budgets: EditBudgets) -> None:
    await exhaust(budgets)
    budget = budgets.interaction("a-token")
    await budget.acquire(1, shown_at=0.0, final=False)
    budget.returned()
    async with budget.sending(1, first=True):
        pass
    assert now() == 0


async def test_the_first_of_a_reply_goes_before_edits_that_wait_for_the_whole_bot() -> None:
    clock = FakeClock()
    budgets = EditBudgets(clock)
    order: list[str] = []

    async def reply(channel: int, name: str) -> None:
        async with budgets.channel(channel).sending(channel, first=name == "first"):
            await send(budgets.whole)
            order.append(name)

    # More than the whole bot may send in a second: what comes last is asked for last.
    names = [*["further"] * 60, "first"]
    await asyncio.gather(*(reply(channel, name) for channel, name in enumerate(names)))
    assert order.index("first") < len(names) - 1
    assert order.index("first") >= 40
