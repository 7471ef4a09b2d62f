"""The ids of a drawing's forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.people import LARGEST_ID

_FORM_ID = re.compile(
    r"draw:(?P<step>[a-z]+):(?P<turn>[0-9]{1,20}):(?P<message>[0-9]{1,20})(?::(?=[psn])(?P<private>p?)(?P<spoiler>[sn]?))?"
)
_SPOILERS = {"": None, "s": True, "n": False}


class FormStep(StrEnum):
    """What a form about a drawing does, or a button under one that is shown."""

    VARY = "vary"
    EDIT = "edit"
    SIZE = "size"
    UPSCALE = "upscale"
    """These are filled in and sent."""
    REFILL = "refill"
    """Open the form again with what stands in the message."""
    REDRAW = "redraw"
    """Draw what stands in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormId:
    """What a form is known by. ``turn_id`` is the drawing's that it is about, ``message_id`` its card; 0 is none.

    ``private`` and ``spoiler`` are what was asked of a drawing that has no card yet: no form has a field for them.
    """

    step: FormStep
    turn_id: int = 0
    message_id: int = 0
    private: bool = False
    spoiler: bool | None = None


def form_id(form: FormId) -> str:
    """Write what a form is known by, at most 100 characters."""
    asked = ("p" if form.private else "") + {None: "", True: "s", False: "n"}[form.spoiler]
    return f"draw:{form.step.value}:{form.turn_id}:{form.message_id}{asked and f':{asked}'}"


def parse_form_id(text: str) -> FormId | None:
    """Read a form's id; None where it is none."""
    match = _FORM_ID.fullmatch(text)
    if match is None or match["step"] not in set(FormStep):
        return None
    turn_id, message_id = int(match["turn"]), int(match["message"])
    if max(turn_id, message_id) > LARGEST_ID:
        return None
    return FormId(
        step=FormStep(match["step"]),
        turn_id=turn_id,
        message_id=message_id,
        private=bool(match["private"]),
        spoiler=_SPOILERS[match["spoiler"] or ""],
    )
