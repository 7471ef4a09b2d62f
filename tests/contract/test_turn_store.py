"""What every ``TurnStore`` keeps to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.events import Usage
from bot.domain.ports import TurnStore
from bot.domain.turns import Mode, TurnState
from bot.errors import ErrorKind
from tests.contract.samples import HARD_TEXTS, LARGEST, LATER, START, turn

USAGE = Usage(prompt_tokens=11, completion_tokens=22, total_tokens=33, pictures=1)


async def test_gives_back_a_turn_with_every_field(turns: TurnStore) -> None:
    whole = replace(
        turn(LARGEST, state=TurnState.FAILED, reply_ids=(LARGEST - 1, LARGEST - 2)),
        guild_id=None,
        channel_id=LARGEST,
        asker_id=LARGEST,
        mode=Mode.DRAW,
        locale="zh-CN",
        updated_at=LATER,
        text="so far",
        error_kind=ErrorKind.TIMEOUT_FIRST_BYTE,
        usage=USAGE,
    )
    assert await turns.create(whole)
    assert await turns.get(LARGEST) == whole
    assert await turns.get(1) is None


async def test_creates_a_turn_once(turns: TurnStore) -> None:
    created = await asyncio.gather(*(turns.create(turn(5)) for _ in range(50)))
    assert created.count(True) == 1
    assert not await turns.create(replace(turn(5, reply_ids=(9,)), prompt="other"))
    assert await turns.get(5) == turn(5)
    assert await turns.by_reply(9) is None


async def test_checkpoint_notes_how_far_a_turn_is(turns: TurnStore) -> None:
    await turns.create(turn(5))
    await turns.checkpoint(5, reply_ids=(60,), text="one", updated_at=START)
    await turns.checkpoint(5, reply_ids=(60, 61), text="one two", updated_at=LATER)
    expected = replace(turn(5, state=TurnState.STREAMING, reply_ids=(60, 61)), text="one two", updated_at=LATER)
    assert await turns.get(5) == expected


async def test_pages_keep_their_order_and_may_change(turns: TurnStore) -> None:
    await turns.create(turn(5))
    for reply_ids in ((90, 70, 80), (70,), (70, 60), (60, 60), ()):
        await turns.checkpoint(5, reply_ids=reply_ids, text="", updated_at=LATER)
        found = await turns.get(5)
        assert found is not None
        assert found.reply_ids == reply_ids
    assert await turns.by_reply(90) is None


async def test_checkpoint_leaves_a_final_turn_alone(turns: TurnStore) -> None:
    await turns.create(turn(5))
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
    await turns.create(turn(5))
    await turns.finish(
        5,
        state=state,
        reply_ids=(60, 61),
        text="all",
        updated_at=LATER,
        error_kind=ErrorKind.TRUNCATED,
        usage=USAGE,
    )
    closed = replace(turn(5, state=state, reply_ids=(60, 61)), text="all", updated_at=LATER)
    assert await turns.get(5) == replace(closed, error_kind=ErrorKind.TRUNCATED, usage=USAGE)
    assert await turns.unfinished() == ()


@pytest.mark.parametrize("state", [state for state in TurnState if not state.final])
async def test_finish_takes_only_final_states(turns: TurnStore, state: TurnState) -> None:
    await turns.create(turn(5))
    with pytest.raises(ValueError, match=state.value):
        await turns.finish(5, state=state, reply_ids=(), text="", updated_at=LATER)
    assert await turns.get(5) == turn(5)


async def test_the_last_to_close_a_turn_stands_and_usage_stays(turns: TurnStore) -> None:
    await turns.create(turn(5))
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
    await turns.create(turn(5, state=TurnState.COMPLETE, reply_ids=(60, 61)))
    await turns.create(turn(6))
    await turns.checkpoint(6, reply_ids=(62,), text="", updated_at=LATER)
    for message_id, turn_id in ((60, 5), (61, 5), (62, 6)):
        assert await turns.by_reply(message_id) == await turns.get(turn_id)
    assert await turns.by_reply(5) is None


async def test_of_two_turns_in_one_message_the_newer_is_found(turns: TurnStore) -> None:
    await turns.create(turn(8, reply_ids=(60,)))
    await turns.create(turn(5, reply_ids=(60,)))
    found = await turns.by_reply(60)
    assert found is not None
    assert found.id == 8


async def test_unfinished_are_the_queued_and_streaming_oldest_first(turns: TurnStore) -> None:
    for turn_id, state in enumerate(TurnState, start=1):
        await turns.create(turn(100 - turn_id, state=state, reply_ids=(turn_id * 10, turn_id * 10 + 1)))
    found = await turns.unfinished()
    assert [(each.id, each.state) for each in found] == [(98, TurnState.STREAMING), (99, TurnState.QUEUED)]
    assert [each.reply_ids for each in found] == [(20, 21), (10, 11)]


async def test_fifty_turns_stream_at_once(turns: TurnStore) -> None:
    async def stream(turn_id: int) -> None:
        await turns.create(turn(turn_id))
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
    await turns.create(replace(turn(5), prompt=text, text=text))
    assert await turns.get(5) == replace(turn(5), prompt=text, text=text)


async def test_text_that_no_database_takes_is_made_storable(turns: TurnStore) -> None:
    await turns.create(replace(turn(5), prompt="a\x00b"))
    await turns.checkpoint(5, reply_ids=(), text="c\x00\udc00", updated_at=LATER)
    found = await turns.get(5)
    assert found is not None
    assert (found.prompt, found.text) == ("ab", "c\ufffd")
