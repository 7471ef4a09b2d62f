"""Edits and deletes of messages: the history follows, and the answer with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.events import Finish, FinishReason, TextDelta
from bot.domain.model.messages import Role
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.record import TurnState
from bot.errors import Refusal, StorageError
from bot.services.history.edits import EDITS_AT_ONCE
from tests.fakes.answers import endless, hello
from tests.fakes.asks import BOB, HERE, ME, ask, said
from tests.fakes.clock import START, settle
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
HELLO = (TextDelta(text="Hello!"), DONE)
QUESTION, ANSWER = (Role.USER, "hello"), (Role.ASSISTANT, "Hi")


class Feed(House):
    """A house that hears of edits and deletes."""

    def __init__(self, **operator: object) -> None:
        super().__init__(operator=operator, side_by_side=9)
        self.edits = 0

    async def edit(self, asked: Ask) -> None:
        self.edits += 1
        asked = replace(asked, edited_at=asked.edited_at or START + timedelta(seconds=self.edits))
        await self.follower().edited(asked, lambda version, ids: self.sink_for(asked, version, ids))

    async def delete(self, *message_ids: int) -> None:
        await self.follower().deleted(HERE, message_ids)

    def start(self, *, held: bool = False) -> tuple[asyncio.Task[None], FakeSink]:
        """Let a turn go on for ever, or be whole and on its way to Discord."""
        sink = FakeSink(prepare=lambda reply: reply.finish_open.clear() if held else None)
        return asyncio.create_task(self.runner.run(ask(), sink, hello if held else endless)), sink


@pytest.fixture
def feed() -> Feed:
    return Feed()


# --- edits ---------------------------------------------------------------------------------------------------------


async def test_an_edited_question_is_answered_anew_in_place(feed: Feed) -> None:
    feed.keep_turn(kept_turn(reply_ids=(9000, 9001)))
    feed.model.script(*HELLO)
    await feed.edit(ask(text="good day"))
    assert [opened[1:] for opened in feed.opened] == [(2, (9000, 9001))]
    assert feed.reply.options.message_ids == (9000, 9001)
    assert feed.sent == [(Role.USER, "good day")]
    assert feed.said == [(Role.USER, "good day"), (Role.ASSISTANT, "Hello!")]
    assert feed.history.messages[1000, 5000].edited_at is not None
    assert (feed.turns.turns[5000].prompt, feed.turns.turns[5000].version) == ("good day", 2)


async def test_a_forbidden_word_does_not_come_into_the_history_by_an_edit() -> None:
    feed = Feed(forbidden_words=("spam",))
    feed.keep_turn(kept_turn())
    await feed.edit(ask(text="SPAM"))
    assert feed.reply.ending.problem is Refusal.FORBIDDEN_WORD
    assert (feed.said, feed.model.requests) == ([], [])
    feed.model.script(*HELLO)
    await feed.edit(ask(text="good day"))
    assert feed.said == [(Role.USER, "good day"), (Role.ASSISTANT, "Hello!")]


async def test_however_many_edits_come_only_so_many_are_looked_up_at_a_time(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, at_once, looked_up = feed.history.get, [0], [0]

    async def slow(channel_id: int, message_id: int) -> HistoryMessage | None:
        at_once[0] += 1
        looked_up[0] = max(looked_up[0], at_once[0])
        await settle(3)
        at_once[0] -= 1
        return await get(channel_id, message_id)

    monkeypatch.setattr(feed.history, "get", slow)
    await asyncio.gather(*(feed.edit(ask(id=7000 + number, text="good day")) for number in range(20)))
    assert looked_up == [EDITS_AT_ONCE]


@pytest.mark.parametrize("text", ["hello", ""])
async def test_an_edit_that_changes_no_words_changes_nothing(feed: Feed, text: str) -> None:
    # A file may have been taken away; without the intent the words may be missing.
    feed.keep_turn(kept_turn())
    await feed.edit(ask(text=text))
    assert feed.said == [QUESTION, ANSWER]
    assert feed.history.messages[1000, 5000].edited_at is None
    assert feed.opened == []


async def test_an_update_that_is_no_edit_changes_nothing_whatever_names_it_has_now(feed: Feed) -> None:
    feed.keep_turn(kept_turn())
    await feed.follower().edited(ask(text="hello @Bobby"), partial(feed.sink_for, ask()))
    assert (feed.said, feed.opened) == ([QUESTION, ANSWER], [])


async def test_an_edit_that_was_seen_already_changes_nothing_whatever_names_it_has_now(feed: Feed) -> None:
    feed.keep_turn(kept_turn())
    feed.model.script(*HELLO)
    at = START + timedelta(seconds=5)
    await feed.edit(ask(text="good day @Bob", edited_at=at))
    assert feed.history.messages[1000, 5000].edited_at == at
    for seen in (at, at - timedelta(seconds=1)):
        await feed.edit(ask(text="good day @Bobby", edited_at=seen))
    assert feed.said == [(Role.USER, "good day @Bob"), (Role.ASSISTANT, "Hello!")]
    assert len(feed.model.requests) == 1


async def test_what_was_edited_before_it_came_is_kept_with_that(feed: Feed) -> None:
    feed.model.script(*HELLO)
    at = START + timedelta(seconds=5)
    await feed.chat.respond(ask(edited_at=at), FakeSink())
    await feed.edit(ask(text="hello @Bobby", edited_at=at))
    assert feed.said == [QUESTION, (Role.ASSISTANT, "Hello!")]


async def test_an_older_edit_that_comes_late_gives_way_to_the_one_that_is_followed(feed: Feed) -> None:
    feed.keep_turn(kept_turn())
    feed.model.script(TextDelta(text="Hello!"), 5.0, DONE)
    newest = asyncio.create_task(feed.edit(ask(text="second edit", edited_at=START + timedelta(seconds=9))))
    await settle()
    await feed.edit(ask(text="first edit", edited_at=START + timedelta(seconds=8)))
    await newest
    assert feed.said == [(Role.USER, "second edit"), (Role.ASSISTANT, "Hello!")]


async def test_a_question_that_is_edited_late_is_only_remembered(feed: Feed) -> None:
    feed.keep_turn(kept_turn(created_at=START - timedelta(seconds=601)))
    await feed.edit(ask(text="good day"))
    assert feed.said == [(Role.USER, "good day"), ANSWER]
    assert feed.opened == []


@pytest.mark.parametrize("age_s", [0, 1, -1])
async def test_no_edit_is_answered_where_that_is_switched_off(age_s: int) -> None:
    feed = Feed(rerun_on_edit_s=0)
    feed.keep_turn(kept_turn(created_at=START - timedelta(seconds=age_s)))
    await feed.edit(ask(text="good day"))
    assert feed.opened == []
    assert feed.said[0] == (Role.USER, "good day")


async def test_a_line_that_was_no_question_is_only_remembered(feed: Feed) -> None:
    feed.keep(said(4000, "by the way", user=BOB))
    await feed.edit(ask(4000, "by the by"))
    assert feed.said == [(Role.USER, "by the by")]
    assert feed.opened == []


async def test_what_the_history_does_not_have_is_left_alone(feed: Feed) -> None:
    feed.keep(said(9000, "an answer", user=ME))
    await feed.edit(ask(4000, "new"))
    await feed.edit(ask(9000, "not the bot's words"))
    assert feed.said == [(Role.ASSISTANT, "an answer")]
    assert feed.opened == []


async def test_a_question_that_is_edited_while_it_is_answered_is_stopped_and_answered_anew(feed: Feed) -> None:
    task, first = feed.start()
    await settle()
    feed.model.script(*HELLO)
    await feed.edit(ask(text="good day"))
    assert task.done()
    assert first.reply.endings == []
    assert feed.opened[0][1:] == (2, (9000,))
    assert feed.reply.text == "Hello!"
    assert [version.text for version in await feed.turns.versions(5000)] == ["Half", "Hello!"]
    assert feed.said == [(Role.USER, "good day"), (Role.ASSISTANT, "Hello!")]


async def test_two_edits_in_a_row_end_in_an_answer_to_the_second(feed: Feed) -> None:
    task, _ = feed.start()
    await settle()
    feed.model.script(TextDelta(text="old"), 30.0, DONE)
    feed.model.script(*HELLO)
    one = asyncio.create_task(feed.edit(ask(text="first edit")))
    await settle()
    await feed.edit(ask(text="second edit"))
    await asyncio.wait((one, task))
    assert feed.said == [(Role.USER, "second edit"), (Role.ASSISTANT, "Hello!")]
    assert feed.turns.turns[5000].state is TurnState.COMPLETE


async def test_a_database_that_is_gone_is_told_of_an_edit(feed: Feed) -> None:
    feed.fail()
    with pytest.raises(StorageError):
        await feed.edit(ask(text="good day"))
    with pytest.raises(StorageError):
        await feed.delete(5000)


# --- deletes -------------------------------------------------------------------------------------------------------


async def test_a_question_that_is_deleted_takes_its_answer_with_it(feed: Feed) -> None:
    feed.keep_turn(kept_turn(reply_ids=(9000, 9001), version=2), "older")
    await feed.delete(5000)
    assert feed.opened[0][1:] == (2, (9000, 9001))
    assert feed.reply.options.message_ids == (9000, 9001)
    assert feed.reply.discarded
    assert feed.said == []
    turn = feed.turns.turns[5000]
    assert (turn.prompt, turn.text) == ("", "")
    assert {version.text for version in await feed.turns.versions(5000)} == {""}


async def test_a_question_that_is_deleted_while_it_is_answered_stops_the_answer(feed: Feed) -> None:
    task, sink = feed.start()
    await settle()
    await feed.delete(5000)
    await task
    assert sink.reply.discarded
    assert feed.said == []
    assert feed.turns.turns[5000].text == ""
    assert feed.sinks == []


async def test_a_question_that_is_deleted_at_the_last_moment_takes_the_answer_with_it(feed: Feed) -> None:
    task, sink = feed.start(held=True)
    await settle()
    deleting = asyncio.create_task(feed.delete(5000))
    await settle()
    sink.reply.finish_open.set()
    await asyncio.wait((task, deleting))
    assert feed.reply.options.message_ids == (9000,)
    assert feed.reply.discarded
    assert feed.said == []


async def test_an_answer_that_is_deleted_leaves_the_history_alone(feed: Feed) -> None:
    feed.keep_turn(kept_turn(reply_ids=(9000, 9001)))
    await feed.delete(9000)
    assert feed.said == [QUESTION]
    assert feed.turns.turns[5000].prompt == "hello"
    assert feed.opened == []


async def test_a_further_page_that_is_deleted_leaves_the_answer_in_the_history(feed: Feed) -> None:
    feed.keep_turn(kept_turn(reply_ids=(9000, 9001)))
    await feed.delete(9001)
    assert feed.said == [QUESTION, ANSWER]


async def test_an_answer_that_is_deleted_while_it_grows_is_stopped(feed: Feed) -> None:
    task, sink = feed.start()
    await settle()
    await feed.delete(9000)
    await task
    assert sink.reply.endings == []
    assert sink.reply.discarded  # its other pages go too
    assert feed.said == [QUESTION]
    assert feed.turns.turns[5000].state is TurnState.STOPPED


async def test_an_answer_that_is_deleted_at_the_last_moment_is_not_remembered(feed: Feed) -> None:
    task, sink = feed.start(held=True)
    await settle()
    deleting = asyncio.create_task(feed.delete(9000))
    await settle()
    sink.reply.finish_open.set()
    await asyncio.wait((task, deleting))
    assert feed.said == [QUESTION]
    assert feed.opened == []


async def test_another_answer_that_begins_while_a_delete_is_looked_up_is_not_what_was_deleted(feed: Feed) -> None:
    # A page of a long answer goes, and somebody presses "Retry" under another before the database has answered.
    turn = kept_turn(reply_ids=(9000, 9001))
    feed.keep_turn(turn)
    feed.model.script(*HELLO)
    feed.turns.replies_open.clear()
    deleting = asyncio.create_task(feed.delete(9001))
    await settle()
    feed.prepare = lambda reply: reply.finish_open.clear()
    retrying = asyncio.create_task(feed.chat.answer_anew(ask(), turn, feed.sink_for(ask(), 2, turn.reply_ids)))
    await settle()
    assert feed.coordinator.is_under_way(turn.id)
    feed.turns.replies_open.set()
    await deleting
    feed.reply.finish_open.set()
    assert await retrying
    assert feed.said == [QUESTION, (Role.ASSISTANT, "Hello!")]
    assert feed.turns.turns[5000].state is TurnState.COMPLETE


@pytest.mark.parametrize("ids", [(5000, 9000), (9000, 5000)])
async def test_both_deleted_at_once_leave_nothing(feed: Feed, ids: tuple[int, int]) -> None:
    feed.keep_turn(kept_turn(reply_ids=(9000, 9001)))
    await feed.delete(*ids, 4000)
    assert feed.reply.discarded
    assert feed.said == []


@pytest.mark.parametrize("ids", [(5000, 9000), (9000, 5000)])
async def test_both_deleted_at_once_under_way_leave_nothing(feed: Feed, ids: tuple[int, int]) -> None:
    task, sink = feed.start()
    await settle()
    await feed.delete(*ids)
    await task
    # Whichever came first, further pages of the answer may still stand.
    assert sink.reply.discarded
    assert feed.said == []


async def test_many_are_deleted_at_once(feed: Feed) -> None:
    for turn_id in range(5000, 5010):
        feed.keep_turn(kept_turn(turn_id, reply_ids=(turn_id + 4000,)))
    await feed.delete(*range(5000, 5010))
    assert len(feed.sinks) == 10
    assert feed.said == []


async def test_a_thread_s_first_line_goes_with_the_message_that_it_grew_from(feed: Feed) -> None:
    feed.keep(
        said(4000, "about foxes"), said(4000, "about foxes", channel_id=4000), said(4001, "go on", channel_id=4000)
    )
    await feed.delete(4000)
    assert feed.said == [(Role.USER, "go on")]


async def test_a_command_s_question_goes_with_the_answer_that_it_stands_above(feed: Feed) -> None:
    feed.keep_turn(kept_turn(source=Source.INTERACTION, reply_ids=(9000, 9001)))
    await feed.follower().deleted(HERE, (9001,))
    assert QUESTION in feed.said
    await feed.follower().deleted(HERE, (9000,))
    assert feed.said == []
    assert (feed.turns.turns[5000].prompt, feed.turns.turns[5000].text) == ("", "")


@pytest.mark.parametrize("held", [False, True], ids=["while it grows", "at the last moment"])
async def test_a_command_s_question_goes_with_an_answer_that_is_deleted(feed: Feed, held: bool) -> None:
    asked = replace(ask(), source=Source.INTERACTION, response_id=9000)
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear() if held else None)
    task = asyncio.create_task(feed.runner.run(asked, sink, hello if held else endless))
    await settle()
    deleting = asyncio.create_task(feed.delete(9000))
    await settle()
    sink.reply.finish_open.set()
    await asyncio.wait((task, deleting))
    assert feed.said == []
    assert (feed.turns.turns[5000].prompt, feed.turns.turns[5000].text) == ("", "")


async def test_a_question_that_is_deleted_before_it_is_kept_is_not_kept(feed: Feed) -> None:
    opened = asyncio.Event()

    async def open_thread(asked: Ask, _: object) -> Ask:
        await opened.wait()
        return asked

    task = asyncio.create_task(feed.runner.run(ask(), FakeSink(), hello, prepare=open_thread))
    await settle()
    await feed.delete(5000)
    opened.set()
    await task
    assert feed.said == []
    assert (feed.turns.turns[5000].prompt, feed.turns.turns[5000].state) == ("", TurnState.STOPPED)


async def test_a_question_that_is_gone_when_it_is_read_is_not_answered_for_another(feed: Feed) -> None:
    feed.keep(said(4000, "Bob's own question", user=BOB))

    def gone(_: FakeReply) -> None:
        line = feed.history.messages[1000, 5000]
        feed.history.messages[1000, 5000] = replace(line, text="", deleted_at=START)

    sink = FakeSink(prepare=gone)
    await feed.chat.respond(ask(), sink)
    assert feed.model.requests == []
    assert sink.reply.discarded
    assert feed.turns.turns[5000].state is TurnState.STOPPED


async def test_what_is_not_known_is_no_matter(feed: Feed) -> None:
    await feed.delete(1, 2, 3)
    assert feed.opened == []


async def test_a_reply_that_discard_finds_gone_is_no_matter(feed: Feed) -> None:
    def gone(reply: FakeReply) -> None:
        reply.takes = False

    feed.prepare = gone
    feed.keep_turn(kept_turn())
    await feed.delete(5000)
    assert feed.said == []


# --- threads that grew from an answer -------------------------------------------------------------------------------


def grown(feed: Feed, *, source: Source = Source.MESSAGE) -> None:
    """Let a thread begin with an answer and the question to it."""
    feed.keep_turn(kept_turn(source=source, reply_ids=(9000, 9001)))
    feed.keep(said(5000, "hello", channel_id=9000), said(9000, "Hi", user=ME, channel_id=9000))


@pytest.mark.parametrize("gone", [5000, 9000], ids=["a message", "a command's answer"])
async def test_a_question_goes_from_the_thread_that_grew_from_its_answer(feed: Feed, gone: int) -> None:
    grown(feed, source=Source.MESSAGE if gone == 5000 else Source.INTERACTION)
    feed.keep(said(9500, "in the thread", channel_id=9000))
    await feed.delete(gone)
    assert [line for line in feed.said if line[0] is Role.USER] == [(Role.USER, "in the thread")]


async def test_an_edit_is_followed_in_the_thread_that_grew_from_the_answer(feed: Feed) -> None:
    grown(feed)
    feed.model.script(*HELLO)
    await feed.edit(ask(text="good day"))
    assert feed.history.messages[9000, 5000].text == "good day"


async def test_an_edit_is_followed_in_the_thread_that_grew_from_the_question(feed: Feed) -> None:
    feed.keep_turn(kept_turn())
    feed.keep(said(5000, "hello", channel_id=5000))
    feed.model.script(*HELLO)
    await feed.edit(ask(text="good day"))
    assert feed.history.messages[5000, 5000].text == "good day"


# --- answers that are gone -------------------------------------------------------------------------------------------


async def test_of_an_answer_that_is_deleted_no_version_is_kept(feed: Feed) -> None:
    feed.keep_turn(kept_turn(reply_ids=(9000, 9001), version=2), "older")
    await feed.delete(9000)
    assert feed.turns.turns[5000].text == ""
    assert {version.text for version in await feed.turns.versions(5000)} == {""}


async def test_of_an_answer_that_is_deleted_at_the_last_moment_nothing_is_kept(feed: Feed) -> None:
    task, sink = feed.start(held=True)
    await settle()
    deleting = asyncio.create_task(feed.delete(9000))
    await settle()
    sink.reply.finish_open.set()
    await asyncio.wait((task, deleting))
    assert feed.turns.turns[5000].text == ""
    assert {version.text for version in await feed.turns.versions(5000)} == {""}
