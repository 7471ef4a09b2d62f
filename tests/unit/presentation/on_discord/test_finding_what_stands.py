"""What a start finds of replies on Discord: their whole text, and how they ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.domain.model.events import FinishReason
from bot.domain.people import Place
from bot.domain.reply.controls import ended_controls, running_controls
from bot.domain.reply.ending import Ending, Problem, ReplyOptions
from bot.domain.turn.record import FoundTurn, StandingEnd, Turn, TurnState
from bot.errors import ErrorKind, ProviderError, Trouble
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.reply.finder import DiscordReplyFinder
from bot.presentation.words.replies import Words
from bot.services.reply.again import ask_of
from sandbox.discord import Fault
from sandbox.discord.state.records import Message
from tests.fakes.houses.house import kept_turn
from tests.unit.presentation.on_discord.conftest import Stage

WORDS = Words("en-US")
LONG = (
    "\n\n".join(f"Paragraph {n} of a long answer, which says nothing at all but that it goes on." for n in range(70))
    + " The end."
)
ENDLESS = LONG * 4
"""More than the messages that come before a file."""


def orphan(prompt: Message, **changes: Any) -> Turn:
    plain: dict[str, Any] = {"state": TurnState.STREAMING, "text": "", "reply_ids": ()}
    return kept_turn(prompt.id, channel_id=prompt.channel_id, guild_id=prompt.guild_id, **{**plain, **changes})


async def asked(stage: Stage) -> Message:
    return await stage.world.say(stage.world.person("alice"), stage.world.channel("general"), "hello")


def ending(turn: Turn, problem: Problem | None = None, **changes: Any) -> Ending:
    plain = Ending(state=TurnState.COMPLETE, problem=problem)
    ended = replace(plain, **changes)
    version = turn.version
    controls = ended_controls(
        turn.id, state=ended.state, reason=ended.reason, drawn=False, version=version, versions=version
    )
    return replace(ended, controls=controls)


async def answered(
    stage: Stage, turn: Turn, text: str, end: Ending | None, *, ids: tuple[int, ...] = ()
) -> tuple[int, ...]:
    """Answer as a process does that dies before it has closed the turn; without an end it dies before that."""
    clock = SystemClock()
    desk = ReplyDesk(stage.client, stage.wire, EditBudgets(clock), clock)
    ask = ask_of(turn, Place(channel_id=turn.channel_id, guild_id=turn.guild_id))
    options = ReplyOptions(controls=running_controls(turn.id), message_ids=ids)
    async with desk.anew(ask, turn.version, ids).open_reply(ask, options) as reply:
        if text:
            reply.push(text)
        if end is None:
            standing = await stage.world.wait_for(lambda: shows(stage, turn, text[-20:]) or None)
            while standing not in reply.message_ids:
                await clock.sleep(0.01)  # the writer has yet to hear of it
            return reply.message_ids
        assert await reply.finish(end)
        return reply.message_ids


def shows(stage: Stage, turn: Turn, words: str) -> int | None:
    """Tell which message shows words."""
    messages = stage.world.channels[turn.channel_id].messages.values()
    return next((message.id for message in messages if words in message.content), None)


async def find(stage: Stage, turn: Turn) -> FoundTurn:
    return await DiscordReplyFinder(stage.client, stage.wire).find(turn)


def squeezed(text: str) -> str:
    return "".join(text.split())


ENDINGS: dict[str, tuple[Problem | None, dict[str, Any], StandingEnd]] = {
    "complete": (None, {}, StandingEnd(state=TurnState.COMPLETE)),
    "cut": (None, {"reason": FinishReason.LENGTH}, StandingEnd(state=TurnState.COMPLETE, reason=FinishReason.LENGTH)),
    "stopped": (
        Trouble.STOPPED,
        {"state": TurnState.STOPPED},
        StandingEnd(state=TurnState.STOPPED, error_kind=Trouble.STOPPED),
    ),
    "failed": (
        ProviderError(ErrorKind.TIMEOUT_IDLE),
        {"state": TurnState.FAILED},
        StandingEnd(state=TurnState.FAILED, error_kind=ErrorKind.TIMEOUT_IDLE),
    ),
    "interrupted": (
        Trouble.INTERRUPTED,
        {"state": TurnState.INTERRUPTED},
        StandingEnd(state=TurnState.INTERRUPTED, error_kind=Trouble.INTERRUPTED),
    ),
}


@pytest.mark.parametrize("text", ["Hi there.", LONG], ids=["one message", "several messages"])
@pytest.mark.parametrize(("problem", "changes", "expected"), ENDINGS.values(), ids=ENDINGS)
async def test_the_whole_answer_is_found_with_its_end(
    stage: Stage, text: str, problem: Problem | None, changes: dict[str, Any], expected: StandingEnd
) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, text, ending(turn, problem, **changes))
    found = await find(stage, replace(turn, reply_ids=ids[:1], text=text[:5]))
    assert (found.turn.reply_ids, found.turn.text, found.end) == (ids, text, expected)


async def test_a_reply_of_which_nothing_was_kept_is_found(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    other = orphan(await asked(stage))
    ids = await answered(stage, turn, LONG, ending(turn))
    await answered(stage, other, "Another one.", ending(other))
    found = await find(stage, turn)
    assert (found.turn.reply_ids, found.turn.text) == (ids, LONG)
    assert found.end == StandingEnd(state=TurnState.COMPLETE)


async def test_one_that_grew_is_found_with_all_of_its_text_and_no_end(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, LONG, None)
    found = await find(stage, replace(turn, reply_ids=ids[:1], text=LONG[:100]))
    assert (found.turn.reply_ids, squeezed(found.turn.text), found.end) == (ids, squeezed(LONG), None)


async def test_an_answer_that_came_as_a_file_is_read_from_there(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, ENDLESS, ending(turn))
    found = await find(stage, replace(turn, reply_ids=ids, text=ENDLESS[:5000]))
    assert found.turn.text == ENDLESS
    assert found.end == StandingEnd(state=TurnState.COMPLETE)


async def test_a_warning_of_the_model_s_own_is_part_of_the_answer(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    text = "Do this.\n\n⚠️ Never do that."
    await answered(stage, turn, text, ending(turn))
    found = await find(stage, turn)
    assert (found.turn.text, found.end) == (text, StandingEnd(state=TurnState.COMPLETE))


async def test_the_version_before_is_not_taken_for_the_one_that_was_under_way(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, "The first answer.", ending(turn))
    again = replace(turn, version=2, reply_ids=ids)
    found = await find(stage, again)
    assert (found.turn.text, found.end) == ("", None)
    await answered(stage, again, "The second answer.", ending(again), ids=ids)
    found = await find(stage, again)
    assert (found.turn.text, found.end) == ("The second answer.", StandingEnd(state=TurnState.COMPLETE))


async def test_what_stands_behind_a_version_that_grows_is_not_its_text(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, LONG, ending(turn))
    again = replace(turn, version=2, reply_ids=ids)
    await answered(stage, again, "Half of the second", None, ids=ids)
    found = await find(stage, again)
    assert (found.turn.text, found.turn.reply_ids, found.end) == ("Half of the second", ids, None)


async def test_where_the_history_may_not_be_read_what_is_known_is_asked_for_itself(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, LONG, ending(turn))
    before = [message.content for message in stage.world.channels[turn.channel_id].messages.values()]
    stage.local.faults.add(Fault(method="GET", path="/messages", status=403))
    found = await find(stage, replace(turn, reply_ids=ids, text=LONG[:50]))
    assert (found.turn.text, found.end) == (LONG, StandingEnd(state=TurnState.COMPLETE))
    assert [message.content for message in stage.world.channels[turn.channel_id].messages.values()] == before


async def test_a_reply_that_is_no_more_among_the_newest_is_found(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    (only,) = await answered(stage, turn, "Hi there.", ending(turn))
    for number in range(101):
        await stage.world.say(stage.world.person("bob"), stage.world.channel("general"), str(number))
    found = await find(stage, replace(turn, reply_ids=(only,), text="Hi"))
    assert (found.turn.text, found.end, found.unread) == ("Hi there.", StandingEnd(state=TurnState.COMPLETE), False)


async def test_where_discord_is_away_it_is_said_that_more_may_stand(stage: Stage) -> None:
    turn = orphan(await asked(stage))
    ids = await answered(stage, turn, "Hi there.", ending(turn))
    stage.local.faults.add(Fault(path="/messages", reset=True))
    found = await find(stage, replace(turn, reply_ids=ids, text="Hi"))
    assert found == FoundTurn(turn=replace(turn, reply_ids=ids, text="Hi"), unread=True)
