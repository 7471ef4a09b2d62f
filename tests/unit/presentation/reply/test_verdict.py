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
from bot.presentation.reply.verdict import (
    BACKOFF_S,
    FINAL_TRIES,
    LONGEST_PAUSE_S,
    Retry,
    Situation,
    Step,
    Verdict,
    verdict,
    without_pictures,
)
from tests.fakes.model import picture

GROWING = Situation(inherited=False, ended=False, has_files=False, tries=1)
ENDED = replace(GROWING, ended=True)
WITH_FILES = replace(ENDED, has_files=True)
INHERITED = replace(GROWING, inherited=True)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
GONE, FORBIDDEN, OVER, TOO_LARGE, LOST, REJECTED, PASSING = DeliveryFault
FORGET, WITHOUT_FILES, GIVE_UP = Step
LASTING: dict[DeliveryFault, Verdict] = dict.fromkeys(DeliveryFault, GIVE_UP)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (GROWING, LASTING),
        (ENDED, LASTING),
        (
            WITH_FILES,
            dict.fromkeys(DeliveryFault, GIVE_UP) | dict.fromkeys((TOO_LARGE, FORBIDDEN, LOST), WITHOUT_FILES),
        ),
        (replace(WITH_FILES, ended=False), LASTING),
        (INHERITED, LASTING | {GONE: FORGET}),
        (replace(INHERITED, ended=True), LASTING | {GONE: FORGET}),
    ],
    ids=str,
)
def test_each_fault_in_each_situation(situation: Situation, expected: dict[DeliveryFault, Verdict]) -> None:
    decided = {fault: verdict(DeliveryError(fault, ""), situation) for fault in DeliveryFault}
    assert decided == expected | {PASSING: Retry(after_s=BACKOFF_S[0])}


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


@pytest.mark.parametrize("situation", [ENDED, WITH_FILES, replace(INHERITED, ended=True)], ids=str)
def test_an_end_is_given_up_after_its_last_try(situation: Situation) -> None:
    error = DeliveryError(PASSING, "")
    assert isinstance(verdict(error, replace(situation, tries=FINAL_TRIES - 1)), Retry)
    assert verdict(error, replace(situation, tries=FINAL_TRIES)) is GIVE_UP
    assert isinstance(verdict(error, replace(situation, ended=False, tries=FINAL_TRIES)), Retry)


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
