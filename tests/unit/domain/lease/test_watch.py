"""When the holder of a lease counts as gone."""

from __future__ import annotations

import pytest

from bot.domain.lease.record import Holder, Lease
from bot.domain.lease.watch import GAP_S, TTL_S, Watch

STEP_S = 0.5


def lease(beats: int = 0, name: str = "a", shard_id: int = 0) -> Lease:
    return Lease(count=2, shard_id=shard_id, holder=Holder(id=name), fence=1, beats=beats)


def look_until(watch: Watch, begin_s: float, end_s: float, *leases: Lease) -> frozenset[tuple[str, int]]:
    """Look every half second; returns what was seen last."""
    steps = int((end_s - begin_s) / STEP_S)
    return [watch.look(leases, begin_s + STEP_S * step) for step in range(steps + 1)][-1]


@pytest.fixture
def watch() -> Watch:
    return Watch(lambda _: False)


def test_a_holder_is_gone_after_a_while_without_a_sign(watch: Watch) -> None:
    assert not look_until(watch, 100.0, 100.0 + TTL_S - STEP_S, lease())
    assert watch.look([lease()], 100.0 + TTL_S) == {("a", 0)}


def test_every_sign_begins_that_while_anew(watch: Watch) -> None:
    look_until(watch, 100.0, 110.0, lease())
    assert not look_until(watch, 110.5, 110.5 + TTL_S - STEP_S, lease(1))
    assert watch.look([lease(1)], 110.5 + TTL_S) == {("a", 1)}


def test_another_holder_is_another_lease(watch: Watch) -> None:
    look_until(watch, 100.0, 110.0, lease())
    assert not look_until(watch, 110.5, 125.0, lease(name="b"))
    assert not watch.lives(lease(name="b")), "it was not seen to move"


def test_time_in_which_nothing_could_be_seen_does_not_count(watch: Watch) -> None:
    look_until(watch, 100.0, 115.0, lease())
    begin_s = 115.0 + GAP_S + 1
    assert not look_until(watch, begin_s, begin_s + TTL_S - STEP_S, lease())
    assert watch.look([lease()], begin_s + TTL_S) == {("a", 0)}


def test_one_that_has_certainly_ended_is_gone_at_once() -> None:
    watch = Watch(lambda holder: holder.id == "dead")
    assert watch.look([lease(name="dead"), lease(name="b", shard_id=1)], 100.0) == {("dead", 0)}


def test_one_that_was_seen_to_renew_lives(watch: Watch) -> None:
    watch.look([lease()], 100.0)
    assert not watch.lives(lease())
    watch.look([lease(1)], 100.5)
    watch.look([lease(1)], 101.0)
    assert watch.lives(lease(1))
