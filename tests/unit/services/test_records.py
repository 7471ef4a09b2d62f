"""What is kept of a turn while and after it is answered."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.drawings import DrawingParameters
from bot.domain.messages import Kind, Role
from bot.domain.ports import Reply
from bot.domain.replies import Ending, PictureFile
from bot.domain.turns import Ask, TurnState
from bot.services.records import Answer
from tests.fakes.answers import COMPLETE, hello
from tests.fakes.asks import ask
from tests.fakes.clock import settle
from tests.fakes.house import House
from tests.fakes.model import picture
from tests.fakes.replies import FakeReply, FakeSink

FOXES = tuple(PictureFile(picture=picture(), filename=f"fox-{n}.png", alt="a fox") for n in range(2))


@pytest.fixture
def house() -> House:
    return House()


async def test_how_far_a_turn_is_is_kept_at_once_and_about_every_second(house: House) -> None:
    kept: list[tuple[float, str]] = []

    async def slowly(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        for n in range(30):
            await asyncio.sleep(0.1)
            answer.parts.append(str(n % 10))
            reply.push(str(n % 10))
            await settle()
            text = house.turns.turns[ask.id].text
            if not kept or kept[-1][1] != text:
                kept.append((round(asyncio.get_running_loop().time(), 1), text))
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), slowly)
    assert kept[0] == (0.1, "0")
    assert [len(text) for _, text in kept] == pytest.approx([1, 11, 21], abs=1)


async def test_a_checkpoint_that_fails_is_made_up_for(house: House) -> None:
    texts: list[str] = []

    async def look(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        house.fail()
        await hello(ask, reply, answer)
        await asyncio.sleep(3)
        house.mend()
        await asyncio.sleep(1.5)
        texts.append(house.turns.turns[ask.id].text)
        return COMPLETE

    await house.runner.run(ask(), FakeSink(), look)
    assert texts == ["Hi"]


async def test_a_drawing_is_remembered_by_its_prompt(house: House) -> None:
    async def draw(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        answer.parameters = DrawingParameters(steps=20)
        return Ending(state=TurnState.COMPLETE, pictures=FOXES)

    await house.runner.run(ask(text="a fox"), FakeSink(), draw)
    reply = house.history.messages[1000, 9000]
    assert (reply.kind, reply.text) == (Kind.DRAWING, "a fox")
    assert [drawing.filename for drawing in house.drawings.drawings.values()] == ["fox-0.png", "fox-1.png"]
    drawing = house.drawings.drawings[5000, 0]
    assert (drawing.message_id, drawing.prompt, drawing.parameters.steps) == (9000, "a fox", 20)


async def test_a_drawing_that_discord_did_not_take_is_not_remembered_as_sent(house: House) -> None:
    async def draw(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        reply.show_drawing()
        answer.parameters = DrawingParameters()
        return Ending(state=TurnState.COMPLETE, pictures=FOXES)

    def prepare(reply: FakeReply) -> None:
        reply.takes = False

    await house.runner.run(ask(text="a fox"), FakeSink(prepare=prepare), draw)
    assert house.said == [(Role.USER, "a fox")]
    assert house.drawings.drawings == {}


async def test_a_reply_that_never_stood_on_discord_is_not_remembered(house: House) -> None:
    async def fail(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        answer.parts.append("unseen")
        return COMPLETE

    def prepare(reply: FakeReply) -> None:
        reply.takes = False

    await house.runner.run(ask(), FakeSink(prepare=prepare), fail)
    assert house.said == [(Role.USER, "hello")]
    assert house.turns.turns[5000].text == "unseen"
