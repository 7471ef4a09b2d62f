"""The buttons under a reply, pressed: at any time after, by anyone, in any process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial

from bot.domain.clock import Clock
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.request import Mode
from bot.domain.reply.controls import Action, PressRefusal, ended_controls
from bot.domain.reply.ending import Ending, ReplyOptions, problem_of
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState, Version
from bot.errors import Resource, Shortage, StopReason, Trouble
from bot.services.chat.service import ChatService
from bot.services.drawing.service import DrawService
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.again import SinkFor, ask_of
from bot.services.reply.undelivered import UndeliveredPictures
from bot.services.settings.service import SettingsService
from bot.services.turn.presses import Press, find_pressed
from bot.services.turn.stores import Stores
from bot.services.usage.quota import QuotaService

_TROUBLES = {
    TurnState.INTERRUPTED: Trouble.INTERRUPTED,
    TurnState.STOPPED: Trouble.STOPPED,
    TurnState.FAILED: Trouble.INTERNAL,
}
_SPENDING = frozenset({Action.RETRY, Action.CONTINUE})
"""What asks the model again, and others than the asker may do too."""
CLOSING_S = 2.0
"""How long a press waits for a turn that is about to be closed."""


class ControlService:
    """Does what a button says."""

    def __init__(
        self,
        stores: Stores,
        turns: TurnCoordinator,
        chat: ChatService,
        draw: DrawService,
        settings: SettingsService,
        quota: QuotaService,
        undelivered: UndeliveredPictures,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._turns = turns
        self._chat = chat
        self._draw = draw
        self._settings = settings
        self._quota = quota
        self._undelivered = undelivered
        self._clock = clock
        self._busy: dict[int, asyncio.Event] = {}
        """The turns that a press is acting on, each with what is set when it is done."""

    async def press(self, press: Press, sink_for: SinkFor) -> PressRefusal | Shortage | None:
        """Act on a button; returns why nothing was done, where nothing was. Raises ``StorageError``."""
        found = await find_pressed(press, self._stores.turns, self._settings)
        if isinstance(found, PressRefusal):
            return found
        if press.action is Action.STOP:
            if self._turns.stop(found.id, StopReason.ASKED):
                return None
            if not found.state.final:
                return PressRefusal.OVER
        denied = await self._denied(press, found)
        if denied is not None:
            return denied
        # The other buttons stand under an answer that has ended; its turn may still be about to be closed.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self._turns.ended(found.id)
                while (other := self._busy.get(found.id)) is not None:
                    await other.wait()
        turn = await self._stores.turns.get(press.turn_id)
        if turn is None:
            return PressRefusal.UNKNOWN
        if turn.id in self._busy or self._turns.is_under_way(turn.id) or not turn.state.final:
            return PressRefusal.UNDER_WAY
        if not turn.prompt:
            return PressRefusal.UNKNOWN
        self._busy[turn.id] = done = asyncio.Event()
        try:
            return await self._act(press.action, turn, ask_of(turn, press.place, press.person), sink_for)
        finally:
            del self._busy[turn.id]
            done.set()

    async def _denied(self, press: Press, turn: Turn) -> Shortage | None:
        """Say what somebody has no more of who wants another's question answered again, and has to pay for it.

        It is said to them alone: the answer that stands is not theirs.
        """
        if press.action not in _SPENDING or press.person.id == turn.asker_id:
            return None
        settings = await self._settings.in_force(press.place, press.person.id)
        draws = turn.mode is Mode.DRAW
        left = await self._quota.left(press.place, press.person.id, settings)
        return next(
            (one.short for one in left if not one.left and (draws or one.resource is not Resource.PICTURES)), None
        )

    async def _act(self, action: Action, turn: Turn, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
        match action:
            case Action.RETRY | Action.CONTINUE | Action.DRAW:
                versions = await self._stores.turns.versions(turn.id)
                number = max((version.number for version in versions), default=0) + 1
                sink = sink_for(ask, number, turn.reply_ids)
                service = self._draw if turn.mode is Mode.DRAW else self._chat
                if action is Action.CONTINUE:
                    done = await self._chat.go_on(ask, turn, sink)
                elif action is Action.DRAW:
                    done = await self._chat.draw_it(ask, turn, sink)
                else:
                    done = await service.answer_anew(ask, turn, sink)
                return None if done else PressRefusal.UNDER_WAY
            case Action.PREVIOUS | Action.NEXT:
                return await self._turn_to(turn, -1 if action is Action.PREVIOUS else 1, ask, sink_for)
            case Action.DELETE:
                await self._delete(turn, ask, sink_for)
            case Action.STOP:
                return await self._show_end(turn, ask, sink_for)
            case _:  # those that make a new card are not this service's
                return PressRefusal.OVER
        return None

    async def _turn_to(self, turn: Turn, step: int, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
        """Let the version before or after the one that stands stand."""
        versions = {version.number: version for version in await self._stores.turns.versions(turn.id)}
        wanted = versions.get(turn.version + step)
        while wanted is not None and not _says_something(wanted):
            wanted = versions.get(wanted.number + step)  # there was nothing in it to show again
        now = self._clock.now()
        if wanted is None or not await self._stores.turns.show_version(turn.id, wanted.number, updated_at=now):
            return PressRefusal.OVER
        if turn.reply_ids:
            # The memory first: what is asked next follows what the person has chosen.
            await self._stores.history.edit(turn.channel_id, turn.reply_ids[0], text=wanted.text, edited_at=now)
        await self._show(turn, wanted, max(versions), ask, sink_for)
        return None

    async def _show_end(self, turn: Turn, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
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
            await self._show(turn, standing, max(versions), ask, sink_for)
        return PressRefusal.OVER

    async def _show(self, turn: Turn, wanted: Version, versions: int, ask: Ask, sink_for: SinkFor) -> None:
        options = ReplyOptions(message_ids=turn.reply_ids, can_attach=ask.place.can_attach)
        sink = sink_for(ask, wanted.number, turn.reply_ids)
        async with sink.open_reply(ask, options) as reply:
            if wanted.text:
                reply.push(wanted.text)
            await reply.finish(_ending_of(wanted, versions=versions, drawing=turn.mode is Mode.DRAW))
            await self._stores.turns.finish(
                turn.id,
                state=wanted.state,
                reply_ids=reply.message_ids,
                text=wanted.text,
                updated_at=self._clock.now(),
                reason=wanted.reason,
                error_kind=wanted.error_kind,
            )

    async def _delete(self, turn: Turn, ask: Ask, sink_for: SinkFor) -> None:
        """Take the reply away from the channel, the history and the memory of its versions."""
        options = ReplyOptions(message_ids=turn.reply_ids)
        sink = sink_for(ask, turn.version, turn.reply_ids)
        async with sink.open_reply(ask, options) as reply:
            await reply.discard()
        await self._stores.history.delete(turn.channel_id, turn.reply_ids, deleted_at=self._clock.now())
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
        drawing=drawing,
    )
    return Ending(state=version.state, reason=version.reason, problem=problem, controls=controls)
