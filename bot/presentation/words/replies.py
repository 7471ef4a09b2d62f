"""Every word that the bot says, in the reader's language.

``Words`` turns what the domain knows (kinds, refusals, denials) into sentences that a user can act on. The template
alone is translated; values are put in afterwards, so that nothing untrusted is ever taken for a template.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.page.foreign import literal
from bot.domain.page.small import SMALL
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.reply.ending import Problem, kind_of
from bot.domain.turn.record import ProblemKind
from bot.domain.usage.quota import Notice
from bot.errors import RETRYABLE, ErrorKind, ProviderError, Refusal, Shortage, Trouble
from bot.presentation.words.languages import WordId, mark, speaker
from bot.presentation.words.notices import WARNING, is_notice
from bot.presentation.words.quotas import notice_words, shortage_words
from bot.presentation.words.titles import title_of_field

_NOTES_BELOW = re.compile(r"(?:\A|\n\n)(?:> [^\n]*\n)?-# [^\n]*(?:\n(?:-#|⚠️|>) [^\n]*)*\Z")
"""What stands under an answer that has ended: a drawing's card, and small print."""
_HEADING = re.compile(r"\A> [^\n]*\n")
"""A command's prompt, above what is said of it."""
_ERRORS: Mapping[ErrorKind, WordId] = {
    ErrorKind.AUTHENTICATION: mark("error.authentication"),
    ErrorKind.PERMISSION: mark("error.permission"),
    ErrorKind.QUOTA: mark("error.quota"),
    ErrorKind.RATE_LIMITED: mark("error.rate_limited"),
    ErrorKind.INVALID_REQUEST: mark("error.invalid_request"),
    ErrorKind.UNKNOWN_MODEL: mark("error.unknown_model"),
    ErrorKind.CONTENT_FILTERED: mark("error.content_filtered"),
    ErrorKind.DRAWING_FAILED: mark("error.drawing_failed"),
    ErrorKind.OVERLOADED: mark("error.overloaded"),
    ErrorKind.BAD_GATEWAY: mark("error.bad_gateway"),
    ErrorKind.NETWORK: mark("error.network"),
    ErrorKind.TIMEOUT_CONNECT: mark("error.timeout_connect"),
    ErrorKind.TIMEOUT_FIRST_BYTE: mark("error.timeout_first_byte"),
    ErrorKind.TIMEOUT_IDLE: mark("error.timeout_idle"),
    ErrorKind.TIMEOUT_TOTAL: mark("error.timeout_total"),
    ErrorKind.TRUNCATED: mark("error.truncated"),
    ErrorKind.EMPTY: mark("error.empty"),
    ErrorKind.PROTOCOL: mark("error.protocol"),
    ErrorKind.TOO_LARGE: mark("error.too_large"),
    ErrorKind.PICTURE_FETCH: mark("error.picture_fetch"),
    ErrorKind.PICTURE_HOST: mark("error.picture_host"),
    ErrorKind.PICTURE_NAMED: mark("error.picture_named"),
    ErrorKind.PICTURE_BUSY: mark("error.picture_busy"),
    ErrorKind.PICTURE_SLOW: mark("error.picture_slow"),
    ErrorKind.CANCELLED: mark("error.cancelled"),
    ErrorKind.TOO_LONG: mark("error.too_long"),
    ErrorKind.NO_VISION: mark("error.no_vision"),
    ErrorKind.REFUSED_PARAMETER: mark("error.refused_parameter"),
    ErrorKind.REGION: mark("error.region"),
    ErrorKind.NOT_SET_UP: mark("error.not_set_up"),
    ErrorKind.ONLY_THOUGHT: mark("error.only_thought"),
    ErrorKind.THOUGHT_TOO_LONG: mark("error.thought_too_long"),
    ErrorKind.BUSY: mark("error.busy"),
}

_REFUSED_SETTING = mark("error.refused_setting")
_REFUSALS: Mapping[Refusal, WordId] = {
    Refusal.BUSY: mark("refusal.busy"),
    Refusal.CLOSING: mark("refusal.closing"),
    Refusal.EMPTY_PROMPT: mark("refusal.empty_prompt"),
    Refusal.UNREADABLE: mark("refusal.unreadable"),
    Refusal.NEVER_PINGS: mark("refusal.never_pings"),
    Refusal.CHANNEL: mark("refusal.channel"),
    Refusal.ROLE: mark("refusal.role"),
    Refusal.FORBIDDEN_WORD: mark("refusal.forbidden_word"),
}

