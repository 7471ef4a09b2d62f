"""Answers a case with the real adapters and the real services, and says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields

from PIL import Image

from bot.domain.model.events import FinishReason
from bot.domain.model.messages import Role
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode
from bot.domain.people import User
from bot.domain.reply.controls import Action
from bot.domain.reply.ending import ReplyOptions
from bot.domain.turn.ask import Source
from bot.errors import ErrorKind, ProviderError
from bot.presentation.reply.composition import Composition
from bot.presentation.words.replies import Words
from bot.providers.http.transport import Timeouts, Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from bot.providers.picture.download import Reach
from bot.providers.picture.fetcher import PictureFetcher
from tests.fakes.asks import ANN, ask
from tests.fakes.clock import FakeClock
from tests.fakes.houses.house import House
from tests.fakes.pictures.inline import InlineWorkshop
from tests.fakes.reply.replies import FakeReply, FakeSink
from tests.fakes.words import tells
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.server import ByteServer
from tests.unit.providers.servers import KEY, MIAOHUA

QUESTION = "please tell me about the purple hippopotamus"
TURN = 5000


class QuickClock(FakeClock):
    """Waits for nothing; ``slept`` holds the seconds that were asked for."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)
        await asyncio.sleep(0)


def faster(speed: float) -> Timeouts:
    """Return the client's deadlines, passing so many times as fast; that of the connection is the machine's."""
    usual = Timeouts()
    names = [field.name for field in fields(usual) if field.name != "connect_s"]
    return Timeouts(**{name: getattr(usual, name) / speed for name in names})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a case: the reply and the house in which it was answered."""

    house: House
    reply: FakeReply
    server: ByteServer
    took_s: float
    waited: list[float]

    @property
    def kind(self) -> ErrorKind | None:
        """The error that the reply tells."""
        problem = self.reply.ending.problem
        return problem.kind if isinstance(problem, ProviderError) else None

    @property
    def content(self) -> str:
        """Everything that Discord would show."""
        composition = Composition(Words("en-US"), ReplyOptions())
        if self.reply.text:
            composition.push(self.reply.text)
        composition.end(self.reply.ending)
        return "\n".join(page.content for page in composition.pages())

    @property
    def remembered(self) -> str:
        """What the history has of the answer."""
        return "\n".join(text for role, text in self.house.said if role is Role.ASSISTANT)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes of the pictures that the reply ends with, in their order."""
        files = self.house.files.files
        found = [files[file.picture.path.name] for file in self.reply.ending.pictures if hasattr(file.picture, "path")]
        return tuple("{}x{}".format(*Image.open(io.BytesIO(data)).size) for data in found)


@asynccontextmanager
async def open_house(
    server: ByteServer, endpoint: Endpoint, *, timeouts: Timeouts, clock: QuickClock, settings: dict[str, object]
) -> AsyncIterator[House]:
    """Put the use cases together with the adapters of the bot before a server."""
    transport = Transport(clock=clock, timeouts=timeouts)
    here = frozenset({("127.0.0.1", server.port)})
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=Reach(allow=here, named=here))
    fusion: ChatModel = FusionModel(transport, url=f"{server.base}/fusion", api_key=KEY, miaohua_token=MIAOHUA)
    chat: ChatModel = ChatCompletionsModel(
        transport, base_url=f"{server.base}/v1", api_key=KEY, chat_model="talker", image_model="painter"
    )
    house = House(operator=dict(settings), side_by_side=4, endpoint=fusion if endpoint is Endpoint.FU else chat)
    house.pictures = fetcher  # type: ignore[assignment]  # the real one in the place of the fake
    try:
        yield house
    finally:
        await transport.close()
        await fetcher.close()


async def answered(house: House, way: Way, *, turn: int = TURN, text: str = QUESTION, user: User = ANN) -> FakeReply:
    """Ask one question and return the reply when the turn has ended."""
    sink = FakeSink(first_id=turn + 4000)
    if way is Way.DRAW:
        await house.draw.draw(ask(turn, text, user=user, mode=Mode.DRAW, source=Source.INTERACTION), sink)
    else:
        await house.chat.respond(ask(turn, text, user=user), sink)
    return sink.reply


@asynccontextmanager
async def played(case: Case) -> AsyncIterator[Outcome]:
    """Play a case; the house stays open inside, for further questions."""
    clock = QuickClock()
    server = ByteServer(case.answers, speed=case.speed)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(server.serving())
        opened = open_house(
            server, case.endpoint, timeouts=faster(case.speed), clock=clock, settings=dict(case.settings)
        )
        house = await stack.enter_async_context(opened)
        started = asyncio.get_running_loop().time()
        reply = await answered(house, case.way)
        took_s = (asyncio.get_running_loop().time() - started) * case.speed
        yield Outcome(house=house, reply=reply, server=server, took_s=took_s, waited=clock.slept)


def check(case: Case, outcome: Outcome) -> None:
    """Hold what became of a case against what must."""
    content, ending = outcome.content, outcome.reply.ending
    if case.kinds:
        assert outcome.kind is not None
        assert outcome.kind in case.kinds, (outcome.kind, content)
        # Behind a text stands that it broke off, in words of their own.
        assert outcome.reply.text.strip() or tells(content, outcome.kind), content
    else:
        assert outcome.kind is None or case.broken, (ending.problem, content)
    assert outcome.server.calls in case.counts
    if case.text is not None:
        assert outcome.reply.text.strip() == case.text, content
        assert outcome.remembered.strip() == case.text or outcome.sizes
    for words in case.shown:
        assert words in content, content
    for words in (*case.absent, KEY, MIAOHUA):
        assert words not in content, content
        assert words not in outcome.remembered
    assert outcome.sizes == case.pictures, content
    assert (Action.CONTINUE in _actions(outcome)) == (case.broken or case.cut), (ending.reason, content)
    assert (ending.reason is FinishReason.LENGTH) == case.cut
    noted = content.strip() != outcome.reply.text.strip()
    expected = bool(case.kinds or case.broken or case.cut or case.pictures) if case.noted is None else case.noted
    assert noted == expected, content
    if case.within_s is not None:
        assert outcome.took_s < case.within_s
    for name in case.absent_fields:
        assert name not in outcome.server.bodies[-1]
    if case.tokens is not None:
        (used,) = outcome.house.usage.used.values()
        assert used.total_tokens == case.tokens


def _actions(outcome: Outcome) -> tuple[Action, ...]:
    controls = outcome.reply.ending.controls
    return controls.actions if controls is not None else ()
