"""Several messages of one person: one question within a moment, and what is sent while the answer grows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.events import DrawingIntent, Finish, FinishReason, PictureUrl, TextDelta, Usage
from bot.domain.model.messages import Role
from bot.domain.people import Place
from bot.domain.settings.choices import Listening, WhileAnswering
from bot.domain.turn.ask import Ask
from bot.domain.turn.proxies import Said
from bot.domain.turn.record import TurnState
from bot.errors import Refusal, Trouble
from bot.services.queue.coordinator import TurnCoordinator
from tests.fakes.asks import BOB, HERE, ask, referred
from tests.fakes.clock import START, settle
from tests.fakes.houses.house import House
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
FOX = (TextDelta(text="A fox."), DONE)


class Talk(House):
    """People write at the times that they are said to."""

    def __init__(self, **operator: Any) -> None:
        super().__init__(operator={"join_within_s": 1.5} | operator, side_by_side=4, waiting=4)
        self.tasks: list[asyncio.Task[None]] = []
        self.shown: dict[int, FakeSink] = {}

    async def writes(self, message_id: int, text: str, *, at_s: float, **changes: Any) -> None:
        """Write a message so many seconds after the start; it is heard at once."""
        await asyncio.sleep(max(0.0, at_s - self.clock.monotonic()))
        self.hears(ask(message_id, text, created_at=START + timedelta(seconds=at_s), **changes))
        await settle()

    def hears(self, asked: Ask) -> None:
        self.shown[asked.id] = FakeSink(first_id=asked.id + 5)
        self.tasks.append(asyncio.create_task(self.chat.respond(asked, self.shown[asked.id])))

    async def done(self) -> None:
        await asyncio.gather(*self.tasks)

    def scripts(self, *answers: tuple[Step, ...]) -> None:
        for answer in answers:
            self.model.script(*answer)

    def reply_to(self, message_id: int) -> FakeReply | None:
        replies = self.shown[message_id].replies
        return replies[-1] if replies else None

    @property
    def asked(self) -> list[str]:
        """The last message of each request to the model."""
        return [request.messages[-1].content for request in self.model.requests]


async def test_a_question_that_looks_whole_is_asked_at_once() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    assert (talk.asked, talk.clock.monotonic()) == (["what is a fox?"], 0.0)
    await talk.done()


async def test_a_picture_waits_for_its_caption() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    assert talk.asked == []
    await talk.writes(5100, "what is this?", at_s=1.0, overheard=True)
    await talk.done()
    assert talk.asked == ["[attachment: fox.png]\nwhat is this?"]
    assert talk.reply_to(5100) is None
    assert [turn.id for turn in talk.turns.turns.values()] == [5000]


async def test_a_picture_without_a_caption_is_asked_after_the_moment() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.done()
    assert talk.asked == ["[attachment: fox.png]"]
    assert talk.clock.monotonic() == pytest.approx(1.5, abs=0.01)


async def test_a_paste_in_pieces_is_asked_once_and_waits_five_seconds_at_most() -> None:
    talk = Talk()
    talk.scripts(FOX)
    for number in range(5):
        await talk.writes(5000 + 10 * number, "x" * 1_990, at_s=1.2 * number)
    await talk.done()
    assert len(talk.asked) == 1
    assert talk.asked[0].count("\n") == 4
    assert talk.clock.monotonic() == pytest.approx(5.0, abs=0.01)


async def test_what_follows_within_the_moment_is_answered_together_with_what_was_asked() -> None:
    talk = Talk()
    talk.scripts((TextDelta(text="What is"), 9.0, DONE), FOX)
    await talk.writes(5000, "what is", at_s=0.0)
    await talk.writes(5100, "a fox?", at_s=1.4, overheard=True)
    await talk.done()
    assert talk.asked == ["what is", "what is\na fox?"]
    reply = talk.reply_to(5000)
    assert reply is not None
    assert (reply.text, reply.ending.state) == ("A fox.", TurnState.COMPLETE)
    assert talk.reply_to(5100) is None
    turn = talk.turns.turns[5000]
    assert (turn.version, turn.text, list(talk.turns.turns)) == (1, "A fox.", [5000])


async def test_what_follows_later_is_a_question_of_its_own() -> None:
    talk = Talk()
    talk.scripts((TextDelta(text="A"), 9.0, DONE), FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5100, "and a dog?", at_s=1.6)
    await talk.done()
    assert talk.asked == ["what is a fox?", "and a dog?"]
    assert list(talk.turns.turns) == [5000, 5100]


async def test_nothing_joins_if_that_is_turned_off() -> None:
    talk = Talk(join_within_s=0.0)
    talk.scripts((TextDelta(text="A"), 9.0, DONE), FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.writes(5100, "what is this?", at_s=0.1)
    await talk.done()
    assert len(talk.turns.turns) == 2


async def test_two_people_are_never_joined() -> None:
    talk = Talk()
    talk.scripts(FOX, FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.writes(5100, "what is this?", at_s=0.5, user=BOB)
    await talk.done()
    assert list(talk.turns.turns) == [5000, 5100]
    assert talk.history.messages[1000, 5100].part_of is None


async def test_two_channels_are_never_joined() -> None:
    talk = Talk()
    talk.scripts(FOX, FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.writes(5100, "what is this?", at_s=0.5, place=Place(channel_id=2000, guild_id=1))
    await talk.done()
    assert list(talk.turns.turns) == [5000, 5100]


async def test_a_reply_to_something_else_is_a_question_of_its_own() -> None:
    talk = Talk()
    talk.scripts((TextDelta(text="A"), 9.0, DONE), FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5100, "and this?", at_s=0.5, reference=referred(4000, "a dog"))
    await talk.done()
    assert list(talk.turns.turns) == [5000, 5100]


async def test_what_was_said_just_before_a_mention_is_part_of_the_question() -> None:
    talk = Talk()
    talk.scripts(FOX, FOX)
    await talk.writes(4900, "nothing to do with it", at_s=0.0, overheard=True)
    await talk.writes(5000, "[attachment: fox.png]", at_s=2.0, overheard=True)
    await talk.writes(5100, "what is this?", at_s=3.0)
    await talk.done()
    assert talk.asked == ["[attachment: fox.png]\nwhat is this?"]
    await talk.writes(5200, "sure?", at_s=30.0)
    await talk.done()
    assert [content for _, content in talk.sent] == ["[attachment: fox.png]\nwhat is this?", "A fox.", "sure?"]


async def test_what_is_said_to_nobody_stays_unanswered() -> None:
    talk = Talk()
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0, overheard=True)
    await talk.writes(5100, "what is this?", at_s=1.0, overheard=True)
    await talk.done()
    assert (talk.asked, talk.history.messages) == ([], {})


async def test_a_bare_mention_waits_for_its_words() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "", at_s=0.0)
    await talk.writes(5100, "what is a fox?", at_s=1.0, overheard=True)
    await talk.done()
    assert (talk.asked, list(talk.turns.turns)) == (["what is a fox?"], [5100])
    assert talk.reply_to(5000) is None


async def test_a_bare_mention_is_greeted_after_the_moment() -> None:
    talk = Talk()
    await talk.writes(5000, "", at_s=0.0)
    assert talk.reply_to(5000) is None
    await talk.done()
    reply = talk.reply_to(5000)
    assert reply is not None
    assert reply.ending.problem is Refusal.EMPTY_PROMPT
    assert talk.clock.monotonic() == pytest.approx(1.5, abs=0.01)


async def test_a_bare_mention_right_behind_the_words_asks_them() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0, overheard=True)
    await talk.writes(5100, "", at_s=1.0)
    await talk.done()
    assert (talk.asked, list(talk.turns.turns)) == (["what is a fox?"], [5000])


async def test_a_part_that_comes_twice_is_asked_once() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.writes(5100, "what is this?", at_s=1.0)
    await talk.done()
    for again in (5000, 5100):
        talk.hears(ask(again, "what is this?", created_at=START + timedelta(seconds=1)))
    await talk.done()
    assert (len(talk.asked), list(talk.turns.turns)) == (1, [5000])


async def test_a_question_that_comes_twice_while_it_is_answered_changes_nothing() -> None:
    talk = Talk(while_answering=WhileAnswering.ANEW)
    talk.scripts((TextDelta(text="A"), 9.0, DONE))
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5000, "what is a fox?", at_s=0.5)
    await talk.done()
    assert talk.asked == ["what is a fox?"]


async def test_an_answer_that_ended_within_the_moment_is_answered_again_with_the_rest() -> None:
    talk = Talk()
    talk.scripts(FOX, (TextDelta(text="A red fox."), DONE))
    await talk.writes(5000, "what is", at_s=0.0)
    await talk.writes(5100, "a red fox?", at_s=1.0, overheard=True)
    await talk.done()
    assert talk.asked == ["what is", "what is\na red fox?"]
    turn = talk.turns.turns[5000]
    assert (turn.version, turn.text) == (2, "A red fox.")
    assert talk.opened[-1][2] == (5005,)


async def test_a_forbidden_word_joins_nothing() -> None:
    talk = Talk(forbidden_words=("dog",))
    talk.scripts((TextDelta(text="A"), 3.0, DONE))
    await talk.writes(5000, "what is", at_s=0.0)
    await talk.writes(5100, "a dog?", at_s=0.5)
    await talk.done()
    assert talk.asked == ["what is"]
    refused = talk.reply_to(5100)
    assert refused is not None
    assert refused.ending.problem is Refusal.FORBIDDEN_WORD


async def test_no_more_than_ten_messages_are_one_question() -> None:
    talk = Talk(while_answering=WhileAnswering.ANEW)
    talk.scripts(*[(TextDelta(text="A"), 99.0, DONE)] * 10, FOX)
    for number in range(11):
        await talk.writes(5000 + 10 * number, f"and {number}", at_s=2.0 * number)
    assert list(talk.turns.turns) == [5000, 5100]
    await talk.done()


async def test_calls_whose_answer_was_given_up_count() -> None:
    talk = Talk(person_calls_a_day=50, person_tokens_a_day=100_000)
    used = Usage(prompt_tokens=30, completion_tokens=10, total_tokens=40)
    talk.scripts((TextDelta(text="What is"), 9.0, DONE), (TextDelta(text="A fox."), used, DONE))
    await talk.writes(5000, "what is", at_s=0.0)
    await talk.writes(5100, "a fox?", at_s=1.0)
    await talk.done()
    (used_in_all,) = talk.usage.used.values()
    assert (used_in_all.calls, talk.usage.held) == (2, {})
    assert used_in_all.total_tokens > 40


# --- while the answer grows -------------------------------------------------------------------------------------


async def grown(steering: WhileAnswering, **operator: Any) -> Talk:
    """Let an answer grow, and the same person go on 3 s later."""
    talk = Talk(while_answering=steering, **operator)
    talk.scripts((TextDelta(text="A fox is"), 9.0, TextDelta(text=" red."), DONE), (TextDelta(text="Two."), DONE))
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5100, "and a dog?", at_s=3.0)
    await talk.done()
    return talk


async def test_queued_it_is_a_question_of_its_own() -> None:
    talk = await grown(WhileAnswering.QUEUE)
    assert talk.asked == ["what is a fox?", "and a dog?"]
    assert [turn.text for _, turn in sorted(talk.turns.turns.items())] == ["A fox is red.", "Two."]


async def test_joined_the_answer_ends_where_it_is_and_the_next_goes_on_from_both() -> None:
    talk = await grown(WhileAnswering.JOIN)
    assert talk.sent == [
        (Role.USER, "what is a fox?"),
        (Role.ASSISTANT, "A fox is"),
        (Role.USER, "and a dog?"),
    ]
    first, second = talk.reply_to(5000), talk.reply_to(5100)
    assert first is not None
    assert (first.text, first.ending.state, first.ending.problem) == ("A fox is", TurnState.STOPPED, Trouble.STEERED)
    assert second is not None
    assert second.text == "Two."


async def test_joined_before_the_first_word_it_is_part_of_the_question() -> None:
    talk = Talk(while_answering=WhileAnswering.JOIN)
    talk.scripts((9.0, DONE), FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5100, "a red one", at_s=3.0)
    await talk.done()
    assert (talk.asked[-1], list(talk.turns.turns)) == ("what is a fox?\na red one", [5000])


async def test_anew_both_are_answered_in_the_first_answer_s_message() -> None:
    talk = await grown(WhileAnswering.ANEW)
    assert talk.asked == ["what is a fox?", "what is a fox?\nand a dog?"]
    reply = talk.reply_to(5000)
    assert reply is not None
    assert (reply.text, reply.message_ids, talk.reply_to(5100)) == ("Two.", (5005,), None)
    assert talk.turns.turns[5000].text == "Two."


async def test_another_person_steers_nothing() -> None:
    talk = Talk(while_answering=WhileAnswering.ANEW)
    talk.scripts((TextDelta(text="A fox is"), 9.0, DONE), FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5100, "and a dog?", at_s=3.0, user=BOB)
    await talk.done()
    assert list(talk.turns.turns) == [5000, 5100]


@pytest.mark.parametrize(("listening", "joined"), [(Listening.ADDRESSED, False), (Listening.ALL, True)])
async def test_only_what_is_said_to_the_bot_steers_it(listening: Listening, joined: bool) -> None:
    talk = Talk(while_answering=WhileAnswering.ANEW, listening=listening)
    talk.scripts((TextDelta(text="A fox is"), 9.0, DONE), FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.writes(5100, "lunch?", at_s=3.0, overheard=True)
    await talk.done()
    assert (len(talk.asked) == 2) is joined
    assert list(talk.turns.turns) == [5000]


async def test_a_picture_that_is_being_made_is_not_given_up() -> None:
    talk = Talk(while_answering=WhileAnswering.ANEW)
    talk.scripts((DrawingIntent(), DONE), (3.0, PictureUrl(url="http://h/1"), DONE), FOX)
    await talk.writes(5000, "draw a fox", at_s=0.0)
    await talk.writes(5100, "in winter", at_s=1.0)
    await talk.done()
    assert list(talk.turns.turns) == [5000, 5100]
    assert talk.turns.turns[5000].state is TurnState.COMPLETE


async def test_what_waits_in_the_queue_is_joined_without_a_call() -> None:
    talk = Talk(while_answering=WhileAnswering.ANEW)
    talk.coordinator = TurnCoordinator(side_by_side=1, waiting=4)
    talk.restart()
    talk.scripts((3.0, *FOX), FOX)
    await talk.writes(4000, "me first", at_s=0.0, user=BOB)
    await talk.writes(5000, "what is", at_s=0.1)
    await talk.writes(5100, "a fox?", at_s=0.5)
    await talk.done()
    assert talk.asked[1:] == ["Ann: what is\n  a fox?"]


# --- afterwards -------------------------------------------------------------------------------------------------


async def answered(talk: Talk) -> None:
    """Let a question of two messages be answered."""
    talk.scripts(FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.writes(5100, "what is this?", at_s=1.0)
    await talk.done()


async def test_a_deleted_part_is_in_no_prompt_any_more_and_the_rest_is_answered_again() -> None:
    talk = Talk()
    await answered(talk)
    talk.scripts((TextDelta(text="A picture."), DONE))
    await talk.follower().deleted(HERE, (5100,))
    assert talk.asked[-1] == "[attachment: fox.png]"
    assert talk.history.messages[1000, 5100].text == ""
    assert "what is this" not in str([turn.prompt for turn in talk.turns.turns.values()])
    assert talk.turns.turns[5000].text == "A picture."


async def test_a_part_that_is_deleted_late_leaves_the_answer_as_it_is() -> None:
    talk = Talk(rerun_on_edit_s=0)
    await answered(talk)
    await talk.follower().deleted(HERE, (5100,))
    assert len(talk.asked) == 1
    talk.scripts(FOX)
    await talk.writes(5200, "so?", at_s=60.0)
    await talk.done()
    assert [content for _, content in talk.sent] == ["[attachment: fox.png]", "A fox.", "so?"]


async def test_a_question_that_is_deleted_takes_its_parts_with_it() -> None:
    talk = Talk()
    await answered(talk)
    await talk.follower().deleted(HERE, (5000,))
    assert [line.text for line in talk.history.messages.values()] == ["", "", ""]
    assert talk.turns.turns[5000].prompt == ""


async def test_an_edited_part_is_answered_again_in_place() -> None:
    talk = Talk()
    await answered(talk)
    talk.scripts((TextDelta(text="Red."), DONE))
    edited = ask(5100, "which colour?", edited_at=START + timedelta(seconds=9))
    await talk.follower().edited(edited, lambda version, ids: talk.sink_for(edited, version, ids))
    assert talk.asked[-1] == "[attachment: fox.png]\nwhich colour?"
    turn = talk.turns.turns[5000]
    assert (turn.prompt, turn.text, turn.version) == ("[attachment: fox.png]", "Red.", 2)
    assert talk.opened[-1][1:] == (2, (5005,))


async def test_an_edited_question_is_answered_with_its_parts() -> None:
    talk = Talk()
    await answered(talk)
    talk.scripts(FOX)
    edited = ask(5000, "see:\n[attachment: fox.png]", edited_at=START + timedelta(seconds=9))
    await talk.follower().edited(edited, lambda version, ids: talk.sink_for(edited, version, ids))
    assert talk.asked[-1] == "see:\n[attachment: fox.png]\nwhat is this?"
    assert talk.turns.turns[5000].prompt == "see:\n[attachment: fox.png]"


async def test_a_retry_asks_the_whole_question_also_in_the_next_process() -> None:
    talk = Talk()
    await answered(talk)
    talk.restart()
    talk.scripts(FOX)
    again = ask(5000, "[attachment: fox.png]")
    turn = talk.turns.turns[5000]
    assert await talk.chat.answer_anew(again, turn, talk.sink_for(again, 2, turn.reply_ids))
    assert talk.asked[-1] == "[attachment: fox.png]\nwhat is this?"


async def test_a_part_whose_delete_came_first_is_not_kept() -> None:
    talk = Talk()
    talk.scripts(FOX)
    await talk.writes(5000, "[attachment: fox.png]", at_s=0.0)
    await talk.follower().deleted(HERE, (5100,))
    await talk.writes(5100, "what is this?", at_s=1.0)
    await talk.done()
    assert talk.asked == ["[attachment: fox.png]"]
    assert talk.history.messages[1000, 5100].text == ""


async def test_a_question_in_a_thread_of_its_own_has_the_parts_that_were_written_in_the_channel() -> None:
    talk = Talk(answer_in_thread=True)
    talk.scripts(FOX, FOX)

    async def opened(asked: Ask) -> Ask:
        return replace(asked, place=replace(asked.place, channel_id=asked.id, parent_id=asked.place.channel_id))

    first = ask(5000, "[attachment: fox.png]")
    talk.tasks.append(asyncio.create_task(talk.chat.respond(first, FakeSink(first_id=5005), open_thread=opened)))
    await settle()
    await talk.writes(5100, "what is", at_s=1.0, overheard=True)
    there = Place(channel_id=5000, guild_id=1, parent_id=1000)
    await talk.writes(5200, "this?", at_s=1.2, place=there, overheard=True)
    await talk.done()
    assert talk.asked[-1] == "[attachment: fox.png]\nwhat is\nthis?"
    talk.scripts(FOX)
    await talk.writes(5300, "sure?", at_s=30.0, place=there)
    await talk.done()
    assert [text for _, text in talk.sent] == ["[attachment: fox.png]\nwhat is\nthis?", "A fox.", "sure?"]
    # Of the channel they are no talk without the question.
    talk.scripts(FOX)
    await talk.writes(5400, "hello", at_s=60.0)
    await talk.done()
    assert [text for _, text in talk.sent] == ["hello"]


async def test_a_delete_in_the_channel_is_followed_into_the_thread() -> None:
    talk = Talk(answer_in_thread=True)
    talk.scripts(FOX, FOX)

    async def opened(asked: Ask) -> Ask:
        return replace(asked, place=replace(asked.place, channel_id=asked.id, parent_id=asked.place.channel_id))

    first = ask(5000, "[attachment: fox.png]")
    talk.tasks.append(asyncio.create_task(talk.chat.respond(first, FakeSink(first_id=5005), open_thread=opened)))
    await settle()
    await talk.writes(5100, "what is this?", at_s=1.0, overheard=True)
    await talk.done()
    await talk.follower().deleted(HERE, (5100,))
    assert talk.asked[-1] == "[attachment: fox.png]"
    assert talk.opened[-1][0].place.channel_id == 5000


async def test_of_what_has_ended_nothing_is_kept_for_longer_than_a_moment() -> None:
    talk = Talk()
    talk.scripts(FOX, FOX)
    await talk.writes(5000, "what is a fox?", at_s=0.0)
    await talk.done()
    await talk.writes(5100, "and a dog?", at_s=1.7, user=BOB)
    await talk.done()
    gathering = talk.chat._gathering
    assert len(gathering._under_way._lately) == 2
    talk.scripts(FOX)
    await talk.writes(5200, "and a cat?", at_s=20.0)
    await talk.done()
    assert (len(gathering._under_way._lately), len(gathering._under_way), gathering._bare) == (1, 0, {})


async def test_a_picture_that_begins_while_a_part_is_being_kept_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()
    intent, keeping, drawn = asyncio.Event(), asyncio.Event(), asyncio.Event()
    talk.scripts((intent, DrawingIntent(), DONE), (drawn, PictureUrl(url="http://h/1"), DONE))
    append = talk.history.append

    async def slowly(line: HistoryMessage) -> bool:
        if line.part_of is not None:
            await keeping.wait()
        return await append(line)

    monkeypatch.setattr(talk.history, "append", slowly)
    await talk.writes(5000, "draw a fox", at_s=0.0)
    await talk.writes(5100, "in winter", at_s=1.0)
    intent.set()
    await settle()
    keeping.set()
    await settle()
    drawn.set()
    await talk.done()
    assert len(talk.model.requests) == 2
    assert len(talk.pictures.fetched) == 1
    assert talk.turns.turns[5000].state is TurnState.COMPLETE


# --- what changes within the moment -----------------------------------------------------------------------------


async def edit(talk: Talk, message_id: int, text: str) -> None:
    """Edit a message, as the cog hears of it."""
    edited = ask(message_id, text, edited_at=START + timedelta(seconds=talk.clock.monotonic()))
    await talk.follower().edited(edited, lambda version, ids: talk.sink_for(edited, version, ids))


async def test_a_part_that_is_edited_while_it_is_being_kept_is_asked_as_it_is_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talk = Talk()
    talk.scripts((TextDelta(text="What is"), 9.0, DONE), (TextDelta(text="A"), 9.0, DONE), FOX)
    keeping = asyncio.Event()
    append = talk.history.append

    async def slowly(line: HistoryMessage) -> bool:
        await keeping.wait()
        return await append(line)

    await talk.writes(5000, "what is", at_s=0.0)
    monkeypatch.setattr(talk.history, "append", slowly)
    await talk.writes(5100, "a fox?", at_s=1.0)
    editing = asyncio.create_task(edit(talk, 5100, "a dog?"))
    await settle()
    keeping.set()
    await editing
    await talk.done()
    assert talk.asked[-1] == "what is\na dog?"


@pytest.mark.parametrize("rerun_on_edit_s", [0, 60])
async def test_what_was_said_before_goes_along_as_it_is_now(rerun_on_edit_s: int) -> None:
    talk = Talk(rerun_on_edit_s=rerun_on_edit_s)
    talk.scripts(FOX)
    await talk.writes(4900, "look at this fox:", at_s=0.0, overheard=True)
    await edit(talk, 4900, "look at this dog:")
    await talk.writes(5000, "what is it?", at_s=1.0)
    await talk.done()
    assert talk.asked == ["look at this dog:\nwhat is it?"]


@pytest.mark.parametrize("text", ["what is it?", ""], ids=["a question", "a bare mention"])
async def test_what_was_deleted_goes_along_with_nothing_though_a_proxy_may_say_it_again(text: str) -> None:
    talk = Talk()
    talk.scripts(FOX)
    talk.services.proxies.asked(Said(id=4900, channel_id=1000, text="SECRET"))
    await talk.writes(4900, "SECRET", at_s=0.0, overheard=True)
    waiting = asyncio.create_task(talk.services.proxies.took_over(HERE, 4900))
    await settle()
    await talk.writes(5000, text, at_s=0.5)
    await talk.done()
    assert not await waiting
    assert talk.asked == ([text] if text else [])


async def test_a_kill_never_parts_a_question_from_what_was_said_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()

    async def killed(line: HistoryMessage) -> bool:
        raise AssertionError(line)

    await talk.writes(4900, "see this fox:", at_s=0.0, overheard=True)
    create = talk.turns.create

    async def create_then_die(*kept: Any) -> bool:
        created = await create(*kept)
        monkeypatch.setattr(talk.history, "append", killed)
        return created

    monkeypatch.setattr(talk.turns, "create", create_then_die)
    talk.scripts(FOX)
    await talk.writes(5000, "what is it?", at_s=1.0)
    await talk.done()
    assert [part.id for part in await talk.history.parts(5000)] == [4900]


async def test_a_bare_mention_behind_words_that_were_deleted_is_greeted() -> None:
    talk = Talk()
    await talk.writes(4900, "what is a fox?", at_s=0.0, overheard=True)
    await talk.follower().deleted(HERE, (4900,))
    await talk.writes(5000, "", at_s=1.0)
    await talk.done()
    reply = talk.reply_to(5000)
    assert reply is not None
    assert reply.ending.problem is Refusal.EMPTY_PROMPT
    assert talk.asked == []


@pytest.mark.parametrize("change", ["deleted", "edited"])
async def test_what_waits_is_drawn_as_it_is_when_its_turn_comes(change: str) -> None:
    talk = Talk(rerun_on_edit_s=0)
    talk.coordinator = TurnCoordinator(side_by_side=1, waiting=4)
    talk.restart()
    talk.scripts((3.0, *FOX), (DrawingIntent(), DONE), (PictureUrl(url="http://h/1"), DONE))
    await talk.writes(4000, "me first", at_s=0.0, user=BOB)
    await talk.writes(5000, "draw a fox", at_s=0.1)
    await talk.writes(5100, "in winter", at_s=0.5)
    if change == "deleted":
        await talk.follower().deleted(HERE, (5100,))
    else:
        await edit(talk, 5100, "in spring")
    await talk.done()
    (drawing,) = talk.drawings.drawings.values()
    assert drawing.prompt == ("draw a fox" if change == "deleted" else "draw a fox\nin spring")


async def test_what_joins_behind_a_change_is_asked_with_it() -> None:
    talk = Talk(rerun_on_edit_s=0)
    talk.scripts((9.0, DONE), (9.0, DONE), FOX)
    await talk.writes(5000, "draw a fox", at_s=0.0)
    await talk.writes(5100, "SECRET", at_s=0.5)
    await talk.follower().deleted(HERE, (5100,))
    await talk.writes(5200, "in winter", at_s=1.0)
    await talk.done()
    assert talk.asked[-1] == "draw a fox\nin winter"