_ELSEWHERE = mark("refusal.channel_elsewhere")
_BETWEEN = mark("list.separator")

_TROUBLES: Mapping[Trouble, WordId] = {
    Trouble.STORAGE: mark("trouble.storage"),
    Trouble.INTERNAL: mark("trouble.internal"),
    Trouble.INTERRUPTED: mark("trouble.interrupted"),
    Trouble.STOPPED: mark("trouble.stopped"),
    Trouble.STEERED: mark("trouble.steered"),
    Trouble.QUOTA_THEN: mark("trouble.quota_then"),
    Trouble.TOKEN_ENDING: mark("trouble.token_ending"),
    Trouble.TEXT_REFUSED: mark("trouble.text_refused"),
    Trouble.NO_MORE_MESSAGES: mark("trouble.no_more_messages"),
    Trouble.UNWRITABLE: mark("trouble.unwritable"),
}

_WITH_PICTURES: Mapping[Trouble, WordId] = {
    Trouble.INTERRUPTED: mark("trouble_with_pictures.interrupted"),
    Trouble.TOKEN_ENDING: mark("trouble_with_pictures.token_ending"),
    Trouble.TEXT_REFUSED: mark("trouble_with_pictures.text_refused"),
}
"""What is said where pictures have come: the buttons below are theirs, and Retry is none of them."""

_BROKE_OFF: Mapping[ProblemKind, WordId] = {
    ErrorKind.RATE_LIMITED: mark("broke_off.busy"),
    ErrorKind.OVERLOADED: mark("broke_off.busy"),
    ErrorKind.BUSY: mark("broke_off.full"),
    ErrorKind.NETWORK: mark("broke_off.connection"),
    ErrorKind.TIMEOUT_CONNECT: mark("broke_off.connection"),
    ErrorKind.TRUNCATED: mark("broke_off.connection"),
    ErrorKind.TIMEOUT_FIRST_BYTE: mark("broke_off.silence"),
    ErrorKind.TIMEOUT_IDLE: mark("broke_off.silence"),
    ErrorKind.TIMEOUT_TOTAL: mark("broke_off.too_slow"),
    ErrorKind.BAD_GATEWAY: mark("broke_off.trouble"),
    ErrorKind.INVALID_REQUEST: mark("broke_off.trouble"),
    ErrorKind.PROTOCOL: mark("broke_off.trouble"),
    Trouble.INTERRUPTED: mark("broke_off.interrupted"),
    Trouble.STORAGE: mark("broke_off.storage"),
    Trouble.INTERNAL: mark("broke_off.internal"),
    Trouble.UNWRITABLE: mark("broke_off.unwritable"),
}
"""What is said below an answer that may go on: it has the button for that."""

_DENIALS: Mapping[DrawingDenial, WordId] = {
    DrawingDenial.CANNOT_ATTACH: mark("drawing_denied.cannot_attach"),
    DrawingDenial.SWITCHED_OFF: mark("drawing_denied.switched_off"),
    DrawingDenial.NOT_SET_UP: mark("drawing_denied.not_set_up"),
    DrawingDenial.QUEUE_FULL: mark("drawing_denied.queue_full"),
    DrawingDenial.CONFIRM: mark("drawing_denied.confirm"),
}

_ACTIONS: Mapping[Action, WordId] = {
    Action.STOP: mark("button.stop"),
    Action.RETRY: mark("button.retry"),
    Action.CONTINUE: mark("button.continue"),
    Action.PREVIOUS: mark("button.previous"),
    Action.NEXT: mark("button.next"),
    Action.DELETE: mark("button.delete"),
    Action.DRAW: mark("button.draw"),
    Action.AGAIN: mark("button.again"),
    Action.VARY: mark("button.vary"),
    Action.EDIT: mark("button.edit"),
    Action.SIZE: mark("button.size"),
    Action.UPSCALE: mark("button.upscale"),
}

_PRESSES: Mapping[PressRefusal, WordId] = {
    PressRefusal.NOT_YOURS: mark("press_refused.not_yours"),
    PressRefusal.UNKNOWN: mark("press_refused.unknown"),
    PressRefusal.UNDER_WAY: mark("press_refused.under_way"),
    PressRefusal.OVER: mark("press_refused.over"),
    PressRefusal.OUT_OF_REACH: mark("press_refused.out_of_reach"),
}

