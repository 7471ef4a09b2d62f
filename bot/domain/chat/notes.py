"""What a prompt tells beside what was said, in the language of the talk: what was drawn, not answered or replied to."""

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
    """The notes of one language; ``{day}`` is a date, ``{recipe}`` what was drawn, ``{author}`` a user's name.

    ``here`` replaces the words of an answer that was a picture and nothing else. Between ``quotes`` (of the assistant's
    own words ``quotes_own``) and ``end_of_quote`` is the message that a question replies to.
    """

    no_answer: str
    drew: str
    drew_something: str
    here: str
    quotes: str
    quotes_own: str
    end_of_quote: str

    @property
    def heads(self) -> tuple[str, ...]:
        """How the lines begin that a prompt has beside what was said."""
        quoting = (self.quotes.partition("{")[0], self.quotes_own, self.end_of_quote)
        return (self.no_answer, self.drew.partition("{")[0], *quoting)


ENGLISH = Notes(
    no_answer="[no answer was given]",
    drew="[A picture was drawn for this and sent on {day}: {recipe}]",
    drew_something="[A picture was drawn for this and sent on {day}]",
    here="Here you are!",
    quotes="[The last message replies to this earlier one by {author}:]",
    quotes_own="[The last message replies to this earlier one by you, the assistant:]",
    end_of_quote="[End of the earlier message.]",
)
CHINESE = Notes(
    no_answer="[未作回答]",
    drew="[已为此画图，于 {day} 发出：{recipe}]",
    drew_something="[已为此画图，于 {day} 发出]",
    here="画好了！",
    quotes="[最后一条消息回复的是 {author} 先前的这条消息：]",
    quotes_own="[最后一条消息回复的是你（助手）先前的这条消息：]",
    end_of_quote="[先前的消息到此结束。]",
)

_MARKS = re.compile(r"[\\\[\]]")
_BEFORE_HEAD = "\n(I drew a picture on "
_BEFORE = re.compile(r"\(I drew a picture on (\d{4}-\d\d-\d\d) and sent it(?:: (.*)\)|\.\))\Z", re.DOTALL)
"""How releases up to 0.1.0 told of a drawing: at the end of the answer's own words."""


def notes_for(texts: Iterable[str]) -> Notes:
    """Choose the language that the most of these texts are in; English unless that is Chinese."""
    chinese = others = 0
    for text in texts:
        looked_at = text[:_LOOKED_AT_CHARS]
        others += len(_WORD.findall(looked_at))
        if looked_at.isascii():
            continue
        signs = len(_CHINESE.findall(looked_at))
        # Japanese has both; a Chinese word has about two signs.
        if _KANA.search(looked_at):
            others += signs
        else:
            chinese += signs // 2 or signs
    return CHINESE if chinese > others else ENGLISH


def drew(recipe: str, at: datetime, notes: Notes = ENGLISH) -> str:
    """Say in one line what was drawn, and when; brackets and backslashes of the recipe get a backslash before them."""
    drawn = _MARKS.sub(r"\\\g<0>", clip(" ".join(recipe.split()), DRAWING_CHARS))
    day = at.date().isoformat()
    return (notes.drew if drawn else notes.drew_something).format(day=day, recipe=drawn)


def kept_words(text: str) -> str:
    """Write an answer so that it is kept as words, even if it ends as an earlier release told of a drawing."""
    head = text.rfind(_BEFORE_HEAD) + 1
    return f"{text[:head]}\\{text[head:]}" if head and _BEFORE.match(text.rstrip(), head) else text


def words_of(message: HistoryMessage) -> str:
    """Return what was said in a message, without what was drawn."""
    if message.role is Role.USER:
        return message.text.strip()
    if message.kind is Kind.DRAWING:
        return ""
    return _apart(message)[0]


def recipe_of(message: HistoryMessage) -> str | None:
    """Return the recipe of what was drawn with an answer, empty if it is not known; None if nothing was drawn."""
    if message.role is Role.USER:
        return None
    if message.kind is Kind.DRAWING:
        return message.text
    return message.drawn or _apart(message)[1]


def drawing_in(message: HistoryMessage, notes: Notes = ENGLISH) -> str:
    """Say what was drawn with an answer; empty if nothing was."""
    recipe = recipe_of(message)
    return "" if recipe is None else drew(recipe, message.created_at, notes)


def _apart(message: HistoryMessage) -> tuple[str, str | None]:
    """Take a line of an earlier release apart: its words, and what was drawn with them.

    Words that are nothing but such a note are a model's copy of one: a drawing without words was kept another way.
    """
    text = message.text.strip()
    head = text.rfind(_BEFORE_HEAD)
    found = _BEFORE.match(text, head + 1)
    if found is None:
        return text, None
    words = text[: head + 1].strip()
    return words, (found.group(2) or "") if words else None
