"""What is older than a place keeps it is forgotten, hour by hour, and nothing else."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.people import Place
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.reply.controls import Action, PressRefusal
from bot.domain.settings.scopes import Target
from bot.errors import StorageError
from bot.services.history.retention import PAUSE_S, STEP_ROWS, SWEEP_S, RetentionService
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, HERE, said
from tests.fakes.clock import START, settle
from tests.fakes.houses.house import House, cancel, kept_turn
from tests.fakes.stores.retention import FakeRetentionStore

DAY_S = 86400.0
ELSEWHERE = Place(channel_id=2000, guild_id=2)
DIRECT = Place(channel_id=3000)


class Attic:
    """A house with turns in two guilds and a direct message, and what forgets them."""

    def __init__(self, **operator: object) -> None:
        self.house = House(operator=operator)
        self.store = FakeRetentionStore(self.house.history, self.house.turns, self.house.drawings)
        self.service = self.serving(lambda _: True)
        for number, place in enumerate((HERE, ELSEWHERE, DIRECT), 1):
            self.put(number, place)

    def serving(self, ours: object) -> RetentionService:
        settings = self.house.settings
        return RetentionService(self.store, self.house.files, settings, self.house.clock, ours=ours)  # type: ignore[arg-type]  # a predicate

    def put(self, number: int, place: Place) -> None:
        """Keep a turn with its answer and a drawing, made just now."""
        now = self.house.clock.now()
        turn = kept_turn(number, channel_id=place.channel_id, guild_id=place.guild_id, reply_ids=(number + 100,))
        self.house.keep_turn(replace(turn, created_at=now, updated_at=now))
        for key, line in self.house.history.messages.items():
            if key[0] == place.channel_id:
                self.house.history.messages[key] = replace(line, guild_id=place.guild_id)
        self.house.files.files[f"{number}-0.png"] = b"picture"
        self.house.drawings.drawings[number, 0] = Drawing(
            turn_id=number,
            index=0,
            channel_id=place.channel_id,
            message_id=number + 100,
            prompt="a fox",
            parameters=DrawingParameters(seed=1),
            filename="fox.png",
            created_at=now,
            guild_id=place.guild_id,
            stored=f"{number}-0.png",
        )

    def keeps(self, place: Place, days: int) -> None:
        """Let a guild's members have set its retention."""
        self.house.kept_settings.values[Target.guild(place.guild_id or 0), "retention_days"] = str(days)
        self.house.kept_settings.number += 1

    @property
    def kept(self) -> set[int]:
        """The turns of which everything is there; fails where only a part of one is."""
        house = self.house
        turns = set(house.turns.turns)
        assert {turn for turn, _ in house.drawings.drawings} == turns
        assert {int(name.split("-")[0]) for name in house.files.files} == turns
        assert {line.reply_to or line.id for line in house.history.messages.values()} == turns
        assert {turn for turn, _ in house.turns.kept_versions} == turns
        return turns


async def test_everything_is_kept_for_ever_where_nothing_is_set() -> None:
    attic = Attic()
    await asyncio.sleep(3650 * DAY_S)
    assert not (await attic.service.sweep()).any
    assert attic.kept == {1, 2, 3}


async def test_each_guild_keeps_what_it_wants_and_direct_messages_what_the_operator_says() -> None:
    attic = Attic(retention_days=10)
    attic.keeps(HERE, 2)
    attic.keeps(ELSEWHERE, 0)
    await asyncio.sleep(2 * DAY_S - 60)
    await attic.service.sweep()
    assert attic.kept == {1, 2, 3}
    await asyncio.sleep(61)
    attic.put(4, HERE)
    await attic.service.sweep()
    assert attic.kept == {2, 3, 4}
    await asyncio.sleep(9 * DAY_S)
    await attic.service.sweep()
    assert attic.kept == {2}


async def test_what_is_forgotten_is_unknown_to_its_buttons() -> None:
    attic = Attic(retention_days=1)
    await asyncio.sleep(DAY_S + 1)
    await attic.service.sweep()
    press = Press(action=Action.RETRY, turn_id=1, user=ANN, place=HERE, manages_messages=True)
    assert await attic.house.control().press(press, attic.house.sink_for) is PressRefusal.UNKNOWN


async def test_a_process_forgets_what_is_its_own_to_answer() -> None:
    attic = Attic(retention_days=1)
    await asyncio.sleep(DAY_S + 1)
    await attic.serving(lambda guild_id: guild_id == 2).sweep()
    assert attic.kept == {1, 3}
    await attic.serving(lambda guild_id: guild_id is None).sweep()
    assert attic.kept == {1}


async def test_much_goes_in_small_steps_with_room_between_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    attic = Attic(retention_days=1)
    rows = 5 * STEP_ROWS
    attic.house.keep(*(said(number, "secret", created_at=START) for number in range(10_000, 10_000 + rows)))
    await asyncio.sleep(DAY_S + 1)
    before_s = attic.house.clock.monotonic()
    forgotten = await attic.service.sweep()
    assert (forgotten.messages, forgotten.turns, forgotten.drawings) == (rows + 6, 3, 3)
    assert set(attic.store.limits) == {STEP_ROWS}
    assert attic.house.clock.monotonic() - before_s >= 6 * PAUSE_S
    assert "messages=1006 turns=3 drawings=3" in caplog.text
    assert "secret" not in caplog.text


async def test_files_that_a_kill_left_behind_go_at_the_next_start() -> None:
    attic = Attic(retention_days=1)
    await asyncio.sleep(DAY_S + 1)
    step = await attic.store.purge(1, before=attic.house.clock.now(), limit=STEP_ROWS)  # and the process dies
    assert step.files == ("1-0.png",)
    assert "1-0.png" in attic.house.files.files
    await attic.house.keeper.reconcile()
    await attic.service.sweep()
    assert attic.kept == set()


async def test_it_goes_on_hour_by_hour_and_after_faults(caplog: pytest.LogCaptureFixture) -> None:
    attic = Attic(retention_days=1)
    task = asyncio.create_task(attic.service.keep_forgetting())
    for fault in (StorageError("the disk is gone"), RuntimeError("what nobody thought of")):
        attic.store.failing = fault
        await asyncio.sleep(SWEEP_S)
        assert str(fault) in caplog.text
    attic.store.failing = None
    await asyncio.sleep(DAY_S - 3 * SWEEP_S)
    assert attic.kept == {1, 2, 3}
    await asyncio.sleep(3 * SWEEP_S)
    await settle()
    assert attic.kept == set()
    await cancel(task)


async def test_what_a_guild_wants_is_not_guessed_where_it_can_not_be_read() -> None:
    attic = Attic(retention_days=1)
    await asyncio.sleep(DAY_S + 1)
    attic.house.kept_settings.failing = StorageError("gone")
    with pytest.raises(StorageError):
        await attic.service.sweep()
    assert attic.kept == {1, 2}


async def test_an_hour_is_time_to_think_again() -> None:
    attic = Attic()
    task = asyncio.create_task(attic.service.keep_forgetting())
    await asyncio.sleep(2 * DAY_S + 1)
    attic.keeps(HERE, 1)
    await asyncio.sleep(timedelta(minutes=30).total_seconds())
    attic.keeps(HERE, 0)
    await asyncio.sleep(2 * SWEEP_S)
    assert attic.kept == {1, 2, 3}
    await cancel(task)
