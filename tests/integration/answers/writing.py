"""Scripts of answers, written shortly: heads, chunks, events of both endpoints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.integration.answers.server import Script, Step
from tests.unit.providers.servers import chunk, http, opening

Event = str | bytes | dict[str, Any]
DONE = "[DONE]"
ROLE: dict[str, Any] = {"role": "assistant", "content": ""}


def body(
    content: object, *, status: int = 200, content_type: str = "application/json", headers: Sequence[str] = ()
) -> Script:
    """Write a whole answer with its length; an object as JSON, text and bytes as they are."""
    data = content if isinstance(content, bytes) else _text(content)
    return [http(data, status=status, content_type=content_type, headers=headers)]


END = chunk(b"")
"""The end of a body in chunks."""


def events(*items: Event | Step, end: bool = True) -> list[Step]:
    """Write a streamed answer, each event in a chunk of its own; steps that are no events stay as they are.

    A text is the data of an event as it stands; bytes are put into a chunk without anything added.
    """
    written: list[Step] = [opening()]
    for item in items:
        if isinstance(item, bytes):
            written.append(chunk(item))
        elif isinstance(item, str | dict):
            written.append(chunk(f"data: {_text(item)}\n\n"))
        else:
            written.append(item)
    return [*written, END] if end else written


def ch(delta: object = None, fin: str | None = None, **more: Any) -> dict[str, Any]:
    """Write a chunk of chat completions with one choice; a text is its content."""
    content = {"content": delta} if isinstance(delta, str | int | float | bool) else delta or {}
    choice = {"index": 0, "delta": content, "finish_reason": fin}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "choices": [choice], **more}


def message(content: object, fin: str | None = "stop", **more: Any) -> dict[str, Any]:
    """Write a whole completion; an object is the message itself, more than the content."""
    said = content if isinstance(content, dict) else {"role": "assistant", "content": content}
    choice = {"index": 0, "message": said, "finish_reason": fin}
    return {"id": "c1", "object": "chat.completion", "created": 1, "choices": [choice], **more}


def fu(delta: object, fin: str = "", *, picture: bool = False, **more: Any) -> dict[str, Any]:
    """Write an envelope of the fusion endpoint with a piece of the text; ``more`` are fields of its data."""
    used = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "picture": picture}
    data = {"id": "f1", "choices": [{"delta": delta, "finish_reason": fin}], "usage": used, "status": 0, **more}
    return {"code": 0, "msg": "success", "data": data}


def deltas(*texts: str, fin: str = "stop", fusion: bool = False) -> list[Event]:
    """Write a text in pieces, with its end."""
    if fusion:
        return [*(fu(text) for text in texts), fu("", fin), DONE]
    return [ch(ROLE), *(ch(text) for text in texts), ch(None, fin), DONE]


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
