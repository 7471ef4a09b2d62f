"""A prompt, read back into its parts by nothing but what is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.chat.frame import is_like
from bot.domain.chat.notes import CHINESE, ENGLISH
from bot.domain.model.messages import PromptMessage, Role

LANGUAGES = (ENGLISH, CHINESE)
ASSISTANT = "the assistant itself"
"""Who said what is in the assistant's turn: no user has this name, which ``speaker_name`` marks."""


CUT = "\ue000cut\ue000"
"""What is read where the prompt leaves something out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words, and whose; in a talk with one user theirs have no name."""

    words: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A note of a drawing."""

    recipe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """The note that nothing was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The message that the last one replies to."""

    by: str
    words: str
    drawn: str | None = None


Part = Said | Drawn | Unanswered | Quoted


def read_back(messages: Sequence[PromptMessage], *, several: bool) -> list[Part]:
    """Read a prompt; ``several``: its users' words have labels."""
    parts: list[Part] = []
    for number, message in enumerate(messages):
        lines = message.content.split("\n")
        if message.role is Role.ASSISTANT:
            parts += _joined(_of_assistant(lines))
            continue
        if number == 0 and (quote := _quote(lines)) is not None:
            quoted, length = quote
            parts.append(quoted)
            lines = lines[length:]
        parts += _labelled(lines) if several else _joined(map(_unlabelled, lines))
    return parts


def _of_assistant(lines: list[str]) -> Iterator[Part]:
    for line in lines:
        if any(line == notes.no_answer for notes in LANGUAGES):
            yield Unanswered()
        else:
            yield Said(words=_plain(line), by=ASSISTANT)


def _unlabelled(line: str) -> Part:
    recipe = _recipe(line)
    return Said(words=_plain(line)) if recipe is None else Drawn(recipe=recipe)


def _labelled(lines: list[str]) -> Iterator[Part]:
    said: Said | None = None
    for line in lines:
        if said is not None and (not line or line.startswith("  ")):
            said = Said(by=said.by, words=f"{said.words}\n{_plain(line[2:])}")
            continue
        if said is not None:
            yield said
            said = None
        if (recipe := _recipe(line)) is not None:
            yield Drawn(recipe=recipe)
            continue
        name, found, words = line.partition(": ")
        assert found, f"a line of nobody: {line!r}"
        said = Said(by=name, words=_plain(words))
    if said is not None:
        yield said


def _quote(lines: list[str]) -> tuple[Quoted, int] | None:
    for notes in LANGUAGES:
        before, after = notes.quotes.split("{author}")
        head = lines[0]
        own = head == notes.quotes_own
        if not own and not (head.startswith(before) and head.endswith(after)):
            continue
        end = next(at for at, line in enumerate(lines) if at and line and not line.startswith("  "))
        assert lines[end] == notes.end_of_quote
        inside = [line[2:] for line in lines[1:end]]
        drawn = _recipe(inside[-1])
        words = [_plain(line) for line in (inside if drawn is None else inside[:-1])]
        author = ASSISTANT if own else head.removeprefix(before).removesuffix(after)
        return Quoted(by=author, words="\n".join(words), drawn=drawn), end + 1
    return None


def _recipe(line: str) -> str | None:
    for notes in LANGUAGES:
        pattern = (
            re.escape(notes.drew)
            .replace(r"\{day\}", r"\d{4}-\d\d-\d\d")
            .replace(r"\{recipe\}", r"((?:\\.|[^\\\[\]])*)")
        )
        if found := re.fullmatch(pattern, line):
            return re.sub(r"\\(.)", r"\1", found[1])
        if re.fullmatch(re.escape(notes.drew_something).replace(r"\{day\}", r"\d{4}-\d\d-\d\d"), line):
            return ""
    return None


def _plain(line: str) -> str:
    """Take off the backslash that a line got because it looks like one of the prompt's own."""
    if line == "[…]":
        return CUT
    return line[1:] if line.startswith("\\") and is_like(line) else line


def _joined(parts: Iterator[Part]) -> list[Part]:
    """Join the lines of one; where a message of theirs ends and the next begins, nothing tells."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Said) and isinstance(last, Said):
            joined[-1] = Said(by=part.by, words=f"{last.words}\n{part.words}")
        else:
            joined.append(part)
    return joined
