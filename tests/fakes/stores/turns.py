"""The turns in memory."""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import replace
from datetime import datetime

from bot.domain.history.messages import HistoryMessage
from bot.domain.lease.record import NO_FENCE, FenceOf, no_fence
from bot.domain.model.events import FinishReason, Usage
from bot.domain.turn.closed import ClosedTurn
from bot.domain.turn.record import ProblemKind, Turn, TurnState, Version
from bot.errors import StorageError, TakenOverError
from bot.storage.schema.text import storable
from tests.fakes.stores.base import FailingStore
from tests.fakes.stores.drawings import FakeDrawingStore, FakePictureFiles
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.leases import FakeLeaseStore
from tests.fakes.stores.usage import FakeUsageStore


class FakeTurnStore(FailingStore):
    """``TurnStore`` in memory; ``turns`` holds all by id, ``kept_versions`` by (turn id, number).

    Prompts and answers go into ``history``, drawings into ``drawings`` and ``files``, what was used into ``usage``, by
    default its own. While
    ``replies_open`` is not set, whoever asks for a reply's turn waits.
    """

    def __init__(
        self,
        history: FakeHistoryStore | None = None,
        drawings: FakeDrawingStore | None = None,
        files: FakePictureFiles | None = None,
        usage: FakeUsageStore | None = None,
    ) -> None:
        super().__init__()
        self.replies_open = asyncio.Event()
        self.replies_open.set()
        self.history = history or FakeHistoryStore()
        self.drawings = drawings or FakeDrawingStore()
        self.files = files or FakePictureFiles()
        self.usage = usage or FakeUsageStore()
        self.turns: dict[int, Turn] = {}
        self.answers_open = asyncio.Event()
        self.answers_open.set()
        """Until it is set, a close does not return, though it was done."""
        self.closed: list[int] = []
        """The turns that were closed, in that order."""
        self.unclosable: set[int] = set()
        """Turns whose close is refused, for a reason of their own."""
        self.history.turns = self.turns
        self.kept_versions: dict[tuple[int, int], Version] = {}
        self.leases = FakeLeaseStore()
        self.fence: FenceOf = no_fence

    def under(self, fence: FenceOf, leases: FakeLeaseStore | None = None) -> FakeTurnStore:
        """Return the same store as another process has it, with that one's lease."""
        other = copy(self)
        other.fence, other.leases = fence, leases or self.leases
        return other

    async def create(self, turn: Turn, prompt: HistoryMessage | None, parts: tuple[HistoryMessage, ...] = ()) -> bool:
        self._check()
        self.leases.check(self.fence())
        if turn.id in self.turns:
            return False
        for line in (*((prompt,) if prompt is not None else ()), *parts):
            await self.history.append(line)
        self.leases.turn_fences[turn.id] = self.fence()
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
            if self._fence_of(turn_id) != self.fence():
                raise TakenOverError("another process works on it")
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
        self.leases.check(self.fence())
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

    async def close(self, closed: ClosedTurn) -> None:
        if not closed.state.final:
            raise ValueError(f"a turn can't end as {closed.state.value}")
        for store in (self, self.history, self.drawings, self.usage):
            store._check()
        self.leases.check(self.fence())
        if closed.turn_id in self.unclosable:
            raise StorageError("it holds what can't be kept")
        self.closed.append(closed.turn_id)
        turn, before = self.turns.get(closed.turn_id), self.kept_versions.get((closed.turn_id, closed.version))
        if turn is not None and turn.version == closed.version:
            if turn.prompt:
                await self._keep(closed)
            await self.finish(
                closed.turn_id,
                state=closed.state,
                reply_ids=closed.reply_ids,
                text=closed.text,
                updated_at=closed.ended_at,
                reason=closed.reason,
                error_kind=closed.error_kind,
                usage=closed.usage,
            )
        if closed.settlement is not None and (before is None or before.created_at != closed.ended_at):
            await self.usage.settle(closed.settlement)
        await self.answers_open.wait()

    async def _keep(self, closed: ClosedTurn) -> None:
        line = closed.line
        if line is not None and not (line.text and await self.history.append(line)):
            at, text = line.created_at, line.text
            await self.history.edit(line.channel_id, line.id, text=text, edited_at=at, kind=line.kind, drawn=line.drawn)
        for drawing in closed.drawings:
            await self.drawings.add(drawing)
        if closed.forgets_drawings:
            await self.files.delete(await self.drawings.remove((closed.turn_id,)))

    async def by_part(self, channel_id: int, message_id: int) -> Turn | None:
        self._check()
        line = self.history.messages.get((channel_id, message_id))
        return self.turns.get(line.part_of) if line is not None and line.part_of is not None else None

    async def begin_version(self, turn_id: int, *, updated_at: datetime, prompt: str | None = None) -> int | None:
        self._check_lock()
        self.leases.check(self.fence())
        turn = await self.get(turn_id)
        if turn is None or not turn.state.final or not turn.prompt:
            return None
        self.leases.turn_fences[turn_id] = self.fence()
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
        self._check_lock()
        self.leases.check(self.fence())
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
        self._check_lock()
        for turn_id in turn_ids:
            turn = self.turns.get(turn_id)
            if turn is not None:
                state = turn.state if turn.state.final else TurnState.STOPPED
                self.turns[turn_id] = replace(turn, prompt="", text="", wish=None, state=state)
        for key, version in self.kept_versions.items():
            if version.turn_id in turn_ids:
                self.kept_versions[key] = replace(version, text="")
        await self.files.delete(await self.drawings.remove(turn_ids))

    async def forget_answers(self, turn_id: int) -> None:
        self._check_lock()
        turn = self.turns.get(turn_id)
        if turn is not None and turn.state.final:
            self.turns[turn_id] = replace(turn, text="")
        for key, version in self.kept_versions.items():
            if version.turn_id == turn_id:
                self.kept_versions[key] = replace(version, text="")

    async def half_forgotten(self, *, after: int, limit: int) -> tuple[Turn, ...]:
        self._check()
        deleted = {key for key, line in self.history.messages.items() if line.deleted_at is not None}
        found = [
            turn
            for turn in (self.turns[turn_id] for turn_id in sorted(self.turns) if turn_id > after)
            if (turn.channel_id, turn.id) in deleted and turn.prompt and turn.state.final
        ]
        return tuple(found[:limit])

    async def by_reply(self, message_id: int) -> Turn | None:
        await self.replies_open.wait()
        self._check()
        found = [turn for turn in self.turns.values() if message_id in turn.reply_ids]
        return max(found, key=lambda turn: turn.id, default=None)

    async def unfinished(self) -> tuple[Turn, ...]:
        self._check()
        found = (turn for _, turn in sorted(self.turns.items()) if not turn.state.final)
        return tuple(turn for turn in found if self._fence_of(turn.id) in {NO_FENCE, *self._others()})

    def _fence_of(self, turn_id: int) -> int:
        return self.leases.turn_fences.get(turn_id, NO_FENCE)

    def _others(self) -> set[int]:
        return {*self.leases.turn_fences.values()} - {self.fence()}
