"""A model's answer without its copies of the prompt's notes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from bot.domain.chat.copies import CopyFilter, told_in
from bot.domain.model.events import ModelEvent, ReasoningDelta, TextDelta, Usage
from bot.domain.model.messages import PromptMessage


def without_copies(events: AsyncIterator[ModelEvent], messages: Iterable[PromptMessage]) -> AsyncIterator[ModelEvent]:
    """Pass a stream on, its text cleaned of the notes in these messages; without any, the stream is as it was."""
    told = told_in(messages)
    return _cleaned(events, CopyFilter(told)) if told else events


async def _cleaned(events: AsyncIterator[ModelEvent], copies: CopyFilter) -> AsyncIterator[ModelEvent]:
    """Clean the text; what was held back comes before whatever the next event is."""
    async for event in events:
        match event:
            case TextDelta():
                text = copies.feed(event.text)
                if text:
                    yield event if text == event.text else TextDelta(text=text)
            case Usage() | ReasoningDelta():
                yield event
            case _:
                if text := copies.end():
                    yield TextDelta(text=text)
                yield event
