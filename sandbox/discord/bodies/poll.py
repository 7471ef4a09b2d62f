"""The poll in the body of a message (Discord's documentation, "Poll Create Request Object")."""

from __future__ import annotations

from typing import Final

from sandbox.discord.protocol.forms import Fields
from sandbox.discord.state.posts import Poll, PollAnswer

QUESTION_CHARS: Final = 300
ANSWER_CHARS: Final = 55
ANSWERS: Final = 10
HOURS: Final = 768
_HOURS_BY_DEFAULT: Final = 24


def parse_poll(fields: Fields, now: float) -> Poll | None:
    """Return the poll that a body asks for, None where it asks for none; it ends its hours after `now`."""
    asked = fields.child("poll")
    if asked is None:
        return None
    question = asked.child("question", required=True)
    text = None if question is None else question.string("text", low=1, high=QUESTION_CHARS, required=True)
    answers = [
        _answer(one, number)
        for number, one in enumerate(asked.children("answers", low=1, high=ANSWERS, required=True), start=1)
    ]
    hours = asked.integer("duration", low=1, high=HOURS)
    asked.choice("layout_type", (1,))
    return Poll(
        question=text or "",
        answers=answers,
        expires_at=now + (hours or _HOURS_BY_DEFAULT) * 3_600,
        multiselect=asked.boolean("allow_multiselect"),
    )


def _answer(one: Fields, number: int) -> PollAnswer:
    media = one.child("poll_media", required=True)
    if media is None:
        return PollAnswer(id=number, text="")
    text = media.string("text", low=1, high=ANSWER_CHARS, required=True)
    emoji = media.child("emoji")
    name = None if emoji is None else emoji.string("name", high=32)
    return PollAnswer(id=number, text=text or "", emoji=name)
