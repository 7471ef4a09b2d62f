"""Parts to events: the text as it comes, what must be held back held back, and one good end or an error."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.model.events import (
    DrawingIntent,
    Finish,
    FinishReason,
    ModelEvent,
    PictureUrl,
    Progress,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from bot.errors import ErrorKind, ProviderError
from bot.providers.failures import sentence_error
from bot.providers.markup import MarkupGate
from bot.providers.parts import DrawingPath, Fault, Part, PictureReference, Piece, Stopped, Whole
from bot.providers.picture_text import distinct_pictures, lone_url, may_become_lone_url, names_picture, pictures_in
from bot.providers.text import Cleaner, SentinelGate, ThinkGate, Unseen

_PROGRESS_CHARS: Final = 300
_HEAD_CHARS: Final = 400


class _Answer:
    """What the assemblers of both endpoints have in common: parts sorted, how the answer ended."""

    def __init__(self) -> None:
        self._unseen = Unseen()
        self._cleaner = Cleaner()
        self._usage: Usage | None = None
        self._reason: FinishReason | None = None
        self._whole = False
        self._shown = False

    @property
    def complete(self) -> bool:
        """Whether the endpoint has said that the answer is whole."""
        return self._reason is not None

    def feed(self, part: Part) -> list[ModelEvent]:
        """Take a part; return the events that are certain by now."""
        match part:
            case Piece():
                return self._say(self._cleaner.feed(self._unseen.piece(part.text)))
            case Whole():
                self._whole = self._whole or bool(part.text)
                return self._say(self._cleaner.feed(self._unseen.whole(part.text)))
            case ReasoningDelta():
                return [part] if part.text else []
            case Usage():
                self._usage = part
            case Stopped():
                self._reason = part.reason
            case Fault():
                raise part.error
            case PictureReference() | DrawingPath():
                self._note(part)
        return []

    def _say(self, text: str) -> list[ModelEvent]:
        raise NotImplementedError

    def _note(self, part: PictureReference | DrawingPath) -> None:
        """Take what is not text; an endpoint that has no such part ignores it."""

    def _show(self, text: str) -> list[ModelEvent]:
        if not text:
            return []
        self._shown = self._shown or bool(text.strip())
        return [TextDelta(text=text)]

    def _close(self, *, done: bool) -> FinishReason:
        """Tell how the answer ended. Raises ``ProviderError`` of kind ``truncated`` where nothing said that it did."""
        if self._reason is None and not done and not self._whole:
            raise ProviderError(ErrorKind.TRUNCATED, "the answer ended without saying so")
        return self._reason or FinishReason.UNKNOWN

    def _last(self, reason: FinishReason, *, pictures: int = 0) -> list[ModelEvent]:
        usage = self._usage
        if pictures:
            usage = replace(usage or Usage(), pictures=pictures)
        return [*([usage] if usage else []), Finish(reason=reason)]

    def _nothing(self, reason: FinishReason) -> ProviderError:
        """Make the error of an answer that holds nothing to show."""
        if reason is FinishReason.FILTERED:
            return ProviderError(ErrorKind.CONTENT_FILTERED, "the endpoint filtered the answer")
        return ProviderError(ErrorKind.EMPTY, f"the answer is empty (finish reason {reason})")


class FusionAssembler(_Answer):
    """Assembles an answer of the fusion endpoint.

    ``draw`` is the ``output_img`` that was sent. ``only_picture`` says that nothing but a picture is wanted: text is
    then kept back, since it can only be the picture's URL or the reason why there is none.
    """

    def __init__(self, *, draw: bool, only_picture: bool) -> None:
        super().__init__()
        self._draw = draw
        self._only_picture = only_picture
        self._gate = SentinelGate()
        self._path: bool | None = None
        self._kept: list[str] = []
        self._keeping = True
        self._head = ""

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, DrawingPath):
            self._path = self._path or part.taken

    def _say(self, text: str) -> list[ModelEvent]:
        if not self._keeping and not self._path:
            return self._tell(self._gate.feed(text))
        if text:
            self._kept.append(text)
        # Until an answer can't be a lone URL any more it may yet turn out to be the picture's.
        if self._path or self._only_picture or may_become_lone_url("".join(self._kept)):
            return []
        return self._let_go()

    def _let_go(self) -> list[ModelEvent]:
        text = "".join(self._kept)
        self._kept.clear()
        self._keeping = False
        return self._tell(self._gate.feed(text))

    def _tell(self, text: str) -> list[ModelEvent]:
        if len(self._head) < _HEAD_CHARS:
            self._head = (self._head + text)[:_HEAD_CHARS]
        return self._show(text)

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError``: cut off, empty, or a drawing that failed."""
        reason = self._close(done=done)
        events = [] if self._path or self._only_picture else self._let_go()
        rest = self._cleaner.end()
        if self._path or self._only_picture:
            return self._drawn("".join(self._kept) + rest, reason)
        events += self._tell(self._gate.feed(rest)) if rest else []
        if self._gate.intent and not self._draw:
            return [*events, DrawingIntent(), *self._last(FinishReason.STOP)]
        events += self._tell(self._gate.end())
        if not self._shown:
            if self._gate.met:
                raise ProviderError(ErrorKind.DRAWING_FAILED, "the endpoint recognised a drawing and made none")
            raise self._nothing(reason)
        return [*events, *self._last(reason)]

    def _drawn(self, text: str, reason: FinishReason) -> list[ModelEvent]:
        """End an answer of the drawing path: the picture's URL, or a sentence that says why there is none."""
        if not self._draw:
            # A picture came although none was asked for: it is the intent that counts.
            return [DrawingIntent(), *self._last(FinishReason.STOP)]
        url = None if self._shown or self._path is False else lone_url(text)
        if url is not None:
            return [PictureUrl(url=url), *self._last(reason, pictures=1)]
        gate = SentinelGate()
        sentence = (self._head + self._gate.end() + gate.feed(text) + gate.end()).strip()
        if not sentence and reason is not FinishReason.FILTERED:
            raise ProviderError(ErrorKind.DRAWING_FAILED, "neither a picture nor a sentence came")
        error = _undrawn(sentence, reason)
        if self._shown:
            error.sentence = ""  # it stands there already
        raise error

    def abandon(self) -> list[ModelEvent]:
        """Return held text that may be shown: an unfinished sentinel or drawing is not."""
        if self._path or self._only_picture or not self._kept:
            return []
        return self._let_go()


