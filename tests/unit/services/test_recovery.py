"""Turns that were under way when a process died."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.messages import Role
from bot.domain.turns import Mode, Turn, TurnState
from bot.errors import StorageError
from bot.services.recovery import RecoveryService
from bot.services.runner import Stores
from tests.fakes.asks import ME
from tests.fakes.clock import START, FakeClock
from tests.fakes.stores import FakeDrawingStore, FakeHistoryStore, FakeTurnStore


def turn(turn_id: int, **changes: object) -> Turn:
    plain = Turn(
        id=turn_id,
        channel_id=1000,
        guild_id=1,
        asker_id=11,
        mode=Mode.CHAT,
        state=TurnState.STREAMING,
        prompt="hello",
        locale="en-US",
        created_at=START,
        updated_at=START,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of Turn


class FakeMender:
    """Fulfils ``ReplyMender``: a turn without a message gets one, where Discord is there."""

    def __init__(self) -> None:
        self.mended: list[int] = []
        self.away = False

    async def mend(self, turn: Turn) -> Turn:
        self.mended.append(turn.id)
        return turn if self.away or turn.reply_ids else replace(turn, reply_ids=(turn.id + 1,))


class House:
    def __init__(self) -> None:
        self.history, self.turns, self.mender = FakeHistoryStore(), FakeTurnStore(), FakeMender()
        stores = Stores(history=self.history, turns=self.turns, drawings=FakeDrawingStore())
        self.service = RecoveryService(
            stores, self.mender, FakeClock(), ours=lambda turn: turn.guild_id == 1, me=lambda: ME
        )

    def keep(self, *turns: Turn) -> None:
        self.turns.turns.update({turn.id: turn for turn in turns})


@pytest.fixture
def house() -> House:
    return House()


async def test_only_turns_that_are_ours_and_not_ended_are_taken_oldest_first(house: House) -> None:
    house.keep(turn(30), turn(10, state=TurnState.QUEUED), turn(20, state=TurnState.COMPLETE), turn(40, guild_id=2))
    assert [orphan.id for orphan in await house.service.orphans()] == [10, 30]


async def test_a_database_that_is_gone_is_told(house: House) -> None:
    house.turns.failing = StorageError("gone")
    with pytest.raises(StorageError):
        await house.service.orphans()


async def test_what_was_said_is_kept_in_the_history(house: House) -> None:
    house.keep(turn(10, text="Half", reply_ids=(11, 12)))
    await house.service.recover(await house.service.orphans())
    ended = house.turns.turns[10]
    assert (ended.state, ended.text, ended.reply_ids) == (TurnState.INTERRUPTED, "Half", (11, 12))
    (line,) = house.history.messages.values()
    assert (line.id, line.role, line.text, line.reply_to, line.author_id) == (11, Role.ASSISTANT, "Half", 10, ME.id)


@pytest.mark.parametrize("away", [False, True])
async def test_what_said_nothing_is_ended_without_a_line_in_the_history(house: House, away: bool) -> None:
    house.mender.away = away
    house.keep(turn(10, state=TurnState.QUEUED))
    await house.service.recover(await house.service.orphans())
    assert house.turns.turns[10].state is TurnState.INTERRUPTED
    assert house.turns.turns[10].reply_ids == (() if away else (11,))
    assert house.history.messages == {}


async def test_one_that_can_not_be_closed_does_not_keep_the_others(house: House) -> None:
    house.keep(turn(10, text="Half", reply_ids=(11,)), turn(20))
    orphans = await house.service.orphans()
    house.history.failing = StorageError("gone")
    await house.service.recover(orphans)
    assert house.mender.mended == [10, 20]
    assert house.turns.turns[10].state is TurnState.STREAMING
    assert house.turns.turns[20].state is TurnState.INTERRUPTED
