"""From what an answerer says to the pieces that an endpoint sends, at the endpoint's pace."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.endpoint.answers.pace import Piece, paced, until_stop

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncGenerator

    from sandbox.endpoint.answers.answerer import Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast and in what sizes: `tokens_per_s` 0 means without waiting, `chunk_tokens` is the least and the most."""

    tokens_per_s: float
    chunk_tokens: tuple[int, int]
    rng: random.Random


async def pieces_of(said: AsyncGenerator[str | Piece], sampling: Sampling, pace: Pace) -> AsyncGenerator[Piece]:
    """Yield pieces up to the last, which is empty and says how it ended; closes `said`.

    An answerer that gives text has it cut into tokens, limited and stopped here; one that gives pieces has counted,
    limited and stopped by itself, and only waits for the pace. It does the one or the other, not both in one answer.
    """
    async with aclosing(said):
        first = await anext(said, "")
        whole = _from(first, said) if isinstance(first, Piece) else _texts(first, said, sampling, pace)
        async with aclosing(whole):
            due = asyncio.get_running_loop().time()
            async for piece in whole:
                if isinstance(first, Piece):
                    due = await _wait(due, piece.tokens, pace.tokens_per_s)
                yield piece


def _texts(first: str, rest: AsyncGenerator[str | Piece], sampling: Sampling, pace: Pace) -> AsyncGenerator[Piece]:
    async def texts() -> AsyncGenerator[str]:
        yield first
        async for one in rest:
            if isinstance(one, Piece):
                raise TypeError("an answer is either text or pieces")
            yield one

    return paced(
        until_stop(texts(), sampling.stops),
        limit_tokens=sampling.limit_tokens,
        tokens_per_s=pace.tokens_per_s,
        chunk_tokens=pace.chunk_tokens,
        rng=pace.rng,
    )


async def _from(first: Piece, rest: AsyncGenerator[str | Piece]) -> AsyncGenerator[Piece]:
    yield first
    async for one in rest:
        if not isinstance(one, Piece):
            raise TypeError("an answer is either text or pieces")
        yield one


async def _wait(due: float, tokens: int, tokens_per_s: float) -> float:
    """Wait until a piece is due and return when that was: a slow answerer is not hurried after."""
    if tokens_per_s <= 0:
        return due
    now = asyncio.get_running_loop().time()
    due = max(due + tokens / tokens_per_s, now - 1.0)
    await asyncio.sleep(max(0.0, due - now))
    return due
