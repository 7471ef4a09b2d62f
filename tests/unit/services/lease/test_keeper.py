"""Taking, keeping and losing the lease; time passes where a test waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.lease.record import NO_FENCE, Holder, Lease, Shards
from bot.domain.lease.watch import RENEW_S, TTL_S
from bot.errors import OtherBotError, StorageError, TakenOverError
from bot.services.lease.keeper import ANSWER_S, SURE_S, LeaseKeeper
from tests.fakes.clock import FakeClock, settle
from tests.fakes.stores.leases import FakeLeaseStore

AWAY = StorageError("the disk is gone")


class Machine(FakeClock):
    """A clock of a process that may be held up: time then passes for all but it."""

    def __init__(self) -> None:
        self.missed_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.missed_s


class SlowStore(FakeLeaseStore):
    """A store whose renewals may hang."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()

    async def renew(self, fence: int) -> bool:
        await self.open.wait()
        return await super().renew(fence)


class Rival:
    """Takes the lease as another process does that has seen enough."""

    def __init__(self, store: FakeLeaseStore) -> None:
        self._store = store

    async def take(self, bot_id: int = 1) -> int:
        other = Holder(id="rival", bot_id=bot_id, host="there", pid=99)
        gone = {lease.sign for lease in self._store.leases.values()}
        fence = await self._store.take(other, Shards(), gone=gone)
        assert isinstance(fence, int)
        return fence


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def keeper_of(store: FakeLeaseStore, clock: FakeClock, *, dead: bool = False) -> LeaseKeeper:
    return LeaseKeeper(store, Shards(), Holder(id="own", pid=5), clock, is_gone=lambda _: dead)


@pytest.fixture
async def keeper(store: SlowStore, machine: Machine) -> AsyncIterator[LeaseKeeper]:
    """A process that has its lease and keeps it."""
    keeper = keeper_of(store, machine)
    keeping = asyncio.create_task(keeper.keep())
    await keeper.take(1)
    yield keeper
    store.open.set()
    keeping.cancel()
    await asyncio.wait((keeping,))


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_free_lease_is_taken_at_once(store: SlowStore, caplog: pytest.LogCaptureFixture) -> None:
    keeper = keeper_of(store, FakeClock())
    await keeper.sure()
    assert keeper.fence() == NO_FENCE
    await keeper.take(1)
    await keeper.take(1)
    assert keeper.fence() == 1
    assert now() == 0.0
    assert caplog.records == []


