"""A model's answer without its copies of the prompt's notes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.domain.chat.copies import CopyFilter
from bot.domain.model.events import ModelEvent, ReasoningDelta, TextDelta, Usage


async def without_copies(events: AsyncIterator[ModelEvent]) -> AsyncIterator[ModelEvent]:
    """Pass a stream on, its text cleaned; text that was held back comes before whatever the next event is."""
    copies = CopyFilter()
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
