"""Whether a picture may be made, and whether the first call makes it."""

from __future__ import annotations

import pytest

from bot.domain.drawing.denial import DrawingDenial, drawing_denial, draws_at_once
from bot.domain.people import Place
from bot.domain.settings.choices import IntentCheck

OFF, CANNOT = DrawingDenial.SWITCHED_OFF, DrawingDenial.CANNOT_ATTACH


@pytest.mark.parametrize(
    ("can_attach", "allowed", "denial"),
    [(True, True, None), (False, True, CANNOT), (True, False, OFF), (False, False, OFF)],
)
def test_what_speaks_against_a_drawing(can_attach: bool, allowed: bool, denial: DrawingDenial | None) -> None:
    assert drawing_denial(Place(channel_id=1, can_attach=can_attach), allowed=allowed) is denial


@pytest.mark.parametrize(("allowed", "denial"), [(True, DrawingDenial.NOT_SET_UP), (False, OFF)])
def test_an_endpoint_that_is_not_set_up_draws_nothing(allowed: bool, denial: DrawingDenial) -> None:
    assert drawing_denial(Place(channel_id=1, can_attach=False), allowed=allowed, draws=False) is denial


@pytest.mark.parametrize(
    ("denial", "mode", "can_check", "at_once"),
    [
        (None, IntentCheck.AUTO, True, True),
        (None, IntentCheck.NEVER, True, True),
        (None, IntentCheck.ALWAYS, True, False),
        (None, IntentCheck.ALWAYS, False, True),
        (OFF, IntentCheck.AUTO, True, False),
        (OFF, IntentCheck.NEVER, True, False),
        (CANNOT, IntentCheck.ALWAYS, False, False),
    ],
)
def test_what_the_first_call_says(
    denial: DrawingDenial | None, mode: IntentCheck, can_check: bool, at_once: bool
) -> None:
    assert draws_at_once(denial, mode, can_check=can_check) is at_once
