"""What every ``TurnStore`` keeps to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.history.ports import HistoryStore
from bot.domain.model.events import FinishReason, Usage
from bot.domain.model.request import Mode
from bot.domain.turn.ask import Source
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import Turn, TurnState
from bot.errors import ErrorKind, StorageError
from tests.contract.samples import HARD_TEXTS, LARGEST, LATER, START, message, prompt_of, turn

USAGE = Usage(prompt_tokens=11, completion_tokens=22, total_tokens=33, pictures=1)


async def keep(turns: TurnStore, new: Turn) -> bool:
    return await turns.create(new, prompt_of(new))


async def test_gives_back_a_turn_with_every_field(turns: TurnStore) -> None:
    whole = replace(
        turn(LARGEST, state=TurnState.FAILED, reply_ids=(LARGEST - 1, LARGEST - 2)),
        guild_id=None,
        channel_id=LARGEST,
        asker_id=LARGEST,
        mode=Mode.DRAW,
        locale="zh-CN",
        updated_at=LATER,
        source=Source.INTERACTION,
        asker_name="Алиса 爱丽丝",
        parent_id=LARGEST - 3,
        text="so far",
        version=3,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.TIMEOUT_FIRST_BYTE,
        usage=USAGE,
    )
    assert await keep(turns, whole)
    assert await turns.get(LARGEST) == whole
    assert await turns.get(1) is None


async def test_a_turn_may_leave_nothing_in_the_history(turns: TurnStore, history: HistoryStore) -> None:
    assert await turns.create(turn(5), None)
    assert not await turns.create(turn(5), prompt_of(turn(5)))
    assert await turns.get(5) == turn(5)
    assert await history.get(1, 5) is None


async def test_creates_a_turn_once(turns: TurnStore) -> None:
    created = await asyncio.gather(*(keep(turns, turn(5)) for _ in range(50)))
    assert created.count(True) == 1
    assert not await keep(turns, replace(turn(5, reply_ids=(9,)), prompt="other"))
    assert await turns.get(5) == turn(5)
    assert await turns.by_reply(9) is None


async def test_a_turn_brings_its_prompt_into_the_history(turns: TurnStore, history: HistoryStore) -> None:
    await keep(turns, turn(5))
    assert await history.range(1, after=0, limit=9) == (prompt_of(turn(5)),)
    assert not await turns.create(turn(5), message(6))
    assert await history.get(1, 6) is None


async def test_a_turn_brings_all_messages_of_its_question_or_none(turns: TurnStore, history: HistoryStore) -> None:
    part = replace(message(4), part_of=5)
    assert await turns.create(turn(5), prompt_of(turn(5)), (part,))
    assert await history.parts(5) == (part,)
    assert not await turns.create(turn(5), prompt_of(turn(5)), (replace(message(3), part_of=5),))
    assert await history.parts(5) == (part,)


async def test_a_prompt_that_is_in_the_history_is_left_as_it_is(turns: TurnStore, history: HistoryStore) -> None:
    await history.append(message(5, text="before"))
    await history.append(message(6))
    await history.delete(1, (6,), deleted_at=LATER)
    assert await keep(turns, turn(5))
    assert await keep(turns, turn(6))
    assert await history.range(1, after=0, limit=9) == (message(5, text="before"),)


async def test_a_turn_that_can_not_be_kept_leaves_no_prompt_and_takes_no_other_with_it(
    turns: TurnStore, history: HistoryStore, implementation: str
) -> None:
    if implementation == "fake":
        pytest.skip("only a database has a largest number")
    tasks = [asyncio.create_task(keep(turns, turn(number))) for number in (1, 2)]
    tasks += [asyncio.create_task(turns.create(turn(3), message(2**63)))]
    tasks += [asyncio.create_task(keep(turns, turn(number))) for number in (2**63, 4)]
    await asyncio.wait(tasks)
    assert [task.exception() is None for task in tasks] == [True, True, False, False, True]
    assert isinstance(tasks[2].exception(), StorageError)
    assert await turns.get(3) is None
    assert [found.id for found in await history.recent(1, limit=9)] == [1, 2, 4]


async def test_checkpoint_notes_how_far_a_turn_is(turns: TurnStore) -> None:
    await keep(turns, turn(5))
    await turns.checkpoint(5, reply_ids=(60,), text="one", updated_at=START)
    await turns.checkpoint(5, reply_ids=(60, 61), text="one two", updated_at=LATER)
    expected = replace(turn(5, state=TurnState.STREAMING, reply_ids=(60, 61)), text="one two", updated_at=LATER)
    assert await turns.get(5) == expected


async def test_pages_keep_their_order_and_may_change(turns: TurnStore) -> None:
    await keep(turns, turn(5))
    for reply_ids in ((90, 70, 80), (70,), (70, 60), (60, 60), ()):
        await turns.checkpoint(5, reply_ids=reply_ids, text="", updated_at=LATER)
        found = await turns.get(5)
        assert found is not None
        assert found.reply_ids == reply_ids
    assert await turns.by_reply(90) is None


async def test_checkpoint_leaves_a_final_turn_alone(turns: TurnStore) -> None:
    await keep(turns, turn(5))
    await turns.finish(5, state=TurnState.STOPPED, reply_ids=(60,), text="stopped", updated_at=LATER)
    before = await turns.get(5)
    await turns.checkpoint(5, reply_ids=(61,), text="late", updated_at=LATER)
    assert await turns.get(5) == before
    assert await turns.by_reply(61) is None


async def test_an_unknown_turn_stays_unknown(turns: TurnStore) -> None:
    await turns.checkpoint(5, reply_ids=(60,), text="late", updated_at=LATER)
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="late", updated_at=LATER)
    assert await turns.get(5) is None
    assert await turns.by_reply(60) is None


@pytest.mark.parametrize("state", [state for state in TurnState if state.final])
async def test_finish_closes_a_turn(turns: TurnStore, state: TurnState) -> None:
    await keep(turns, turn(5))
    await turns.finish(
        5,
        state=state,
        reply_ids=(60, 61),
        text="all",
        updated_at=LATER,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.TRUNCATED,
        usage=USAGE,
    )
    closed = replace(turn(5, state=state, reply_ids=(60, 61)), text="all", updated_at=LATER)
    closed = replace(closed, reason=FinishReason.LENGTH, error_kind=ErrorKind.TRUNCATED, usage=USAGE)
    assert await turns.get(5) == closed
    assert await turns.unfinished() == ()


@pytest.mark.parametrize("state", [state for state in TurnState if not state.final])
async def test_finish_takes_only_final_states(turns: TurnStore, state: TurnState) -> None:
    await keep(turns, turn(5))
    with pytest.raises(ValueError, match=state.value):
        await turns.finish(5, state=state, reply_ids=(), text="", updated_at=LATER)
    assert await turns.get(5) == turn(5)


async def test_the_last_to_close_a_turn_stands_and_usage_stays(turns: TurnStore) -> None:
    await keep(turns, turn(5))
    await turns.finish(
        5,
        state=TurnState.FAILED,
        reply_ids=(60,),
        text="part",
        updated_at=START,
        error_kind=ErrorKind.NETWORK,
        usage=USAGE,
    )
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="all", updated_at=LATER)
    closed = replace(turn(5, state=TurnState.COMPLETE, reply_ids=(60,)), text="all", updated_at=LATER, usage=USAGE)
    assert await turns.get(5) == closed


async def test_finds_a_turn_by_any_page_of_its_reply(turns: TurnStore) -> None:
    await keep(turns, turn(5, state=TurnState.COMPLETE, reply_ids=(60, 61)))
    await keep(turns, turn(6))
    await turns.checkpoint(6, reply_ids=(62,), text="", updated_at=LATER)
    for message_id, turn_id in ((60, 5), (61, 5), (62, 6)):
        assert await turns.by_reply(message_id) == await turns.get(turn_id)
    assert await turns.by_reply(5) is None


async def test_of_two_turns_in_one_message_the_newer_is_found(turns: TurnStore) -> None:
    await keep(turns, turn(8, reply_ids=(60,)))
    await keep(turns, turn(5, reply_ids=(60,)))
    found = await turns.by_reply(60)
    assert found is not None
    assert found.id == 8


async def test_unfinished_are_the_queued_and_streaming_oldest_first(turns: TurnStore) -> None:
    for turn_id, state in enumerate(TurnState, start=1):
        await keep(turns, turn(100 - turn_id, state=state, reply_ids=(turn_id * 10, turn_id * 10 + 1)))
    found = await turns.unfinished()
    assert [(each.id, each.state) for each in found] == [(98, TurnState.STREAMING), (99, TurnState.QUEUED)]
    assert [each.reply_ids for each in found] == [(20, 21), (10, 11)]


async def test_the_turn_of_a_part_is_found_also_when_that_is_deleted(turns: TurnStore, history: HistoryStore) -> None:
    await keep(turns, turn(5))
    await history.append(replace(message(7, 2), part_of=5))
    found = await turns.by_part(2, 7)
    assert found is not None
    assert found.id == 5
    await history.delete(2, (7,), deleted_at=LATER)
    assert await turns.by_part(2, 7) == found
    assert await turns.by_part(1, 7) is None
    assert await turns.by_part(2, 8) is None


async def test_fifty_turns_stream_at_once(turns: TurnStore) -> None:
    async def stream(turn_id: int) -> None:
        await keep(turns, turn(turn_id))
        for step in range(3):
            await turns.checkpoint(turn_id, reply_ids=(1000 + turn_id,), text="x" * step, updated_at=LATER)
        await turns.finish(turn_id, state=TurnState.COMPLETE, reply_ids=(1000 + turn_id,), text="all", updated_at=LATER)

    await asyncio.gather(*(stream(turn_id) for turn_id in range(1, 51)))
    assert await turns.unfinished() == ()
    for turn_id in range(1, 51):
        found = await turns.by_reply(1000 + turn_id)
        assert found is not None
        assert (found.id, found.text) == (turn_id, "all")


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
async def test_hard_text_comes_back_as_it_was(turns: TurnStore, text: str) -> None:
    await keep(turns, replace(turn(5), prompt=text, text=text))
    assert await turns.get(5) == replace(turn(5), prompt=text, text=text)


async def test_text_that_no_database_takes_is_made_storable(turns: TurnStore) -> None:
    await keep(turns, replace(turn(5), prompt="a\x00b"))
    await turns.checkpoint(5, reply_ids=(), text="c\x00\udc00", updated_at=LATER)
    found = await turns.get(5)
    assert found is not None
    assert (found.prompt, found.text) == ("ab", "c\ufffd")
