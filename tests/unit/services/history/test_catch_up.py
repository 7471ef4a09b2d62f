"""Edits and deletes that were missed while the bot was away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.history.ports import NEWEST, SeenMessage, Unread
from bot.domain.history.removals import Comparison
from bot.domain.model.messages import Role
from bot.domain.turn.ask import Source
from bot.domain.turn.record import TurnState
from bot.services.background import going_on
from bot.services.history.catch_up import CATCH_UP, CATCH_UP_CHANNELS, PAGES_AT_ONCE
from tests.fakes.asks import BOB, ask, said
from tests.fakes.clock import START, settle
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.reply.replies import FakeSink

QUESTION, ANSWER = (Role.USER, "hello"), (Role.ASSISTANT, "Hi")


class FakeReader:
    """Fulfils ``ChannelReader``; channels that ``seen`` does not have can't be read.

    Those in ``hidden`` show nothing, those in ``removed`` are no more.
    """

    def __init__(self) -> None:
        self.seen: dict[int, list[SeenMessage]] = {}
        self.hidden: set[int] = set()
        self.removed: set[int] = set()
        self.starters: dict[int, SeenMessage | Unread] = {}
        self.gone_guilds: set[int] = set()
        self.asked: list[int] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """Happens right after Discord has answered."""

    async def page(self, channel_id: int, *, before: int | None = None) -> Sequence[SeenMessage] | Unread:
        self.asked.append(channel_id)
        if channel_id in self.removed:
            return Unread.GONE
        if channel_id in self.hidden:
            return ()
        seen = self.seen.get(channel_id)
        if seen is not None:
            below = [message for message in seen if before is None or message.id < before]
            seen = sorted(below, key=lambda message: message.id)[-NEWEST:]
        self.meanwhile()
        return Unread.HIDDEN if seen is None else seen

    async def starter(self, thread_id: int) -> SeenMessage | Unread:
        return self.starters.get(thread_id, Unread.HIDDEN)

    async def is_gone(self, channel_id: int, message_id: int) -> bool:
        readable = channel_id in self.seen and channel_id not in self.hidden
        return readable and message_id not in [message.id for message in self.seen[channel_id]]

    async def guild_is_gone(self, guild_id: int) -> bool:
        return guild_id in self.gone_guilds


class Return(House):
    """A house whose bot was away."""

    def __init__(self) -> None:
        super().__init__(side_by_side=9)
        self.reader = FakeReader()
        self.gone: list[tuple[int, int]] = []

    def stands(self, *messages: int | tuple[int, str], channel_id: int = 1000) -> None:
        """Say what is in the channel: ids, with the text where it was edited."""
        self.reader.seen[channel_id] = [
            SeenMessage(id=message, text=None)
            if isinstance(message, int)
            else SeenMessage(id=message[0], text=message[1])
            for message in messages
        ]

    async def catch_up(self) -> None:
        async def gone(channel_id: int, guild_id: int) -> None:
            self.gone.append((channel_id, guild_id))

        await self.services.catch_up.catch_up(self.reader, gone)


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


async def test_an_edit_that_was_followed_already_is_no_news_whatever_names_it_has_now(house: Return) -> None:
    house.keep(said(5001, "hello @Bob", user=BOB, edited_at=START), said(5002, "", user=BOB, edited_at=START))
    seen = [
        SeenMessage(id=5001, text="hello @Bobby", edited_at=START),
        SeenMessage(id=5002, text="no longer forbidden", edited_at=START),
    ]
    house.reader.seen[1000] = seen
    await house.catch_up()
    assert house.said == [(Role.USER, "hello @Bob"), (Role.USER, "no longer forbidden")]
    later = START + timedelta(seconds=1)
    house.reader.seen[1000] = [replace(seen[0], text="hello @Ann", edited_at=later), seen[1]]
    await house.catch_up()
    assert house.said[0] == (Role.USER, "hello @Ann")
    assert house.history.messages[1000, 5001].edited_at == later


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


@pytest.mark.parametrize("hidden", [False, True], ids=["unreadable", "nothing is shown"])
async def test_a_question_that_can_not_be_looked_for_stays(house: Return, hidden: bool) -> None:
    house.keep_turn(IN_A_THREAD)
    if hidden:
        house.reader.hidden.add(1000)
    house.stands(9000, channel_id=5000)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]


@pytest.mark.parametrize("shown", [(), (6000,)], ids=["nothing", "only newer ones"])
async def test_a_question_of_a_thread_is_missed_where_nothing_else_is_as_old(
    house: Return, shown: tuple[int, ...]
) -> None:
    house.keep_turn(IN_A_THREAD)
    house.stands(*shown)
    house.stands(9000, channel_id=5000)
    await house.catch_up()
    assert house.said == []
    assert house.reply.discarded


async def test_a_command_s_question_is_never_taken_for_deleted(house: Return) -> None:
    house.keep_turn(kept_turn(source=Source.INTERACTION))
    house.stands(4000, 9000)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]


async def test_what_is_older_than_what_discord_shows_at_once_is_compared_too(house: Return) -> None:
    house.keep(said(3000, "deleted long ago"), said(4000, "long ago"), said(5000, "of late"))
    house.stands(4000, *range(5000, 5000 + 3 * NEWEST))
    await house.catch_up()
    assert house.said == [(Role.USER, "long ago"), (Role.USER, "of late")]


async def test_nothing_is_read_below_what_is_kept(house: Return) -> None:
    house.keep(said(5250, "the oldest that is kept"), said(5299, "the newest"))
    house.stands(*range(1001, 5300))
    await house.catch_up()
    assert house.reader.asked == [1000]


async def test_a_long_channel_is_compared_in_parts_and_to_its_end(house: Return) -> None:
    house.keep(said(1500, "deleted"), said(9000, "of late"))
    house.stands(*range(9000 - (PAGES_AT_ONCE + 5) * NEWEST, 9001))
    house.keep(said(2000, "elsewhere", channel_id=7), said(1999, "and gone", channel_id=7))
    house.stands(2000, channel_id=7)
    await house.catch_up()
    assert [text for _, text in house.said] == ["elsewhere", "of late"]
    assert house.comparisons.compared[1000].down_to is None


async def test_a_start_goes_on_where_the_last_one_was_killed(house: Return) -> None:
    house.keep(said(1500, "deleted"), said(9000, "of late"))
    house.stands(*range(1600, 9001))
    before = Comparison(channel_id=1000, begun_at=START - timedelta(days=3), down_to=1700)
    house.comparisons.compared[1000] = before
    pages: list[int | None] = []
    plain = house.reader.page

    async def page(channel_id: int, *, before: int | None = None) -> Sequence[SeenMessage] | Unread:
        pages.append(before)
        return await plain(channel_id, before=before)

    house.reader.page = page  # type: ignore[method-assign]  # to see what is asked for
    await house.catch_up()
    assert house.said == [(Role.USER, "of late")]
    # First the newest, then the rest of the last time, then all that was said since, from the top.
    first = pages.index(1700)
    assert pages[:first] == [None, None][:first]
    assert house.comparisons.compared[1000].begun_at > before.begun_at


async def test_channels_that_were_compared_within_a_day_come_last(house: Return) -> None:
    old = START - CATCH_UP - timedelta(seconds=1)
    for channel in (1, 2, 3):
        house.keep(said(10 + channel, "long ago", channel_id=channel, created_at=old))
        house.stands(10 + channel, channel_id=channel)
    house.comparisons.compared[3] = Comparison(channel_id=3, begun_at=START - timedelta(hours=1))
    house.comparisons.compared[1] = Comparison(channel_id=1, begun_at=START - timedelta(days=2))
    await house.catch_up()
    assert house.reader.asked == [2, 1, 3]


async def test_a_channel_that_is_gone_is_told(house: Return) -> None:
    house.keep_turn(kept_turn())
    house.reader.removed.add(1000)
    await house.catch_up()
    assert house.gone[0] == (1000, 1)
    assert house.said == [QUESTION, ANSWER]


async def test_a_channel_in_which_nothing_is_left_is_compared(house: Return) -> None:
    house.keep_turn(kept_turn())
    house.stands()
    await house.catch_up()
    assert house.said == []
    assert house.reply.discarded


async def test_what_is_one_person_s_alone_is_not_looked_for(house: Return) -> None:
    house.keep(said(4000, "for Ann alone", only_for=11, private=True), said(4001, "for all"))
    house.keep(said(4002, "for Ann alone too", only_for=11, private=True))
    house.keep(said(10, "for Ann alone elsewhere", channel_id=7, only_for=11))
    house.stands(4001)
    house.stands(channel_id=7)
    await house.catch_up()
    assert len(house.said) == 4
    assert set(house.reader.asked) == {1000}


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


async def test_what_a_thread_grew_from_is_missed_in_it(house: Return) -> None:
    house.keep(said(1000, "its starter"), said(4000, "in it"))
    house.stands(4000)
    house.reader.starters[1000] = SeenMessage(id=1000, text="edited")
    await house.catch_up()
    assert [text for _, text in house.said] == ["edited", "in it"]
    house.reader.starters[1000] = Unread.GONE
    await house.catch_up()
    assert [text for _, text in house.said] == ["in it"]


async def test_the_question_that_a_forum_s_post_begins_with_is_missed(house: Return) -> None:
    house.keep_turn(kept_turn(1000, parent_id=7, reply_ids=(9000,)))
    house.stands(9000)
    house.reader.starters[1000] = SeenMessage(id=1000, text=None)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]
    house.reader.starters[1000] = Unread.GONE
    await house.catch_up()
    assert house.said == []
    assert house.reply.discarded


@pytest.mark.parametrize("source", list(Source))
async def test_a_delete_that_a_kill_interrupted_is_followed_to_its_end(house: Return, source: Source) -> None:
    house.keep_turn(kept_turn(source=source, state=TurnState.STOPPED))
    await house.history.delete(1000, (5000,), deleted_at=START)
    await house.catch_up()
    assert (house.turns.turns[5000].prompt, house.turns.turns[5000].text) == ("", "")
    if source is Source.MESSAGE:
        assert house.said == []
        assert house.reply.discarded


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
        house.reader.hidden.add(1000)
    house.stands(9, channel_id=7)
    await house.catch_up()
    assert house.said == [QUESTION, ANSWER]
    assert set(house.reader.asked) == {7, 1000}


async def test_channels_of_late_are_asked_for_at_once_and_all_others_after_them(house: Return) -> None:
    for channel in range(1, CATCH_UP_CHANNELS + 5):
        house.keep(said(200, "of late", channel_id=channel))
    house.keep(said(1001, "long ago", channel_id=999, created_at=START - CATCH_UP - timedelta(seconds=1)))
    for channel in (*range(1, CATCH_UP_CHANNELS + 5), 999):
        house.stands(200, 1001, channel_id=channel)
    await house.catch_up()
    at_once = house.reader.asked[:CATCH_UP_CHANNELS]
    assert len(set(at_once)) == CATCH_UP_CHANNELS
    assert 999 not in at_once
    assert len(house.reader.asked) == len(set(house.reader.asked)) == CATCH_UP_CHANNELS + 5


async def test_those_of_late_leave_others_room_in_what_discord_allows_a_second(house: Return) -> None:
    at: list[float] = []
    house.reader.meanwhile = lambda: at.append(house.clock.monotonic())
    for channel in range(1, CATCH_UP_CHANNELS + 1):
        house.keep(said(200, "of late", channel_id=channel))
        house.stands(200, channel_id=channel)
    await house.catch_up()
    assert len(at) == CATCH_UP_CHANNELS
    assert at[39] - at[0] >= 1


async def test_a_database_that_is_gone_is_logged(house: Return, caplog: pytest.LogCaptureFixture) -> None:
    house.keep_turn(kept_turn())
    house.stands(9000)
    house.reader.meanwhile = house.fail
    await house.catch_up()
    assert "could not be compared" in caplog.text
    house.mend()
    assert house.said == [QUESTION, ANSWER]


async def test_a_refusal_whose_message_was_deleted_meanwhile_goes(house: Return) -> None:
    house.keep_turn(kept_turn())
    for number in (5001, 5002, 9999):
        await house.chat.respond(ask(number, ""), FakeSink(first_id=number + 1000))
    house.stands(5000, 5002, 9000)
    async with going_on(house.services.notices.keep_up(), "notices"):
        await house.catch_up()
        await settle()
        assert house.surroundings.taken_away == [6001]
    assert sorted(house.refusals.kept) == [5002, 9999], "the newest may have come after Discord was asked"
