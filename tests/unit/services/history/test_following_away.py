"""Edits and deletes while the database is away: they are followed when it is back, and count until then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.model.events import Finish, FinishReason, TextDelta
from bot.domain.model.messages import Role
from bot.domain.turn.record import TurnState
from bot.errors import StorageError
from bot.services.background import going_on
from bot.services.turn import backlog
from tests.fakes.answers import endless
from tests.fakes.asks import HERE, ask
from tests.fakes.clock import START, settle
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.reply.replies import FakeSink

DONE = Finish(reason=FinishReason.STOP)
MINUTES = 180.0
QUESTION, ANSWER = (Role.USER, "hello"), (Role.ASSISTANT, "Hi")


class Away(House):
    """A house whose database comes and goes."""

    def __init__(self) -> None:
        super().__init__(side_by_side=9)
        self.tasks: list[asyncio.Task[None]] = []
        self.at = START

    async def deletes(self, *message_ids: int) -> None:
        """Hear of deletes."""
        self.tasks.append(asyncio.create_task(self.follower().deleted(HERE, message_ids)))
        await settle()

    async def edits(self, text: str) -> None:
        """Hear of an edit of the question."""
        self.at += timedelta(seconds=1)
        asked = ask(text=text, edited_at=self.at)

        def sink_for(version: int, reply_ids: tuple[int, ...]) -> FakeSink:
            return self.sink_for(asked, version, reply_ids)

        self.tasks.append(asyncio.create_task(self.follower().edited(asked, sink_for)))
        await settle()

    async def asks(self, turn_id: int) -> None:
        """Ask in words."""
        self.model.script(TextDelta(text="Next."), DONE)
        await self.chat.respond(ask(turn_id, "and now?"), FakeSink(first_id=turn_id + 1))

    async def back(self) -> None:
        """Let the database be back for a while."""
        self.mend()
        await asyncio.sleep(backlog.LONGEST_WAIT_S + 1)


@pytest.fixture
async def house() -> AsyncIterator[Away]:
    house = Away()
    async with going_on(house.services.backlog.keep_trying(), "backlog"):
        yield house
    for task in house.tasks:
        task.cancel()
    if house.tasks:
        await asyncio.wait(house.tasks)


async def test_a_question_that_is_deleted_meanwhile_goes_with_its_answer(house: Away) -> None:
    house.keep_turn(kept_turn())
    house.fail()
    await house.deletes(5000)
    await asyncio.sleep(MINUTES)
    assert house.said == [QUESTION, ANSWER]
    await house.back()
    assert house.said == []
    assert house.reply.discarded
    assert house.turns.turns[5000].prompt == ""


async def test_a_question_that_is_asked_first_does_not_see_what_is_deleted(house: Away) -> None:
    house.keep_turn(kept_turn())
    house.fail()
    await house.deletes(9000)
    house.mend()
    await house.asks(9500)
    assert ANSWER not in house.sent
    assert not house.tasks[0].done(), "it was followed before the question came"


async def test_an_answer_to_a_deleted_question_ends_at_once(house: Away) -> None:
    sink = FakeSink()
    answering = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    house.fail()
    await house.deletes(5000)
    await answering
    assert sink.reply.discarded
    await asyncio.sleep(MINUTES)
    await house.back()
    assert house.said == []
    assert house.turns.turns[5000].state is TurnState.STOPPED


async def test_an_edit_is_followed_and_answered_anew(house: Away) -> None:
    house.keep_turn(kept_turn())
    house.fail()
    await house.edits("good day")
    await asyncio.sleep(MINUTES)
    house.model.script(TextDelta(text="Hello!"), DONE)
    await house.back()
    assert house.said == [(Role.USER, "good day"), (Role.ASSISTANT, "Hello!")]


async def test_of_two_edits_the_second_is_followed(house: Away) -> None:
    house.keep_turn(kept_turn())
    house.fail()
    await house.edits("first edit")
    await asyncio.sleep(backlog.FIRST_WAIT_S * 1.5)
    await house.edits("second edit")
    house.model.script(TextDelta(text="Hello!"), DONE)
    await house.back()
    assert house.said == [(Role.USER, "second edit"), (Role.ASSISTANT, "Hello!")]
    assert len(house.model.requests) == 1


async def test_an_edit_that_was_kept_alone_is_answered_anew_all_the_same(house: Away) -> None:
    house.keep_turn(kept_turn())
    house.turns.failing = StorageError("the disk is gone")
    await house.edits("good day")
    assert house.said == [(Role.USER, "good day"), ANSWER]
    house.model.script(TextDelta(text="Hello!"), DONE)
    await house.back()
    assert house.said == [(Role.USER, "good day"), (Role.ASSISTANT, "Hello!")]


async def test_more_than_can_wait_is_told(house: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST_WAITING", 2)
    house.keep_turn(kept_turn())
    house.fail()
    await house.deletes(5000)
    await house.deletes(5001)
    with pytest.raises(StorageError):
        await house.follower().deleted(HERE, (5002,))
    await house.back()
    assert [task.done() for task in house.tasks] == [True, True]
