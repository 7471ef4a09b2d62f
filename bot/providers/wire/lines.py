"""Long base64 that is broken into lines, as e-mails have it: what stays in the text has lines of one length too."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final, Self

from bot.providers.wire.runs import MARK_CHARS, Decoded

_BREAK: Final = re.compile(rb"(?:\\r)?\\n")
_WIDTHS: Final = range(MARK_CHARS, 1025)
"""The mark fits into one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapping:
    """How base64 is broken in JSON: into lines of ``width`` characters, a multiple of four, each with a ``end``."""

    width: int
    end: bytes

    @classmethod
    def of(cls, window: bytes, *, least: int) -> tuple[Self, int] | None:
        """Find out whether a text is broken so, up to its last line; returns also where the second line begins.

        ``least`` is how long the lines together must be.
        """
        breaks = [found for found, _ in zip(_BREAK.finditer(window), range(2), strict=False)]
        if len(breaks) < 2 or breaks[0].start() % 4 or breaks[0].group() != breaks[1].group():
            return None
        begin = breaks[0].end()
        wrapping = cls(width=breaks[1].start() - begin, end=breaks[0].group())
        if wrapping.width not in _WIDTHS or wrapping.width % 4:
            return None
        after = wrapping.after(window, begin)
        fits = after - begin >= least and wrapping.may_go_on(window[after:])
        return (wrapping, begin) if fits else None

    @property
    def unit(self) -> int:
        """How long a line is with its end."""
        return self.width + len(self.end)

    def after(self, data: bytes, begin: int = 0) -> int:
        """Return where the whole lines end that begin there."""
        lines = re.compile(rb"(?:[A-Za-z0-9+/]{%d}%s)*+" % (self.width, re.escape(self.end)))
        return lines.match(data, begin).end()  # type: ignore[union-attr]  # the pattern matches the empty string

    def may_go_on(self, rest: bytes) -> bool:
        """Whether what follows the whole lines may yet become one."""
        line, end = rest[: self.width], rest[self.width :]
        return (
            re.fullmatch(rb"[A-Za-z0-9+/]*", line) is not None and len(end) < len(self.end) and self.end.startswith(end)
        )


class WrappedRun(Decoded):
    """A run of base64 in lines that goes on; it begins with a line."""

    def __init__(self, wrapping: Wrapping, *, max_bytes: int) -> None:
        super().__init__(max_bytes=max_bytes)
        self._wrapping = wrapping
        self._half = b""
        """The beginning of a line."""
        self._held = b""
        """The last two lines."""

    def feed(self, piece: bytes) -> bytes | None:
        """Take the next bytes; return what follows the run once it has ended, else None."""
        data = self._half + piece
        at = self._wrapping.after(data)
        self._held += data[:at].replace(self._wrapping.end, b"")
        more = len(self._held) - 2 * self._wrapping.width
        if more > 0:
            self.decode(self._held[:more])
            self._held = self._held[more:]
        self._half = data[at:]
        if self._wrapping.may_go_on(self._half):
            return None
        rest, self._half = self._half, b""
        return rest

    def passed(self) -> bytes:
        """Return nothing: all of it is held until it ends."""
        return b""

    def finish(self, key: bytes) -> bytes:
        """Return what stays in the text, with the mark, in whole lines."""
        text, width = self._held, self._wrapping.width
        if self.pieces:
            # As much of what is held as fills up the mark's line, and another one.
            kept = -MARK_CHARS % width + width
            self.decode(text[: len(text) - kept])
            text = base64.b64encode(key + self.digest) + text[len(text) - kept :]
        lines = (text[at : at + width] + self._wrapping.end for at in range(0, len(text), width))
        return b"".join(lines) + self._half

    def written(self) -> str:
        """Write what was cut out as it was."""
        data, width = b"".join(map(base64.b64encode, self.pieces)).decode(), self._wrapping.width
        end = self._wrapping.end.replace(b"\\r", b"\r").replace(b"\\n", b"\n").decode()
        return end.join(data[at : at + width] for at in range(0, len(data), width))
