"""The history in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.history.messages import Asked, HistoryMessage, Kind
from bot.domain.history.readers import Reader
from bot.domain.turn.record import Turn
from bot.storage.schema.text import storable
from tests.fakes.stores.base import FailingStore


class FakeHistoryStore(FailingStore):
    """``HistoryStore`` in memory; ``messages`` holds all, deleted ones too, by (channel id, id).

    ``turns`` are those that messages asked for, by id.
    """

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[tuple[int, int], HistoryMessage] = {}
        self.turns: Mapping[int, Turn] = {}

    async def append(self, message: HistoryMessage) -> bool:
        self._check()
        key = (message.channel_id, message.id)
        if key in self.messages:
            return False
        self.messages[key] = replace(
            message,
            text=storable(message.text),
            drawn=storable(message.drawn),
            author_name=storable(message.author_name),
            created_at=message.created_at.astimezone(UTC),
        )
        return True

    async def get(self, channel_id: int, message_id: int) -> HistoryMessage | None:
        self._check()
        message = self.messages.get((channel_id, message_id))
        return message if message is not None and message.deleted_at is None else None

    async def recent(
        self, channel_id: int, *, limit: int, up_to: int | None = None, reader: Reader | None = None
    ) -> tuple[HistoryMessage, ...]:
        self._check()
        present = [
            message
            for (channel, _), message in sorted(self.messages.items())
            if channel == channel_id
            and message.deleted_at is None
            and (up_to is None or message.id <= up_to)
            and (reader is None or reader.may_read(message))
        ]
        return tuple(map(self._with_turn, present[-limit:])) if limit > 0 else ()

    def _with_turn(self, message: HistoryMessage) -> HistoryMessage:
        turn = self.turns.get(message.id)
        if turn is None:
            return message
        asked = Asked.ENDED if turn.state.final else Asked.UNDER_WAY
        return replace(message, asked=asked, answer_id=next(iter(turn.reply_ids), None))

    async def parts(self, question_id: int) -> tuple[HistoryMessage, ...]:
        self._check()
        found = [each for each in self.messages.values() if each.part_of == question_id and each.deleted_at is None]
        return tuple(sorted(found, key=lambda each: each.id))

    async def range(self, channel_id: int, *, after: int, limit: int) -> tuple[HistoryMessage, ...]:
        self._check()
        present = [
            message
            for (channel, _), message in sorted(self.messages.items())
            if channel == channel_id and message.deleted_at is None and message.id > after
        ]
        return tuple(present[: max(limit, 0)])

    async def channels_since(self, created_after: datetime, *, limit: int) -> tuple[int, ...]:
        self._check()
        latest: dict[int, datetime] = {}
        for message in self.messages.values():
            if message.deleted_at is None and message.created_at > created_after:
                channel = message.channel_id
                latest[channel] = max(message.created_at, latest.get(channel, message.created_at))
        channels = sorted(latest, key=lambda channel: (latest[channel], channel), reverse=True)
        return tuple(channels[: max(limit, 0)])

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
        message = await self.get(channel_id, message_id)
        if message is None:
            return False
        self.messages[channel_id, message_id] = replace(
            message, text=storable(text), edited_at=edited_at, kind=kind, drawn=storable(drawn)
        )
        return True

    async def delete(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        self._check_lock()
        touched = 0
        for message_id in message_ids:
            message = await self.get(channel_id, message_id)
            if message is not None:
                self.messages[channel_id, message_id] = replace(message, text="", drawn="", deleted_at=deleted_at)
                touched += 1
        return touched
