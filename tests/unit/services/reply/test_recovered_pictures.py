"""Pictures that a process made which died before it delivered them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.history.messages import Kind
from bot.domain.model.request import Mode
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.turn.record import StandingEnd, Turn, TurnState
from bot.errors import Trouble
from bot.services.reply.recovery import RecoveryService
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, HERE, said
from tests.fakes.clock import START
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.model import picture
from tests.fakes.reply.finder import FakeFinder
from tests.fakes.reply.replies import FakeReply


class Ward(House):
    """A house with turns to recover."""

    def __init__(self) -> None:
        super().__init__()
        self.finder = FakeFinder()


@pytest.fixture
def ward() -> Ward:
    return Ward()


def orphan(turn_id: int, **changes: object) -> Turn:
    """Make a turn that nothing was said in yet."""
    return kept_turn(turn_id, **{"state": TurnState.STREAMING, "text": "", "reply_ids": (), **changes})


def drawing_of(turn: Turn, index: int) -> Drawing:
    return Drawing(
        turn_id=turn.id,
        index=index,
        channel_id=turn.channel_id,
        message_id=None,
        prompt=turn.prompt,
        parameters=DrawingParameters(seed=42 + index),
        filename=f"drawing-{turn.id}-{index + 1}.png",
        created_at=START,
        guild_id=turn.guild_id,
        asker_id=turn.asker_id,
        took_s=3.0,
    )


async def made_before_the_kill(ward: Ward, turn: Turn, *, pictures: int) -> None:
    """Keep pictures of a turn as its process did before it died."""
    for index in range(pictures):
        await ward.keeper.keep(drawing_of(turn, index), picture())


def restarted(ward: Ward) -> RecoveryService:
    """Make the service of the next process, which knows nothing yet."""
    ward.ours = lambda _: True
    return ward.restart().recovery


async def test_pictures_that_were_made_are_delivered_by_the_next_process(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42, count=2))
    await made_before_the_kill(ward, turn, pictures=2)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    await service.recover(await service.orphans())
    ending = ward.reply.ending
    assert (ending.state, ending.problem) == (TurnState.COMPLETE, None)
    assert [file.filename for file in ending.pictures] == ["drawing-10-1.png", "drawing-10-2.png"]
    assert ending.card is not None
    assert ([one.seed for one in ending.card.pictures], ending.card.missing) == ([42, 43], 0)
    assert ending.controls is not None
    assert Action.AGAIN in ending.controls.actions
    assert ward.turns.turns[10].state is TurnState.COMPLETE
    assert {one.message_id for one in ward.drawings.drawings.values()} == {11}
    assert ward.model.requests == []
    # The next start finds nothing to do.
    service = restarted(ward)
    assert await service.orphans() == ()


async def test_pictures_are_delivered_when_the_database_is_back(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    orphans = await service.orphans()
    ward.fail()
    recovering = asyncio.create_task(service.recover(orphans))
    await asyncio.sleep(60)
    assert ward.sinks == [], "it was ended without its picture"
    ward.mend()
    await recovering
    assert [file.filename for file in ward.reply.ending.pictures] == ["drawing-10-1.png"]


async def test_pictures_that_stand_on_discord_are_not_sent_again(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    ward.finder.end = StandingEnd(state=TurnState.COMPLETE, pictures=1)
    await service.recover(await service.orphans())
    assert ward.sinks == []
    assert ward.turns.turns[10].state is TurnState.COMPLETE
    assert (ward.drawings.drawings[10, 0].message_id, ward.drawings.drawings[10, 0].stored) == (11, "10-0.png")
    (line,) = ward.history.messages.values()
    assert (line.id, line.kind, line.text.partition(" (")[0]) == (11, Kind.DRAWING, "hello")


async def test_a_drawing_that_is_known_to_be_delivered_stays_one(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42))
    ward.drawings.drawings[10, 0] = replace(drawing_of(turn, 0), message_id=11)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    await service.recover(await service.orphans())
    assert ward.sinks == []
    assert (ward.turns.turns[10].state, ward.turns.turns[10].error_kind) == (TurnState.COMPLETE, None)
    (line,) = ward.history.messages.values()
    assert line.text.startswith("hello (")


async def test_pictures_that_are_not_among_what_stands_are_delivered(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    ward.finder.end = StandingEnd(state=TurnState.FAILED, error_kind=Trouble.INTERNAL)
    await service.recover(await service.orphans())
    assert [file.filename for file in ward.reply.ending.pictures] == ["drawing-10-1.png"]
    assert ward.drawings.drawings[10, 0].message_id == 11


async def test_the_card_of_the_version_before_is_not_taken_for_this_one_s_end(ward: Ward) -> None:
    ward.finder.end = StandingEnd(state=TurnState.COMPLETE, pictures=1)
    ward.turns.turns[10] = orphan(10, reply_ids=(11,), version=2)
    service = restarted(ward)
    await service.recover(await service.orphans())
    assert (ward.turns.turns[10].state, ward.reply.ending.problem) == (TurnState.INTERRUPTED, Trouble.INTERRUPTED)


async def test_pictures_that_are_missing_are_told_as_interrupted(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42, count=3))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    await service.recover(await service.orphans())
    ending = ward.reply.ending
    assert (ending.state, ending.problem, len(ending.pictures)) == (TurnState.INTERRUPTED, Trouble.INTERRUPTED, 1)
    assert ending.card is not None
    assert ending.card.missing == 2


async def test_a_picture_that_changed_another_still_says_where_it_came_from(ward: Ward) -> None:
    ward.keep(said(10, "make it darker", reply_to=7))
    old = replace(drawing_of(kept_turn(6), 0), message_id=7)
    ward.drawings.drawings[6, 0] = old
    turn = orphan(10, prompt="make it darker", reply_ids=(11,))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    await service.recover(await service.orphans())
    card = ward.reply.ending.card
    assert card is not None
    assert card.plan.origin == Origin(channel_id=1000, message_id=7)


async def test_a_question_that_is_gone_takes_the_pictures_with_it(ward: Ward) -> None:
    turn = orphan(10, reply_ids=(11,))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    ward.finder.gone = True
    service = restarted(ward)
    await service.recover(await service.orphans())
    assert ward.reply.discarded
    assert (ward.drawings.drawings, ward.files.files) == ({}, {})


@pytest.mark.parametrize("wished", [1, 2])
async def test_pictures_that_nothing_led_to_at_the_start_are_delivered_by_a_press(ward: Ward, wished: int) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42, count=wished, private=True))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    ward.prepare = not_taken
    await service.recover(await service.orphans())
    assert ward.drawings.drawings[10, 0].message_id is None
    ward.prepare = None
    assert await ward.control().press(pressed(), ward.sink_for) is None
    ending = ward.reply.ending
    assert [file.filename for file in ending.pictures] == ["drawing-10-1.png"]
    assert (ending.state, ending.problem) == (
        (TurnState.COMPLETE, None) if wished == 1 else (TurnState.INTERRUPTED, Trouble.INTERRUPTED)
    )
    assert ending.controls is not None
    assert Action.AGAIN in ending.controls.actions
    assert ward.drawings.drawings[10, 0].message_id == 11
    # They are delivered once.
    assert await ward.control().press(pressed(), ward.sink_for) is PressRefusal.OVER
    assert len(ward.sinks) == 2


async def test_where_the_pictures_are_gone_too_the_reply_says_that_it_was_interrupted(ward: Ward) -> None:
    turn = orphan(10, mode=Mode.DRAW, reply_ids=(11,), wish=DrawWish(seed=42, private=True))
    await made_before_the_kill(ward, turn, pictures=1)
    ward.turns.turns[10] = turn
    service = restarted(ward)
    ward.prepare = not_taken
    await service.recover(await service.orphans())
    ward.files.files.clear()
    service = restarted(ward)
    await service.orphans()
    ward.prepare = None
    assert await ward.control().press(pressed(), ward.sink_for) is PressRefusal.OVER
    ending = ward.reply.ending
    assert (ending.problem, ending.pictures) == (Trouble.INTERRUPTED, ())
    assert ending.controls is not None
    assert Action.RETRY in ending.controls.actions


def not_taken(reply: FakeReply) -> None:
    """Let Discord take nothing of a reply."""
    reply.takes = False


def pressed() -> Press:
    """Press the button that stands under a reply which never got its end."""
    return Press(action=Action.STOP, turn_id=10, user=ANN, place=HERE, manages_messages=False)
