"""Which shards have guilds in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lease.record import Shards

COUNTS = st.integers(1, 12)


@given(COUNTS, COUNTS, st.data())
def test_shards_overlap_if_a_guild_may_belong_to_both(count: int, other: int, data: st.DataObject) -> None:
    ids = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    shard_id = data.draw(st.integers(0, other - 1))
    shared = any(guild % count in ids and guild % other == shard_id for guild in range(count * other))
    assert Shards(count=count, ids=tuple(sorted(ids))).overlaps(other, shard_id) == shared


@pytest.mark.parametrize(
    ("shards", "words"),
    [
        (Shards(), "all shards"),
        (Shards(count=4, ids=(2,)), "shard 2 of 4"),
        (Shards(count=4, ids=(0, 1)), "shards 0, 1 of 4"),
    ],
)
def test_shards_are_named(shards: Shards, words: str) -> None:
    assert str(shards) == words