class ChatAssembler(_Answer):
    """Assembles an answer of chat completions: text as it comes, pictures taken out of it and given at the end.

    An answer that is nothing but a URL is a picture's where its path ends like one; any other URL is talk.
    """

    def __init__(self) -> None:
        super().__init__()
        self._think = ThinkGate()
        self._markup = MarkupGate()
        self._named: list[str] = []
        self._kept: str | None = ""  # the whole text, as long as it may become a lone URL

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, PictureReference):
            self._named.append(part.url)

    def _say(self, text: str) -> list[ModelEvent]:
        reasoning, text = self._think.feed(text)
        if self._kept is not None:
            self._kept += text
            if may_become_lone_url(self._kept):
                return _thought(reasoning)
            text, self._kept = self._kept, None
        return [*_thought(reasoning), *self._show(self._markup.feed(text))]

    def _rest(self, *, well: bool) -> list[ModelEvent]:
        reasoning, text = self._think.feed(self._cleaner.end())
        more_reasoning, more_text = self._think.end()
        text += more_text
        if self._kept is not None:
            text, self._kept = self._kept + text, None
            url = lone_url(text)
            if well and url is not None and names_picture(url) and not self._named:
                self._named.append(url)
                text = ""
        text = self._markup.feed(text) + self._markup.end(well=well)
        return [*_thought(reasoning + more_reasoning), *self._show(text)]

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError`` where the answer is cut off or empty."""
        reason = self._close(done=done)
        events = self._rest(well=True)
        pictures = distinct_pictures([*self._named, *self._markup.references])
        if not self._shown and not pictures:
            raise self._nothing(reason)
        return [*events, *pictures, *self._last(reason, pictures=len(pictures))]

    def abandon(self) -> list[ModelEvent]:
        """Return held text that may be shown; half a picture is dropped."""
        return self._rest(well=False)


class DrawingAssembler(_Answer):
    """Assembles a drawing of chat completions: text is looked through for pictures when it is complete."""

    def __init__(self) -> None:
        super().__init__()
        self._think = ThinkGate()
        self._named: list[str] = []
        self._text: list[str] = []
        self._line = ""

    def _note(self, part: PictureReference | DrawingPath) -> None:
        if isinstance(part, PictureReference):
            self._named.append(part.url)

    def _say(self, text: str) -> list[ModelEvent]:
        reasoning, text = self._think.feed(text)
        self._text.append(text)
        return [*_thought(reasoning), *self._progress(text)]

    def _progress(self, text: str) -> list[ModelEvent]:
        """Give quoted lines out as progress, once they are complete: relays report so (``> 生成中 …``)."""
        events: list[ModelEvent] = []
        *lines, last = text.split("\n")
        for line in lines:
            line = (self._line + line).strip()
            self._line = ""
            words = line.lstrip("> ").strip()
            if line.startswith(">") and words and len(line) <= _PROGRESS_CHARS:
                events.append(Progress(text=words))
        # One character too many marks a line as too long for progress without keeping it.
        self._line = (self._line + last)[: _PROGRESS_CHARS + 1]
        return events

    def end(self, *, done: bool) -> list[ModelEvent]:
        """Return the last events. Raises ``ProviderError``: cut off, empty, or words and no picture."""
        reasoning, rest = self._think.end()
        text = "".join(self._text) + rest
        cut = self._reason is None and not done and not self._whole
        pictures = distinct_pictures([*self._named, *pictures_in(text, cut=cut)])
        # A picture that came whole was paid for and counts, however the answer ended.
        reason = FinishReason.UNKNOWN if cut and pictures else self._close(done=done)
        if pictures:
            return [*_thought(reasoning), *pictures, *self._last(reason, pictures=len(pictures))]
        words = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">")).strip()
        if not words:
            raise self._nothing(reason)
        raise _undrawn(words, reason)

    def abandon(self) -> list[ModelEvent]:
        """Return nothing: text of a drawing that broke off is no answer."""
        return []


def _undrawn(sentence: str, reason: FinishReason) -> ProviderError:
    """Make the error of a drawing that became words; the finish reason may say more than they do."""
    filtered = reason is FinishReason.FILTERED
    return sentence_error(sentence, ErrorKind.CONTENT_FILTERED if filtered else ErrorKind.DRAWING_FAILED)


def _thought(text: str) -> list[ModelEvent]:
    return [ReasoningDelta(text=text)] if text else []
