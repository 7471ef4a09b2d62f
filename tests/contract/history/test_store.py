"""What every ``HistoryStore`` keeps to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.history.messages import Asked, Kind
from bot.domain.history.ports import HistoryStore
from bot.domain.model.messages import Role
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import TurnState
from tests.contract.samples import HARD_TEXTS, LARGEST, LATER, START, message, prompt_of, turn


async def test_gives_back_a_message_with_every_field(history: HistoryStore) -> None:
    whole = replace(
        message(LARGEST, LARGEST - 1),
        guild_id=LARGEST - 2,
        author_id=LARGEST - 3,
        role=Role.ASSISTANT,
        kind=Kind.DRAWING,
        reply_to=LARGEST - 4,
        edited_at=LATER,
        drawn="a fox (seed 5)",
    )
    assert await history.append(whole)
    assert await history.get(LARGEST - 1, LARGEST) == whole
    assert await history.recent(LARGEST - 1, limit=1) == (whole,)


async def test_gives_back_a_direct_message(history: HistoryStore) -> None:
    direct = replace(message(1), guild_id=None)
    await history.append(direct)
    assert await history.get(1, 1) == direct


async def test_keeps_a_message_once_and_unchanged(history: HistoryStore) -> None:
    assert await history.append(message(5, text="first"))
    assert not await history.append(message(5, text="second"))
    found = await history.get(1, 5)
    assert found is not None
    assert found.text == "first"


async def test_tells_channels_apart(history: HistoryStore) -> None:
    assert await history.append(message(5, 1, text="here"))
    assert await history.append(message(5, 2, text="there"))
    assert [found.text for found in await history.recent(2, limit=9)] == ["there"]
    assert await history.get(3, 5) is None
    assert await history.recent(3, limit=9) == ()


async def test_one_of_a_hundred_at_once_is_kept(history: HistoryStore) -> None:
    kept = await asyncio.gather(*(history.append(message(5)) for _ in range(100)))
    assert kept.count(True) == 1
    assert len(await history.recent(1, limit=200)) == 1


async def test_a_hundred_different_at_once_are_all_kept(history: HistoryStore) -> None:
    kept = await asyncio.gather(*(history.append(message(number)) for number in range(100)))
    assert all(kept)
    assert [found.id for found in await history.recent(1, limit=200)] == list(range(100))


@pytest.mark.parametrize("limit", [-1, 0])
async def test_no_messages_for_no_limit(history: HistoryStore, limit: int) -> None:
    await history.append(message(1))
    assert await history.recent(1, limit=limit) == ()


async def test_recent_is_by_id_oldest_first(history: HistoryStore) -> None:
    for number in (30, 10, 50, 20, 40):
        await history.append(message(number))
    assert [found.id for found in await history.recent(1, limit=3)] == [30, 40, 50]
    assert [found.id for found in await history.recent(1, limit=3, up_to=40)] == [20, 30, 40]
    assert [found.id for found in await history.recent(1, limit=3, up_to=35)] == [10, 20, 30]
    assert await history.recent(1, limit=3, up_to=0) == ()


@given(
    asked=st.lists(
        st.tuples(st.integers(0, 5), st.integers(-1, 9), st.none() | st.integers(-1, 30) | st.just(LARGEST)),
        max_size=70,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_many_recent_at_once_are_what_each_is_alone(
    history: HistoryStore, asked: list[tuple[int, int, int | None]]
) -> None:
    for number in range(25):
        await history.append(message(number, number % 5))
    await history.delete(2, (7, 22), deleted_at=LATER)
    alone = [await history.recent(channel, limit=limit, up_to=up_to) for channel, limit, up_to in asked]
    together = await asyncio.gather(
        *(history.recent(channel, limit=limit, up_to=up_to) for channel, limit, up_to in asked)
    )
    assert together == alone


async def test_range_is_by_id_oldest_first(history: HistoryStore) -> None:
    for number in (30, 10, 50, 20, 40):
        await history.append(message(number))
    await history.append(message(35, 2))
    await history.delete(1, (40,), deleted_at=LATER)
    assert [found.id for found in await history.range(1, after=10, limit=2)] == [20, 30]
    assert [found.id for found in await history.range(1, after=0, limit=9)] == [10, 20, 30, 50]
    assert await history.range(1, after=50, limit=9) == ()
    assert await history.range(1, after=0, limit=0) == ()
    assert await history.range(1, after=0, limit=-1) == ()


async def test_channels_of_late_are_the_most_recent_first(history: HistoryStore) -> None:
    moments = {1: 10, 2: 30, 3: 20, 4: 20, 5: 0, 6: 40}
    for channel, seconds in moments.items():
        await history.append(replace(message(channel, channel), created_at=START + timedelta(seconds=seconds)))
    await history.append(replace(message(99, 1), created_at=START))
    await history.delete(6, (6,), deleted_at=LATER)
    assert await history.channels_since(START, limit=9) == (2, 4, 3, 1)
    assert await history.channels_since(START, limit=2) == (2, 4)
    assert await history.channels_since(START + timedelta(seconds=20), limit=9) == (2,)
    assert await history.channels_since(LATER, limit=9) == ()
    assert await history.channels_since(START, limit=0) == ()


async def test_edit_replaces_the_text(history: HistoryStore) -> None:
    await history.append(message(1))
    assert await history.edit(1, 1, text="changed", edited_at=LATER)
    assert await history.get(1, 1) == replace(message(1, text="changed"), edited_at=LATER)
    assert not await history.edit(1, 2, text="changed", edited_at=LATER)
    assert not await history.edit(2, 1, text="changed", edited_at=LATER)


async def test_edit_replaces_what_was_drawn_and_what_it_is(history: HistoryStore) -> None:
    await history.append(replace(message(1), role=Role.ASSISTANT, drawn="a fox"))
    await history.edit(1, 1, text="words", edited_at=LATER)
    found = await history.get(1, 1)
    assert found is not None
    assert (found.text, found.drawn, found.kind) == ("words", "", Kind.TEXT)
    await history.edit(1, 1, text="a hen", kind=Kind.DRAWING, drawn="", edited_at=LATER)
    found = await history.get(1, 1)
    assert found is not None
    assert (found.text, found.kind) == ("a hen", Kind.DRAWING)


@pytest.mark.parametrize("state", TurnState)
async def test_recent_tells_what_has_become_of_a_question(
    history: HistoryStore, turns: TurnStore, state: TurnState
) -> None:
    asked = turn(5)
    await turns.create(asked, prompt_of(asked))
    await history.append(message(6))
    if state.final:
        await turns.finish(5, state=state, reply_ids=(60, 61), text="Hi", updated_at=LATER)
    elif state is TurnState.STREAMING:
        await turns.checkpoint(5, reply_ids=(60,), text="H", updated_at=LATER)
    question, overheard = await history.recent(1, limit=2)
    assert question.asked is (Asked.ENDED if state.final else Asked.UNDER_WAY)
    assert question.answer_id == (None if state is TurnState.QUEUED else 60)
    assert (overheard.asked, overheard.answer_id) == (None, None)


async def test_recent_tells_of_a_question_that_is_answered_once_more(history: HistoryStore, turns: TurnStore) -> None:
    asked = turn(5)
    await turns.create(asked, prompt_of(asked))
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="Hi", updated_at=LATER)
    await turns.begin_version(5, updated_at=LATER)
    (question,) = await history.recent(1, limit=2)
    assert (question.asked, question.answer_id) == (Asked.UNDER_WAY, 60)


async def test_deleted_messages_are_gone_and_stay_so(history: HistoryStore) -> None:
    for number in range(5):
        await history.append(message(number))
    assert await history.delete(1, (1, 3, 99), deleted_at=LATER) == 2
    assert [found.id for found in await history.recent(1, limit=9)] == [0, 2, 4]
    assert await history.get(1, 1) is None
    assert not await history.edit(1, 1, text="back", edited_at=LATER)
    assert not await history.append(message(1))
    assert await history.delete(1, (1, 3), deleted_at=LATER) == 0
    assert await history.get(1, 1) is None


async def test_delete_of_nothing_and_in_another_channel(history: HistoryStore) -> None:
    await history.append(message(1))
    assert await history.delete(1, (), deleted_at=LATER) == 0
    assert await history.delete(2, (1,), deleted_at=LATER) == 0
    assert await history.get(1, 1) is not None


async def test_deletes_more_than_one_statement_takes(history: HistoryStore) -> None:
    await asyncio.gather(*(history.append(message(number)) for number in range(1203)))
    assert await history.delete(1, tuple(range(1, 1203)), deleted_at=LATER) == 1202
    assert [found.id for found in await history.recent(1, limit=9)] == [0]


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
async def test_hard_text_comes_back_as_it_was(history: HistoryStore, text: str) -> None:
    await history.append(replace(message(1, text=text), author_name=text))
    await history.append(message(2))
    await history.edit(1, 2, text=text, edited_at=LATER)
    assert [found.text for found in await history.recent(1, limit=2)] == [text, text]
    assert (await history.recent(1, limit=2))[0].author_name == text


async def test_text_that_no_database_takes_is_made_storable(history: HistoryStore) -> None:
    assert await history.append(replace(message(1, text="a\x00b\ud83dc"), author_name="\x00Eve"))
    found = await history.get(1, 1)
    assert found is not None
    assert (found.text, found.author_name) == ("ab\ufffdc", "Eve")
    assert await history.edit(1, 1, text="\x00\x00", edited_at=LATER)
    found = await history.get(1, 1)
    assert found is not None
    assert found.text == ""


async def test_moments_come_back_aware_and_equal(history: HistoryStore) -> None:
    in_shanghai = START.astimezone(timezone(timedelta(hours=8)))
    await history.append(replace(message(1), created_at=in_shanghai))
    found = await history.get(1, 1)
    assert found is not None
    assert found.created_at == START
    assert found.created_at.utcoffset() == timedelta(0)
    assert found.created_at.microsecond == 123456
    assert found.created_at.astimezone(UTC).day == 29


async def test_the_parts_of_a_question_are_found_in_whatever_channels_oldest_first(history: HistoryStore) -> None:
    parts = ((9, 2, 5), (7, 1, 5), (8, 1, 6), (5, 1, None))
    for message_id, channel_id, question in parts:
        await history.append(replace(message(message_id, channel_id), part_of=question))
    assert [(part.channel_id, part.id) for part in await history.parts(5)] == [(1, 7), (2, 9)]
    await history.delete(1, (7,), deleted_at=LATER)
    assert [part.id for part in await history.parts(5)] == [9]
    assert await history.parts(4) == ()


async def test_recent_says_what_is_a_part_of_what(history: HistoryStore) -> None:
    await history.append(message(5))
    await history.append(replace(message(7), part_of=5))
    assert [line.part_of for line in await history.recent(1, limit=9)] == [None, 5]
