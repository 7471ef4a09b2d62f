"""How every ``TurnStore`` closes a turn: with its line, its drawings and what was used, whole and once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.domain.history.messages import HistoryMessage
from bot.domain.history.ports import HistoryStore
from bot.domain.model.events import FinishReason, Usage
from bot.domain.model.messages import Role
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.closed import ClosedTurn
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import Reservation, Settlement, Used
from bot.domain.usage.ports import UsageStore
from bot.domain.usage.quota import NOTHING, Account, Amount, Demand, Quotas
from bot.errors import ErrorKind
from tests.contract.samples import LATER, START, drawing, message, prompt_of, turn

ANN = Account(day=date(2024, 2, 29), guild_id=7, channel_id=1, user_id=8)
USED = Used(calls=1, prompt_tokens=12, completion_tokens=30, total_tokens=42)
SETTLEMENT = Settlement(turn_id=5, account=ANN, used=USED, reserved=True)


def line(text: str = "Hi") -> HistoryMessage:
    """Make the line of an answer."""
    return replace(message(9, text=text), role=Role.ASSISTANT, author_name="Fusion", reply_to=5)


def closed(**changes: Any) -> ClosedTurn:
    plain = ClosedTurn(
        turn_id=5,
        channel_id=1,
        version=1,
        state=TurnState.COMPLETE,
        reply_ids=(9, 10),
        text="Hi",
        ended_at=LATER,
        line=line(),
        settlement=SETTLEMENT,
    )
    return replace(plain, **changes)


async def begin(turns: TurnStore) -> None:
    await turns.create(turn(5), prompt_of(turn(5)))


async def test_everything_of_an_end_is_kept(
    turns: TurnStore, history: HistoryStore, drawings: DrawingStore, usage: UsageStore
) -> None:
    await begin(turns)
    limits = Quotas(user=Amount(calls=3))
    demand = Demand(prompt_tokens=10, new_tokens=100)
    await usage.reserve(Reservation(turn_id=5, account=ANN, demand=demand, limits=limits, made_at=START, used=NOTHING))
    ending = closed(
        state=TurnState.FAILED,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.NETWORK,
        usage=Usage(prompt_tokens=12, completion_tokens=30, total_tokens=42),
        drawings=(drawing(5), drawing(5, 1)),
    )
    await turns.close(ending)
    found = await turns.get(5)
    assert found is not None
    assert (found.state, found.reply_ids, found.text, found.updated_at) == (TurnState.FAILED, (9, 10), "Hi", LATER)
    assert (found.reason, found.error_kind, found.usage) == (ending.reason, ending.error_kind, ending.usage)
    assert await turns.by_reply(10) == found
    assert [(one.number, one.text) for one in await turns.versions(5)] == [(1, "Hi")]
    assert await history.get(1, 9) == line()
    assert await drawings.by_turn(5) == (drawing(5), drawing(5, 1))
    assert (await usage.spent(ANN)).user == USED.amount
    assert await usage.reserved(5) is None


async def test_repeating_changes_nothing(turns: TurnStore, history: HistoryStore, usage: UsageStore) -> None:
    await begin(turns)
    await asyncio.gather(*(turns.close(closed()) for _ in range(5)))
    await turns.close(closed())
    assert (await usage.spent(ANN)).user == USED.amount
    assert [one.text for one in await history.recent(1, limit=9)] == ["hello", "Hi"]
    assert len(await turns.versions(5)) == 1


async def test_of_two_closes_the_last_one_stands_and_what_was_used_is_counted_once(
    turns: TurnStore, history: HistoryStore, usage: UsageStore
) -> None:
    await begin(turns)
    await turns.close(closed(text="Half", line=line("Half"), state=TurnState.INTERRUPTED))
    await turns.close(closed())
    (version,) = await turns.versions(5)
    found = await history.get(1, 9)
    assert found is not None
    assert (version.state, version.text, found.text) == (TurnState.COMPLETE, "Hi", "Hi")
    assert (await usage.spent(ANN)).user == USED.amount


async def test_a_close_by_a_process_that_knew_no_usage_does_not_keep_it_from_being_counted(
    turns: TurnStore, usage: UsageStore
) -> None:
    await begin(turns)
    await turns.close(closed(state=TurnState.INTERRUPTED, ended_at=START, settlement=None))
    for _ in range(2):
        await turns.close(closed())
    assert (await usage.spent(ANN)).user == USED.amount


async def test_each_version_counts(turns: TurnStore, usage: UsageStore) -> None:
    await begin(turns)
    await turns.close(closed())
    assert await turns.begin_version(5, updated_at=LATER) == 2
    await turns.close(closed(version=2))
    assert (await usage.spent(ANN)).user == (USED + USED).amount


async def test_a_late_close_leaves_a_further_version_alone(turns: TurnStore, history: HistoryStore) -> None:
    await begin(turns)
    await turns.close(closed())
    await turns.begin_version(5, updated_at=LATER)
    before = await turns.get(5)
    await turns.close(closed(text="late", line=line("late")))
    assert await turns.get(5) == before
    assert [one.text for one in await history.recent(1, limit=9)] == ["hello", "Hi"]


async def test_a_line_without_text_empties_the_one_that_is_there_and_makes_none(
    turns: TurnStore, history: HistoryStore
) -> None:
    await begin(turns)
    await turns.close(closed(text="", line=line("")))
    assert await history.get(1, 9) is None
    await turns.close(closed())
    await turns.close(closed(text="", line=line("")))
    found = await history.get(1, 9)
    assert found is not None
    assert found.text == ""


async def test_a_line_that_was_deleted_stays_so(turns: TurnStore, history: HistoryStore) -> None:
    await begin(turns)
    await turns.close(closed())
    await history.delete(1, (9,), deleted_at=LATER)
    await turns.close(closed())
    assert await history.get(1, 9) is None


async def test_of_a_forgotten_turn_nothing_comes_back_and_what_was_used_counts(
    turns: TurnStore, history: HistoryStore, drawings: DrawingStore, usage: UsageStore
) -> None:
    await begin(turns)
    await turns.forget((5,))
    await turns.close(closed(drawings=(drawing(5),)))
    found = await turns.get(5)
    assert found is not None
    assert (found.text, found.prompt) == ("", "")
    assert [one.text for one in await turns.versions(5)] == [""]
    assert await history.get(1, 9) is None
    assert await drawings.by_turn(5) == ()
    assert (await usage.spent(ANN)).user == USED.amount


async def test_a_reply_that_was_taken_away_takes_its_drawings_with_it(turns: TurnStore, drawings: DrawingStore) -> None:
    await begin(turns)
    await drawings.add(drawing(5))
    await drawings.add(drawing(6))
    await turns.close(closed(reply_ids=(), text="", line=None, forgets_drawings=True))
    assert await drawings.by_turn(5) == ()
    assert await drawings.by_turn(6) == (drawing(6),)


async def test_an_unknown_turn_stays_unknown(turns: TurnStore, history: HistoryStore) -> None:
    await turns.close(closed(settlement=None))
    assert await turns.get(5) is None
    assert await history.get(1, 9) is None


async def test_one_that_is_refused_takes_no_other_with_it(turns: TurnStore) -> None:
    await begin(turns)
    with pytest.raises(ValueError, match="can't end as streaming"):
        await turns.close(closed(state=TurnState.STREAMING))
    await turns.close(closed())
    found = await turns.get(5)
    assert found is not None
    assert found.state is TurnState.COMPLETE


async def test_many_close_at_once(turns: TurnStore, usage: UsageStore) -> None:
    numbers = range(100, 160)
    for number in numbers:
        await turns.create(turn(number), prompt_of(turn(number)))
    await asyncio.gather(
        *(
            turns.close(
                closed(
                    turn_id=number,
                    line=None,
                    reply_ids=(number + 1000,),
                    settlement=replace(SETTLEMENT, turn_id=number, reserved=False),
                )
            )
            for number in numbers
        )
    )
    assert await turns.unfinished() == ()
    assert (await usage.spent(ANN)).user == Amount(calls=60, tokens=60 * 42)


async def test_those_that_close_at_once_differ_in_what_goes_along(
    turns: TurnStore, history: HistoryStore, drawings: DrawingStore, usage: UsageStore
) -> None:
    def ends(number: int, **changes: Any) -> ClosedTurn:
        settled = replace(SETTLEMENT, turn_id=number, reserved=False)
        kept = replace(line(f"Hi {number}"), id=number + 1000)
        return closed(
            **{"turn_id": number, "reply_ids": (number + 1000,), "line": kept, "settlement": settled} | changes
        )

    for number in range(20, 27):
        await turns.create(turn(number), prompt_of(turn(number)))
    await turns.close(ends(20))
    await turns.checkpoint(21, reply_ids=(1021,), text="H", updated_at=START)
    await turns.forget((23,))
    await drawings.add(drawing(24))
    await turns.close(ends(25))
    await turns.begin_version(25, updated_at=LATER)
    await history.append(replace(message(1026, text="half"), role=Role.ASSISTANT))
    await asyncio.gather(
        turns.close(ends(19)),
        turns.close(ends(20, text="once more")),
        turns.close(ends(21, drawings=(drawing(21),))),
        turns.close(ends(22, line=None, text="")),
        turns.close(ends(23)),
        turns.close(ends(24, forgets_drawings=True)),
        turns.close(ends(25, text="late")),
        turns.close(ends(26, text="first")),
        turns.close(ends(26, text="last", line=replace(line("last"), id=1026))),
    )
    texts = {found.id: found.text for number in range(19, 27) if (found := await turns.get(number)) is not None}
    assert texts == {20: "once more", 21: "Hi", 22: "", 23: "", 24: "Hi", 25: "", 26: "last"}
    kept = {at: one.text for at in range(1019, 1027) if (one := await history.get(1, at)) is not None}
    assert kept == {1020: "Hi 20", 1021: "Hi 21", 1024: "Hi 24", 1025: "Hi 25", 1026: "last"}
    assert [await drawings.by_turn(number) for number in (21, 24)] == [(drawing(21),), ()]
    assert [one.id for one in await turns.unfinished()] == [25]
    assert (await usage.spent(ANN)).user.calls == 8


async def test_of_notes_that_come_at_once_some_are_on_another_page(turns: TurnStore) -> None:
    for number in range(30, 36):
        await turns.create(replace(turn(number), reply_ids=(number,)), None)
    await turns.close(closed(turn_id=35, line=None, settlement=None))
    pages = {number: (number,) if number % 2 else (number, number + 100) for number in range(29, 36)}
    await asyncio.gather(
        *(turns.checkpoint(number, reply_ids=ids, text="so far", updated_at=LATER) for number, ids in pages.items())
    )
    found = [await turns.get(number) for number in pages]
    assert [one and (one.text, one.reply_ids) for one in found] == [
        None,
        *(("so far", pages[number]) for number in range(30, 35)),
        ("Hi", (9, 10)),
    ]
    assert [(await turns.by_reply(number + 100)) is not None for number in range(30, 35)] == [True, False] * 2 + [True]
