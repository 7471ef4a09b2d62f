"""Text in the size and at the speed in which a model gives it."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncGenerator, Sequence

# Roughly a tokenizer: a run of up to six letters, or one other sign (a Chinese character), with the space before it.
_TOKEN: Final = re.compile(r"\s*(?:[A-Za-z0-9_']{1,6}|[^\sA-Za-z0-9_'])|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text to send next; `finish` is "" until the last piece ("stop" or "length"), `tokens` counts this piece.

    The last one may tell how many tokens the prompt had, where that was counted.
    """

    text: str
    tokens: int
    finish: str = ""
    prompt_tokens: int | None = None


def tokens(text: str) -> list[str]:
    """Cut a text into tokens; joined they are the text again."""
    return _TOKEN.findall(text)


async def until_stop(fragments: AsyncGenerator[str], stops: Sequence[str]) -> AsyncGenerator[str]:
    """Pass text on up to the first of the stop sequences, wherever the fragments cut it; closes `fragments`."""
    longest = max((len(stop) for stop in stops), default=1)
    held = ""
    async with aclosing(fragments):
        async for fragment in fragments:
            held += fragment
            found = [place for stop in stops if (place := held.find(stop)) >= 0]
            if found:
                yield held[: min(found)]
                return
            free = len(held) - longest + 1
            if free > 0:
                yield held[:free]
                held = held[free:]
    yield held


async def paced(
    fragments: AsyncGenerator[str],
    *,
    limit_tokens: int | None,
    tokens_per_s: float,
    chunk_tokens: tuple[int, int],
    rng: random.Random,
) -> AsyncGenerator[Piece]:
    """Cut text into pieces of a random number of tokens and wait as a model would; the last piece is empty.

    `tokens_per_s` 0 means without waiting. At `limit_tokens` the text is cut and the finish reason is "length".
    Closes `fragments`.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    spent = 0
    async with aclosing(fragments):
        async for fragment in fragments:
            waiting = tokens(fragment)
            while waiting:
                if limit_tokens is not None and spent >= limit_tokens:
                    yield Piece(text="", tokens=0, finish="length")
                    return
                size = rng.randint(*chunk_tokens)
                if limit_tokens is not None:
                    size = min(size, limit_tokens - spent)
                taken, waiting = waiting[:size], waiting[size:]
                spent += len(taken)
                if tokens_per_s > 0:
                    # Due times add up, so that a late wake-up slows nothing down; a slow model is not hurried after.
                    due = max(due + len(taken) / tokens_per_s, loop.time() - 1.0)
                    await asyncio.sleep(max(0.0, due - loop.time()))
                yield Piece(text="".join(taken), tokens=len(taken))
    yield Piece(text="", tokens=0, finish="stop")


def shreds(text: str, rng: random.Random, longest: int = 6) -> list[str]:
    """Cut a text into pieces of 1 to `longest` characters."""
    made: list[str] = []
    while text:
        size = rng.randint(1, longest)
        made.append(text[:size])
        text = text[size:]
    return made