_CANCEL = mark("button.cancel")
_DRAWING = mark("reply.drawing")
_DRAWING_FOR = mark("reply.drawing_for")
_MAY_END = mark("reply.may_end")
_PAGES_STAY = mark("reply.pages_stay")
_CUT_BY_LENGTH = mark("reply.cut_by_length")
_CUT = mark("reply.cut")
_CUT_GOES_ON = mark("broke_off.cut")
_FILTERED_HERE = mark("reply.filtered_here")
_REFUSED_HERE = mark("reply.text_refused_here")
_REDUCED = mark("reply.reduced")
_REST_IN_FILE = mark("reply.rest_in_file")
_WAITING = mark("reply.waiting")
_THINKING = mark("reply.thinking")
_THINKING_FOR = mark("reply.thinking_for")
_RETRY_BUSY = mark("reply.retry_busy")
_RETRY_AWAY = mark("reply.retry_away")
_BUSY = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED})
_SAID = mark("reply.service_says")
_ASK = mark("command.ask.name")
_DRAW = mark("command.draw.name")
_SHOWN_SENTENCE = frozenset(
    {
        ErrorKind.UNKNOWN_MODEL,
        ErrorKind.DRAWING_FAILED,
        ErrorKind.CONTENT_FILTERED,
        ErrorKind.INVALID_REQUEST,
        ErrorKind.PERMISSION,
        ErrorKind.QUOTA,
        ErrorKind.NO_VISION,
        ErrorKind.REFUSED_PARAMETER,
        ErrorKind.REGION,
    }
)
"""Kinds about which the endpoint's own words say more: which model, field, plan or word it was.

Of the others they would confuse, or hold what is the operator's alone (part of a key, the account's name).
"""
SENTENCE_LIMIT_CHARS = 300


