"""Pictures that were made and never got to Discord: they were paid for once, and are delivered where there is a way."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.model.events import FinishReason
from bot.domain.model.request import Mode
from bot.domain.picture.parameters import PARAMETER_FIELDS
from bot.domain.reply.controls import ended_controls
from bot.domain.reply.ending import Ending, Problem, ReplyOptions, kind_of
from bot.domain.reply.ports import ReplySink
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import Turn, TurnState
from bot.errors import Trouble
from bot.services.drawing.planner import DrawingPlanner
from bot.services.model.answer import Answer
from bot.services.picture.keeper import PictureKeeper
from bot.services.turn.records import TurnRecords


class UndeliveredPictures:
    """Finds them, and says how a turn ends with them."""

    def __init__(self, records: TurnRecords, pictures: PictureKeeper, planner: DrawingPlanner) -> None:
        self._records = records
        self._pictures = pictures
        self._planner = planner

    async def ending(self, turn: Turn, ask: Ask, answer: Answer, *, missing: Problem = Trouble.INTERRUPTED) -> Ending:
        """Say how a turn ends, with the pictures that were made, which become the answer's.

        If they are all, nothing was interrupted but their way; else ``missing`` is why there are not more. The answer
        is to be closed: only then may they be taken off the disk again. Raises ``StorageError``.
        """
        made = await self._pictures.undelivered(turn.id)
        answer.made = {one.drawing.index: one for one in made}
        card = await self._planner.recovered(ask, made) if made else None
        whole = card is not None and not card.missing
        state = TurnState.COMPLETE if whole else TurnState.INTERRUPTED
        controls = ended_controls(
            turn.id,
            state=state,
            reason=FinishReason.STOP,
            drawn=bool(made),
            version=turn.version,
            versions=turn.version,
            problem=None if whole else kind_of(missing),
            written=bool(turn.text.strip()),
            drawing=turn.mode is Mode.DRAW,
            larger=card is not None and card.plan.larger is not None,
            honoured=card.plan.honoured if card is not None else PARAMETER_FIELDS,
        )
        problem = None if whole else missing
        return Ending(state=state, problem=problem, pictures=answer.files, card=card, controls=controls)

    async def deliver(
        self, turn: Turn, ask: Ask, open_sink: Callable[[], ReplySink], *, missing: Problem = Trouble.INTERRUPTED
    ) -> bool:
        """Bring the pictures of a turn that has ended into its reply; False where there are none, or no way.

        A reply that only an interaction's token leads to is out of reach when the bot starts again, until somebody
        presses a button there. Raises ``StorageError``.
        """
        if not turn.reply_ids:
            return False
        answer = Answer(version=turn.version, parts=[turn.text], usage=turn.usage)
        ending = await self.ending(turn, ask, answer, missing=missing)
        if not ending.pictures:
            return False
        options = ReplyOptions(message_ids=turn.reply_ids, can_attach=ask.place.can_attach)
        async with open_sink().open_reply(ask, options) as reply:
            if turn.text:
                reply.push(turn.text)
            delivered = await reply.finish(ending)
            if delivered and reply.loss is not None:
                answer.keep(reply.shown_chars)
                ending = reply.ending or ending
            await self._records.close(ask, reply.message_ids, answer, ending, delivered=delivered)
        return delivered
