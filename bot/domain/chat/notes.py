"""What a prompt tells beside what was said, in the language of the talk: that nothing was answered, what was drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.model.messages import Role
from bot.domain.page.graphemes import clip

DRAWING_CHARS = 1_200
"""How much of a drawing the note says: its prompt, shortened when it was kept, and the rest of its recipe."""

_LOOKED_AT_CHARS = 400
"""How much of each message says in which language it is."""
_CHINESE = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")
_WORD = re.compile(r"[^\W\d_\u3040-\u9fff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The notes of one language; ``{day}`` is a date, ``{recipe}`` what was drawn.

    ``here`` replaces the words of an answer that was a picture and nothing else.
    """

    no_answer: str
    drew: str
    drew_something: str
    here: str


ENGLISH = Notes(
    no_answer="[no answer was given]",
    drew="[A picture was drawn for this and sent on {day}: {recipe}]",
    drew_something="[A picture was drawn for this and sent on {day}]",
    here="Here you are!",
)
CHINESE = Notes(
    no_answer="[未作回答]",
    drew="[已为此画图，于 {day} 发出：{recipe}]",
    drew_something="[已为此画图，于 {day} 发出]",
    here="画好了！",
)

_BEFORE = re.compile(r"\(I drew a picture on (\d{4}-\d\d-\d\d) and sent it(?:: (.*)\)|\.\))\Z", re.DOTALL)
"""How releases up to 0.1.0 told of a drawing: at the end of the answer's own words."""


def notes_for(texts: Iterable[str]) -> Notes:
    """Choose the language that the most of these texts are in; English unless that is Chinese."""
    chinese = others = 0
    for text in texts:
        looked_at = text[:_LOOKED_AT_CHARS]
        signs = len(_CHINESE.findall(looked_at))
        # Japanese has both; a Chinese word has about two signs.
        if _KANA.search(looked_at):
            others += signs
        else:
            chinese += signs // 2 or signs
        others += len(_WORD.findall(looked_at))
    return CHINESE if chinese > others else ENGLISH


def drew(recipe: str, at: datetime, notes: Notes = ENGLISH) -> str:
    """Say what was drawn, and when."""
    drawn = clip(" ".join(recipe.split()), DRAWING_CHARS)
    day = at.date().isoformat()
    return (notes.drew if drawn else notes.drew_something).format(day=day, recipe=drawn)


def words_of(message: HistoryMessage) -> str:
    """Return what was said in a message, without what was drawn."""
    if message.role is Role.USER:
        return message.text.strip()
    if message.kind is Kind.DRAWING:
        return ""
    return _apart(message)[0]


def drawing_in(message: HistoryMessage, notes: Notes = ENGLISH) -> str:
    """Say what was drawn with an answer; empty if nothing was."""
    if message.role is Role.USER:
        return ""
    if message.kind is Kind.DRAWING:
        return drew(message.text, message.created_at, notes)
    recipe = message.drawn or _apart(message)[1]
    return "" if recipe is None else drew(recipe, message.created_at, notes)


def _apart(message: HistoryMessage) -> tuple[str, str | None]:
    """Take a line of an earlier release apart: its words, and what was drawn with them.

    Words that are nothing but such a note are a model's copy of one: a drawing without words was kept another way.
    """
    text = message.text.strip()
    head = text.rfind("\n(I drew a picture on ")
    found = _BEFORE.match(text, head + 1)
    if found is None:
        return text, None
    words = text[: head + 1].strip()
    return words, (found.group(2) or "") if words else None
