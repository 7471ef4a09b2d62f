"""What every turn goes through: kept, answered, closed in every case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.drawings import DrawingParameters
from bot.domain.events import Usage
from bot.domain.messages import Kind, Role
from bot.domain.ports import Reply
from bot.domain.replies import Ending, PictureFile
from bot.domain.turns import Ask, TurnState
from bot.errors import ErrorKind, ProviderError, Refusal, StorageError, Trouble
from bot.services.runner import Answer, Stores, TurnRunner
from bot.services.turns import TurnCoordinator
from tests.fakes.asks import ME, ask, referred
from tests.fakes.clock import FakeClock, settle
from tests.fakes.model import picture
from tests.fakes.replies import FakeReply, FakeSink
from tests.fakes.stores import FakeDrawingStore, FakeHistoryStore, FakeTurnStore

COMPLETE = Ending(state=TurnState.COMPLETE)
FOXES = tuple(PictureFile(picture=picture(), filename=f"fox-{n}.png", alt="a fox") for n in range(2))
GONE = StorageError("the disk is gone")


class House:
    """A runner with stores in memory."""

    def __init__(self) -> None:
        self.history = FakeHistoryStore()
        self.turns = FakeTurnStore()
        self.drawings = FakeDrawingStore()
        self.coordinator = TurnCoordinator(side_by_side=1, waiting=1)
        stores = Stores(history=self.history, turns=self.turns, drawings=self.drawings)
        self.runner = TurnRunner(stores, self.coordinator, FakeClock(), me=lambda: ME)

    def fail(self) -> None:
        for store in (self.history, self.turns, self.drawings):
            store.failing = GONE

    def mend(self) -> None:
        for store in (self.history, self.turns, self.drawings):
            store.failing = None

    @property
    def said(self) -> list[tuple[Role, str]]:
        return [(message.role, message.text) for _, message in sorted(self.history.messages.items())]


@pytest.fixture
def house() -> House:
    return House()


async def hello(ask: Ask, reply: Reply, answer: Answer) -> Ending:
    """Answer with one word."""
    answer.parts.append("Hi")
    reply.push("Hi")
    answer.usage = Usage(prompt_tokens=3, completion_tokens=1)
    return COMPLETE


def raising(error: Exception, *, after: str = "") -> Callable[[Ask, Reply, Answer], object]:
    """Make an answer that fails, after some text."""

    async def answer_with(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        if after:
            answer.parts.append(after)
            reply.push(after)
        raise error

    return answer_with


async def endless(ask: Ask, reply: Reply, answer: Answer) -> Ending:
    """Say one word, then nothing for ever."""
    answer.parts.append("Half")
    reply.push("Half")
    await asyncio.Event().wait()
    raise AssertionError("it never comes here")


async def test_a_turn_and_both_messages_are_kept(house: House) -> None:
    sink = FakeSink()
    asked = ask(5000, "hello", reference=referred(4000, "earlier"))
    await house.runner.run(asked, sink, hello)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.prompt, turn.text, turn.reply_ids) == (TurnState.COMPLETE, "hello", "Hi", (9000,))
    assert turn.usage == Usage(prompt_tokens=3, completion_tokens=1)
    assert turn.error_kind is None
    assert house.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]
    assert house.history.messages[1000, 5000].reply_to == 4000
    reply = house.history.messages[1000, 9000]
    assert (reply.author_id, reply.author_name, reply.reply_to) == (ME.id, ME.name, 5000)
    assert sink.reply.closed


async def test_the_turn_is_kept_before_it_is_answered(house: House) -> None:
    seen: list[tuple[TurnState, list[tuple[Role, str]]]] = []

    async def look(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        seen.append((house.turns.turns[ask.id].state, house.said))
        return await hello(ask, reply, answer)

    await house.runner.run(ask(), FakeSink(), look)
    assert seen == [(TurnState.QUEUED, [(Role.USER, "hello")])]


async def test_the_same_event_seen_twice_is_answered_once(house: House) -> None:
    first, second = FakeSink(), FakeSink()
    await house.runner.run(ask(), first, hello)
    await house.runner.run(ask(), second, hello)
    assert second.replies == []
    assert len(house.said) == 2


async def test_nothing_asked_is_answered_with_what_to_do_and_not_kept(house: House) -> None:
    sink = FakeSink()
    await house.runner.run(ask(text=""), sink, hello)
    assert sink.reply.ending == Ending(state=TurnState.FAILED, problem=Refusal.EMPTY_PROMPT)
    assert house.turns.turns == {}
    assert house.said == []


async def test_too_many_are_refused_and_not_kept(house: House) -> None:
    waiting = [asyncio.create_task(house.runner.run(ask(n), FakeSink(), endless)) for n in (1, 2)]
    await settle()
    sink = FakeSink()
    await house.runner.run(ask(3), sink, hello)
    assert sink.reply.ending.problem is Refusal.BUSY
    assert 3 not in house.turns.turns
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_a_turn_that_waits_is_kept_already(house: House) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, endless))
    await settle()
    assert house.turns.turns[2].state is TurnState.QUEUED
    assert sink.replies == []
    for task in (first, second):
        task.cancel()
    await asyncio.wait((first, second))


async def test_a_turn_that_is_cancelled_while_it_waits_says_so(house: House) -> None:
    first = asyncio.create_task(house.runner.run(ask(1), FakeSink(), endless))
    sink = FakeSink()
    second = asyncio.create_task(house.runner.run(ask(2), sink, hello))
    await settle()
    await house.coordinator.drain(grace_s=1, stop_s=9)
    assert first.cancelled()
    assert second.cancelled()
    assert sink.reply.ending == Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)
    assert house.turns.turns[2].state is TurnState.INTERRUPTED


async def test_a_database_that_is_gone_at_the_start_is_told(house: House) -> None:
    house.fail()
    sink = FakeSink()
    await house.runner.run(ask(), sink, hello)
    assert sink.reply.ending.problem is Trouble.STORAGE
    assert sink.reply.text == ""


async def test_a_question_that_can_not_be_put_into_the_history_is_told_and_its_turn_closed(house: House) -> None:
    house.history.failing = GONE
    sink = FakeSink()
    await house.runner.run(ask(), sink, hello)
    assert sink.reply.ending.problem is Trouble.STORAGE
    assert house.turns.turns[5000].state is TurnState.FAILED


async def test_a_database_that_fails_in_the_middle_is_told(house: House) -> None:
    sink = FakeSink()
    await house.runner.run(ask(), sink, raising(GONE, after="Half"))  # type: ignore[arg-type]  # it never returns
    assert sink.reply.ending == Ending(state=TurnState.FAILED, problem=Trouble.STORAGE)
    assert house.turns.turns[5000].text == "Half"


async def test_a_database_that_fails_at_the_end_takes_nothing_from_the_answer(house: House) -> None:
    async def break_it(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        house.fail()
        return await hello(ask, reply, answer)

    sink = FakeSink()
    await house.runner.run(ask(), sink, break_it)
    assert sink.reply.ending == COMPLETE
    assert sink.reply.text == "Hi"
    assert house.coordinator.under_way == 0


async def test_an_error_of_the_endpoint_ends_the_turn_with_its_kind(house: House) -> None:
    error = ProviderError(ErrorKind.PICTURE_FETCH)
    sink = FakeSink()
    await house.runner.run(ask(), sink, raising(error))  # type: ignore[arg-type]  # it never returns
    assert sink.reply.ending.problem is error
    assert house.turns.turns[5000].error_kind is ErrorKind.PICTURE_FETCH
    assert house.said == [(Role.USER, "hello")]


async def test_whatever_else_goes_wrong_is_told_and_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    sink = FakeSink()
    await house.runner.run(ask(), sink, raising(ZeroDivisionError("by zero"), after="Half"))  # type: ignore[arg-type]  # it never returns
    assert sink.reply.ending.problem is Trouble.INTERNAL
    assert house.turns.turns[5000].state is TurnState.FAILED
    assert house.said[-1] == (Role.ASSISTANT, "Half")
    assert "by zero" in caplog.text


async def test_a_reply_that_breaks_leaves_no_turn_open(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def prepare(reply: FakeReply) -> None:
        reply.finish_failing = RuntimeError("Session is closed")

    await house.runner.run(ask(), FakeSink(prepare=prepare), hello)
    assert house.turns.turns[5000].state.final
    assert "Session is closed" in caplog.text
    assert house.coordinator.under_way == 0


async def test_a_cancelled_turn_is_marked_and_what_it_said_is_kept(house: House) -> None:
    sink = FakeSink()
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert sink.reply.ending == Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED)
    turn = house.turns.turns[5000]
    assert (turn.state, turn.text, turn.reply_ids) == (TurnState.INTERRUPTED, "Half", (9000,))
    assert house.said[-1] == (Role.ASSISTANT, "Half")


async def test_a_cancelled_turn_ends_although_discord_does_not_answer(house: House) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    task = asyncio.create_task(house.runner.run(ask(), sink, endless))
    await settle()
    task.cancel()
    await asyncio.wait((task,))
    assert asyncio.get_running_loop().time() < 9
    assert house.turns.turns[5000].state is TurnState.INTERRUPTED


async def test_an_answer_that_was_whole_when_it_was_cancelled_stays_whole(house: House) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    task = asyncio.create_task(house.runner.run(ask(), sink, hello))
    await settle()
    task.cancel()
    await settle()
    sink.reply.finish_open.set()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert sink.reply.ending == COMPLETE
    assert house.turns.turns[5000].state is TurnState.COMPLETE


async def test_how_far_a_turn_is_is_kept_at_once_and_about_every_second(house: House) -> None:
    kept: list[tuple[float, str]] = []

    async def slowly(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        for n in range(30):
            await asyncio.sleep(0.1)
            answer.parts.append(str(n % 10))
            reply.push(str(n % 10))
            await settle()
            text = house.turns.turns[ask.id].text
            if not kept or kept[-1][1] != text:
                kept.append((round(asyncio.get_running_loop().time(), 1), text))
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), slowly)
    assert kept[0] == (0.1, "0")
    assert [len(text) for _, text in kept] == pytest.approx([1, 11, 21], abs=1)


async def test_a_checkpoint_that_fails_is_made_up_for(house: House) -> None:
    texts: list[str] = []

    async def look(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        house.fail()
        await hello(ask, reply, answer)
        await asyncio.sleep(3)
        house.mend()
        await asyncio.sleep(1.5)
        texts.append(house.turns.turns[ask.id].text)
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), look)
    assert texts == ["Hi"]


async def test_a_drawing_is_remembered_by_its_prompt(house: House) -> None:
    async def draw(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        answer.parameters = DrawingParameters(steps=20)
        return Ending(state=TurnState.COMPLETE, pictures=FOXES)

    await house.runner.run(ask(text="a fox"), FakeSink(), draw)
    reply = house.history.messages[1000, 9000]
    assert (reply.kind, reply.text) == (Kind.DRAWING, "a fox")
    assert [drawing.filename for drawing in house.drawings.drawings.values()] == ["fox-0.png", "fox-1.png"]
    drawing = house.drawings.drawings[5000, 0]
    assert (drawing.message_id, drawing.prompt, drawing.parameters.steps) == (9000, "a fox", 20)


async def test_a_drawing_that_discord_did_not_take_is_not_remembered_as_sent(house: House) -> None:
    async def draw(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        reply.show_drawing()
        answer.parameters = DrawingParameters()
        return Ending(state=TurnState.COMPLETE, pictures=FOXES)

    def prepare(reply: FakeReply) -> None:
        reply.takes = False

    await house.runner.run(ask(text="a fox"), FakeSink(prepare=prepare), draw)
    assert house.said == [(Role.USER, "a fox")]
    assert house.drawings.drawings == {}


async def test_a_reply_that_never_stood_on_discord_is_not_remembered(house: House) -> None:
    async def fail(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        answer.parts.append("unseen")
        return COMPLETE

    def prepare(reply: FakeReply) -> None:
        reply.takes = False

    await house.runner.run(ask(), FakeSink(prepare=prepare), fail)
    assert house.said == [(Role.USER, "hello")]
    assert house.turns.turns[5000].text == "unseen"
