"""Pieces out of what an answerer says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator

import pytest

from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.pace import Piece
from sandbox.endpoint.answers.pieces import Pace, pieces_of

AT_ONCE = Pace(tokens_per_s=0, chunk_tokens=(1, 1), rng=random.Random(1))


class Source:
    """An answer that knows whether it was closed."""

    def __init__(self, *parts: str | Piece) -> None:
        self.parts = parts
        self.closed = False

    async def answer(self) -> AsyncGenerator[str | Piece]:
        try:
            for part in self.parts:
                yield part
        finally:
            self.closed = True


async def pieces(source: Source, sampling: Sampling | None = None, pace: Pace = AT_ONCE) -> list[Piece]:
    return [piece async for piece in pieces_of(source.answer(), sampling or Sampling(), pace)]


async def test_text_is_cut_limited_and_stopped() -> None:
    source = Source("one two", " three END four")
    made = await pieces(source, Sampling(stops=("END",)))
    assert "".join(piece.text for piece in made) == "one two three "
    assert made[-1] == Piece(text="", tokens=0, finish="stop")
    assert [piece.finish for piece in await pieces(source, Sampling(limit_tokens=2))] == ["", "", "length"]
    assert source.closed


async def test_counted_pieces_are_left_as_they_are() -> None:
    counted = (Piece(text="END of it all", tokens=2), Piece(text="", tokens=1, finish="stop", prompt_tokens=9))
    source = Source(*counted)
    assert await pieces(source, Sampling(stops=("END",), limit_tokens=1)) == list(counted)
    assert source.closed


async def test_an_empty_answer_ends_too() -> None:
    assert await pieces(Source()) == [Piece(text="", tokens=0, finish="stop")]


async def test_counted_pieces_wait_for_the_pace_by_their_tokens() -> None:
    source = Source(*(Piece(text="x", tokens=4) for _ in range(3)), Piece(text="", tokens=0, finish="stop"))
    began = asyncio.get_running_loop().time()
    await pieces(source, pace=Pace(tokens_per_s=200, chunk_tokens=(1, 1), rng=random.Random(1)))
    assert asyncio.get_running_loop().time() - began >= 12 / 200 - 0.01


@pytest.mark.parametrize("parts", [("text", Piece(text="x", tokens=1)), (Piece(text="x", tokens=1), "text")])
async def test_an_answer_is_not_both(parts: tuple[str | Piece, ...]) -> None:
    with pytest.raises(TypeError):
        await pieces(Source(*parts))
