"""The stores in memory. ``failing`` set to an error makes every method raise it, as a database that is gone would."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.events import FinishReason, Usage
from bot.domain.picture.files import Drawing, PictureOnDisk
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.turn.record import ProblemKind, Turn, TurnState, Version
from bot.errors import StorageError
from bot.storage.schema.text import storable
from tests.fakes.clock import START


class _Fake:
    def __init__(self) -> None:
        self.failing: StorageError | None = None

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing


class FakeHistoryStore(_Fake):
    """``HistoryStore`` in memory; ``messages`` holds all, deleted ones too, by (channel id, id)."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[tuple[int, int], HistoryMessage] = {}

    async def append(self, message: HistoryMessage) -> bool:
        self._check()
        key = (message.channel_id, message.id)
        if key in self.messages:
            return False
        self.messages[key] = replace(
            message,
            text=storable(message.text),
            author_name=storable(message.author_name),
            created_at=message.created_at.astimezone(UTC),
        )
        return True

    async def get(self, channel_id: int, message_id: int) -> HistoryMessage | None:
        self._check()
        message = self.messages.get((channel_id, message_id))
        return message if message is not None and message.deleted_at is None else None

    async def recent(self, channel_id: int, *, limit: int, up_to: int | None = None) -> tuple[HistoryMessage, ...]:
        self._check()
        present = [
            message
            for (channel, _), message in sorted(self.messages.items())
            if channel == channel_id and message.deleted_at is None and (up_to is None or message.id <= up_to)
        ]
        return tuple(present[-limit:]) if limit > 0 else ()

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

    async def edit(self, channel_id: int, message_id: int, *, text: str, edited_at: datetime) -> bool:
        message = await self.get(channel_id, message_id)
        if message is None:
            return False
        self.messages[channel_id, message_id] = replace(message, text=storable(text), edited_at=edited_at)
        return True

    async def delete(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        self._check()
        touched = 0
        for message_id in message_ids:
            message = await self.get(channel_id, message_id)
            if message is not None:
                self.messages[channel_id, message_id] = replace(message, text="", deleted_at=deleted_at)
                touched += 1
        return touched


class FakeTurnStore(_Fake):
    """``TurnStore`` in memory; ``turns`` holds all by id, ``kept_versions`` by (turn id, number).

    Prompts go into ``history``, drawings are forgotten in ``drawings`` and ``files``, by default its own. While
    ``replies_open`` is not set, whoever asks for a reply's turn waits.
    """

    def __init__(
        self,
        history: FakeHistoryStore | None = None,
        drawings: FakeDrawingStore | None = None,
        files: FakePictureFiles | None = None,
    ) -> None:
        super().__init__()
        self.replies_open = asyncio.Event()
        self.replies_open.set()
        self.history = history or FakeHistoryStore()
        self.drawings = drawings or FakeDrawingStore()
        self.files = files or FakePictureFiles()
        self.turns: dict[int, Turn] = {}
        self.kept_versions: dict[tuple[int, int], Version] = {}

    async def create(self, turn: Turn, prompt: HistoryMessage | None) -> bool:
        self._check()
        if turn.id in self.turns:
            return False
        if prompt is not None:
            await self.history.append(prompt)
        self.turns[turn.id] = replace(
            turn, prompt=storable(turn.prompt), text=storable(turn.text), asker_name=storable(turn.asker_name)
        )
        return True

    async def get(self, turn_id: int) -> Turn | None:
        self._check()
        return self.turns.get(turn_id)

    async def checkpoint(self, turn_id: int, *, reply_ids: tuple[int, ...], text: str, updated_at: datetime) -> None:
        turn = await self.get(turn_id)
        if turn is not None and not turn.state.final:
            self.turns[turn_id] = replace(
                turn, state=TurnState.STREAMING, reply_ids=reply_ids, text=storable(text), updated_at=updated_at
            )

    async def finish(
        self,
        turn_id: int,
        *,
        state: TurnState,
        reply_ids: tuple[int, ...],
        text: str,
        updated_at: datetime,
        reason: FinishReason = FinishReason.STOP,
        error_kind: ProblemKind | None = None,
        usage: Usage | None = None,
    ) -> None:
        if not state.final:
            raise ValueError(f"a turn can't end as {state.value}")
        turn = await self.get(turn_id)
        if turn is None:
            return
        text = storable(text) if turn.prompt else ""
        self.turns[turn_id] = replace(
            turn,
            state=state,
            reply_ids=reply_ids,
            text=text,
            updated_at=updated_at,
            reason=reason,
            error_kind=error_kind,
            usage=turn.usage if usage is None else usage,
        )
        self.kept_versions[turn_id, turn.version] = Version(
            turn_id=turn_id,
            number=turn.version,
            text=text,
            state=state,
            reason=reason,
            error_kind=error_kind,
            created_at=updated_at,
        )

    async def begin_version(self, turn_id: int, *, updated_at: datetime, prompt: str | None = None) -> int | None:
        turn = await self.get(turn_id)
        if turn is None or not turn.state.final or not turn.prompt:
            return None
        number = max([turn.version, *(version.number for version in await self.versions(turn_id))]) + 1
        self.turns[turn_id] = replace(
            turn,
            state=TurnState.QUEUED,
            prompt=prompt or turn.prompt,
            text="",
            version=number,
            reason=FinishReason.STOP,
            error_kind=None,
            updated_at=updated_at,
        )
        return number

    async def versions(self, turn_id: int) -> tuple[Version, ...]:
        self._check()
        return tuple(version for (turn, _), version in sorted(self.kept_versions.items()) if turn == turn_id)

    async def show_version(self, turn_id: int, number: int, *, updated_at: datetime) -> bool:
        turn, version = await self.get(turn_id), self.kept_versions.get((turn_id, number))
        if turn is None or not turn.state.final or version is None:
            return False
        self.turns[turn_id] = replace(
            turn,
            state=version.state,
            text=version.text,
            version=number,
            reason=version.reason,
            error_kind=version.error_kind,
            updated_at=updated_at,
        )
        return True

    async def forget(self, turn_ids: tuple[int, ...]) -> None:
        self._check()
        for turn_id in turn_ids:
            turn = self.turns.get(turn_id)
            if turn is not None:
                state = turn.state if turn.state.final else TurnState.STOPPED
                self.turns[turn_id] = replace(turn, prompt="", text="", wish=None, state=state)
        for key, version in self.kept_versions.items():
            if version.turn_id in turn_ids:
                self.kept_versions[key] = replace(version, text="")
        await self.files.delete(await self.drawings.remove(turn_ids))

    async def by_reply(self, message_id: int) -> Turn | None:
        await self.replies_open.wait()
        self._check()
        found = [turn for turn in self.turns.values() if message_id in turn.reply_ids]
        return max(found, key=lambda turn: turn.id, default=None)

    async def unfinished(self) -> tuple[Turn, ...]:
        self._check()
        return tuple(turn for _, turn in sorted(self.turns.items()) if not turn.state.final)


class FakeDrawingStore(_Fake):
    """``DrawingStore`` in memory; ``drawings`` holds all by (turn id, index)."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings: dict[tuple[int, int], Drawing] = {}

    async def add(self, drawing: Drawing) -> None:
        self._check()
        self.drawings[drawing.turn_id, drawing.index] = replace(drawing, prompt=storable(drawing.prompt))

    async def by_message(self, message_id: int) -> tuple[Drawing, ...]:
        self._check()
        return tuple(drawing for _, drawing in sorted(self.drawings.items()) if drawing.message_id == message_id)

    async def by_turn(self, turn_id: int) -> tuple[Drawing, ...]:
        self._check()
        return tuple(drawing for (turn, _), drawing in sorted(self.drawings.items()) if turn == turn_id)

    async def took(self, like: DrawingParameters, *, since: datetime, limit: int) -> tuple[float, ...]:
        self._check()
        pixels = like.size.width * like.size.height
        newest = sorted(self.drawings.values(), key=lambda drawing: drawing.created_at, reverse=True)
        found = [
            drawing.took_s
            for drawing in newest
            if drawing.took_s is not None
            and drawing.created_at >= since
            and drawing.parameters.model == like.model
            and int(pixels * 0.75) <= drawing.parameters.size.width * drawing.parameters.size.height <= pixels * 1.25
            and int(like.steps * 0.75) <= drawing.parameters.steps <= int(like.steps * 1.25) + 1
        ]
        return tuple(found[:limit])

    async def models(self, *, asker_id: int, guild_id: int | None, limit: int) -> tuple[str, ...]:
        self._check()
        newest = sorted(self.drawings.values(), key=lambda drawing: drawing.created_at, reverse=True)
        named = [
            drawing.parameters.model
            for drawing in newest
            if drawing.asker_id == asker_id
            or (guild_id is not None and drawing.guild_id == guild_id and not drawing.private)
        ]
        return tuple(dict.fromkeys(named))[:limit]

    async def remove(self, turn_ids: tuple[int, ...]) -> tuple[str, ...]:
        self._check()
        gone = [self.drawings.pop(key) for key in sorted(self.drawings) if key[0] in turn_ids]
        return tuple(drawing.stored for drawing in gone if drawing.stored is not None)

    async def stored(self) -> tuple[Drawing, ...]:
        self._check()
        return tuple(drawing for _, drawing in sorted(self.drawings.items()) if drawing.stored is not None)

    async def released(self, names: Mapping[str, int]) -> None:
        self._check()
        for key, drawing in self.drawings.items():
            if drawing.stored is not None and names.get(drawing.stored) == drawing.turn_id:
                self.drawings[key] = replace(drawing, stored=None)


class FakePictureFiles:
    """``PictureFiles`` in memory; ``failing`` set to an error is what every write raises, as a full disk would.

    ``changed_at`` says when a file was written, in seconds since 1970, else it was just now, in the order of writing.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.failing: OSError | None = None
        self.changed_at: dict[str, float] = {}
        self._written: dict[str, int] = {}

    async def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        if self.failing is not None:
            raise self.failing
        self.files[name] = b"".join(pieces)
        self._written[name] = len(self._written)
        return Path("/pictures", name)

    async def present(self) -> tuple[PictureOnDisk, ...]:
        found = [
            PictureOnDisk(
                name=name,
                path=Path("/pictures", name),
                size_bytes=len(data),
                changed_at=self.changed_at.get(name, START.timestamp() + self._written.get(name, 0)),
            )
            for name, data in self.files.items()
        ]
        return tuple(sorted(found, key=lambda file: file.changed_at))

    async def delete(self, names: Iterable[str]) -> None:
        for name in names:
            self.files.pop(name, None)
