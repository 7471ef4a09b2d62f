"""Bytes to objects: server-sent events, JSON lines or one JSON body, by what is there.

The three forms are one grammar here, so that an endpoint may mix them (a bare error object in a stream of events, an
end marker after JSON lines). At the start of a line, ``{`` or ``[`` opens a JSON value, which ends where its brackets
close, whatever line ends it holds; anything else is a line of server-sent events. A value or an event that is no JSON
is counted and skipped, the next one is read as usual.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Final, NoReturn

from bot.errors import ErrorKind, ProviderError
from bot.providers.wire.brackets import JsonValue
from bot.providers.wire.cutting import Cutter
from bot.providers.wire.values import Written

MIB: Final = 1024 * 1024
_LINE_END: Final = re.compile(r"[\r\n]")
_BLANK: Final = re.compile(r"[ \t]*")
_DONE: Final = "[DONE]"
_BETWEEN: Final = re.compile(r"(?:\s|,|data:)*")
_OF_AN_ANSWER: Final = re.compile(r'\s*\{.*?"(?:id|object|choices|created|delta|data|code)"\s*:', re.DOTALL)
_LOOKED_AT_CHARS: Final = 2000
_DIGITS: Final = 4000
"""Whole numbers that are longer are kept as they are written: Python refuses to read them."""
_MINUS_ZERO: Final = "-0"
"""The one whole number whose digits Python does not keep."""


class Done:
    """The end marker, ``[DONE]``."""

    __slots__ = ()


Frame = dict[str, object] | Done


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _parse_whole(digits: str) -> int | Written:
    return int(digits) if len(digits) < _DIGITS and digits != _MINUS_ZERO else Written(digits)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=Written)
_WIDE_DECODER: Final = json.JSONDecoder(
    parse_constant=_refuse_constant,
    parse_float=Written,
    parse_int=_parse_whole,
)


def parse_objects(text: str) -> list[Frame] | None:
    """Read one JSON text: an object, or an array of objects; the end marker too. None where it is neither."""
    text = text.strip()
    if text == _DONE:
        return [Done()]
    # Reading whole numbers one by one takes longer, and hardly any answer needs it.
    decoder = _WIDE_DECODER if ":-0" in text or " -0" in text else _DECODER
    try:
        value: object = decoder.decode(text)
    except json.JSONDecodeError:
        return _parse_several(text, decoder)
    except RecursionError:
        return None
    except ValueError:
        try:
            value = _WIDE_DECODER.decode(text)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return list(value)
    return None


def _parse_several(text: str, decoder: json.JSONDecoder) -> list[Frame] | None:
    """Read objects that follow each other on one line; None if it holds anything but these and the end marker."""
    frames: list[Frame] = []
    at = 0
    while at < len(text):
        if text.startswith(_DONE, at):
            frames.append(Done())
            at += len(_DONE)
        elif text[at] != "{":
            return None
        else:
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                return None
            frames.append(value)
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # the pattern matches the empty string
    return frames


class Framer:
    """Cuts one answer into objects. Each object is given out with the bytes that complete it.

    Long base64 is not in the objects: the cutter puts it back into what is made of them.
    Raises ``ProviderError``: ``too_large`` where one item or the whole answer passes its limit, ``protocol`` where the
    answer is HTML or nested beyond reason.
    """

    def __init__(self, *, max_item_bytes: int = 24 * MIB, max_total_bytes: int = 64 * MIB) -> None:
        self._max_item = max_item_bytes
        self._room = max_total_bytes
        self.cutter = Cutter(max_bytes=max_item_bytes)
        """Has what is too long to be in the objects: the pictures."""
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._started = False
        self._after_cr = False
        self._in_line = False
        self._value = JsonValue()
        self._pieces: list[str] = []
        self._held_chars = 0
        self._data: list[str] = []
        self._data_chars = 0
        self._frames: list[Frame] = []
        self.skipped = 0
        """How many lines and values were no JSON."""
        self.lost = False
        """Whether one of them began like a part of an answer."""

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes; return the objects that they complete."""
        self._room -= len(data)
        if self._room < 0:
            raise ProviderError(ErrorKind.TOO_LARGE, "the answer is larger than the limit")
        text = self._utf8.decode(self.cutter.feed(data))
        if self.cutter.diverted:
            self._count(self.cutter.diverted)
            self.cutter.diverted = 0
        self._scan(text)
        return self._taken()

    def close(self) -> list[Frame]:
        """Return what the end of the answer completes; a value that is cut off is dropped."""
        self._scan(self._utf8.decode(self.cutter.close(), final=True))
        rest = "".join(self._pieces)
        if self._value.open:
            self._skip_value("")
            # Whatever came after a line that was no JSON may have been taken for its continuation.
            for line in _LINE_END.split(rest)[1:]:
                self._frames += parse_objects(line) or []
        elif self._in_line:
            self._take_line(rest)
        self._dispatch()
        return self._taken()

    def _taken(self) -> list[Frame]:
        frames, self._frames = self._frames, []
        return frames

    def _scan(self, text: str) -> None:
        at = 0
        while at < len(text):
            if self._value.open:
                at = self._scan_value(text, at)
            elif self._in_line:
                at = self._scan_line(text, at)
            else:
                at = self._start(text, at)

    def _start(self, text: str, at: int) -> int:
        """Look at the start of a line (or what follows a value) and decide what it is."""
        if self._after_cr:
            self._after_cr = False
            if text[at] == "\n":
                return at + 1
        at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # the pattern matches the empty string
        if at == len(text):
            return at
        char = text[at]
        if char in "\r\n":
            self._after_cr = char == "\r"
            self._dispatch()
            return at + 1
        if not self._started:
            self._started = True
            if char == "<":
                raise ProviderError(ErrorKind.PROTOCOL, "the answer is HTML or XML, not JSON")
        if char in "{[":
            self._value.begin()
        else:
            self._in_line = True
        return at

    def _hold(self, text: str) -> None:
        self._count(len(text))
        self._pieces.append(text)

    def _count(self, chars: int) -> None:
        """Count what belongs to the item that is read, though it may not be held here."""
        self._held_chars += chars
        if self._held_chars > self._max_item:
            raise ProviderError(ErrorKind.TOO_LARGE, "one item of the answer is larger than the limit")

    def _release(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._held_chars = 0
        return text

    # --- JSON values -------------------------------------------------------------------------------------------

    def _scan_value(self, text: str, at: int) -> int:
        end = self._value.scan(text, at)
        if self._value.broken:
            self._skip_value(text[at:end])
            return end
        self._hold(text[at:end])
        if not self._value.open:
            frames = parse_objects(self._release())
            if frames is None:
                self.skipped += 1
            else:
                self._frames += frames
        return end

    def _skip_value(self, last: str) -> None:
        self._mourn(self._release() + last)
        self._value.open = False
        self.skipped += 1

    def _mourn(self, text: str) -> None:
        """Note what could not be read: a part of an answer is missed by its reader."""
        self.lost = self.lost or _OF_AN_ANSWER.match(text[:_LOOKED_AT_CHARS]) is not None

    # --- lines of server-sent events ---------------------------------------------------------------------------

    def _scan_line(self, text: str, at: int) -> int:
        found = _LINE_END.search(text, at)
        if found is None:
            self._hold(text[at:])
            return len(text)
        self._hold(text[at : found.start()])
        self._after_cr = found.group() == "\r"
        self._take_line(self._release())
        return found.end()

    def _take_line(self, line: str) -> None:
        self._in_line = False
        name, _, value = line.partition(":")
        if name == "data":
            value = value.removeprefix(" ")
            while value.startswith("data:"):
                value = value[5:].removeprefix(" ")
            self._take_data(value)
        elif name not in ("", "event", "id", "retry"):  # an empty name is a comment, which keeps the stream alive
            self.skipped += 1

    def _take_data(self, value: str) -> None:
        continues = bool(self._data) and self._data[-1].rstrip().endswith((":", ",", "[", "{"))
        frames = None if continues else parse_objects(value)
        if frames is None:
            self._data_chars += len(value) + 1
            if self._data_chars > self._max_item:
                raise ProviderError(ErrorKind.TOO_LARGE, "one event of the answer is larger than the limit")
            self._data.append(value)
            return
        # Complete in itself: given out at once, since some servers end events with one line end instead of two.
        self._dispatch()
        self._frames += frames

    def _dispatch(self) -> None:
        """End an event: its data lines are one text; failing that, each is tried by itself."""
        if not self._data:
            return
        lines, self._data, self._data_chars = self._data, [], 0
        frames = parse_objects("\n".join(lines))
        if frames is not None:
            self._frames += frames
        elif any(line.strip() for line in lines):
            self.skipped += 1
            for line in lines:
                frames = parse_objects(line)
                if frames is None:
                    self._mourn(line)
                else:
                    self._frames += frames
