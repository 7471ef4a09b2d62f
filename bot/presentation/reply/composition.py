"""What a reply is to look like: its messages' texts, files and buttons, while it grows and when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import FinishReason
from bot.domain.page.pager import PAGE_LIMIT, Pager, units
from bot.domain.page.small import ModelLines, small
from bot.domain.picture.files import KeptPicture, PictureFile
from bot.domain.reply.controls import Action, Controls
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.reply.lines import LEAST_RETRY_S, RetryLine, ThinkingLine, TimedLine
from bot.errors import ErrorKind, Trouble
from bot.presentation.outbound.upload import Upload
from bot.presentation.words.drawings import CardWords, quoted
from bot.presentation.words.replies import Words, notice

ANSWER_FILE = "answer.md"
QUOTE_CHARS = 200
"""How much of a prompt stands above what was made of it."""
PLACE_S = 60.0
"""How long it may take to move up one position in a queue: as long as a slow picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyMessage:
    """One message of a reply."""

    content: str
    controls: Controls | None = None
    files: tuple[Upload, ...] = ()


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
        self._heading = heading
        self._guild_id = guild_id
        self._lasts_s = lasts_s
        self._pager = Pager(PAGE_LIMIT)
        self._lines = ModelLines()
        self._text: list[str] = []
        self._text_chars = 0
        self._status = ""
        self._line: TimedLine | None = None
        self._now = 0.0
        self._final: list[ReplyMessage] | None = None
        self._card_words = CardWords(words.locale)

    def chars_through(self, index: int) -> int:
        """Tell how much of the pushed text stands once the message ``index`` does, and those before it."""
        layout = self._pager.layout if self._text else ()
        if index + 1 >= len(layout):
            return self._text_chars
        heading_chars = len(self._heading) + 1 if self._heading else 0
        return self._lines.source_chars(max(0, layout[index].end - heading_chars))

    def push(self, text: str) -> None:
        """Take the next piece of the answer."""
        self._line = None
        if self._heading and not self._text:
            self._pager.push(f"{self._heading}\n")
        self._text.append(text)
        self._text_chars += len(text)
        self._pager.push(self._lines.push(text))

    def retract(self, text: str) -> None:
        """Go back to a beginning of the answer so far."""
        self._pager = Pager(PAGE_LIMIT)
        self._lines = ModelLines()
        self._text = []
        self._text_chars = 0
        if text:
            self.push(text)

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
        """Set the last state; a further call replaces it."""
        self._pager.end()
        self._final = self._compose(ending)

    @property
    def has_files(self) -> bool:
        """Whether the last state has files."""
        return bool(self._final and any(page.files for page in self._final))

    def forbid_files(self) -> None:
        """Do without files from now on: a long answer goes on in messages."""
        self._options = replace(self._options, can_attach=False)

    def pages(self) -> list[ReplyMessage]:
        """Lay out what is wanted now; nothing while there is nothing to show."""
        if self._final is not None:
            return self._final
        texts = self._texts()
        line = self._timed_words() if self._line is not None else ""
        if not texts:
            status = line or self._status
            texts = [self._under_heading(small(status))] if status else []
        elif line:  # below an answer that goes on, where there is room
            texts = _with_words(texts, small(line)) if _fits(texts[-1], small(line)) else texts
        return _with_controls([ReplyMessage(content=text) for text in texts], self._options.controls)

    def _texts(self) -> list[str]:
        pages = self._pager.pages if self._text else []
        return pages[: self._options.pages_before_file] if self._options.can_attach else pages

    def _about(self, ending: Ending) -> list[str]:
        """Write what a drawing's card says under the pictures."""
        card = ending.card
        if card is None or not ending.pictures:
            return []
        lines = self._card_words.card(card, self._guild_id)
        # A picture that changes an earlier one was drawn from more than was asked: that is shown.
        changed = card.plan.origin is not None and not self._heading
        return [quoted(card.prompt, QUOTE_CHARS), *lines] if changed else lines

    def _under_heading(self, words: str) -> str:
        return "\n".join(filter(None, (self._heading, words)))

    def _compose(self, ending: Ending) -> list[ReplyMessage]:
        texts = self._texts()
        files = [_upload(file) for file in ending.pictures]
        notes = self._about(ending)
        if texts and len(texts) < len(self._pager.pages):
            files.append(Upload(data="".join(self._text).encode(), filename=ANSWER_FILE))
            notes.append(small(self._words.rest_in_file))
        if any(file.picture.reduced for file in ending.pictures):
            notes.append(small(self._words.reduced))
        goes_on = ending.controls is not None and Action.CONTINUE in ending.controls.actions
        if ending.reason is FinishReason.LENGTH:
            notes.append(small(self._words.cut_by_length))
        elif ending.reason is FinishReason.CUT:
            notes.append(notice(self._words.cut(goes_on=goes_on)))
        if ending.problem in (Trouble.STOPPED, DrawingDenial.CONFIRM):
            notes.append(small(self._words.problem(ending.problem)))
        elif ending.problem is not None:
            problem = self._words.problem(
                ending.problem, drawn=bool(ending.pictures), written=bool(texts), goes_on=goes_on
            )
            if ending.card is not None and ending.card.missing:
                count = ending.card.missing + len(ending.card.pictures)
                problem = f"{self._card_words.missing(ending.card.missing, count)} {problem}"
            if ending.open_channels:
                problem = self._words.elsewhere(ending.open_channels)
            notes.append(notice(problem))
        notes += (small(self._words.told(each)) for each in ending.notices)
        if notes:
            words = "\n".join(notes)
            if not texts:
                texts = [self._under_heading(words)]
            else:
                texts = _with_words(texts, words) if _fits(texts[-1], words) else [*texts, words]
        pages = [ReplyMessage(content=text) for text in texts or [self._heading]]
        pages[-1] = replace(pages[-1], files=tuple(files))
        return _with_controls(pages, ending.controls)


def _fits(text: str, words: str) -> bool:
    """Whether words have room below a page's text."""
    return units(text) + units(words) + 2 <= PAGE_LIMIT


def _with_words(texts: list[str], words: str) -> list[str]:
    return [*texts[:-1], f"{texts[-1]}\n\n{words}"]


def _upload(file: PictureFile) -> Upload:
    picture = file.picture
    data = picture.path if isinstance(picture, KeptPicture) else picture.data
    return Upload(data=data, filename=file.filename, alt=file.alt)


def _with_controls(pages: list[ReplyMessage], controls: Controls | None) -> list[ReplyMessage]:
    """Put the buttons under the last message."""
    return [*pages[:-1], replace(pages[-1], controls=controls)] if pages and controls else pages
