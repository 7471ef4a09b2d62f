"""A house in which things are spent, and what its model says."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.model.events import Finish, FinishReason, PictureUrl, TextDelta, Usage
from bot.domain.model.request import Mode
from bot.domain.turn.ask import Ask
from bot.domain.usage.quota import Account, day_of
from bot.errors import Holder, Resource, Shortage
from tests.fakes.clock import START
from tests.fakes.houses.house import House
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeReply, FakeSink

DONE = Finish(reason=FinishReason.STOP)
TOLD = Usage(prompt_tokens=30, completion_tokens=10, total_tokens=40)
HI = (TextDelta(text="Hi"), TOLD, DONE)
DRAWN = (PictureUrl(url="http://h/1"), TOLD, DONE)
ANNS = Account(day=day_of(START), guild_id=1, channel_id=1000, user_id=11)


class Bank(House):
    """A house in which things are spent."""

    async def asks(self, asked: Ask, *steps: Step) -> FakeReply:
        if steps:
            self.model.script(*steps)
        sink = FakeSink(first_id=asked.id + 1)
        await self.chat.respond(asked, sink)
        return sink.reply

    async def draws(self, asked: Ask, *steps: Step) -> FakeReply:
        if steps:
            self.model.script(*steps)
        sink = FakeSink(first_id=asked.id + 1)
        await self.draw.draw(replace(asked, mode=Mode.DRAW), sink)
        return sink.reply

    @property
    def told(self) -> list[bool]:
        """What each call said of drawing."""
        return [request.draw for request in self.model.requests]

    def left(self) -> dict[int, Account]:
        """Reservations that nobody has settled."""
        return {turn: account for turn, (account, _, _) in self.usage.held.items()}


def shortage(reply: FakeReply) -> tuple[Resource, Holder]:
    """Which quota a reply says is used up."""
    problem = reply.ending.problem
    assert isinstance(problem, Shortage)
    return problem.resource, problem.holder
