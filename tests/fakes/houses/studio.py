"""A house whose endpoint draws as it is told, in which things are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.model.events import Finish, FinishReason, PictureUrl
from bot.domain.model.request import Mode
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters, Size
from bot.domain.turn.ask import Ask, Source
from tests.fakes.asks import ask
from tests.fakes.clock import START
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
FOX = (PictureUrl(url="http://h/fox"), DONE)
ALL = frozenset(DrawingParameters.__dataclass_fields__)


class Studio(House):
    """A house whose endpoint heeds every parameter, in which things are drawn."""

    def __init__(self, **operator: object) -> None:
        super().__init__(operator=operator)
        self.model.capabilities = replace(self.model.capabilities, drawing_fields=ALL)

    async def draws(self, turn_id: int = 5000, text: str = "a fox", **changes: object) -> FakeReply:
        sink = FakeSink(first_id=turn_id + 4000)
        asked = ask(turn_id, text, mode=Mode.DRAW, source=Source.INTERACTION, **changes)
        await self.draw.draw(asked, sink)
        return sink.reply

    async def asks(self, asked: Ask) -> FakeReply:
        sink = FakeSink(first_id=asked.id + 4000)
        await self.chat.respond(asked, sink)
        return sink.reply

    def keep_drawing(self, turn_id: int = 100, message_id: int = 101, **changes: Any) -> Drawing:
        """Keep a drawing of a fox that was delivered."""
        plain = Drawing(
            turn_id=turn_id,
            index=0,
            channel_id=1000,
            message_id=message_id,
            prompt="a fox",
            parameters=DrawingParameters(model="M", size=Size(width=512, height=768), steps=9, scale=3, seed=5),
            filename="drawing-100-1.png",
            created_at=START,
            guild_id=1,
            asker_id=11,
        )
        drawing = replace(plain, **changes)
        self.drawings.drawings[drawing.turn_id, drawing.index] = drawing
        return drawing

    @property
    def seeds(self) -> list[int]:
        return [request.drawing.seed for request in self.model.requests]
