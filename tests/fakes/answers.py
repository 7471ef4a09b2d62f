"""Ways in which a turn is answered."""

from __future__ import annotations

import asyncio

from bot.domain.model.events import Usage
from bot.domain.reply.ending import Ending
from bot.domain.reply.ports import Reply
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.services.model.answer import Answer
from bot.services.turn.runner import Answerer

COMPLETE = Ending(state=TurnState.COMPLETE)


async def hello(ask: Ask, reply: Reply, answer: Answer) -> Ending:
    """Answer with one word."""
    answer.parts.append("Hi")
    reply.push("Hi")
    answer.usage = Usage(prompt_tokens=3, completion_tokens=1)
    return COMPLETE


def hello_when(go: asyncio.Event) -> Answerer:
    """Answer with one word, once that is let go."""

    async def answer_with(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        await go.wait()
        return await hello(ask, reply, answer)

    return answer_with


def raising(error: Exception, *, after: str = "") -> Answerer:
    """Make an answer that fails, after some text."""

    async def answer_with(ask: Ask, reply: Reply, answer: Answer) -> Ending:
        if after:
            answer.parts.append(after)
            reply.push(after)
        raise error

    return answer_with


async def endless(ask: Ask, reply: Reply, answer: Answer) -> Ending:
    """Say one word, then nothing for ever."""
    answer.parts.append("Half")
    reply.push("Half")
    await asyncio.Event().wait()
    raise AssertionError("it never comes here")
