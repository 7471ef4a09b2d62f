from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.providers.http.inflate import STEP_BYTES, Inflater


@pytest.mark.parametrize(("encoding", "bits"), [("gzip", 31), ("x-gzip", 31), ("deflate", 15), ("DEFLATE", -15)])
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3), st.integers(-2, 2), st.integers(1, 50))
def test_nothing_is_lost_at_the_steps(encoding: str, bits: int, steps: int, off: int, piece: int) -> None:
    data = bytes(max(0, steps * STEP_BYTES + off))
    engine = zlib.compressobj(9, wbits=bits)
    packed = engine.compress(data) + engine.flush()
    inflater = Inflater(encoding)
    out = [step for at in range(0, len(packed), piece) for step in inflater.feed(packed[at : at + piece])]
    assert b"".join(out) == data
    assert all(0 < len(step) <= STEP_BYTES for step in out)


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_gzip_of_several_members(piece: int) -> None:
    packed = b"".join(gzip.compress(word) for word in (b"one ", b"", b"two ", bytes(STEP_BYTES), b" three")) + b"\0\0"
    inflater = Inflater("gzip")
    out = [step for at in range(0, len(packed), piece) for step in inflater.feed(packed[at : at + piece])]
    assert b"".join(out) == b"one two " + bytes(STEP_BYTES) + b" three"


def test_every_byte_is_given_out_with_those_that_encode_it() -> None:
    """Also where a step ends just as the input does."""
    packed = zlib.compress(bytes(2 * STEP_BYTES), 9)
    for end in range(1, len(packed)):
        expected = len(zlib.decompressobj().decompress(packed[:end]))
        assert sum(map(len, Inflater("deflate").feed(packed[:end]))) == expected
