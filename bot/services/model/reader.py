"""Reads one call of the model into a reply."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from bot.domain.clock import Clock
from bot.domain.drawing.denial import Denial
from bot.domain.drawing.plan import Commission
from bot.domain.model.events import (
    DrawingIntent,
    Failure,
    Finish,
    FinishReason,
    PictureBytes,
    PictureUrl,
    Progress,
    ReasoningDelta,
    Retraction,
    Retrying,
    TextDelta,
    Usage,
)
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import ModelRequest
from bot.domain.picture.parameters import MAX_PICTURES
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply
from bot.domain.settings.choices import Reasoning
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.model.collector import PictureCollector
from bot.services.model.copies import without_copies
from bot.services.model.metering import Metering
from bot.services.model.registry import Models
from bot.services.model.round import Round

PAUSE_S: Final = 0.05
"""Between two such pieces, of all answers together: four fifths of the time are for everybody else."""
AT_ONCE_CHARS: Final = 2000
"""About a page. Where a page of nothing but marks ends takes 12 ms to find out (80,000 characters of ``||``: .34 s)."""


@dataclass(slots=True, kw_only=True)
class Heard:
    """What one call of the model gave."""

    text: str = ""
    intent: bool = False
    found: list[PictureUrl | PictureBytes] = field(default_factory=list)
    terminal: Finish | Failure | None = None

    def fault(self, *, empty: bool) -> ProviderError | None:
        """Say what was wrong with the answer as a whole; None where it ended well and holds something."""
        if self.terminal is None:
            return ProviderError(ErrorKind.PROTOCOL, "no terminal event")
        if isinstance(self.terminal, Failure):
            return self.terminal.error
        if self.terminal.reason is FinishReason.FILTERED:
            return ProviderError(ErrorKind.CONTENT_FILTERED)
        return ProviderError(ErrorKind.EMPTY) if empty else None


class Conversation:
    """Asks the model and brings what it answers into the reply."""

    def __init__(self, model: Models, collector: PictureCollector, metering: Metering, clock: Clock) -> None:
        self._model = model
        self.collector = collector
        """Gets the pictures of what was heard."""
        self._metering = metering
        self._clock = clock
        self._long = asyncio.Lock()
        """Held by the one whose long piece of text is being pushed."""

    def capabilities_for(self, provider: str) -> Capabilities:
        """Say what the endpoint can do that a place has chosen; empty is the operator's."""
        return self._model.of(provider).capabilities

    async def ask(
        self,
        turn: Round,
        request: ModelRequest,
        commission: Commission,
        *,
        denial: Denial | None = None,
    ) -> Ending | None:
        """Read one stream to its end; text is pushed as it comes, pictures are fetched when the answer is whole.

        Returns None where a drawing is wanted, none was made, and nothing speaks against making it: the same request
        may then go again with ``draw``. Where a ``denial`` speaks against it, that is how the reply ends.
        What came stands, whatever else failed: words without the picture in them, some pictures out of several,
        pictures of an answer that broke off; the ending's problem then says what is missing.
        """
        answer = turn.answer
        started_at = self._clock.monotonic()
        answer.draw(commission, since=started_at)
        heard = await self.listen(turn, request, estimate_s=commission.estimate_s, shows=denial is None)
        if (heard.intent or heard.found) and denial is not None and isinstance(heard.terminal, Finish):
            return Ending(state=TurnState.COMPLETE, problem=denial)
        if heard.intent and not heard.found and isinstance(heard.terminal, Finish):
            return None
        missing: ProviderError | None = None
        if denial is None:
            missing = await self.collector.collect(turn, heard.found, range(MAX_PICTURES), started_at=started_at)
        failed = heard.fault(empty=not (heard.found or answer.text.strip()))
        # Words that came whole are an answer, with or without the picture in them.
        if failed is None and not answer.made and not answer.text.strip():
            failed = missing
        return Ending(
            state=TurnState.COMPLETE if failed is None else TurnState.FAILED,
            reason=heard.terminal.reason if isinstance(heard.terminal, Finish) else FinishReason.STOP,
            problem=failed or missing,
            pictures=answer.files,
            card=answer.card(turn.ask.user.id, now=self._clock.monotonic()),
        )

    async def listen(
        self,
        turn: Round,
        request: ModelRequest,
        *,
        estimate_s: float | None = None,
        shows: bool = True,
        speaks: bool = True,
    ) -> Heard:
        """Read one stream to its end. ``shows``: that a picture is on its way is told; ``speaks``: text goes out."""
        reply, answer = turn.reply, turn.answer
        heard = Heard()
        text: list[str] = []
        usage = Usage()
        parts_before = len(answer.parts)
        # A drawing's progress says more.
        thinks = turn.settings.place.reasoning is Reasoning.LINE and not request.certain
        answer.spending.begin_call()
        async with self._model.stream(request) as events:
            async for event in without_copies(events, request.messages):
                if answer.first_event_at is None and not isinstance(event, Retrying):
                    answer.first_event_at = self._clock.monotonic()
                match event:
                    case TextDelta():
                        text.append(event.text)
                        if speaks:
                            answer.parts.append(event.text)
                            await self._push(reply, event.text)
                    case Retraction():
                        answer.spending.thoughts += text
                        text.clear()
                        if speaks:
                            del answer.parts[parts_before:]
                            reply.retract(answer.text)
                    case Progress():
                        answer.drawing = True
                        reply.show_drawing(estimate_s)
                    case PictureUrl() | PictureBytes():
                        answer.drawing = True
                        heard.found.append(event)
                        if shows:
                            reply.show_drawing(estimate_s)
                    case DrawingIntent():
                        heard.intent = True
                    case Usage():
                        usage = event
                    case ReasoningDelta():
                        answer.spending.thoughts.append(event.text)
                        if thinks and not text:
                            reply.show_thinking()
                            thinks = False
                    case Retrying():
                        reply.show_retry(event.error.kind, event.after_s)
                    case Finish() | Failure():
                        heard.terminal = event
        answer.usage += usage
        self._metering.note(request, heard.terminal, usage)
        heard.text = "".join(text)
        return heard

    async def _push(self, reply: Reply, text: str) -> None:
        """Push a text, a long one in pieces: where its pages end is thought about, and others come in between."""
        if len(text) <= AT_ONCE_CHARS:
            reply.push(text)
            return
        async with self._long:
            for at in range(0, len(text), AT_ONCE_CHARS):
                reply.push(text[at : at + AT_ONCE_CHARS])
                await self._clock.sleep(PAUSE_S)
