"""Buttons: who may press which, in which state of a turn, and what comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import Failure, Finish, FinishReason, PictureUrl, TextDelta
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.reply.controls import DRAWING_ACTIONS, Action, PressRefusal
from bot.domain.reply.ending import Ending
from bot.domain.turn.ask import Source
from bot.domain.turn.record import ProblemKind, Turn, TurnState
from bot.errors import ErrorKind, ProviderError, Refusal, Shortage, StorageError, Trouble
from bot.services.reply.again import ask_of
from bot.services.turn.presses import Press
from tests.fakes.answers import endless, hello, hello_when
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.clock import START, settle
from tests.fakes.houses.house import House, cancel, kept_turn
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
HELLO = (TextDelta(text="Hello!"), DONE)
ENDED = [state for state in TurnState if state.final]


def press(
    action: Action, *, user: User = ANN, place: Place = HERE, manages: bool = False, turn_id: int = 5000
) -> Press:
    return Press(action=action, turn_id=turn_id, user=user, place=place, manages_messages=manages)


class Panel(House):
    """A house with buttons."""

    def __init__(self) -> None:
        super().__init__(side_by_side=9)

    async def push(self, wanted: Press) -> PressRefusal | Refusal | Shortage | None:
        return await self.control().press(wanted, self.sink_for)


@pytest.fixture
def panel() -> Panel:
    return Panel()


# --- who and when --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.DRAW])
async def test_only_the_asker_and_those_who_manage_messages_may(panel: Panel, action: Action) -> None:
    panel.keep_turn(kept_turn(version=2), "older")
    before = dict(panel.turns.turns)
    assert await panel.push(press(action, user=BOB)) is PressRefusal.NOT_YOURS
    assert panel.turns.turns == before
    assert panel.sinks == []
    panel.model.script(*HELLO)
    refusal = await panel.push(press(action, user=BOB, manages=True))
    over = {Action.STOP, Action.NEXT} | DRAWING_ACTIONS  # the last ones make a new card, which is not done here
    assert refusal is (PressRefusal.OVER if action in over else None)


@pytest.mark.parametrize("action", Action)
async def test_what_is_not_known_there_is_told(panel: Panel, action: Action) -> None:
    assert await panel.push(press(action)) is PressRefusal.UNKNOWN
    panel.keep_turn(kept_turn())
    elsewhere = Place(channel_id=7, guild_id=1)
    assert await panel.push(press(action, place=elsewhere, manages=True)) is PressRefusal.UNKNOWN
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]


@pytest.mark.parametrize("action", [action for action in Action if action not in (Action.STOP, Action.DELETE)])
async def test_nothing_comes_back_of_a_turn_that_was_forgotten(panel: Panel, action: Action) -> None:
    panel.keep_turn(kept_turn(version=2), "older")
    await panel.turns.forget((5000,))
    assert await panel.push(press(action)) is PressRefusal.UNKNOWN
    assert panel.sinks == []


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.STOP])
@pytest.mark.parametrize("state", [TurnState.QUEUED, TurnState.STREAMING])
async def test_the_others_wait_for_the_end_of_a_turn_under_way(panel: Panel, action: Action, state: TurnState) -> None:
    panel.keep_turn(kept_turn(state=state))
    assert await panel.push(press(action)) is PressRefusal.UNDER_WAY
    assert panel.sinks == []


@pytest.mark.parametrize("state", TurnState)
async def test_stop_has_nothing_to_stop_where_the_turn_is_not_under_way_here(panel: Panel, state: TurnState) -> None:
    panel.keep_turn(kept_turn(state=state))
    assert await panel.push(press(Action.STOP)) is PressRefusal.OVER


async def test_stop_under_an_answer_that_has_ended_shows_how_it_did(panel: Panel) -> None:
    kept = kept_turn(state=TurnState.STOPPED, text="Half of it")
    panel.keep_turn(kept)
    assert await panel.push(press(Action.STOP)) is PressRefusal.OVER
    (sink,) = panel.sinks
    assert sink.reply.text == "Half of it"
    assert sink.reply.ending.state is TurnState.STOPPED
    assert panel.turns.turns[kept.id].text == "Half of it"


async def test_stop_under_a_picture_does_not_wipe_it_away(panel: Panel) -> None:
    panel.keep_turn(kept_turn(state=TurnState.COMPLETE, text=""))
    assert await panel.push(press(Action.STOP)) is PressRefusal.OVER
    assert panel.sinks == []


async def test_a_second_press_on_stop_leaves_the_pictures_that_came(panel: Panel) -> None:
    turn = kept_turn(state=TurnState.STOPPED, text="", mode=Mode.DRAW)
    panel.keep_turn(turn)
    panel.drawings.drawings[turn.id, 0] = Drawing(
        turn_id=turn.id,
        index=0,
        channel_id=turn.channel_id,
        message_id=9000,
        prompt="a fox",
        parameters=DrawingParameters(),
        filename="a.png",
        created_at=START,
    )
    assert await panel.push(press(Action.STOP)) is PressRefusal.OVER
    assert panel.sinks == []


async def test_a_database_that_is_gone_is_told(panel: Panel) -> None:
    panel.fail()
    with pytest.raises(StorageError):
        await panel.push(press(Action.RETRY))


@pytest.mark.parametrize("action", [Action.RETRY, Action.CONTINUE, Action.DELETE])
async def test_a_database_that_takes_nothing_is_told_and_the_reply_stands(panel: Panel, action: Action) -> None:
    panel.keep_turn(kept_turn(reason=FinishReason.LENGTH))
    panel.turns.locked = panel.history.locked = True
    with pytest.raises(StorageError):
        await panel.push(press(action))
    assert not [sink for sink in panel.sinks if sink.replies]
    assert len(await panel.services.records._stores.history.recent(1000, limit=9)) == 2
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]


# --- stop ----------------------------------------------------------------------------------------------------------


async def test_stop_ends_the_answer_and_keeps_its_text(panel: Panel) -> None:
    sink = FakeSink()
    task = asyncio.create_task(panel.runner.run(ask(), sink, endless))
    await settle()
    assert await panel.push(press(Action.STOP, user=BOB)) is PressRefusal.NOT_YOURS
    assert await panel.push(press(Action.STOP)) is None
    await task
    assert sink.reply.outcome == Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED)
    assert panel.turns.turns[5000].text == "Half"


async def test_a_press_at_the_very_end_waits_for_the_turn_to_be_closed(panel: Panel) -> None:
    sink = FakeSink(prepare=lambda reply: reply.finish_open.clear())
    task = asyncio.create_task(panel.runner.run(ask(), sink, hello))
    await settle()
    pressed = asyncio.create_task(panel.push(press(Action.DELETE)))
    await settle()
    assert not pressed.done()
    sink.reply.finish_open.set()
    assert await pressed is None
    await task
    assert panel.reply.discarded


async def test_a_press_does_not_wait_for_ever(panel: Panel) -> None:
    task = asyncio.create_task(panel.runner.run(ask(), FakeSink(), endless))
    await settle()
    assert await panel.push(press(Action.DELETE)) is PressRefusal.UNDER_WAY
    assert asyncio.get_running_loop().time() < 5
    await cancel(task)


# --- another answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ENDED)
async def test_retry_answers_anew_in_the_same_messages(panel: Panel, state: TurnState) -> None:
    panel.keep_turn(kept_turn(state=state, locale="zh-CN", parent_id=77))
    panel.model.script(*HELLO)
    assert await panel.push(press(Action.RETRY, user=BOB, manages=True)) is None
    ((asked, version, reply_ids),) = panel.opened
    assert (version, reply_ids) == (2, (9000,))
    assert panel.reply.options.message_ids == (9000,)
    # It stays the asker's question, in the asker's language, in the thread where it was asked.
    assert (asked.user.id, asked.text, asked.place.locale, asked.place.parent_id) == (11, "hello", "zh-CN", 77)
    assert (panel.turns.turns[5000].text, panel.turns.turns[5000].version) == ("Hello!", 2)
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hello!")]


async def test_the_number_of_a_further_answer_is_never_given_twice(panel: Panel) -> None:
    panel.keep_turn(kept_turn(version=1), "a", "b")  # the first of three versions stands
    panel.model.script(*HELLO)
    await panel.push(press(Action.RETRY))
    assert [opened[1] for opened in panel.opened] == [4]
    assert panel.turns.turns[5000].version == 4


async def test_a_command_s_question_is_drawn_or_answered_as_it_was_asked(panel: Panel) -> None:
    panel.keep_turn(kept_turn(mode=Mode.DRAW, source=Source.INTERACTION, prompt="a fox"))
    panel.model.script(PictureUrl(url="http://h/1"), DONE)
    assert await panel.push(press(Action.RETRY)) is None
    assert panel.model.requests[-1].mode is Mode.DRAW
    assert panel.opened[0][0].source is Source.INTERACTION
    assert len(panel.reply.ending.pictures) == 1


async def test_continue_goes_on_behind_the_text(panel: Panel) -> None:
    panel.keep_turn(kept_turn(text="Once upon", reason=FinishReason.LENGTH))
    panel.model.script(TextDelta(text=" a time"), DONE)
    assert await panel.push(press(Action.CONTINUE)) is None
    assert panel.reply.text == "Once upon a time"
    assert (panel.turns.turns[5000].text, panel.turns.turns[5000].version) == ("Once upon a time", 2)


BROKE_OFF = [
    kept_turn(text="Once upon", reason=FinishReason.CUT),
    *(
        kept_turn(text="Once upon", state=TurnState.FAILED, error_kind=kind)
        for kind in (ErrorKind.TRUNCATED, ErrorKind.NETWORK, ErrorKind.TIMEOUT_IDLE, ErrorKind.OVERLOADED)
    ),
    kept_turn(text="Once upon", state=TurnState.INTERRUPTED, error_kind=Trouble.INTERRUPTED),
]


@pytest.mark.parametrize("turn", BROKE_OFF, ids=lambda turn: str(turn.error_kind or turn.reason))
@pytest.mark.parametrize("source", Source)
async def test_continue_goes_on_behind_an_answer_that_broke_off(panel: Panel, turn: Turn, source: Source) -> None:
    panel.keep_turn(replace(turn, source=source))
    panel.restart()
    panel.model.script(TextDelta(text=" a time"), DONE)
    assert await panel.push(press(Action.CONTINUE)) is None
    assert panel.reply.text == "Once upon a time"
    assert panel.model.requests[-1].messages[-2].content == "Once upon"
    ended = panel.turns.turns[5000]
    assert (ended.text, ended.version, ended.state) == ("Once upon a time", 2, TurnState.COMPLETE)
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Once upon a time")]


async def test_an_answer_that_could_not_go_on_can_still_go_on_later(panel: Panel) -> None:
    panel.keep_turn(kept_turn(text="Once upon", reason=FinishReason.CUT))
    panel.model.script(Failure(error=ProviderError(ErrorKind.OVERLOADED)))
    assert await panel.push(press(Action.CONTINUE)) is None
    assert panel.reply.text == panel.turns.turns[5000].text == "Once upon"
    assert panel.reply.ending.controls is not None
    assert Action.CONTINUE in panel.reply.ending.controls.actions


@pytest.mark.parametrize("second", [Action.RETRY, Action.CONTINUE, Action.DELETE, Action.PREVIOUS])
async def test_two_presses_at_once_do_one_thing(panel: Panel, second: Action) -> None:
    panel.keep_turn(kept_turn(version=2), "older")
    panel.model.script(TextDelta(text="Hel"), 30.0, *HELLO)
    first = asyncio.create_task(panel.push(press(Action.RETRY)))
    await settle()
    assert await panel.push(press(second)) is PressRefusal.UNDER_WAY
    assert await first is None
    assert len(panel.sinks) == 1
    assert panel.turns.turns[5000].version == 3


async def test_what_is_under_way_in_a_retry_can_be_stopped(panel: Panel) -> None:
    panel.keep_turn(kept_turn())
    panel.model.script(TextDelta(text="Hel"), 30.0, DONE)
    retry = asyncio.create_task(panel.push(press(Action.RETRY)))
    await settle()
    assert await panel.push(press(Action.STOP)) is None
    assert await retry is None
    assert panel.reply.outcome.problem is Trouble.STOPPED
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hel")]


async def test_a_retry_that_finds_the_channel_full_says_so_in_its_message() -> None:
    panel = Panel()
    panel.coordinator = type(panel.coordinator)(side_by_side=1, waiting=0)
    panel.restart()
    panel.keep_turn(kept_turn())
    other = asyncio.create_task(panel.runner.run(ask(1), FakeSink(), hello_when(go := asyncio.Event())))
    await settle()
    assert await panel.push(press(Action.RETRY)) is None
    assert panel.reply.outcome.state is TurnState.FAILED
    assert panel.turns.turns[5000].state is TurnState.FAILED
    go.set()
    await other


# --- versions ------------------------------------------------------------------------------------------------------


async def test_versions_are_turned_to_and_fro(panel: Panel) -> None:
    panel.keep_turn(kept_turn(text="third", version=3, reply_ids=(9000, 9001)), "first", "second")
    assert await panel.push(press(Action.PREVIOUS)) is None
    assert panel.opened[-1][1:] == (2, (9000, 9001))
    assert panel.reply.options.message_ids == (9000, 9001)
    assert (panel.reply.text, panel.turns.turns[5000].version, panel.turns.turns[5000].text) == ("second", 2, "second")
    assert panel.said[-1] == (Role.ASSISTANT, "second")
    controls = panel.reply.ending.controls
    assert controls is not None
    assert (controls.version, controls.versions) == (2, 3)
    assert await panel.push(press(Action.NEXT)) is None
    assert panel.reply.text == "third"
    assert panel.said[-1] == (Role.ASSISTANT, "third")
    assert [version.text for version in await panel.turns.versions(5000)] == ["first", "second", "third"]


@pytest.mark.parametrize(("action", "version"), [(Action.PREVIOUS, 1), (Action.NEXT, 3)])
async def test_there_is_nothing_before_the_first_and_behind_the_last(
    panel: Panel, action: Action, version: int
) -> None:
    panel.keep_turn(kept_turn(version=version), "first", "second")
    assert await panel.push(press(action)) is PressRefusal.OVER
    assert panel.sinks == []


@pytest.mark.parametrize(
    ("turn", "problem"),
    [
        (kept_turn(state=TurnState.STOPPED), Trouble.STOPPED),
        (kept_turn(state=TurnState.INTERRUPTED), Trouble.INTERRUPTED),
        (kept_turn(state=TurnState.FAILED), Trouble.INTERNAL),
        (kept_turn(state=TurnState.FAILED, error_kind=ErrorKind.NETWORK), ErrorKind.NETWORK),
        (kept_turn(state=TurnState.FAILED, error_kind=Refusal.FORBIDDEN_WORD, text=""), Refusal.FORBIDDEN_WORD),
        (kept_turn(state=TurnState.FAILED, error_kind=Trouble.QUOTA_THEN, text=""), Trouble.QUOTA_THEN),
        (kept_turn(error_kind=DrawingDenial.SWITCHED_OFF, text=""), DrawingDenial.SWITCHED_OFF),
        (kept_turn(reason=FinishReason.LENGTH), None),
        (kept_turn(reason=FinishReason.CUT), None),
        (kept_turn(state=TurnState.FAILED, error_kind=ErrorKind.QUOTA), ErrorKind.QUOTA),
    ],
    ids=repr,
)
async def test_a_version_ends_as_it_ended(panel: Panel, turn: Turn, problem: ProblemKind | None) -> None:
    panel.keep_turn(turn, "older", "and older")  # all of them as the turn has ended; the first stands
    assert await panel.push(press(Action.NEXT)) is None
    ending = panel.reply.ending
    assert (ending.state, ending.reason) == (turn.state, turn.reason)
    assert (ending.problem.kind if isinstance(ending.problem, ProviderError) else ending.problem) == problem
    assert ending.controls is not None
    cut = turn.reason in (FinishReason.LENGTH, FinishReason.CUT)
    broke_off = problem in (Trouble.INTERRUPTED, Trouble.INTERNAL, ErrorKind.NETWORK)
    assert (Action.CONTINUE in ending.controls.actions) is (cut or broke_off)


async def test_an_offer_that_is_shown_again_can_be_taken(panel: Panel) -> None:
    panel.keep_turn(kept_turn(error_kind=DrawingDenial.CONFIRM, text=""), "older")
    assert await panel.push(press(Action.NEXT)) is None
    assert panel.reply.ending.problem is DrawingDenial.CONFIRM
    assert panel.reply.ending.controls is not None
    assert Action.DRAW in panel.reply.ending.controls.actions


async def test_the_history_follows_to_a_version_without_words_and_back(panel: Panel) -> None:
    panel.keep_turn(kept_turn(text="second", version=2, state=TurnState.STOPPED), "")
    await panel.push(press(Action.PREVIOUS))
    assert panel.said == [(Role.USER, "hello")]
    await panel.push(press(Action.NEXT))
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "second")]


async def test_a_version_with_nothing_in_it_is_passed_over(panel: Panel) -> None:
    panel.keep_turn(kept_turn(text="third", version=3), "first", "")
    assert await panel.push(press(Action.PREVIOUS)) is None
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "first")]
    assert await panel.push(press(Action.PREVIOUS)) is PressRefusal.OVER


async def test_a_version_that_discord_does_not_take_stands_in_the_database_all_the_same(panel: Panel) -> None:
    def refuse(reply: FakeReply) -> None:
        reply.takes = False

    panel.prepare = refuse
    panel.keep_turn(kept_turn(text="second", version=2), "first")
    assert await panel.push(press(Action.PREVIOUS)) is None
    assert panel.turns.turns[5000].version == 1


# --- delete --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ENDED)
async def test_delete_takes_the_answer_out_of_channel_history_and_memory(panel: Panel, state: TurnState) -> None:
    panel.keep_turn(kept_turn(state=state, version=2, reply_ids=(9000, 9001)), "older")
    assert await panel.push(press(Action.DELETE)) is None
    assert panel.reply.options.message_ids == (9000, 9001)
    assert panel.reply.discarded
    assert panel.said == [(Role.USER, "hello")]
    assert panel.turns.turns[5000].text == ""
    assert {version.text for version in await panel.turns.versions(5000)} == {""}
    assert await panel.push(press(Action.RETRY)) is PressRefusal.UNKNOWN


async def test_delete_takes_a_command_s_question_with_it_which_stood_above_the_answer(panel: Panel) -> None:
    panel.keep_turn(kept_turn(source=Source.INTERACTION))
    assert await panel.push(press(Action.DELETE)) is None
    assert panel.said == []


@pytest.mark.parametrize("takes", ["history", "nothing"])
async def test_nothing_is_taken_off_discord_that_could_not_be_deleted(panel: Panel, takes: str) -> None:
    panel.keep_turn(kept_turn())
    panel.turns.locked, panel.history.locked = True, takes == "nothing"
    with pytest.raises(StorageError):
        await panel.push(press(Action.DELETE))
    assert not [sink for sink in panel.sinks if sink.replies]
    panel.turns.locked = panel.history.locked = False
    assert await panel.push(press(Action.DELETE)) is None
    assert panel.reply.discarded


async def test_a_message_that_stands_after_its_turn_was_forgotten_can_be_deleted(panel: Panel) -> None:
    panel.keep_turn(kept_turn())
    await panel.turns.forget((5000,))
    assert await panel.push(press(Action.DELETE)) is None
    assert panel.reply.discarded


async def test_what_can_not_all_be_taken_away_is_not_forgotten(panel: Panel) -> None:
    panel.keep_turn(kept_turn(reply_ids=(9000, 9001)))
    sink = FakeSink()
    sink.in_reach = False
    assert await panel.control().press(press(Action.DELETE), lambda *_: sink) is PressRefusal.OUT_OF_REACH
    assert sink.replies == []
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]
    assert panel.turns.turns[5000].prompt == "hello"


async def test_what_stands_after_all_is_told_to_the_one_who_wants_it_deleted(panel: Panel) -> None:
    panel.keep_turn(kept_turn())

    def refuse(reply: FakeReply) -> None:
        reply.takes = False

    sink = FakeSink(prepare=refuse)
    assert await panel.control().press(press(Action.DELETE), lambda *_: sink) is PressRefusal.OUT_OF_REACH
    assert panel.said == [(Role.USER, "hello"), (Role.ASSISTANT, "Hi")]
    assert panel.turns.turns[5000].prompt == "hello"


async def test_what_is_being_deleted_does_not_go_along_with_what_is_asked_meanwhile(panel: Panel) -> None:
    panel.keep_turn(kept_turn())
    line = panel.history.messages[1000, 9000]
    hidden: list[bool] = []

    def look(_: FakeReply) -> None:
        hidden.append(panel.services.backlog.hides(line))

    sink = FakeSink(prepare=look)
    assert await panel.control().press(press(Action.DELETE), lambda *_: sink) is None
    assert hidden == [True]
    assert not panel.services.backlog.hides(line)


def test_a_turn_is_asked_again_as_it_was_asked() -> None:
    turn = kept_turn(mode=Mode.DRAW, source=Source.INTERACTION, locale="zh-CN", parent_id=3)
    asked = ask_of(turn, Place(channel_id=1000, guild_id=1, locale="en-US", can_attach=False))
    assert (asked.id, asked.mode, asked.text, asked.user) == (5000, Mode.DRAW, "hello", ANN)
    assert (asked.place.locale, asked.place.parent_id, asked.place.can_attach) == ("zh-CN", 3, False)
    assert (asked.source, asked.created_at) == (Source.INTERACTION, turn.created_at)
