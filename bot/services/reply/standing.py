"""Shows what a turn's reply was before, or how it ended, and takes replies away."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.domain.clock import Clock
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.request import Mode
from bot.domain.reply.controls import PressRefusal, ended_controls
from bot.domain.reply.ending import Ending, ReplyOptions, kind_of, problem_of
from bot.domain.reply.ports import Reply
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.record import Turn, TurnState, Version
from bot.errors import Trouble
from bot.services.reply.again import SinkFor
from bot.services.reply.undelivered import UndeliveredPictures
from bot.services.turn.backlog import Backlog
from bot.services.turn.lines import forget_question
from bot.services.turn.stores import Stores

_TROUBLES = {
    TurnState.INTERRUPTED: Trouble.INTERRUPTED,
    TurnState.STOPPED: Trouble.STOPPED,
    TurnState.FAILED: Trouble.INTERNAL,
}


class StandingReplies:
    """Replies to turns that have ended."""

    def __init__(self, stores: Stores, backlog: Backlog, undelivered: UndeliveredPictures, clock: Clock) -> None:
        self._stores = stores
        self._backlog = backlog
        self._undelivered = undelivered
        self._clock = clock

    async def turn_to(self, turn: Turn, step: int, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
        """Let the version before or after the one that stands stand."""
        versions = {version.number: version for version in await self._stores.turns.versions(turn.id)}
        wanted = versions.get(turn.version + step)
        while wanted is not None and not _says_something(wanted):
            wanted = versions.get(wanted.number + step)  # there was nothing in it to show again
        now = self._clock.now()
        if wanted is None or not await self._stores.turns.show_version(turn.id, wanted.number, updated_at=now):
            return PressRefusal.OVER
        if turn.reply_ids:
            # The memory first: what is asked next follows what the user has chosen.
            await self._stores.history.edit(turn.channel_id, turn.reply_ids[0], text=wanted.text, edited_at=now)
        await self._show(turn, wanted, max(versions), ask, sink_for)
        return None

    async def show_end(self, turn: Turn, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
        """Show once more how an answer ended, whose last state Discord would not take then, or had no way to take."""
        versions = {version.number: version for version in await self._stores.turns.versions(turn.id)}
        standing = versions.get(turn.version)
        drawings = await self._stores.drawings.by_turn(turn.id)
        if standing is None or any(drawing.message_id is not None for drawing in drawings):
            return PressRefusal.OVER  # pictures that have arrived are the end, and stay
        missing = problem_of(standing.error_kind) or Trouble.INTERRUPTED
        open_sink = partial(sink_for, ask, turn.version, turn.reply_ids)
        if await self._undelivered.deliver(turn, ask, open_sink, missing=missing):
            return None
        if drawings and not _says_something(standing):
            standing = replace(standing, state=TurnState.INTERRUPTED)
        if _says_something(standing):
            await self._show(turn, standing, max(versions), ask, sink_for, stands=True)
        return PressRefusal.OVER

    async def _show(
        self, turn: Turn, wanted: Version, versions: int, ask: Ask, sink_for: SinkFor, *, stands: bool = False
    ) -> None:
        options = ReplyOptions(message_ids=turn.reply_ids, can_attach=ask.place.can_attach, stands=stands)
        sink = sink_for(ask, wanted.number, turn.reply_ids)
        async with sink.open_reply(ask, options) as reply:
            if wanted.text:
                reply.push(wanted.text)
            ending = _ending_of(wanted, versions=versions, drawing=turn.mode is Mode.DRAW)
            if await reply.finish(ending) and reply.loss is not None:
                wanted = await self._cut(turn, wanted, reply)
            await self._stores.turns.finish(
                turn.id,
                state=wanted.state,
                reply_ids=reply.message_ids,
                text=wanted.text,
                updated_at=self._clock.now(),
                reason=wanted.reason,
                error_kind=wanted.error_kind,
            )

    async def _cut(self, turn: Turn, wanted: Version, reply: Reply) -> Version:
        """Remember of a version what Discord took of it now."""
        text, now = wanted.text[: reply.shown_chars], self._clock.now()
        if turn.reply_ids:
            await self._stores.history.edit(turn.channel_id, turn.reply_ids[0], text=text, edited_at=now)
        ending = reply.ending
        if ending is None:
            return replace(wanted, text=text)
        return replace(wanted, text=text, state=ending.state, reason=ending.reason, error_kind=kind_of(ending.problem))

    async def delete(self, turn: Turn, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
        """Take the reply away from the channel, the history and the memory of its versions. Raises ``StorageError``.

        What stands is not forgotten: what can't be reached, or Discord keeps, is told to the one who wants it gone. If
        the database takes nothing, nothing is taken away either, and the button can be pressed again. With the answer
        to a command its question goes, which stands nowhere but above it.
        """
        sink = sink_for(ask, turn.version, turn.reply_ids)
        if not await sink.reaches(turn.reply_ids):
            return PressRefusal.OUT_OF_REACH
        # Changes nothing: it only finds out whether the database can be written to.
        await self._stores.turns.show_version(turn.id, turn.version, updated_at=self._clock.now())
        with self._backlog.hiding(turn.channel_id, turn.reply_ids):
            async with sink.open_reply(ask, ReplyOptions(message_ids=turn.reply_ids)) as reply:
                if not await reply.discard():
                    return PressRefusal.OUT_OF_REACH
            await self._backlog.until_taken(partial(self._forget, turn))
        return None

    async def _forget(self, turn: Turn) -> None:
        now = self._clock.now()
        await self._stores.history.delete(turn.channel_id, turn.reply_ids, deleted_at=now)
        if turn.source is Source.INTERACTION:
            await forget_question(self._stores.history, turn, deleted_at=now)
        await self._stores.turns.forget((turn.id,))


def _says_something(version: Version) -> bool:
    return bool(version.text) or version.state is not TurnState.COMPLETE or version.error_kind is not None


def _ending_of(version: Version, *, versions: int, drawing: bool) -> Ending:
    # Of answers that were kept by earlier releases the state is all that is known.
    problem = problem_of(version.error_kind) or _TROUBLES.get(version.state)
    controls = ended_controls(
        version.turn_id,
        state=version.state,
        reason=version.reason,
        drawn=False,
        offered=problem is DrawingDenial.CONFIRM,
        version=version.number,
        versions=versions,
        problem=kind_of(problem),
        written=bool(version.text.strip()),
        drawing=drawing,
    )
    return Ending(state=version.state, reason=version.reason, problem=problem, controls=controls)
