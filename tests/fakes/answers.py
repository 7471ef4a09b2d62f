"""Ways in which a turn is answered."""

from __future__ import annotations

import asyncio

from bot.domain.model.events import Usage
from bot.domain.reply.ending import Ending
from bot.domain.turn.record import TurnState
from bot.services.model.round import Answerer, Round

COMPLETE = Ending(state=TurnState.COMPLETE)


async def hello(turn: Round) -> Ending:
    """Answer with one word."""
    turn.answer.parts.append("Hi")
    turn.reply.push("Hi")
    turn.answer.usage = Usage(prompt_tokens=3, completion_tokens=1)
    return COMPLETE


def hello_when(go: asyncio.Event) -> Answerer:
    """Answer with one word, once that is let go."""

    async def answer_with(turn: Round) -> Ending:
        await go.wait()
        return await hello(turn)

    return answer_with


def raising(error: Exception, *, after: str = "") -> Answerer:
    """Make an answer that fails, after some text."""

    async def answer_with(turn: Round) -> Ending:
        if after:
            turn.answer.parts.append(after)
            turn.reply.push(after)
        raise error

    return answer_with


async def endless(turn: Round) -> Ending:
    """Say one word, then nothing for ever."""
    turn.answer.parts.append("Half")
    turn.reply.push("Half")
    await asyncio.Event().wait()
    raise AssertionError("it never comes here")
