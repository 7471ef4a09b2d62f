"""Every word that the bot says, in the reader's language.

``Words`` turns what the domain knows (kinds, refusals, denials) into sentences that a person can act on. The template
alone is translated; values are put in afterwards, so that nothing untrusted is ever taken for a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.page.pager import clip
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.reply.ending import Problem
from bot.domain.usage.quota import Notice
from bot.errors import ErrorKind, ProviderError, Refusal, Shortage, Trouble
from bot.presentation.words.languages import mark, speaker
from bot.presentation.words.quotas import notice_words, shortage_words

_NOTES_BELOW = re.compile(r"(?:\A|\n\n)(?:> [^\n]*\n)?-# [^\n]*(?:\n(?:-#|⚠️|>) [^\n]*)*\Z")
"""What stands under an answer that has ended: a drawing's card, and small print."""
_ERRORS: Mapping[ErrorKind, str] = {
    ErrorKind.AUTHENTICATION: mark(
        "The model's service did not accept the bot's key. Whoever runs this bot has to check it."
    ),
    ErrorKind.PERMISSION: mark(
        "The model's service does not let this bot do that. Whoever runs this bot has to check its account."
    ),
    ErrorKind.QUOTA: mark(
        "The bot's account at the model's service is used up. Whoever runs this bot has to top it up."
    ),
    ErrorKind.RATE_LIMITED: mark("The model's service is getting too many requests. Wait a minute, then ask again."),
    ErrorKind.INVALID_REQUEST: mark(
        "The model's service did not accept the request. Ask in other words, or shorter; if that doesn't help, "
        "whoever runs this bot has to check its settings."
    ),
    ErrorKind.UNKNOWN_MODEL: mark("The model's service does not know the model that is set. Choose another model."),
    ErrorKind.CONTENT_FILTERED: mark("The model's service refused this as sensitive content. Ask in other words."),
    ErrorKind.DRAWING_FAILED: mark("The picture could not be made. Ask again, or describe it in other words."),
    ErrorKind.OVERLOADED: mark("The model's service is overloaded. Wait a minute, then ask again."),
    ErrorKind.BAD_GATEWAY: mark("The model's service is not available right now. Try again in a few minutes."),
    ErrorKind.NETWORK: mark("The model's service can't be reached right now. Try again in a few minutes."),
    ErrorKind.TIMEOUT_CONNECT: mark("The model's service can't be reached right now. Try again in a few minutes."),
    ErrorKind.TIMEOUT_FIRST_BYTE: mark("The model's service did not begin to answer in time. Ask again."),
    ErrorKind.TIMEOUT_IDLE: mark("The answer stopped coming and was given up. Ask again."),
    ErrorKind.TIMEOUT_TOTAL: mark("The answer took too long and was given up. Ask again, or for something shorter."),
    ErrorKind.TRUNCATED: mark("The connection broke off before the answer was whole. Ask again."),
    ErrorKind.EMPTY: mark("The model gave an empty answer. Ask again, or in other words."),
    ErrorKind.PROTOCOL: mark(
        "The model's service answered with something this bot can't read. Try again; if it stays so, whoever runs "
        "this bot has to check the address of the service."
    ),
    ErrorKind.TOO_LARGE: mark("The answer was too large for this bot to take. Ask for something smaller."),
    ErrorKind.PICTURE_FETCH: mark("The picture was made, but could not be downloaded. Ask again."),
    ErrorKind.CANCELLED: mark("Stopped."),
}

_REFUSALS: Mapping[Refusal, str] = {
    Refusal.BUSY: mark("There are too many questions waiting here. Ask again when some are answered."),
    Refusal.CLOSING: mark("I am about to restart. Ask again in a minute."),
    Refusal.EMPTY_PROMPT: mark(
        "Hello! Mention me with a question, reply to one of my messages, or use {ask} and {draw}."
    ),
    Refusal.UNREADABLE: mark(
        "I can't read that message: Discord shows me a reply only when it pings me. Turn the ping on (@ ON) when you "
        "reply, or mention me."
    ),
    Refusal.CHANNEL: mark("I am not to talk in this channel. Ask me in another one."),
    Refusal.ROLE: mark(
        "Your roles on this server do not let you talk to me. Somebody who manages the server can change that."
    ),
    Refusal.FORBIDDEN_WORD: mark("There is a word in it that is not allowed on this server. Ask in other words."),
}

_TROUBLES: Mapping[Trouble, str] = {
    Trouble.STORAGE: mark(
        "I can't get at my memory right now. Try again; whoever runs this bot has to check its disk."
    ),
    Trouble.INTERNAL: mark(
        "Something went wrong inside the bot. Try again; whoever runs it finds the reason in its log."
    ),
    Trouble.INTERRUPTED: mark("Interrupted: the bot was restarted. Press Retry, or ask again."),
    Trouble.STOPPED: mark("Stopped."),
    Trouble.QUOTA_THEN: mark("A quota was used up then. Press Retry to ask again."),
    Trouble.TOKEN_ENDING: mark(
        "Discord lets me answer here for 15 minutes only, and they are nearly over. Press Retry and I go on."
    ),
}

_WITH_PICTURES: Mapping[Trouble, str] = {
    Trouble.INTERRUPTED: mark("Interrupted: the bot was restarted."),
    Trouble.TOKEN_ENDING: mark("Discord lets me answer here for 15 minutes only, and they are nearly over."),
}
"""What is said where pictures have come: the buttons below are theirs, and Retry is none of them."""

