"""What a reply is to look like: its messages' texts, files and buttons, while it grows and when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import FinishReason
from bot.domain.page.small import small
from bot.domain.picture.files import KeptPicture, PictureFile
from bot.domain.reply.controls import Action
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.reply.lines import LEAST_RETRY_S, RetryLine, ThinkingLine, TimedLine
from bot.errors import ErrorKind, ProviderError, Trouble
from bot.presentation.outbound.upload import Upload
from bot.presentation.reply.growing.layout import Layout
from bot.presentation.reply.growing.messages import ReplyMessage, fits, with_controls, with_words
from bot.presentation.words.drawings import CardWords, quoted
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words

ANSWER_FILE = "answer.md"
QUOTE_CHARS = 200
"""How much of a prompt stands above what was made of it."""
PLACE_S = 60.0
"""How long it may take to move up one position in a queue: as long as a slow picture."""


class Composition:
    """The wanted messages of one reply. ``heading`` stands above the answer, such as a command's prompt.

    ``lasts_s`` is how long the reply can be changed at all, in seconds; None where there is no end to it.
    """

    def __init__(
        self,
        words: Words,
        options: ReplyOptions,
        *,
        heading: str = "",
        guild_id: int | None = None,
        lasts_s: float | None = None,
    ) -> None:
        self._words = words
        self._options = options
        self._layout = Layout(heading, options.pages_before_file if options.can_attach else None)
        self._guild_id = guild_id
        self._lasts_s = lasts_s
        self._status = ""
        self._line: TimedLine | None = None
        self._now = 0.0
        self._final: list[ReplyMessage] | None = None
        self._held: tuple[ReplyMessage, ...] | None = None
        self._joined = True
        self._has_controls = self._has_heading = True
        self._card_words = CardWords(words.locale)

    @property
    def heading(self) -> str:
        """What stands above the answer."""
        return self._layout.heading if self._has_heading else ""

    @property
    def text_chars(self) -> int:
        """How much text was pushed."""
        return self._layout.chars

    @property
    def held(self) -> bool:
        """Whether no more of the text is shown than stood once."""
        return self._held is not None

    @property
    def full(self) -> bool:
        """Whether the text has more pages than there may be messages, and no file can have the rest."""
        most = self._options.most_messages
        return most is not None and not (self.held or self._options.can_attach) and self._layout.is_longer(most)

    def push(self, text: str) -> None:
        """Take the next piece of the answer."""
        self._line = None
        self._layout.push(text)

    def retract(self, text: str) -> None:
        """Go back to a beginning of the answer so far."""
        if text:
            self._line = None
        self._layout.retract(text)

    def show_drawing(self, estimate_s: float | None = None) -> None:
        """Say that a picture is being made, until there is text; ``estimate_s`` is how long that took lately."""
        words = self._words.drawing if estimate_s is None else self._words.drawing_for(estimate_s)
        self._status = self._in_time(words, estimate_s or 0.0)
        self._think_no_more()

    def show_waiting(self, position: int) -> None:
        """Say how many turns go before, until there is text; 0 is none: the answer is on its way."""
        words = self._words.waiting(position) if position else self._words.thinking
        self._status = self._in_time(words, position * PLACE_S)
        self._think_no_more()

    def show_thinking(self, *, since: float) -> None:
        """Say for how long the model has been thinking, until there is more text. Times are monotonic seconds."""
        self._line, self._now = ThinkingLine(since=since), since

    def show_retry(self, kind: ErrorKind, *, now: float, after_s: float) -> None:
        """Say why and when the model is asked again; of several waits at once, the longest."""
        line = self._line
        if after_s <= LEAST_RETRY_S or (isinstance(line, RetryLine) and line.until > now + after_s):
            return
        self._status = self._status or self._words.thinking  # what is waited for after that
        self._line, self._now = RetryLine(kind=kind, since=now, until=now + after_s), now

    @property
    def tells_time(self) -> bool:
        """Whether there is a line that says another time by and by."""
        return self._line is not None

    def tick(self, now: float) -> None:
        """Take the time for such lines, in monotonic seconds."""
        self._now = now

    @property
    def changes_at(self) -> float | None:
        """Tell when what is wanted changes by itself; None if it does not."""
        return None if self._line is None or self._final is not None else self._line.changes_at(self._now)

    def _think_no_more(self) -> None:
        if isinstance(self._line, ThinkingLine):
            self._line = None

    def _timed_words(self) -> str:
        line = self._line
        seconds = None if line is None else line.seconds(self._now)
        if line is None or seconds is None:
            return ""
        if isinstance(line, ThinkingLine):
            return self._words.thinking_for(seconds)
        return self._words.retry(line.kind, seconds)

    def _in_time(self, words: str, expected_s: float) -> str:
        """Add that the time may be too short, where it is bounded and what is expected comes near to it."""
        if self._lasts_s is None or expected_s < self._lasts_s / 2:
            return words
        return f"{words}\n{self._words.may_end}"

    def end(self, ending: Ending) -> None:
        """Set the last state; a further call replaces it. No text comes after that."""
        self._layout.finish()
        self._final = self._compose(ending)

    def forbid_files(self) -> None:
        """Do without files from now on: a long answer goes on in messages."""
        self._options = replace(self._options, can_attach=False)
        self._layout.lay_out_all()

    def forbid_controls(self) -> None:
        """Do without buttons from now on."""
        self._options = replace(self._options, controls=None)
        self._has_controls = False

    def drop_heading(self) -> None:
        """Do without what stands above the answer."""
        self._has_heading = False
        if not self.held:
            self._layout.drop_heading()

    def limit(self, most: int) -> None:
        """Make do with so many messages, and without files: what does not fit is not shown."""
        self._options = replace(self._options, most_messages=most, can_attach=False)
        self._layout.lay_out_all()

    def hold(self, messages: Sequence[ReplyMessage], *, joined: bool = True) -> None:
        """Show from now on of the text what these have; unless ``joined``, the last words stand apart from it."""
        self._held = tuple(replace(one, content=one.text, controls=None, files=()) for one in messages)
        self._joined = joined

    def pages(self) -> list[ReplyMessage]:
        """Lay out what is wanted now; nothing while there is nothing to show."""
        if self._final is not None:
            return self._final
        messages = self._showing()
        line = self._timed_words() if self._line is not None else ""
        if not messages:
            status = line or self._status
            messages = [ReplyMessage(content=self._under_heading(small(status)))] if status else []
        elif line and fits(messages[-1], small(line)):  # below an answer that goes on
            messages[-1] = with_words(messages[-1], small(line))
        return with_controls(messages, self._options.controls)

    def _showing(self) -> list[ReplyMessage]:
        """Lay out the text, as far as it is shown."""
        return list(self._held) if self._held is not None else self._layout.shown(self._most_pages())

    def _most_pages(self) -> int | None:
        in_files = self._options.pages_before_file if self._options.can_attach else None
        return min((most for most in (in_files, self._options.most_messages) if most is not None), default=None)

    def _about(self, ending: Ending) -> list[str]:
        """Write what a drawing's card says under the pictures."""
        card = ending.card
        if card is None or not ending.pictures:
            return []
        lines = self._card_words.card(card, self._guild_id)
        # A picture that changes an earlier one was drawn from more than was asked: that is shown.
        changed = card.plan.origin is not None and not self.heading
        return [quoted(card.prompt, QUOTE_CHARS), *lines] if changed else lines

    def _under_heading(self, words: str) -> str:
        return "\n".join(filter(None, (self.heading, words)))

    def _compose(self, ending: Ending) -> list[ReplyMessage]:
        messages = self._showing()
        files = [_upload(file) for file in ending.pictures]
        notes = [] if self.held else self._about(ending)
        in_file = not self.held and self._options.can_attach and self._layout.is_longer(len(messages))
        if in_file:
            files.append(Upload(data=self._layout.text.encode(), filename=ANSWER_FILE))
            notes.append(small(self._words.rest_in_file))
        notes += self._notes(ending, written=bool(messages))
        if not (notes or files) and all(one.text in ("", self.heading) for one in messages):
            # All there was is something that nobody sees, such as a line break; Discord takes no empty message.
            messages = []
            notes.append(notice(self._words.problem(ProviderError(ErrorKind.EMPTY))))
        messages = self._placed(messages, "\n".join(notes))
        last = messages[-1]
        messages[-1] = replace(last, files=tuple(files), chars=self._layout.chars if in_file else last.chars)
        return with_controls(messages, ending.controls if self._has_controls else None)

    def _notes(self, ending: Ending, *, written: bool) -> list[str]:
        """Write what is said below the answer of how it ended."""
        notes: list[str] = []
        if any(file.picture.reduced for file in ending.pictures):
            notes.append(small(self._words.reduced))
        goes_on = ending.controls is not None and Action.CONTINUE in ending.controls.actions
        if ending.reason is FinishReason.LENGTH:
            notes.append(small(self._words.cut_by_length))
        elif ending.reason is FinishReason.CUT:
            notes.append(notice(self._words.cut(goes_on=goes_on)))
        if ending.problem in (Trouble.STOPPED, Trouble.STEERED, DrawingDenial.CONFIRM):
            notes.append(small(self._words.problem(ending.problem)))
        elif ending.problem is not None:
            problem = self._words.problem(ending.problem, drawn=bool(ending.pictures), written=written, goes_on=goes_on)
            if ending.card is not None and ending.card.missing:
                count = ending.card.missing + len(ending.card.pictures)
                problem = f"{self._card_words.missing(ending.card.missing, count)} {problem}"
            if ending.open_channels:
                problem = self._words.elsewhere(ending.open_channels)
            notes.append(notice(problem))
        return [*notes, *(small(self._words.told(each)) for each in ending.notices)]

    def last_words(self, ending: Ending) -> str:
        """Write how the answer ended, for a message that shows nothing of it."""
        return "\n".join(self._notes(replace(ending, pictures=(), card=None), written=False))

    def _placed(self, messages: list[ReplyMessage], words: str) -> list[ReplyMessage]:
        """Put words below the last message, or into one of their own, or into the room that is made for them."""
        if not messages:
            return [ReplyMessage(content=self._under_heading(words))]
        if not words:
            return messages
        last, most = messages[-1], self._options.most_messages
        if self._joined and fits(last, words):
            return [*messages[:-1], with_words(last, words)]
        if most is None or len(messages) < most or last.page is None:
            return [*messages, ReplyMessage(content=words, chars=last.chars)]
        return [*messages[:-1], with_words(self._layout.shortened(last.page, words), words)]


def _upload(file: PictureFile) -> Upload:
    picture = file.picture
    data = picture.path if isinstance(picture, KeptPicture) else picture.data
    return Upload(data=data, filename=file.filename, alt=file.alt)
