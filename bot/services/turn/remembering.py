"""The history with the answers that the database has not kept yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.history.messages import Asked, HistoryMessage, Kind
from bot.domain.history.ports import HistoryStore
from bot.domain.history.readers import Reader
from bot.services.turn.backlog import Backlog


class RememberingHistory:
    """``HistoryStore`` over another one: what waits in the backlog is read from there, and changed and deleted too.

    What is deleted by people is hidden until the database has taken that, and answers to it are.
    """

    def __init__(self, history: HistoryStore, backlog: Backlog) -> None:
        self._history = history
        self._backlog = backlog

    async def append(self, message: HistoryMessage) -> bool:
        return await self._history.append(message)

    async def get(self, channel_id: int, message_id: int) -> HistoryMessage | None:
        found = await self._history.get(channel_id, message_id)
        if found is not None and self._backlog.hides(found):
            return None
        waiting = [line for line in self._backlog.lines(channel_id) if line.id == message_id]
        return _laid_over(found, waiting[-1]) if waiting else found

    async def recent(
        self, channel_id: int, *, limit: int, up_to: int | None = None, reader: Reader | None = None
    ) -> tuple[HistoryMessage, ...]:
        read = await self._history.recent(channel_id, limit=limit, up_to=up_to, reader=reader)
        found = tuple(self._as_asked(line) for line in read if not self._is_hidden(line, up_to))
        waiting = [
            line
            for line in self._backlog.lines(channel_id)
            if not self._backlog.holds(line, up_to)
            and (up_to is None or line.id <= up_to)
            and (reader is None or reader.may_read(line))
        ]
        return self._merged(found, waiting)[-limit:] if waiting and limit > 0 else found

    async def range(self, channel_id: int, *, after: int, limit: int) -> tuple[HistoryMessage, ...]:
        read = await self._history.range(channel_id, after=after, limit=limit)
        found = tuple(line for line in read if not self._backlog.hides(line))
        waiting = [line for line in self._backlog.lines(channel_id) if line.id > after]
        return self._merged(found, waiting)[:limit] if waiting and limit > 0 else found

    async def channels_since(self, created_after: datetime, *, limit: int) -> tuple[int, ...]:
        return await self._history.channels_since(created_after, limit=limit)

    async def edit(
        self,
        channel_id: int,
        message_id: int,
        *,
        text: str,
        edited_at: datetime,
        kind: Kind = Kind.TEXT,
        drawn: str = "",
    ) -> bool:
        waiting = self._backlog.edit(channel_id, message_id, text, kind=kind, drawn=drawn)
        edit = self._history.edit
        return await edit(channel_id, message_id, text=text, edited_at=edited_at, kind=kind, drawn=drawn) or waiting

    async def delete(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        waiting = self._backlog.take_back(channel_id, message_ids, deleted_at=deleted_at)
        return max(waiting, await self._history.delete(channel_id, message_ids, deleted_at=deleted_at))

    def _is_hidden(self, line: HistoryMessage, asked: int | None) -> bool:
        return self._backlog.hides(line) or self._backlog.holds(line, asked)

    def _as_asked(self, line: HistoryMessage) -> HistoryMessage:
        """Say of a question what has become of it, also if only the backlog knows."""
        closed = self._backlog.closed(line.id) if line.asked is Asked.UNDER_WAY else None
        if closed is None:
            return line
        return replace(line, asked=Asked.ENDED, answer_id=next(iter(closed.reply_ids), None))

    @staticmethod
    def _merged(found: tuple[HistoryMessage, ...], waiting: list[HistoryMessage]) -> tuple[HistoryMessage, ...]:
        lines = {line.id: line for line in found}
        for line in waiting:
            merged = _laid_over(lines.get(line.id), line)
            if merged is not None:
                lines[line.id] = merged
        return tuple(line for _, line in sorted(lines.items()))


def _laid_over(kept: HistoryMessage | None, waiting: HistoryMessage) -> HistoryMessage | None:
    """Return a line as it will be once what waits is kept: one without text makes none."""
    if kept is None and not waiting.text:
        return None
    return waiting
