"""Processes that start, are held up, die and stop by chance, with clocks that differ: nobody writes for another."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.lease.record import NO_FENCE, Shards
from bot.domain.lease.watch import RENEW_S, TTL_S, Watch
from bot.errors import TakenOverError
from bot.storage.database.engine import open_database
from bot.storage.lease.store import SqlLeaseStore
from bot.storage.stores.turns import SqlTurnStore
from tests.contract.lease.offices import holder
from tests.contract.samples import turn
from tests.fakes.clock import FakeClock

T = TypeVar("T")

MOST = 3
SOME = st.integers(0, MOST - 1)
PARTS = st.sampled_from(
    [
        Shards(),
        Shards(count=2, ids=(0,)),
        Shards(count=2, ids=(1,)),
        Shards(count=3, ids=(0, 2)),
        Shards(count=4, ids=(3,)),
    ]
)
SKEW = 0.1
"""How much faster or slower than the others a clock may be; real ones differ by a ten-thousandth."""


@dataclass(kw_only=True)
class Process:
    """One process as the test sees it. ``offset_s`` and ``rate`` make its clock."""

    name: str
    shards: Shards
    offset_s: float
    rate: float
    dead: bool = False
    paused: bool = False
    fence: int = NO_FENCE
    beat_at: float = 0.0
    """When it last took or renewed its lease, in true seconds."""
    watch: Watch = field(init=False)
    gone: frozenset[tuple[str, int]] = frozenset()

    def time(self, now: float) -> float:
        """Tell its own time."""
        return self.offset_s + now * self.rate


class ManyProcesses(RuleBasedStateMachine):
    """Some processes on one database."""

    template: ClassVar[Path]
    takeovers: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        path = shutil.copy(self.template, self.folder / "bot.db")
        self.database = open_database(f"sqlite+aiosqlite:///{path}")
        self.leases = SqlLeaseStore(self.database, _Still())
        self.now = 1000.0
        self.processes: dict[int, Process] = {}
        self.started = 0
        self.owners: dict[int, str] = {}
        """Who may write of each of twelve guilds, by what this test saw."""
        self.next_turn = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.database.dispose())
        self.loop.close()
        shutil.rmtree(self.folder)

    def alive(self) -> dict[str, Process]:
        return {process.name: process for process in self.processes.values() if not process.dead}

    def guilds(self, shards: Shards) -> list[int]:
        return [guild for guild in range(12) if guild % shards.count in shards.ids]

    def write(self, process: Process) -> bool:
        """Let a process keep a new turn; returns whether the database took it."""
        self.next_turn += 1
        store = SqlTurnStore(self.database, fence=lambda: process.fence)
        try:
            return self.run(store.create(turn(self.next_turn), None))
        except TakenOverError:
            return False

    @rule(which=SOME, shards=PARTS, offset_s=st.floats(-1e6, 1e6), rate=st.floats(1 - SKEW, 1 + SKEW))
    def start(self, which: int, shards: Shards, offset_s: float, rate: float) -> None:
        before = self.processes.get(which)
        if before is not None and not before.dead:
            return
        self.started += 1
        process = Process(name=f"p{self.started}", shards=shards, offset_s=offset_s, rate=rate)
        sees = self.started % 2
        """Only every second one can tell whether another has died."""
        process.watch = Watch(lambda other: bool(sees) and other.id not in self.alive())
        self.processes[which] = process
        self.look(which)

    @rule(which=SOME)
    def look(self, which: int) -> None:
        process = self.processes.get(which)
        if process is None or process.dead or process.paused or process.fence:
            return
        alive = self.alive()
        found = self.run(self.leases.take(holder(process.name), process.shards, gone=process.gone))
        if not isinstance(found, int):
            process.gone = process.watch.look(found, process.time(self.now))
            return
        process.fence, process.beat_at = found, self.now
        for guild in self.guilds(process.shards):
            evicted = alive.get(self.owners.get(guild, ""))
            if evicted is not None and evicted.fence:
                assert self.now - evicted.beat_at >= TTL_S / (1 + SKEW) - 1e-6, "it was alive a moment ago"
        losers = {self.owners.get(guild) for guild in self.guilds(process.shards)}
        type(self).takeovers += losers != {None}
        self.owners = {guild: owner for guild, owner in self.owners.items() if owner not in losers}
        self.owners.update(dict.fromkeys(self.guilds(process.shards), process.name))

    @rule(seconds=st.floats(0.1, 4.0), times=st.integers(1, 12))
    def pass_time(self, seconds: float, times: int) -> None:
        """Let time pass: who runs renews and looks in it, who is held up does not."""
        for _ in range(times):
            self.now += seconds
            for which, process in sorted(self.processes.items()):
                if process.dead or process.paused:
                    continue
                if not process.fence:
                    self.look(which)
                elif self.now - process.beat_at >= RENEW_S:
                    self.renew(which)

    @rule(which=SOME)
    def renew(self, which: int) -> None:
        process = self.processes.get(which)
        if process is None or process.dead or process.paused or not process.fence:
            return
        held = self.run(self.leases.renew(process.fence))
        assert held == (process.name in self.owners.values())
        if held:
            process.beat_at = self.now
        else:
            process.dead = True

    @rule(which=SOME, paused=st.booleans())
    def hold_up(self, which: int, paused: bool) -> None:
        if which in self.processes:
            self.processes[which].paused = paused

    @rule(which=SOME)
    def kill(self, which: int) -> None:
        if which in self.processes:
            self.processes[which].dead = True

    @rule(which=SOME)
    def stop(self, which: int) -> None:
        process = self.processes.get(which)
        if process is None or process.dead or process.paused or not process.fence:
            return
        self.run(self.leases.release(process.fence))
        self.owners = {guild: owner for guild, owner in self.owners.items() if owner != process.name}
        process.dead = True
        assert not self.write(process)

    @invariant()
    def only_owners_write(self) -> None:
        """Whoever wakes up and writes without having looked is refused, unless it has the lease."""
        for process in self.processes.values():
            if process.fence:
                assert self.write(process) == (process.name in self.owners.values())


class _Still(FakeClock):
    """A clock for the rows' time, which nobody reads."""

    def monotonic(self) -> float:
        return 0.0


def test_nobody_writes_for_another(migrated_file: Path) -> None:
    ManyProcesses.template = migrated_file
    machine = ManyProcesses.TestCase
    machine.settings = settings(
        max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine().runTest()


def test_the_test_notices_a_store_that_lets_everybody_write(
    migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(*_: object) -> None:
        return

    ManyProcesses.template = migrated_file
    machine = ManyProcesses()
    machine.start(0, Shards(), 0.0, 1.0)
    machine.hold_up(0, paused=True)
    machine.start(1, Shards(), 5.0, 1.0)
    machine.pass_time(4.0, 12)
    assert machine.processes[1].fence
    assert ManyProcesses.takeovers
    machine.only_owners_write()
    monkeypatch.setattr("bot.storage.stores.turns.check_fence", check)
    with pytest.raises(AssertionError):
        machine.only_owners_write()
    machine.teardown()
