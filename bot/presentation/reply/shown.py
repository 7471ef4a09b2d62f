"""What the messages of a reply say of it: its text, and how it ended if it did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import FinishReason
from bot.domain.page.pager import clip
from bot.domain.reply.controls import DRAWING_ACTIONS, Action, parse_custom_id
from bot.domain.reply.ending import problem_of
from bot.domain.reply.joined import join_pages
from bot.domain.reply.written import written_text
from bot.domain.turn.ask import Source
from bot.domain.turn.record import ProblemKind, StandingEnd, Turn, TurnState
from bot.errors import ErrorKind, Refusal, Trouble
from bot.presentation.reply.composition import ANSWER_FILE, QUOTE_CHARS
from bot.presentation.words.drawings import quoted
from bot.presentation.words.notices import is_notice, is_old_notice, warned
from bot.presentation.words.replies import Words

_VERSION_ID = re.compile(r"reply:version:[0-9]{1,20}")
_VERSION = re.compile(r"([0-9]{1,6})/[0-9]{1,6}")
_ESCAPE = re.compile(r"\\(?=[^\w\s])")
"""What earlier versions put into a prompt above an answer, which was no small print then."""
_KINDS: tuple[ProblemKind, ...] = (*Trouble, *DrawingDenial, *Refusal, *ErrorKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """A message of the bot's: ``turn_id`` is what its buttons say, ``answers`` the message that it replies to.

    ``version`` is that of the answer, as the buttons say. ``file_url`` is where a long answer is as a file.
    """

    id: int
    text: str
    turn_id: int | None = None
    answers: int | None = None
    actions: frozenset[Action] = frozenset()
    version: int = 1
    pictures: int = 0
    file_url: str | None = None

    @property
    def whose(self) -> int | None:
        """The turn that it says it is of; None if it does not say."""
        return self.turn_id if self.turn_id is not None else self.answers

    @property
    def grows(self) -> bool:
        """Whether it is the last message of a reply that was not ended."""
        return Action.STOP in self.actions

    @property
    def ended(self) -> bool:
        """Whether it is the last message of a reply that was."""
        return bool(self.actions) and not self.grows


def read_shown(raw: Any) -> ShownMessage | None:
    """Read a message as Discord sends it; None if it is none."""
    if not isinstance(raw, Mapping) or not str(raw.get("id", "")).isdecimal():
        return None
    pressed = [
        known for one in _buttons(raw) if (known := parse_custom_id(str(one.get("custom_id") or ""))) is not None
    ]
    version = next(
        (
            int(match[1])
            for one in _buttons(raw)
            if _VERSION_ID.fullmatch(str(one.get("custom_id") or ""))
            and (match := _VERSION.fullmatch(str(one.get("label") or "")))
        ),
        1,
    )
    reference = raw.get("message_reference")
    answers = str(reference.get("message_id") or "") if isinstance(reference, Mapping) else ""
    files = [one for one in raw.get("attachments") or () if isinstance(one, Mapping)]
    return ShownMessage(
        id=int(raw["id"]),
        text=str(raw.get("content") or ""),
        turn_id=pressed[0][1] if pressed else None,
        answers=int(answers) if answers.isdecimal() else None,
        actions=frozenset(action for action, _ in pressed),
        version=version,
        pictures=sum(one.get("filename") != ANSWER_FILE for one in files),
        file_url=next((str(one.get("url")) for one in files if one.get("filename") == ANSWER_FILE), None),
    )


def of_turn(turn: Turn, seen: Sequence[ShownMessage]) -> tuple[ShownMessage, ...]:
    """Choose a turn's reply out of a channel's messages of the bot's, oldest first.

    The first message answers the one that asked, the last has the buttons; further ones of a command answer the first.
    What has neither belongs to the only turn whose reply begins before it and ends behind it, if there is only one.
    """
    spans: dict[int, tuple[int, int]] = {}
    for message in seen:
        if message.whose is not None:
            first, _ = spans.get(message.whose, (message.id, 0))
            spans[message.whose] = (first, message.id)
    if turn.channel_id == turn.id and turn.id in spans:
        spans[turn.id] = (turn.id, spans[turn.id][1])  # a thread of its own, where nothing is replied to
    if turn.reply_ids:
        first, last = spans.get(turn.id, (turn.reply_ids[0], turn.reply_ids[-1]))
        spans[turn.id] = (min(first, *turn.reply_ids), max(last, *turn.reply_ids))

    def its_own(message: ShownMessage) -> bool:
        if message.id in turn.reply_ids:
            return True
        if message.whose is not None:
            return message.whose == turn.id or message.answers in turn.reply_ids
        around = [each for each, (first, last) in spans.items() if first < message.id < last]
        return around == [turn.id]

    return tuple(message for message in seen if its_own(message))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReply:
    """What the messages of a reply show: its text, and how it ended; None while it grows or belongs to the past."""

    text: str = ""
    end: StandingEnd | None = None


def read_reply(turn: Turn, messages: Sequence[ShownMessage], words: Words) -> ShownReply:
    """Tell what a reply's messages show of the turn's answer that was under way; nothing if they show an older one."""
    growing = [index for index, message in enumerate(messages, 1) if message.grows]
    if growing:
        # What comes behind the one that grows is of the version before.
        return ShownReply(text=_text(turn, messages[: growing[-1]], words, grows=True))
    if not messages or not messages[-1].ended:
        # Without buttons it is not known whose text it is, but in the first version there is no other.
        return ShownReply(text=_text(turn, messages, words) if turn.version == 1 else "")
    last = messages[-1]
    drawn = bool(last.actions & DRAWING_ACTIONS) and last.pictures > 0
    if last.version != turn.version and not drawn:
        return ShownReply()
    end = _end(last, _under_heading(turn, messages)[-1], words)
    return ShownReply(text=_text(turn, messages, words), end=end)


def _under_heading(turn: Turn, messages: Sequence[ShownMessage]) -> list[str]:
    """Return the texts of messages without the prompt above the answer to a command."""
    texts = [message.text for message in messages]
    heading = quoted(turn.prompt, QUOTE_CHARS) if turn.source is Source.INTERACTION else ""
    if heading and texts:
        first, _, rest = texts[0].partition("\n")
        if first == heading or _ESCAPE.sub("", first) == f"> {clip(' '.join(turn.prompt.split()), QUOTE_CHARS)}":
            texts[0] = rest
    return texts


def _text(turn: Turn, messages: Sequence[ShownMessage], words: Words, *, grows: bool = False) -> str:
    texts = _under_heading(turn, messages)
    if texts:
        texts[-1] = _answer(texts[-1], words)
    return written_text(join_pages([text for text in texts if text]), turn.text, grows=grows)


def _answer(text: str, words: Words) -> str:
    """Take the answer out of a last message: its last paragraph may be the bot's own, a warning may be the model's."""
    notes = [at for at in (_problem(text, words)[1], _cut_at(text, words)) if at >= 0]
    if notes:
        return text[: max(0, text.rfind("\n\n", 0, min(notes)))]
    before, between, last = text.rpartition("\n\n")
    if between and is_old_notice(last):
        return text
    return f"{before}{between}{words.answer_in(last)}".rstrip()


def _end(last: ShownMessage, text: str, words: Words) -> StandingEnd:
    kind, _ = _problem(text, words)
    match kind:
        case Trouble.STOPPED | Trouble.STEERED | Trouble.TOKEN_ENDING:
            state = TurnState.STOPPED
        case Trouble.INTERRUPTED:
            state = TurnState.INTERRUPTED
        case None | DrawingDenial():
            # A quota that was used up says so in numbers, and alone.
            state = TurnState.FAILED if is_notice(text) else TurnState.COMPLETE
        case _:
            state = TurnState.FAILED
    reason = FinishReason.STOP
    if _cut_at(text, words) >= 0:
        reason = FinishReason.CUT
    elif words.cut_by_length in text or (kind is None and Action.CONTINUE in last.actions):
        reason = FinishReason.LENGTH
    if reason is not FinishReason.STOP and kind is None:
        state = TurnState.COMPLETE
    return StandingEnd(
        state=state,
        reason=reason,
        error_kind=kind,
        pictures=last.pictures,
    )


def _problem(text: str, words: Words) -> tuple[ProblemKind | None, int]:
    """Find out what went wrong by the words for it, and where they are; -1 if there are none."""
    found: dict[int, tuple[ProblemKind, int]] = {}
    for kind in _KINDS:
        problem = problem_of(kind)
        for said in words.ways(problem) if problem is not None else ():
            if (at := text.rfind(said)) >= 0:
                found.setdefault(len(said), (kind, at))
    return found[max(found)] if found else (None, -1)


def _cut_at(text: str, words: Words) -> int:
    """Find where it is said that the answer broke off without a known problem; -1 if it is not."""
    return max(text.rfind(warned(words.cut(goes_on=goes_on))) for goes_on in (False, True))


def _buttons(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for row in raw.get("components") or ():
        for one in (row.get("components") or ()) if isinstance(row, Mapping) else ():
            if isinstance(one, Mapping):
                yield one
