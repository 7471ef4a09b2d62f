"""The report: lines for people, or JSON for machines."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from bot.operations.doctor.findings import Finding, Verdict

FOUND_LIMIT_CHARS = 600
"""A finding may hold what others sent: it never floods the screen."""
MAX_WIDTH_CHARS = 120
_MARKS = {Verdict.OK: "✓", Verdict.WARNING: "!", Verdict.FAILED: "✗", Verdict.SKIPPED: "·"}
_PLAIN_MARKS = {Verdict.OK: "+", Verdict.WARNING: "!", Verdict.FAILED: "x", Verdict.SKIPPED: "-"}
_COLOURS = {Verdict.OK: "32", Verdict.WARNING: "33", Verdict.FAILED: "31", Verdict.SKIPPED: "2"}
_NAME_WIDTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How lines are written. ``width`` is where they are broken, in characters; 0: nowhere."""

    width: int = 0
    colours: bool = False

    @classmethod
    def of(cls, out: TextIO, environ: Mapping[str, str]) -> Style:
        """Choose what suits a stream: a terminal gets colours, unless NO_COLOR is set, and lines of its width."""
        if not out.isatty():
            return cls()
        colours = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        return cls(width=min(MAX_WIDTH_CHARS, shutil.get_terminal_size().columns), colours=colours)


class TextReport:
    """Writes one section after the other, as they come."""

    def __init__(self, out: TextIO, redact: Callable[[str], str], style: Style) -> None:
        self._out = out
        self._redact = redact
        self._style = style
        self._encoding = out.encoding or "utf-8"
        plain = not _can_encode("".join((*_MARKS.values(), "→")), self._encoding)
        self._marks = _PLAIN_MARKS if plain else _MARKS
        self._arrow = "->" if plain else "→"

    def note(self, text: str) -> None:
        """Write a paragraph of its own."""
        self._write("\n".join(self._folded("", 0, text)) + "\n")

    def section(self, title: str, findings: Sequence[Finding]) -> None:
        """Write a section: its title, one line a finding, and its cure below."""
        lines = ["", title]
        for finding in findings:
            mark = self._marks[finding.verdict]
            if self._style.colours:
                mark = f"\033[{_COLOURS[finding.verdict]}m{mark}\033[0m"
            lines += self._folded(f"  {mark} {finding.check:<{_NAME_WIDTH}} ", 5 + _NAME_WIDTH, finding.found)
            if finding.cure:
                indent = " " * (5 + _NAME_WIDTH)
                lines += self._folded(f"{indent}{self._arrow} ", len(indent) + 2, finding.cure)
        self._write("\n".join(lines) + "\n")

    def end(self, findings: Sequence[Finding]) -> None:
        """Write the summary."""
        counts = Counter(finding.verdict for finding in findings)
        wrong, doubtful = counts[Verdict.FAILED], counts[Verdict.WARNING]
        if wrong:
            made = len(findings) - counts[Verdict.SKIPPED]
            words = f"{wrong} of {made} checks failed"
            words += f", {doubtful} {'warns' if doubtful == 1 else 'warn'}." if doubtful else "."
        elif doubtful:
            words = f"Nothing failed; {doubtful} {'check warns' if doubtful == 1 else 'checks warn'}."
        else:
            words = "All is well."
        self._write(f"\n{words}\n")

    def _folded(self, start: str, indent: int, text: str) -> list[str]:
        text = printable(self._redact(text))
        room = self._style.width - indent
        pieces = [text]
        if self._style.width and room >= 20:
            pieces = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        return [start + pieces[0], *(" " * indent + piece for piece in pieces[1:])]

    def _write(self, text: str) -> None:
        self._out.write(text.encode(self._encoding, "replace").decode(self._encoding))
        self._out.flush()


def write_json(
    out: TextIO, sections: Sequence[tuple[str, Sequence[Finding]]], redact: Callable[[str], str], code: int
) -> None:
    """Write everything as one JSON object."""
    found = [
        {
            "section": title,
            "check": finding.check,
            "verdict": finding.verdict.value,
            "found": printable(redact(finding.found)),
            "cure": printable(redact(finding.cure)),
        }
        for title, findings in sections
        for finding in findings
    ]
    counts = Counter(str(each["verdict"]) for each in found)
    summary = {verdict.value: counts[verdict.value] for verdict in Verdict}
    out.write(json.dumps({"findings": found, "summary": summary, "exit_code": code}, indent=2) + "\n")
    out.flush()


def printable(text: str) -> str:
    """Make a text fit for a terminal: no control characters, whoever sent them, one line, at most 600 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= FOUND_LIMIT_CHARS else line[: FOUND_LIMIT_CHARS - 1] + "…"


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