class Words:
    """The bot's words for one reader."""

    def __init__(self, locale: str | None) -> None:
        self.locale = locale
        self._say = speaker(locale)

    def problem(self, problem: Problem, *, drawn: bool = False, written: bool = False, goes_on: bool = False) -> str:
        """Say what went wrong, or why not, and what to do about it.

        ``drawn``: pictures have come all the same. ``written``: an answer's text is above. ``goes_on``: there is a
        button that goes on with it.
        """
        kind = kind_of(problem)
        if goes_on and kind is not None and kind in _BROKE_OFF:
            return self._with_sentence(self._say(_BROKE_OFF[kind]), problem)
        if written and kind is ErrorKind.CONTENT_FILTERED:
            return self._with_sentence(self._say(_FILTERED_HERE), problem)
        if drawn and isinstance(problem, Trouble) and problem in _WITH_PICTURES:
            return self._say(_WITH_PICTURES[problem])
        if written and problem is Trouble.TEXT_REFUSED:
            return self._say(_REFUSED_HERE)
        match problem:
            case ProviderError():
                return self._with_sentence(self._error(problem), problem)
            case Refusal():
                return self._say(_REFUSALS[problem], ask=f"`/{self._say(_ASK)}`", draw=f"`/{self._say(_DRAW)}`")
            case Trouble():
                return self._say(_TROUBLES[problem])
            case DrawingDenial():
                return self._say(_DENIALS[problem])
            case Shortage():
                template, values = shortage_words(problem)
                return self._say(template, **values)

    def elsewhere(self, channel_ids: Iterable[int]) -> str:
        """Say that the bot may not talk in a channel, and where it may."""
        return self._say(_ELSEWHERE, channels=self._say(_BETWEEN).join(f"<#{each}>" for each in channel_ids))

    def ways(self, problem: Problem) -> tuple[str, ...]:
        """List all the ways in which ``problem`` may say what went wrong."""
        said = (
            self.problem(problem, drawn=drawn, written=written, goes_on=goes_on)
            for drawn, written, goes_on in itertools.product((False, True), repeat=3)
        )
        return tuple(dict.fromkeys(said))

    def told(self, notice: Notice) -> str:
        """Say what stands under an answer: what is left of a quota, or what it cost."""
        template, values = notice_words(notice)
        return self._say(template, **values)

    @property
    def drawing(self) -> str:
        """Say that a picture is being made."""
        return self._say(_DRAWING)

    def drawing_for(self, estimate_s: float) -> str:
        """Say that a picture is being made, and how long that took lately, in seconds."""
        return self._say(_DRAWING_FOR, seconds=str(max(1, round(estimate_s))))

    @property
    def may_end(self) -> str:
        """Say that the time for an answer may be too short."""
        return self._say(_MAY_END)

    @property
    def pages_stay(self) -> str:
        """Say that the first messages of an earlier answer can't be changed."""
        return self._say(_PAGES_STAY)

    @property
    def cut_by_length(self) -> str:
        """Say that the model stopped because the answer was as long as allowed."""
        return self._say(_CUT_BY_LENGTH)

    def cut(self, *, goes_on: bool) -> str:
        """Say that the model stopped before its answer was whole; ``goes_on`` as for ``problem``."""
        return self._say(_CUT_GOES_ON if goes_on else _CUT)

    @property
    def reduced(self) -> str:
        """Say that a picture is not as large as it was made."""
        return self._say(_REDUCED)

    @property
    def rest_in_file(self) -> str:
        """Say that a long answer is attached as a file."""
        return self._say(_REST_IN_FILE)

    @property
    def thinking(self) -> str:
        """Say that the answer is on its way."""
        return self._say(_THINKING)

    def thinking_for(self, seconds: int) -> str:
        """Say for how long the model has been thinking."""
        return self._say(_THINKING_FOR, seconds=str(seconds))

    def retry(self, kind: ErrorKind, seconds: int) -> str:
        """Say why the model's endpoint is asked again, and in how many seconds."""
        return self._say(_RETRY_BUSY if kind in _BUSY else _RETRY_AWAY, seconds=str(seconds))

    def waiting(self, place: int) -> str:
        """Say which position in the queue a question has; 1 is next."""
        return self._say(_WAITING, place=str(place))

    def answer_in(self, content: str) -> str:
        """Take the answer out of what a reply's message says: nothing, where it is only the bot's own words.

        An answer that itself ends in small print loses that: it can't be told apart.
        """
        if self._is_own(content) or self._is_own(_HEADING.sub("", content, count=1)):
            return ""
        return _NOTES_BELOW.sub("", content.split(f"\n\n{WARNING}", 1)[0])

    def _is_own(self, content: str) -> bool:
        """Whether a reply says nothing but what the bot does, or what went wrong."""
        state = content.removeprefix(SMALL).split(f"\n{SMALL}", 1)[0]
        number = re.search(r"\d{1,9}", state)
        states = {self.thinking, self.drawing}
        if number is not None:
            seconds = int(number[0])
            states |= {self.waiting(seconds), self.drawing_for(seconds), self.thinking_for(seconds)}
            states |= {self.retry(kind, seconds) for kind in RETRYABLE}
        return state in states or is_notice(content)

    def action(self, action: Action, *, drawing: bool = False) -> str:
        """Name a button; one of a drawing's where ``drawing``."""
        return self._say(_CANCEL if drawing and action is Action.STOP else _ACTIONS[action])

    def press_refusal(self, refusal: PressRefusal) -> str:
        """Say why a button did nothing."""
        return self._say(_PRESSES[refusal])

    def _error(self, error: ProviderError) -> str:
        if error.kind is ErrorKind.REFUSED_PARAMETER and (title := title_of_field(error.parameter)) is not None:
            return self._say(_REFUSED_SETTING, setting=self._say(title))
        return self._say(_ERRORS[error.kind])

    def _with_sentence(self, words: str, problem: Problem) -> str:
        """Quote the endpoint below the words if that helps."""
        if not isinstance(problem, ProviderError) or problem.kind not in _SHOWN_SENTENCE:
            return words
        sentence = clean_sentence(problem.sentence)
        return f"{words}\n{self._say(_SAID, sentence=sentence)}" if sentence else words


def clean_sentence(sentence: str) -> str:
    """Make an endpoint's sentence fit to be shown: one line, no mark-up, no address, no page of HTML, bounded."""
    if re.search(r"<\s*(!doctype|html|body|head)\b", sentence, re.IGNORECASE):
        return ""
    return literal(re.sub(r"\bhttps?://\S+", "…", sentence), SENTENCE_LIMIT_CHARS)
