"""Edits and deletes that were missed while the bot was away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from bot.domain.history.ports import NEWEST, SeenMessage
from bot.domain.model.messages import Role
from bot.domain.turn.ask import Source
from bot.services.history.edits import CATCH_UP, CATCH_UP_CHANNELS
from tests.fakes.asks import BOB, said
from tests.fakes.clock import START
from tests.fakes.houses.house import House, kept_turn

QUESTION, ANSWER = (Role.USER, "hello"), (Role.ASSISTANT, "Hi")


class FakeReader:
    """Fulfils ``ChannelReader``; channels that ``seen`` does not have can't be read."""

    def __init__(self) -> None:
        self.seen: dict[int, list[SeenMessage]] = {}
        self.asked: list[int] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """Happens right after Discord has answered."""

    async def newest(self, channel_id: int) -> Sequence[SeenMessage] | None:
        self.asked.append(channel_id)
        seen = self.seen.get(channel_id)
        self.meanwhile()
        return seen


class Return(House):
    """A house whose bot was away."""

    def __init__(self) -> None:
        super().__init__(side_by_side=9)
        self.reader = FakeReader()

    def stands(self, *messages: int | tuple[int, str], channel_id: int = 1000) -> None:
        """Say what is in the channel: ids, with the text where it was edited."""
        self.reader.seen[channel_id] = [
            SeenMessage(id=message, text=None)
            if isinstance(message, int)
            else SeenMessage(id=message[0], text=message[1])
            for message in messages
        ]

    async def catch_up(self) -> None:
        await self.follower().catch_up(self.reader)


@pytest.fixture
def house() -> Return:
    return Return()


async def test_what_is_as_it_was_stays(house: Return) -> None:
    house.keep_turn(kept_turn())
    house.stands(5000, 9000)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]
    assert house.opened == []


async def test_a_forbidden_word_does_not_come_back_by_catching_up(house: Return) -> None:
    house.operator["forbidden_words"] = ("spam",)
    house.keep_turn(kept_turn())
    house.stands((5000, "SPAM"), 9000)
    await house.catch_up()
    assert house.said == [ANSWER]


async def test_edits_are_made_up_for_without_another_answer(house: Return) -> None:
    house.keep_turn(kept_turn())
    house.keep(said(5001, "same", user=BOB))
    house.stands((5000, "good day"), (5001, "same"), (9000, "what the bot wrote, cut into pages"))
    await house.catch_up()
    assert house.said == [(Role.USER, "good day"), (Role.USER, "same"), ANSWER]
    assert house.history.messages[1000, 5001].edited_at is None
    assert house.opened == []


async def test_a_question_that_was_deleted_takes_its_answer_with_it(house: Return) -> None:
    house.keep(said(4000, "earlier"))
    house.keep_turn(kept_turn())
    house.stands(4000, 9000)
    await house.catch_up()
    assert house.said == [(Role.USER, "earlier")]
    assert house.reply.discarded


async def test_an_answer_that_was_deleted_leaves_the_history(house: Return) -> None:
    house.keep_turn(kept_turn())
    house.stands(5000)
    await house.catch_up()
    assert house.said == [QUESTION]


async def test_a_line_that_was_no_question_leaves_the_history_too(house: Return) -> None:
    house.keep(said(4000, "earlier"), said(4001, "and this", user=BOB))
    house.stands(4000)
    await house.catch_up()
    assert house.said == [(Role.USER, "earlier")]


IN_A_THREAD = kept_turn(channel_id=5000, parent_id=1000)
"""A turn whose answer is in a thread that was started for it: the question stands in #1000, the answer in #5000."""


async def test_a_question_whose_answer_is_in_a_thread_is_looked_for_in_its_channel(house: Return) -> None:
    house.keep_turn(IN_A_THREAD)
    house.stands(4000, 5000)
    house.stands(9000, channel_id=5000)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]
    house.stands(4000, (5000, "good day"))
    await house.catch_up()
    assert house.said == [(Role.USER, "good day"), ANSWER]
    house.stands(4000)
    await house.catch_up()
    assert house.said == []
    assert house.reply.discarded
    ((asked, _, messages),) = house.opened
    assert (asked.place.channel_id, messages) == (5000, (9000,))


