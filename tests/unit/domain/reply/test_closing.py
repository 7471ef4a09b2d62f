"""How a reply is closed, for everything that may come of a turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.plan import DrawingCard, DrawPlan
from bot.domain.model.events import FinishReason
from bot.domain.model.request import Mode
from bot.domain.picture.files import KeptPicture, PictureFile
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.reply.closing import Close, Drawn, decide
from bot.domain.reply.controls import Action
from bot.domain.reply.ending import Ending, Problem
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, Holder, ProviderError, Refusal, Resource, Shortage, StopReason, Trouble
from tests.fakes.asks import ask
from tests.fakes.clock import START

SHORTAGE = Shortage(resource=Resource.CALLS, holder=Holder.PERSON, limit=3, left=0, resets_at=START)
COMPLETE = Ending(state=TurnState.COMPLETE)
FILE = PictureFile(filename="drawing-1.png", alt="a fox", picture=KeptPicture(path=Path("a.png")))
CARD = DrawingCard(
    prompt="a fox",
    pictures=(DrawingParameters(),),
    asker_id=11,
    took_s=2.0,
    plan=DrawPlan(pictures=(DrawingParameters(),)),
)
DRAWN = Drawn(pictures=(FILE,), card=CARD)


def failed(problem: Problem) -> Ending:
    return Ending(state=TurnState.FAILED, problem=problem)


@pytest.mark.parametrize(
    ("outcome", "gone", "how", "state", "problem"),
    [
        (COMPLETE, False, Close.FINISH, TurnState.COMPLETE, None),
        (failed(Trouble.INTERNAL), False, Close.FINISH, TurnState.FAILED, Trouble.INTERNAL),
        (failed(Refusal.BUSY), False, Close.FINISH, TurnState.FAILED, Refusal.BUSY),
        (StopReason.ASKED, False, Close.FINISH, TurnState.STOPPED, Trouble.STOPPED),
        (StopReason.TOKEN_ENDING, False, Close.FINISH, TurnState.STOPPED, Trouble.TOKEN_ENDING),
        (StopReason.PROMPT_EDITED, False, Close.KEEP, TurnState.STOPPED, Trouble.STOPPED),
        (StopReason.REPLY_LOST, False, Close.FINISH, TurnState.FAILED, Trouble.UNWRITABLE),
        (StopReason.REPLY_LOST, True, Close.DISCARD, TurnState.STOPPED, Trouble.STOPPED),
        (StopReason.REPLY_DELETED, False, Close.DISCARD, TurnState.STOPPED, Trouble.STOPPED),
        (StopReason.PROMPT_DELETED, False, Close.DISCARD, TurnState.STOPPED, Trouble.STOPPED),
        (COMPLETE, True, Close.FINISH, TurnState.COMPLETE, None),
    ],
)
def test_what_comes_of_a_turn_decides_how_its_reply_is_closed(
    outcome: Ending | StopReason, gone: bool, how: Close, state: TurnState, problem: Problem | None
) -> None:
    closing = decide(ask(), outcome, Drawn(), version=1, gone=gone)
    assert (closing.how, closing.ending.state, closing.ending.problem) == (how, state, problem)


@pytest.mark.parametrize(
    ("problem", "how"),
    [
        (Refusal.BUSY, Close.SILENCE),
        (SHORTAGE, Close.SILENCE),
        (Trouble.STORAGE, Close.FINISH),
        (ProviderError(ErrorKind.NETWORK), Close.FINISH),
        (None, Close.FINISH),
    ],
)
def test_nobody_who_asked_nothing_is_refused_anything(problem: Problem | None, how: Close) -> None:
    outcome = replace(COMPLETE, problem=problem)
    assert decide(ask(overheard=True), outcome, Drawn(), version=1).how is how
    assert decide(ask(), outcome, Drawn(), version=1).how is Close.FINISH


def test_every_reason_to_stop_is_decided() -> None:
    decided = {reason: decide(ask(), reason, Drawn(), version=1).how for reason in StopReason}
    assert len(decided) == len(StopReason)


@pytest.mark.parametrize(
    ("outcome", "delivered"),
    [
        (failed(Trouble.INTERNAL), True),
        (StopReason.ASKED, True),
        (StopReason.TOKEN_ENDING, True),
        (StopReason.PROMPT_EDITED, False),
        (StopReason.REPLY_DELETED, False),
        (StopReason.PROMPT_DELETED, False),
    ],
)
def test_pictures_that_were_made_are_delivered_if_there_is_a_reply(
    outcome: Ending | StopReason, delivered: bool
) -> None:
    ending = decide(ask(), outcome, DRAWN, version=1).ending
    assert (ending.pictures, ending.card) == (((FILE,), CARD) if delivered else ((), None))


def test_the_pictures_of_an_ending_stay_as_they_are() -> None:
    other = replace(FILE, filename="other.png")
    outcome = replace(COMPLETE, pictures=(other,))
    assert decide(ask(), outcome, DRAWN, version=1).ending.pictures == (other,)


@pytest.mark.parametrize(
    ("outcome", "mode", "version", "actions"),
    [
        (COMPLETE, Mode.CHAT, 1, (Action.RETRY, Action.DELETE)),
        (COMPLETE, Mode.CHAT, 2, (Action.PREVIOUS, Action.NEXT, Action.RETRY, Action.DELETE)),
        (replace(COMPLETE, reason=FinishReason.LENGTH), Mode.CHAT, 1, (Action.RETRY, Action.CONTINUE, Action.DELETE)),
        (replace(COMPLETE, problem=DrawingDenial.CONFIRM), Mode.CHAT, 1, (Action.DRAW, Action.DELETE)),
        (failed(Trouble.INTERNAL), Mode.DRAW, 1, (Action.RETRY, Action.EDIT, Action.DELETE)),
        (failed(ProviderError(ErrorKind.DRAWING_FAILED)), Mode.CHAT, 1, (Action.RETRY, Action.EDIT, Action.DELETE)),
        (StopReason.ASKED, Mode.CHAT, 1, (Action.RETRY, Action.DELETE)),
    ],
)
def test_the_buttons_fit_the_ending(
    outcome: Ending | StopReason, mode: Mode, version: int, actions: tuple[Action, ...]
) -> None:
    controls = decide(ask(mode=mode), outcome, Drawn(), version=version).ending.controls
    assert controls is not None
    assert (controls.turn_id, controls.actions, controls.version) == (5000, actions, version)


@pytest.mark.parametrize(
    ("outcome", "mode", "goes_on"),
    [
        (replace(COMPLETE, reason=FinishReason.CUT), Mode.CHAT, True),
        (failed(ProviderError(ErrorKind.TIMEOUT_IDLE)), Mode.CHAT, True),
        (failed(ProviderError(ErrorKind.TIMEOUT_IDLE, drawing=True)), Mode.CHAT, False),
        (failed(ProviderError(ErrorKind.TIMEOUT_IDLE)), Mode.DRAW, False),
        (failed(ProviderError(ErrorKind.CONTENT_FILTERED)), Mode.CHAT, False),
        (StopReason.ASKED, Mode.CHAT, False),
        (COMPLETE, Mode.CHAT, False),
    ],
)
def test_words_that_broke_off_can_go_on(outcome: Ending | StopReason, mode: Mode, goes_on: bool) -> None:
    controls = decide(ask(mode=mode), outcome, Drawn(), version=1, written=True).ending.controls
    wordless = decide(ask(mode=mode), outcome, Drawn(), version=1).ending.controls
    assert controls is not None
    assert wordless is not None
    assert (Action.CONTINUE in controls.actions) is goes_on
    assert Action.CONTINUE not in wordless.actions