_DENIALS: Mapping[DrawingDenial, str] = {
    DrawingDenial.CANNOT_ATTACH: mark(
        "I can't draw here: I am not allowed to attach files in this channel. Somebody who manages this server can "
        "give me the permission “Attach Files”, or you ask me in another channel."
    ),
    DrawingDenial.SWITCHED_OFF: mark("Drawing is switched off here. I can still talk about it."),
    DrawingDenial.QUEUE_FULL: mark("Too many drawings are waiting. Ask again in a few minutes."),
    DrawingDenial.CONFIRM: mark("That would be a picture. Shall I draw it?"),
}

_ACTIONS: Mapping[Action, str] = {
    Action.STOP: mark("Stop"),
    Action.RETRY: mark("Retry"),
    Action.CONTINUE: mark("Continue"),
    Action.PREVIOUS: mark("Earlier version"),
    Action.NEXT: mark("Later version"),
    Action.DELETE: mark("Delete"),
    Action.DRAW: mark("Draw it"),
    Action.AGAIN: mark("Again"),
    Action.VARY: mark("Vary"),
    Action.EDIT: mark("Edit"),
    Action.SIZE: mark("Size"),
    Action.UPSCALE: mark("Upscale"),
}

_PRESSES: Mapping[PressRefusal, str] = {
    PressRefusal.NOT_YOURS: mark("Only the person who asked, or somebody who manages messages here, can do that."),
    PressRefusal.UNKNOWN: mark("I no longer know this answer, so I can't do that. Ask again."),
    PressRefusal.UNDER_WAY: mark("I am still answering. Stop me first, or wait for the end."),
    PressRefusal.OVER: mark("That answer has ended already."),
}

_CANCEL = mark("Cancel")
_DRAWING = mark("🎨 Drawing…")
_DRAWING_FOR = mark("🎨 Drawing… such pictures took about {seconds} s here lately")
_MAY_END = mark("Discord lets me answer here for 15 minutes only. If that is not enough, you can go on with Retry.")
_CUT_BY_LENGTH = mark("The answer reached its greatest length.")
_REDUCED = mark("The picture was made smaller to fit the file limit here.")
_REST_IN_FILE = mark("The answer is long: the whole of it is in the file.")
_WAITING = mark("⏳ In line: number {place}")
_THINKING = mark("💭 Thinking…")
_SAID = mark("The service says: {sentence}")
_SHOWN_SENTENCE = frozenset(
    {
        ErrorKind.UNKNOWN_MODEL,
        ErrorKind.DRAWING_FAILED,
        ErrorKind.CONTENT_FILTERED,
        ErrorKind.INVALID_REQUEST,
        ErrorKind.PERMISSION,
        ErrorKind.QUOTA,
    }
)
SENTENCE_LIMIT_CHARS = 300


class Words:
    """The bot's words for one reader."""

    def __init__(self, locale: str | None) -> None:
        self.locale = locale
        self._say = speaker(locale)

    def problem(self, problem: Problem, *, drawn: bool = False) -> str:
        """Say what went wrong, or why not, and what to do about it; ``drawn`` where pictures have come all the same."""
        if drawn and isinstance(problem, Trouble) and problem in _WITH_PICTURES:
            return self._say(_WITH_PICTURES[problem])
        match problem:
            case ProviderError():
                return self._error(problem)
            case Refusal():
                return self._say(_REFUSALS[problem], ask="`/ask`", draw="`/draw`")
            case Trouble():
                return self._say(_TROUBLES[problem])
            case DrawingDenial():
                return self._say(_DENIALS[problem])
            case Shortage():
                template, values = shortage_words(problem)
                return self._say(template, **values)

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
    def cut_by_length(self) -> str:
        """Say that the model stopped because the answer was as long as allowed."""
        return self._say(_CUT_BY_LENGTH)

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

    def waiting(self, place: int) -> str:
        """Say which place in line a question has; 1 is next."""
        return self._say(_WAITING, place=str(place))

    def answer_in(self, content: str) -> str:
        """Take the answer out of what a reply's message says: nothing, where it is only the bot's own words.

        An answer that itself ends in small print loses that: it can't be told apart.
        """
        state = content.split("\n-# ", 1)[0]
        number = re.search(r"\d{1,9}", state)
        states = {self.thinking, self.drawing}
        if number is not None:
            states |= {self.waiting(int(number[0])), self.drawing_for(int(number[0]))}
        if state in states or content.startswith(notice("")):
            return ""
        return _NOTES_BELOW.sub("", content.split(f"\n\n{notice('')}", 1)[0])

    def action(self, action: Action, *, drawing: bool = False) -> str:
        """Name a button; one of a drawing's where ``drawing``."""
        return self._say(_CANCEL if drawing and action is Action.STOP else _ACTIONS[action])

    def press_refusal(self, refusal: PressRefusal) -> str:
        """Say why a button did nothing."""
        return self._say(_PRESSES[refusal])

    def _error(self, error: ProviderError) -> str:
        words = self._say(_ERRORS[error.kind])
        sentence = clean_sentence(error.sentence) if error.kind in _SHOWN_SENTENCE else ""
        return f"{words}\n> {self._say(_SAID, sentence=sentence)}" if sentence else words


def clean_sentence(sentence: str) -> str:
    """Make an endpoint's sentence fit to be shown: one line, no mark-up, no address, no page of HTML, bounded."""
    if re.search(r"<\s*(!doctype|html|body|head)\b", sentence, re.IGNORECASE):
        return ""
    plain = re.sub(r"\bhttps?://\S+", "…", sentence)
    plain = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in plain)).strip()
    return clip(re.sub(r"([\\*_~`|>#\[\]()])", r"\\\1", plain), SENTENCE_LIMIT_CHARS)


def notice(words: str) -> str:
    """Set words apart from an answer: a warning sign in front, so that nobody takes them for the model's."""
    return f"⚠️ {words}"