async def test_it_waits_for_another_process_and_says_so_once(
    store: SlowStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    other = await Rival(store).take()
    keeper = keeper_of(store, FakeClock())
    taking = asyncio.create_task(keeper.take(1))
    for _ in range(30):
        await asyncio.sleep(RENEW_S)
        assert await store.renew(other)
        assert keeper.waiting
    await store.release(other)
    await taking
    assert not keeper.waiting
    assert keeper.fence() > other
    assert [record.message for record in caplog.records] == [
        "another process is running all shards (process 99 on there); waiting for it to stop",
        "all shards are this process's now",
    ]


@pytest.mark.parametrize(("dead", "waits_s"), [(True, 0.0), (False, TTL_S)], ids=["on this machine", "elsewhere"])
async def test_it_takes_over_from_one_that_has_ended(
    store: SlowStore, caplog: pytest.LogCaptureFixture, dead: bool, waits_s: float
) -> None:
    await Rival(store).take()
    keeper = keeper_of(store, FakeClock(), dead=dead)
    await keeper.take(1)
    assert now() == pytest.approx(waits_s, abs=1.0)
    # Of another machine's, or one that is held up, it is not known that it has ended.
    assert ("has ended: " in caplog.text, "gave no sign of life for 20 s: " in caplog.text) == (dead, not dead)


async def test_a_database_that_is_away_is_waited_for(store: SlowStore, caplog: pytest.LogCaptureFixture) -> None:
    store.failing = AWAY
    keeper = keeper_of(store, FakeClock())
    taking = asyncio.create_task(keeper.take(1))
    await asyncio.sleep(60)
    store.failing = None
    await taking
    assert keeper.fence()
    assert len(caplog.records) == 1


async def test_a_holder_is_not_gone_because_the_database_was_away(store: SlowStore) -> None:
    other = await Rival(store).take()
    keeper = keeper_of(store, FakeClock())
    taking = asyncio.create_task(keeper.take(1))
    await asyncio.sleep(TTL_S - 2)
    store.failing = AWAY
    await asyncio.sleep(60)
    store.failing = None
    await asyncio.sleep(RENEW_S)
    assert await store.renew(other), "it was not taken from it meanwhile"
    taking.cancel()
    await asyncio.wait((taking,))


async def test_another_bot_that_lives_is_refused(store: SlowStore) -> None:
    other = await Rival(store).take(bot_id=2)
    taking = asyncio.create_task(keeper_of(store, FakeClock()).take(1))
    await asyncio.sleep(1)
    await store.renew(other)
    with pytest.raises(OtherBotError, match=r"application 2, process 99 on there.*DATABASE_URL"):
        await taking


async def test_another_bot_that_has_ended_is_followed(store: SlowStore) -> None:
    await Rival(store).take(bot_id=2)
    keeper = keeper_of(store, FakeClock())
    await keeper.take(1)
    assert next(iter(store.leases.values())).holder.bot_id == 1


async def test_the_lease_is_renewed_as_long_as_it_is_kept(store: SlowStore, keeper: LeaseKeeper) -> None:
    await asyncio.sleep(60)
    assert store.renewals == pytest.approx(60 / RENEW_S, abs=1)
    await keeper.sure()
    assert not keeper.lost


async def test_who_loses_it_knows_with_the_next_renewal(store: SlowStore, keeper: LeaseKeeper) -> None:
    await Rival(store).take()
    await asyncio.wait_for(keeper.until_lost(), RENEW_S + 1)
    with pytest.raises(TakenOverError, match="Another process has taken over all shards"):
        await keeper.sure()
    await keeper.release()
    assert [lease.holder.id for lease in store.leases.values()] == ["rival"]


async def test_one_that_was_held_up_is_not_sure_until_it_has_asked(
    store: SlowStore, machine: Machine, keeper: LeaseKeeper
) -> None:
    await asyncio.sleep(1)
    machine.missed_s = 60.0
    asked = asyncio.create_task(keeper.sure())
    await settle()
    assert not asked.done()
    await asked
    assert store.renewals


async def test_one_that_was_held_up_and_taken_over_never_is(
    store: SlowStore, machine: Machine, keeper: LeaseKeeper
) -> None:
    await asyncio.sleep(1)
    await Rival(store).take()
    machine.missed_s = 60.0
    with pytest.raises(TakenOverError):
        await keeper.sure()


async def test_one_that_was_held_up_in_the_middle_of_a_renewal_never_is(
    store: SlowStore, machine: Machine, keeper: LeaseKeeper
) -> None:
    store.open.clear()
    await asyncio.sleep(RENEW_S + 1)
    await Rival(store).take()
    machine.missed_s = 60.0
    asked = asyncio.create_task(keeper.sure())
    # Its wait for the answer ends at once, late as it is: that says nothing about the database.
    await asyncio.sleep(ANSWER_S)
    assert not asked.done()
    store.open.set()
    with pytest.raises(TakenOverError):
        await asked


@pytest.mark.parametrize("hangs", [True, False], ids=["no answer", "an error"])
async def test_while_the_database_is_away_it_goes_on(store: SlowStore, keeper: LeaseKeeper, hangs: bool) -> None:
    if hangs:
        store.open.clear()
    else:
        store.failing = AWAY
    for _ in range(60):
        await asyncio.sleep(1)
        async with asyncio.timeout(0.001):
            await keeper.sure()
    store.open.set()
    store.failing = None
    await asyncio.sleep(SURE_S)
    assert not keeper.lost
    assert store.renewals


async def test_a_renewal_that_breaks_is_tried_again(
    store: SlowStore, keeper: LeaseKeeper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def renew(_: int) -> bool:
        raise RuntimeError("a fault of the store")

    with monkeypatch.context() as patched:
        patched.setattr(store, "renew", renew)
        await asyncio.sleep(RENEW_S + 1)
    assert "a fault of the store" in caplog.text
    await asyncio.sleep(2 * RENEW_S)
    assert store.renewals
    await keeper.sure()


async def test_given_back_it_is_free(store: SlowStore, keeper: LeaseKeeper) -> None:
    await keeper.release()
    assert store.leases == {}
    assert not isinstance(await store.take(Holder(id="b"), Shards()), tuple)
    await asyncio.sleep(60)
    await keeper.sure()


def test_a_lease_names_its_holder() -> None:
    lease = Lease(count=1, shard_id=0, holder=Holder(id="a", pid=3), fence=1, beats=2)
    assert (lease.sign, str(lease.holder)) == (("a", 2), "process 3 on an unknown host")
