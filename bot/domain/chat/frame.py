"""The frame of a prompt: what tells one person's words from another's, and from the lines that the prompt adds.

The prompt's own lines begin with a bracket, and what somebody said begins with a label if several speak. Both are at
the start of a line. So the further lines under a label and all lines of a quotation are indented, and a backslash goes
before a line that looks like one of the prompt's own. Both can be undone exactly: none of these begins so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.chat.lookalikes import letters_of
from bot.domain.chat.notes import CHINESE, ENGLISH

INDENT: Final = "  "

_OPENINGS: Final = r"\[［【〔〖〘〚⁅❲⟦⟬⦋⦍⦏﹝︻︹"
_MAY_OPEN: Final = re.compile(f"[{_OPENINGS}]")
_LEADING: Final = re.compile(rf"^(?:[^\w\n{_OPENINGS}]|[_\u115f\u1160\u3164\uffa0])*[{_OPENINGS}][\W_]*", re.MULTILINE)
"""What a line begins with up to its first letter, if a bracket is among that."""
_OMISSION: Final = re.compile(r"[…⋯]|\.\s*\.\s*\.")
_FURTHER: Final = re.compile(r"\n(?=[^\n])")
_MOST_LETTERS: Final = 64
_LEAST_LETTERS: Final = 16
"""So many letters, if there are as many, are enough to know one of the prompt's own lines by."""


@dataclass(frozen=True, slots=True)
class Heads:
    """How lines of one kind begin behind their bracket, as they look: in letters alone.

    ``first`` is which letter may come first; empty where a line without letters, an omission, is one of them too.
    ``least`` is how many letters there are in the shortest.
    """

    letters: tuple[str, ...]
    first: frozenset[str]
    least: int


def _heads(*lines: str, omission: bool = False) -> Heads:
    letters = tuple(letters_of(line, _LEAST_LETTERS) for line in lines)
    first = frozenset(each[0] for each in letters) | ({""} if omission else set())
    return Heads(letters, first, min(map(len, letters)))


OWN: Final = _heads(*(head for notes in (ENGLISH, CHINESE) for head in notes.heads), omission=True)
"""The prompt's own lines, and the mark where a text is cut."""
ENCLOSED: Final = _heads("attachment", "sticker")
"""Lines that tell what came with a message."""


def guarded(text: str, heads: Heads = OWN) -> str:
    r"""Put a backslash before each line that looks like one of these, in whatever letters and brackets.

    All ends of lines become ``\n``; blanks around the text go.
    """
    lines = text.strip().splitlines()
    plain = "\n".join(lines)
    if not ("[" in plain or (not plain.isascii() and _MAY_OPEN.search(plain))) or not _LEADING.search(plain):
        return plain
    return "\n".join(f"\\{line}" if is_like(line, heads) else line for line in lines)


def is_like(line: str, heads: Heads = OWN) -> bool:
    """Whether a line looks like one of these."""
    leading = _LEADING.match(line)
    if leading is None:
        return False
    rest = line[leading.end() :]
    if len(rest) < heads.least and rest:
        return False
    if rest[:1].isascii() and rest[:1].lower() not in heads.first:
        return False  # as of most lines; what other letters look like takes longer to find out
    letters = letters_of(rest, _MOST_LETTERS)
    return letters.startswith(heads.letters) if letters else _OMISSION.search(line) is not None


def under(label: str, text: str) -> str:
    """Write what somebody said under their label; as it is without one."""
    return label + _FURTHER.sub(f"\n{INDENT}", text) if label else text


def indented(text: str) -> str:
    """Indent every line of a text but those that are empty."""
    return INDENT + _FURTHER.sub(f"\n{INDENT}", text)
