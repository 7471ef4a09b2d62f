"""Questions that were asked in several messages, as one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.history.messages import HistoryMessage


def merged(lines: Iterable[HistoryMessage]) -> tuple[HistoryMessage, ...]:
    """Put the parts of questions into the lines of these, in the order in which they were written.

    A part whose question is not among the lines says nothing by itself, and goes. A line that comes twice counts once.
    """
    found = {(line.channel_id, line.id): line for line in lines}.values()
    if all(line.part_of is None for line in found):
        return tuple(found)
    said: dict[int, list[HistoryMessage]] = {}
    for line in found:
        if line.deleted_at is None:
            said.setdefault(line.id if line.part_of is None else line.part_of, []).append(line)
    return tuple(_whole(line, said.get(line.id, [])) for line in found if line.part_of is None)


def _whole(line: HistoryMessage, said: list[HistoryMessage]) -> HistoryMessage:
    if len(said) < 2:
        return line
    texts = (part.text.strip() for part in sorted(said, key=lambda part: part.id))
    return replace(line, text="\n".join(filter(None, texts)))
