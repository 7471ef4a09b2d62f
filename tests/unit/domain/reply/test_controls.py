"""Which buttons stand under a reply, what they are known by, and who may press them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.form_id import FormId, FormStep, form_id, parse_form_id
from bot.domain.model.events import FinishReason
from bot.domain.reply.controls import (
    BROKEN_OFF,
    DRAWING_ACTIONS,
    Action,
    Controls,
    custom_id,
    ended_controls,
    may_press,
    parse_custom_id,
    running_controls,
)
from bot.domain.turn.record import ProblemKind, TurnState
from bot.errors import ErrorKind, Refusal, Trouble

LARGEST = 2**63 - 1
VERSIONS = (Action.PREVIOUS, Action.NEXT)


def ended(
    state: TurnState = TurnState.COMPLETE,
    reason: FinishReason = FinishReason.STOP,
    *,
    version: int = 1,
    versions: int = 1,
    **changes: Any,
) -> tuple[Action, ...]:
    plain = {"state": state, "reason": reason, "version": version, "versions": versions}
    controls = ended_controls(5, drawn=False, **{**plain, **changes})
    assert (controls.turn_id, controls.version, controls.versions) == (5, version, versions)
    return controls.actions


def drawn(**changes: Any) -> Controls:
    plain: dict[str, Any] = {"state": TurnState.COMPLETE, "reason": FinishReason.STOP, "version": 1, "versions": 1}
    return ended_controls(5, drawn=True, **{**plain, **changes})


def test_a_reply_that_grows_can_be_stopped_and_nothing_else() -> None:
    assert running_controls(5) == Controls(turn_id=5, actions=(Action.STOP,))


@pytest.mark.parametrize("state", [state for state in TurnState if state.final])
def test_every_reply_that_has_ended_can_be_had_anew_and_deleted(state: TurnState) -> None:
    assert ended(state) == (Action.RETRY, Action.DELETE)


def test_an_answer_that_was_cut_by_its_length_can_be_continued() -> None:
    assert ended(reason=FinishReason.LENGTH) == (Action.RETRY, Action.CONTINUE, Action.DELETE)
    for state in (TurnState.STOPPED, TurnState.FAILED, TurnState.INTERRUPTED):
        assert Action.CONTINUE not in ended(state, FinishReason.LENGTH)
    for reason in (FinishReason.STOP, FinishReason.FILTERED, FinishReason.UNKNOWN):
        assert Action.CONTINUE not in ended(reason=reason)


GOES_ON = (Action.RETRY, Action.CONTINUE, Action.DELETE)
PROBLEMS: list[ProblemKind] = [*ErrorKind, *Refusal, *Trouble, *DrawingDenial]


def test_an_answer_that_broke_off_can_be_continued() -> None:
    assert ended(reason=FinishReason.CUT, written=True) == GOES_ON
    assert Action.CONTINUE not in ended(reason=FinishReason.CUT)
    for state in (TurnState.FAILED, TurnState.INTERRUPTED):
        assert ended(state, problem=ErrorKind.TRUNCATED, written=True) == GOES_ON


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_an_answer_broke_off_for_says_whether_it_can_go_on(problem: ProblemKind) -> None:
    goes_on = Action.CONTINUE in ended(TurnState.FAILED, problem=problem, written=True)
    assert goes_on is (problem in BROKEN_OFF)
    assert Action.CONTINUE not in ended(TurnState.FAILED, problem=problem), "without a word there is nothing to go on"
    assert Action.CONTINUE not in ended(TurnState.STOPPED, problem=problem, written=True)
    assert Action.CONTINUE not in ended(TurnState.FAILED, problem=problem, written=True, drawing=True)


def test_going_on_helps_against_nothing_that_would_come_again() -> None:
    again = {
        ErrorKind.AUTHENTICATION,
        ErrorKind.PERMISSION,
        ErrorKind.QUOTA,
        ErrorKind.UNKNOWN_MODEL,
        ErrorKind.CONTENT_FILTERED,
        ErrorKind.TOO_LARGE,
        ErrorKind.TOO_LONG,
        ErrorKind.REGION,
        Trouble.STOPPED,
    }
    assert not again & BROKEN_OFF


def test_versions_are_turned_where_there_are_several() -> None:
    for version in (1, 2, 3):
        assert ended(version=version, versions=3) == (*VERSIONS, Action.RETRY, Action.DELETE)


CARD = (Action.AGAIN, Action.VARY, Action.EDIT, Action.SIZE, Action.UPSCALE, Action.DELETE)


def test_a_picture_is_not_drawn_over_but_makes_further_cards() -> None:
    assert drawn() == Controls(turn_id=5, actions=CARD, drawing=True)
    assert drawn(versions=2, state=TurnState.FAILED).actions == CARD
    assert drawn(larger=True).larger
    assert {*CARD} - {Action.DELETE} == DRAWING_ACTIONS


def test_a_card_has_no_button_that_its_endpoint_would_not_heed() -> None:
    assert drawn(honoured=frozenset()).actions == (Action.AGAIN, Action.EDIT, Action.DELETE)
    assert drawn(honoured=frozenset({"steps"})).actions == (Action.AGAIN, Action.VARY, Action.EDIT, Action.DELETE)
    assert Action.VARY not in drawn(honoured=frozenset({"size"})).actions


@pytest.mark.parametrize("state", [state for state in TurnState if state.final])
def test_a_drawing_without_a_picture_can_be_had_anew_and_changed(state: TurnState) -> None:
    found = ended_controls(5, state=state, reason=FinishReason.STOP, drawn=False, version=1, versions=1, drawing=True)
    assert found == Controls(turn_id=5, actions=(Action.RETRY, Action.EDIT, Action.DELETE), drawing=True)
    assert running_controls(5, drawing=True) == Controls(turn_id=5, actions=(Action.STOP,), drawing=True)


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.DRAW])
@pytest.mark.parametrize(
    ("user", "manages", "may"), [(1, False, True), (1, True, True), (2, False, False), (2, True, True)]
)
def test_the_asker_and_those_who_manage_messages_may_press(action: Action, user: int, manages: bool, may: bool) -> None:
    assert may_press(action, user_id=user, asker_id=1, manages_messages=manages) is may


def test_only_the_asker_agrees_to_a_price() -> None:
    assert may_press(Action.DRAW, user_id=1, asker_id=1, manages_messages=False)
    assert not may_press(Action.DRAW, user_id=2, asker_id=1, manages_messages=True, everyone=True)


def test_an_offer_takes_the_place_of_a_retry() -> None:
    controls = ended_controls(
        7, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1, offered=True
    )
    assert controls.actions == (Action.DRAW, Action.DELETE)


@pytest.mark.parametrize("action", Action)
def test_everyone_may_where_the_place_says_so_what_costs_the_asker_nothing(action: Action) -> None:
    may = may_press(action, user_id=2, asker_id=1, manages_messages=False, everyone=True)
    assert may is (action not in {Action.STOP, Action.DELETE, Action.RETRY, Action.CONTINUE, Action.DRAW})


@pytest.mark.parametrize("step", FormStep)
@pytest.mark.parametrize(("turn_id", "message_id"), [(0, 0), (5, 6), (LARGEST, LARGEST)])
def test_what_a_form_is_known_by_is_read_as_it_was_written(step: FormStep, turn_id: int, message_id: int) -> None:
    for private in (False, True):
        for spoiler in (None, False, True):
            form = FormId(step=step, turn_id=turn_id, message_id=message_id, private=private, spoiler=spoiler)
            assert parse_form_id(form_id(form)) == form
            assert parse_custom_id(form_id(form)) is None
            assert len(form_id(form)) <= 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "draw:edit:5",
        "draw:edit:5:",
        "draw:edit:-5:6",
        "draw:burn:5:6",
        "draw:edit:5:6:7",
        "draw:edit:5:6:",
        "draw:edit:5:6:sp",
        "draw:edit:5:6:sn",
        "draw:edit:5:6\n",
        "draw:EDIT:5:6",
        "reply:edit:5",
        f"draw:edit:{LARGEST + 1}:0",
        f"draw:edit:0:{LARGEST + 1}",
        "draw:edit:٥:6",
    ],
    ids=repr,
)
def test_what_is_no_form_is_not_taken_for_one(text: str) -> None:
    assert parse_form_id(text) is None


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("turn_id", [0, 5, LARGEST])
def test_what_a_button_is_known_by_is_read_as_it_was_written(action: Action, turn_id: int) -> None:
    written = custom_id(action, turn_id)
    assert parse_custom_id(written) == (action, turn_id)
    assert len(written) <= 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reply",
        "reply:stop",
        "reply:stop:",
        "reply:stop:-5",
        "reply:stop:5 ",
        " reply:stop:5",
        "reply:stop:5\n",
        "reply:stop:5:6",
        "reply:stop:٥",
        "reply:stop:0x5",
        "reply:stop:1e3",
        "reply:STOP:5",
        "reply:explode:5",
        "reply:version:5",
        "reply::5",
        "drawing:stop:5",
        f"reply:stop:{LARGEST + 1}",
        f"reply:stop:{'9' * 100}",
    ],
    ids=repr,
)
def test_what_is_no_button_of_a_reply_is_not_taken_for_one(text: str) -> None:
    assert parse_custom_id(text) is None
