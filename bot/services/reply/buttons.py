"""The buttons under a reply, pressed: at any time after, by anyone, in any process."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.domain.model.request import Mode
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.turn.ask import Ask
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import Turn
from bot.errors import Refusal, Shortage, StopReason
from bot.services.chat.service import ChatService
from bot.services.drawing.service import DrawService
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.again import SinkFor, ask_of
from bot.services.reply.standing import StandingReplies
from bot.services.turn.presses import Press, PressGate

CLOSING_S = 2.0
"""How long a press waits for a turn that is about to be closed."""


_ASKING = frozenset({Action.RETRY, Action.CONTINUE, Action.DRAW})
"""What asks the model again, and so is bound by the rules of the place."""


class ControlService:
    """Does what a button says."""

    def __init__(
        self,
        turn_store: TurnStore,
        coordinator: TurnCoordinator,
        gate: PressGate,
        chat: ChatService,
        draw: DrawService,
        standing: StandingReplies,
    ) -> None:
        self._turn_store = turn_store
        self._coordinator = coordinator
        self._gate = gate
        self._chat = chat
        self._draw = draw
        self._standing = standing
        self._busy: dict[int, asyncio.Event] = {}
        """The turns that a press is acting on, each with what is set when it is done."""

    async def press(self, press: Press, sink_for: SinkFor) -> PressRefusal | Refusal | Shortage | None:
        """Act on a button; returns why nothing was done, where nothing was. Raises ``StorageError``."""
        found = await self._gate.find(press)
        if isinstance(found, PressRefusal):
            return found
        if press.action is Action.STOP:
            if self._coordinator.stop(found.id, StopReason.ASKED):
                return None
            if not found.state.final:
                return PressRefusal.OVER
        denied = await self._gate.shortage(press, found)
        if denied is not None:
            return denied
        # The other buttons stand under an answer that has ended; its turn may still be about to be closed.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self._coordinator.ended(found.id)
                while (other := self._busy.get(found.id)) is not None:
                    await other.wait()
        turn = await self._turn_store.get(press.turn_id)
        if turn is None:
            return PressRefusal.UNKNOWN
        if turn.id in self._busy or self._coordinator.is_under_way(turn.id) or not turn.state.final:
            return PressRefusal.UNDER_WAY
        if not turn.prompt and press.action is not Action.DELETE:
            return PressRefusal.UNKNOWN  # it is forgotten; where its message still stands, that can be taken away
        ask = ask_of(turn, press.place, press.user, alone=press.private)
        if press.action in _ASKING and (refused := await self._gate.refusal(ask)) is not None:
            return refused
        if turn.id in self._busy:
            return PressRefusal.UNDER_WAY
        self._busy[turn.id] = done = asyncio.Event()
        try:
            return await self._act(press.action, turn, ask, sink_for)
        finally:
            del self._busy[turn.id]
            done.set()

    async def _act(self, action: Action, turn: Turn, ask: Ask, sink_for: SinkFor) -> PressRefusal | None:
        match action:
            case Action.RETRY | Action.CONTINUE | Action.DRAW:
                versions = await self._turn_store.versions(turn.id)
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
                return await self._standing.turn_to(turn, -1 if action is Action.PREVIOUS else 1, ask, sink_for)
            case Action.DELETE:
                return await self._standing.delete(turn, ask, sink_for)
            case Action.STOP:
                return await self._standing.show_end(turn, ask, sink_for)
            case _:  # those that make a new card are not this service's
                return PressRefusal.OVER
        return None
