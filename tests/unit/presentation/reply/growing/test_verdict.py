"""What is decided about a request that Discord did not take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.picture.files import PictureFile
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Trouble
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.reply.growing.verdict import (
    BACKOFF_S,
    FINAL_TRIES,
    LAST_TRIES_S,
    LONGEST_PAUSE_S,
    Retry,
    Situation,
    Step,
    Verdict,
    verdict,
    without_pictures,
)
from tests.fakes.model import picture

GROWING = Situation(ended=False)
ENDED = replace(GROWING, ended=True)
FIRST = {"making": True, "stands": False}
"""About the first message."""
NEXT = {"making": True}
"""About one that would come behind others."""
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
GONE, FORBIDDEN, OVER, TOO_LARGE, LOST, TEXT, COMPONENTS, FULL, ARCHIVED, REJECTED, PASSING = DeliveryFault
SOON, LATER = (Retry(after_s=after_s) for after_s in LAST_TRIES_S)
BACKOFF = Retry(after_s=BACKOFF_S[0])
ALWAYS: dict[DeliveryFault, Verdict] = {GONE: Step.GIVE_UP, OVER: Step.GIVE_UP, PASSING: BACKOFF}
"""What hardly depends on anything."""
TEXTS = (TEXT, REJECTED, COMPONENTS)


def told(step: Verdict, *faults: DeliveryFault) -> dict[DeliveryFault, Verdict]:
    return dict.fromkeys(faults, step)


STOPS = ALWAYS | told(Step.HOLD, *TEXTS) | told(Step.STOP, FORBIDDEN, ARCHIVED, FULL, TOO_LARGE, LOST)
ENDS = ALWAYS | told(Step.HOLD, *TEXTS) | told(SOON, FORBIDDEN, ARCHIVED) | told(Step.APART, FULL, TOO_LARGE, LOST)
APART = ENDS | told(Step.GIVE_UP, FORBIDDEN, ARCHIVED, FULL, TOO_LARGE, LOST)
HELD = ENDS | told(Step.WORDS_ALONE, *TEXTS)
ALONE = HELD | told(Step.APART, *TEXTS)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        # While it grows: what is refused stops the answer, unless it can go on without it.
        (GROWING, STOPS),
        (replace(GROWING, inherited=True), STOPS | {GONE: Step.FORGET}),
        (replace(GROWING, has_controls=True), STOPS | {COMPONENTS: Step.WITHOUT_CONTROLS}),
        (replace(GROWING, new_heading=True), STOPS | told(Step.WITHOUT_HEADING, *TEXTS)),
        (replace(GROWING, **FIRST), STOPS),
        (replace(GROWING, **NEXT), STOPS | told(Step.NO_MORE, FORBIDDEN, ARCHIVED, FULL)),
        # At its end: the text that stood, then less and less, then another way.
        (ENDED, ENDS),
        (replace(ENDED, inherited=True), ENDS | {GONE: Step.FORGET}),
        (replace(ENDED, has_controls=True), ENDS | {COMPONENTS: Step.WITHOUT_CONTROLS}),
        (replace(ENDED, has_files=True), ENDS | told(Step.WITHOUT_FILES, TOO_LARGE, LOST)),
        (
            replace(ENDED, has_files=True, tries=2),
            ENDS
            | told(Step.WITHOUT_FILES, TOO_LARGE, LOST, FORBIDDEN)
            | {ARCHIVED: Step.APART, PASSING: Retry(after_s=1.0)},
        ),
        (replace(ENDED, new_heading=True), ENDS | told(Step.WITHOUT_HEADING, *TEXTS)),
        (replace(ENDED, tries=2), ENDS | told(LATER, FORBIDDEN, ARCHIVED) | {PASSING: Retry(after_s=1.0)}),
        (replace(ENDED, tries=3), ENDS | told(Step.APART, FORBIDDEN, ARCHIVED) | {PASSING: Retry(after_s=2.0)}),
        (replace(ENDED, tries=FINAL_TRIES), ENDS | told(Step.APART, FORBIDDEN, ARCHIVED, PASSING)),
        (replace(ENDED, **FIRST), ENDS | told(Step.GIVE_UP, FULL, TOO_LARGE, LOST)),
        (
            replace(ENDED, **FIRST, tries=FINAL_TRIES),
            ENDS | told(Step.GIVE_UP, FORBIDDEN, ARCHIVED, FULL, TOO_LARGE, LOST, PASSING),
        ),
        (replace(ENDED, **NEXT), ENDS | told(Step.GIVE_UP, TOO_LARGE, LOST) | {FULL: Step.NO_MORE}),
        (
            replace(ENDED, **NEXT, tries=FINAL_TRIES),
            ENDS | told(Step.GIVE_UP, TOO_LARGE, LOST) | told(Step.NO_MORE, FORBIDDEN, ARCHIVED, FULL, PASSING),
        ),
        # The text that stood is refused as well.
        (replace(ENDED, held=True), HELD),
        (replace(ENDED, held=True, has_controls=True), HELD | told(Step.WITHOUT_CONTROLS, REJECTED, COMPONENTS)),
        (
            replace(ENDED, held=True, **NEXT),
            HELD | told(Step.NO_MORE, *TEXTS, FULL) | told(Step.GIVE_UP, TOO_LARGE, LOST),
        ),
        (
            replace(ENDED, held=True, limited=True, **NEXT, tries=FINAL_TRIES),
            HELD | told(Step.GIVE_UP, FORBIDDEN, ARCHIVED, FULL, TOO_LARGE, LOST, PASSING),
        ),
        (replace(ENDED, held=True, alone=True), ALONE),
        (
            replace(ENDED, held=True, alone=True, has_files=True),
            ALONE | told(Step.WITHOUT_FILES, TOO_LARGE, LOST, REJECTED),
        ),
        # No further message may be made: there is no other than those that stand.
        (replace(ENDED, limited=True), ENDS | told(Step.GIVE_UP, FULL, TOO_LARGE, LOST)),
        (
            replace(ENDED, limited=True, tries=FINAL_TRIES),
            ENDS | told(Step.GIVE_UP, FULL, TOO_LARGE, LOST, FORBIDDEN, ARCHIVED, PASSING),
        ),
        # The words stand apart: that was the last way.
        (replace(ENDED, apart=True, held=True, alone=True, **FIRST), APART | told(Step.GIVE_UP, *TEXTS)),
    ],
    ids=str,
)
def test_each_fault_in_each_situation(situation: Situation, expected: dict[DeliveryFault, Verdict]) -> None:
    decided = {fault: verdict(DeliveryError(fault, ""), situation) for fault in DeliveryFault}
    assert decided == expected


def test_whatever_is_refused_again_and_again_comes_to_an_end() -> None:
    """Each step is taken once: its situation is another."""
    for fault in DeliveryFault:
        situation, steps = replace(ENDED, has_files=True, has_controls=True, new_heading=True), 0
        while (step := verdict(DeliveryError(fault, ""), situation)) is not Step.GIVE_UP:
            steps += 1
            assert steps < 20
            situation = after(step, situation)


def after(step: Verdict, now: Situation) -> Situation:
    """The situation if a step did not help."""
    if isinstance(step, Retry):
        return replace(now, tries=now.tries + 1)
    changed: dict[Step, dict[str, bool]] = {
        Step.WITHOUT_FILES: {"has_files": False},
        Step.WITHOUT_CONTROLS: {"has_controls": False},
        Step.WITHOUT_HEADING: {"new_heading": False},
        Step.HOLD: {"held": True},
        Step.NO_MORE: {"limited": True, "making": False},
        Step.WORDS_ALONE: {"alone": True},
        Step.APART: {"apart": True, "making": True, "stands": False, "held": True},
    }
    return replace(now, **changed[step], tries=1)


@pytest.mark.parametrize(
    ("tries", "wants_s", "expected"),
    [
        (1, 0.0, Retry(after_s=0.5)),
        (2, 0.0, Retry(after_s=1.0)),
        (5, 0.0, Retry(after_s=8.0)),
        (99, 0.0, Retry(after_s=8.0)),
        (1, 4.0, Retry(after_s=4.0)),
        (5, 4.0, Retry(after_s=8.0)),
        (1, 3600.0, Retry(after_s=LONGEST_PAUSE_S)),
    ],
)
def test_how_long_discord_is_left_alone(tries: int, wants_s: float, expected: Verdict) -> None:
    error = DeliveryError(PASSING, "", retry_after_s=wants_s)
    assert verdict(error, replace(GROWING, tries=tries)) == expected


def test_a_growing_reply_is_not_given_up_while_discord_is_away() -> None:
    assert isinstance(verdict(DeliveryError(PASSING, ""), replace(GROWING, tries=99)), Retry)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (TOO_LARGE, ProviderError(ErrorKind.TOO_LARGE)),
        (LOST, ProviderError(ErrorKind.PICTURE_FETCH)),
        (FORBIDDEN, DrawingDenial.CANNOT_ATTACH),
    ],
)
def test_an_ending_without_its_pictures_says_why(fault: DeliveryFault, problem: DrawingDenial | ProviderError) -> None:
    drawn = without_pictures(Ending(state=TurnState.COMPLETE, pictures=(FOX,)), fault)
    assert drawn.pictures == ()
    assert str(drawn.problem) == str(problem)
    # A long answer's file is gone as well, which is no problem of the turn's.
    written = Ending(state=TurnState.FAILED, problem=Trouble.STOPPED)
    assert without_pictures(written, fault) is written
