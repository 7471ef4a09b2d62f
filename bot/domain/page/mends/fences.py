"""Code fences, of which Discord knows one kind: three backticks, which end at the next three wherever they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

TICKS: Final = "```"
BETWEEN_TICKS: Final = "\u200b"
"""Put between backticks that would end a block: nobody sees it."""
RUN: Final = re.compile("`{3,}|~{3,}")
MOST_INFO_CHARS: Final = 100
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9_+\-.#]{1,20}")
_INFO: Final = re.compile(r"[A-Za-z0-9_+\-.#]+\s*")
_MARKDOWN: Final = frozenset({"markdown", "md", "mdx"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFence:
    """A fence that is open in a model's text, after CommonMark 0.31, section 4.5.

    ``run`` is what opened it. ``depth`` counts the fences within one that holds Markdown, itself included: there,
    models put blocks into blocks without a longer fence around them.
    """

    run: str
    markdown: bool
    depth: int = 1

    def after(self, run: str, rest: str) -> OpenFence | None:
        """Follow a line inside that begins with ``run``; ``rest`` is the rest of the line. None if it is the end."""
        if run[0] != self.run[0]:
            return self
        if rest.strip():
            opens = self.markdown and len(run) <= len(self.run) and _INFO.fullmatch(rest.lstrip()) is not None
            return replace(self, depth=self.depth + 1) if opens else self
        if self.depth > 1:
            return replace(self, depth=self.depth - 1)
        return None if len(run) >= len(self.run) else self


def open_fence(run: str, info: str) -> OpenFence:
    """Open a fence by its first line."""
    return OpenFence(run=run, markdown=language_of(info).lower() in _MARKDOWN)


def language_of(info: str) -> str:
    """Read the language that a fence names, by which Discord colours it; empty if there is none that it would take."""
    words = info.split(maxsplit=1)
    return words[0] if words and _LANGUAGE.fullmatch(words[0]) else ""


def broken(run: str) -> str:
    """Write backticks so that they end no block."""
    return BETWEEN_TICKS.join(run[at : at + 2] for at in range(0, len(run), 2))