async def test_the_channel_of_several_threads_is_read_once(house: Return) -> None:
    for turn_id in (5000, 5001, 5002):
        house.keep_turn(kept_turn(turn_id, channel_id=turn_id, parent_id=1000, reply_ids=(turn_id + 4000,)))
        house.stands(turn_id + 4000, channel_id=turn_id)
    house.stands(5000, 5002)
    await house.catch_up()
    assert sorted(house.reader.asked) == [1000, 5000, 5001, 5002]
    assert house.said == [QUESTION, ANSWER] * 2


@pytest.mark.parametrize("shown", [None, (), (6000,)], ids=["unreadable", "nothing", "only_newer_ones"])
async def test_a_question_that_can_not_be_looked_for_stays(house: Return, shown: tuple[int, ...] | None) -> None:
    house.keep_turn(IN_A_THREAD)
    if shown is not None:
        house.stands(*shown)
    house.stands(9000, channel_id=5000)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]


async def test_a_command_s_question_is_never_taken_for_deleted(house: Return) -> None:
    house.keep_turn(kept_turn(source=Source.INTERACTION))
    house.stands(4000, 9000)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]


async def test_what_is_older_than_what_discord_showed_stays(house: Return) -> None:
    house.keep(said(4000, "long ago"), said(5000, "of late"))
    house.stands(*range(5000, 5000 + NEWEST))
    await house.catch_up()
    assert house.said == [(Role.USER, "long ago"), (Role.USER, "of late")]


async def test_a_channel_s_first_message_is_missed_too(house: Return) -> None:
    house.keep_turn(kept_turn())
    house.stands(9000)
    await house.catch_up()
    assert house.said == []
    assert house.reply.discarded


async def test_what_a_thread_grew_from_is_not_looked_for_in_it(house: Return) -> None:
    house.keep(said(900, "asked before it"), said(1000, "its starter"), said(4000, "in it"))
    house.stands(4000)
    await house.catch_up()
    assert [text for _, text in house.said] == ["asked before it", "its starter", "in it"]


async def test_what_is_said_while_discord_is_asked_is_not_taken_for_deleted(house: Return) -> None:
    house.keep(said(4000, "earlier"))
    house.stands(4000)
    house.reader.meanwhile = lambda: house.keep_turn(kept_turn())
    await house.catch_up()
    assert house.said == [(Role.USER, "earlier"), QUESTION, ANSWER]
    assert house.opened == []


@pytest.mark.parametrize("readable", [False, True])
async def test_a_channel_of_which_nothing_is_shown_tells_nothing(house: Return, readable: bool) -> None:
    # Without the permission to read the history, Discord answers with no messages at all.
    house.keep_turn(kept_turn())
    house.keep(said(8, "elsewhere", channel_id=7))
    if readable:
        house.stands()
    house.stands(9, channel_id=7)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]
    assert sorted(house.reader.asked) == [7, 1000]


async def test_only_channels_of_late_are_asked_for_and_not_too_many(house: Return) -> None:
    for channel in range(1, CATCH_UP_CHANNELS + 5):
        house.keep(said(1, "of late", channel_id=channel))
    house.keep(said(1, "long ago", channel_id=999, created_at=START - CATCH_UP - timedelta(seconds=1)))
    await house.catch_up()
    assert len(set(house.reader.asked)) == len(house.reader.asked) == CATCH_UP_CHANNELS
    assert 999 not in house.reader.asked


async def test_a_database_that_is_gone_is_logged(house: Return, caplog: pytest.LogCaptureFixture) -> None:
    house.keep_turn(kept_turn())
    house.stands(9000)
    house.reader.meanwhile = house.fail
    await house.catch_up()
    assert "could not be compared" in caplog.text
    house.mend()
    assert house.said == [QUESTION, ANSWER]
