"""What every ``TurnStore`` keeps to, of answers that are made again and of turns that are forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.history.ports import HistoryStore
from bot.domain.model.events import FinishReason
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import Turn, TurnState, Version
from bot.errors import ErrorKind
from tests.contract.samples import HARD_TEXTS, LATER, START, prompt_of, turn

LATEST = LATER + timedelta(seconds=1)


async def found(turns: TurnStore, turn_id: int) -> Turn:
    kept = await turns.get(turn_id)
    assert kept is not None
    return kept


async def answered(turns: TurnStore, turn_id: int, *texts: str) -> None:
    """Keep a turn with a version for each text; the last one stands."""
    await turns.create(turn(turn_id), prompt_of(turn(turn_id)))
    for index, text in enumerate(texts):
        if index:
            assert await turns.begin_version(turn_id, updated_at=LATER) == index + 1
        await turns.finish(turn_id, state=TurnState.COMPLETE, reply_ids=(60,), text=text, updated_at=LATER)


def version(number: int, text: str) -> Version:
    return Version(
        turn_id=5,
        number=number,
        text=text,
        state=TurnState.COMPLETE,
        reason=FinishReason.STOP,
        error_kind=None,
        created_at=LATER,
    )


async def test_an_answer_that_ended_is_a_version(turns: TurnStore) -> None:
    await turns.create(turn(5), prompt_of(turn(5)))
    assert await turns.versions(5) == ()
    await turns.finish(
        5,
        state=TurnState.FAILED,
        reply_ids=(60,),
        text="part",
        updated_at=START,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.NETWORK,
    )
    failed = replace(
        version(1, "part"),
        state=TurnState.FAILED,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.NETWORK,
        created_at=START,
    )
    assert await turns.versions(5) == (failed,)
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="all", updated_at=LATER)
    assert await turns.versions(5) == (version(1, "all"),)
    assert await turns.versions(6) == ()


async def test_an_unknown_turn_gets_no_version(turns: TurnStore) -> None:
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="all", updated_at=LATER)
    assert await turns.versions(5) == ()
    assert await turns.begin_version(5, updated_at=LATER) is None
    assert not await turns.show_version(5, 1, updated_at=LATER)


async def test_a_new_version_begins_empty_and_keeps_its_messages(turns: TurnStore) -> None:
    await turns.create(turn(5), prompt_of(turn(5)))
    await turns.finish(
        5,
        state=TurnState.FAILED,
        reply_ids=(60, 61),
        text="part",
        updated_at=START,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.NETWORK,
    )
    assert await turns.begin_version(5, updated_at=LATER) == 2
    begun = replace(turn(5, reply_ids=(60, 61)), version=2, updated_at=LATER)
    assert await turns.get(5) == begun
    assert await turns.unfinished() == (begun,)
    assert await turns.by_reply(61) == begun
    assert [each.number for each in await turns.versions(5)] == [1]
    await turns.checkpoint(5, reply_ids=(60,), text="again", updated_at=LATER)
    assert await found(turns, 5) == replace(begun, state=TurnState.STREAMING, reply_ids=(60,), text="again")


async def test_a_new_version_may_answer_other_words(turns: TurnStore) -> None:
    await answered(turns, 5, "one")
    assert await turns.begin_version(5, updated_at=LATER, prompt="other words") == 2
    assert (await found(turns, 5)).prompt == "other words"


async def test_of_many_who_begin_a_version_at_once_one_does(turns: TurnStore) -> None:
    await answered(turns, 5, "one")
    begun = await asyncio.gather(*(turns.begin_version(5, updated_at=LATER) for _ in range(20)))
    assert sorted(begun, key=bool) == [None] * 19 + [2]


@pytest.mark.parametrize("state", [state for state in TurnState if not state.final])
async def test_no_version_begins_while_one_is_under_way(turns: TurnStore, state: TurnState) -> None:
    await turns.create(turn(5, state=state), prompt_of(turn(5)))
    assert await turns.begin_version(5, updated_at=LATER) is None
    assert await turns.get(5) == turn(5, state=state)


async def test_an_earlier_version_can_stand_again(turns: TurnStore) -> None:
    await turns.create(turn(5), prompt_of(turn(5)))
    await turns.finish(
        5,
        state=TurnState.STOPPED,
        reply_ids=(60,),
        text="one",
        updated_at=START,
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.CANCELLED,
    )
    await turns.begin_version(5, updated_at=LATER)
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="two", updated_at=LATER)
    kept = await turns.versions(5)
    second = await found(turns, 5)
    assert await turns.show_version(5, 1, updated_at=LATEST)
    assert await found(turns, 5) == replace(
        second,
        version=1,
        state=TurnState.STOPPED,
        text="one",
        reason=FinishReason.LENGTH,
        error_kind=ErrorKind.CANCELLED,
        updated_at=LATEST,
    )
    assert await turns.show_version(5, 2, updated_at=LATER)
    assert await found(turns, 5) == second
    assert not await turns.show_version(5, 3, updated_at=LATEST)
    assert await found(turns, 5) == second
    assert await turns.versions(5) == kept


async def test_a_new_version_comes_after_the_highest(turns: TurnStore) -> None:
    await answered(turns, 5, "one", "two", "three")
    await turns.show_version(5, 1, updated_at=LATER)
    assert await turns.begin_version(5, updated_at=LATER) == 4
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="four", updated_at=LATER)
    assert await turns.versions(5) == (
        version(1, "one"),
        version(2, "two"),
        version(3, "three"),
        version(4, "four"),
    )


async def test_closing_a_version_that_stands_again_replaces_that_one(turns: TurnStore) -> None:
    await answered(turns, 5, "one", "two")
    await turns.show_version(5, 1, updated_at=LATER)
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(60,), text="other", updated_at=LATER)
    assert await turns.versions(5) == (version(1, "other"), version(2, "two"))


async def test_no_version_is_shown_while_one_is_under_way(turns: TurnStore) -> None:
    await answered(turns, 5, "one")
    await turns.begin_version(5, updated_at=LATER)
    before = await found(turns, 5)
    assert not await turns.show_version(5, 1, updated_at=LATEST)
    assert await found(turns, 5) == before


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
async def test_hard_text_comes_back_as_it_was(turns: TurnStore, text: str) -> None:
    await answered(turns, 5, text, "two")
    assert await turns.versions(5) == (version(1, text), version(2, "two"))
    assert await turns.show_version(5, 1, updated_at=LATER)
    assert (await found(turns, 5)).text == text


async def test_a_forgotten_turn_keeps_no_words(turns: TurnStore) -> None:
    await answered(turns, 5, "one", "two")
    await answered(turns, 6, "stays")
    before = await found(turns, 5)
    for _ in range(2):
        await turns.forget((5, 404, 5))
        assert await found(turns, 5) == replace(before, prompt="", text="")
        assert await turns.versions(5) == (version(1, ""), version(2, ""))
    assert (await found(turns, 6)).text == "stays"
    assert [each.text for each in await turns.versions(6)] == ["stays"]


@pytest.mark.parametrize("state", list(TurnState))
async def test_forgetting_stops_what_is_under_way(turns: TurnStore, state: TurnState) -> None:
    new = replace(turn(5, state=state, reply_ids=(60, 61)), text="so far")
    await turns.create(new, prompt_of(new))
    await turns.forget((5,))
    expected = state if state.final else TurnState.STOPPED
    assert await turns.get(5) == replace(new, state=expected, prompt="", text="")
    assert await turns.unfinished() == ()


async def test_nothing_brings_the_words_of_a_forgotten_turn_back(turns: TurnStore) -> None:
    await answered(turns, 5, "one", "two")
    await turns.forget((5,))
    await turns.checkpoint(5, reply_ids=(60,), text="late", updated_at=LATEST)
    await turns.finish(5, state=TurnState.STOPPED, reply_ids=(60, 61), text="late", updated_at=LATEST)
    kept = await found(turns, 5)
    assert (kept.text, kept.state, kept.reply_ids) == ("", TurnState.STOPPED, (60, 61))
    assert await turns.show_version(5, 1, updated_at=LATEST)
    assert (await found(turns, 5)).text == ""
    assert [each.text for each in await turns.versions(5)] == ["", ""]
    assert await turns.begin_version(5, updated_at=LATEST) is None


async def test_forgets_many_and_none(turns: TurnStore) -> None:
    await turns.forget(())
    await asyncio.gather(*(turns.create(turn(number), prompt_of(turn(number))) for number in range(1203)))
    await turns.forget(tuple(range(1, 1203)))
    assert [kept.id for kept in await turns.unfinished()] == [0]


async def test_a_version_may_answer_an_edited_question(turns: TurnStore) -> None:
    assert await turns.create(turn(5), prompt_of(turn(5)))
    await turns.finish(5, state=TurnState.COMPLETE, reply_ids=(9,), text="one", updated_at=LATER)
    assert await turns.begin_version(5, updated_at=LATER, prompt="another question") == 2
    begun = await turns.get(5)
    assert begun is not None
    assert begun.prompt == "another question"


async def test_the_answers_of_a_turn_are_forgotten_without_its_question(turns: TurnStore) -> None:
    await answered(turns, 5, "one", "two")
    await answered(turns, 6, "stays")
    before = await found(turns, 5)
    for _ in range(2):
        await turns.forget_answers(5)
        assert await found(turns, 5) == replace(before, text="")
        assert await turns.versions(5) == (version(1, ""), version(2, ""))
    await turns.forget_answers(404)
    assert (await found(turns, 6)).text == "stays"
    assert await turns.begin_version(5, updated_at=LATEST) == 3


async def test_an_answer_that_grows_again_is_not_forgotten_with_those_before_it(turns: TurnStore) -> None:
    await answered(turns, 5, "one")
    await turns.begin_version(5, updated_at=LATER)
    await turns.checkpoint(5, reply_ids=(60,), text="grows", updated_at=LATER)
    await turns.forget_answers(5)
    assert (await found(turns, 5)).text == "grows"
    assert await turns.versions(5) == (version(1, ""),)


async def test_turns_whose_question_is_deleted_are_found_until_they_are_forgotten(
    turns: TurnStore, history: HistoryStore
) -> None:
    for number in (5, 6, 7):
        await answered(turns, number, "an answer")
    await turns.create(turn(8), prompt_of(turn(8)))
    channel_id = (await found(turns, 5)).channel_id
    await history.delete(channel_id, (5, 7, 8), deleted_at=LATER)
    assert [one.id for one in await turns.half_forgotten(after=0, limit=10)] == [5, 7]
    assert [one.id for one in await turns.half_forgotten(after=0, limit=1)] == [5]
    assert [one.id for one in await turns.half_forgotten(after=5, limit=10)] == [7]
    await turns.forget((5, 7))
    assert await turns.half_forgotten(after=0, limit=10) == ()
