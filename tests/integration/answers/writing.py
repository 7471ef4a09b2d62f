"""Scripts of answers, written shortly: heads, chunks, events of both endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.integration.answers.server import Script, Step

Event = str | bytes | dict[str, Any]
DONE = "[DONE]"
ROLE: dict[str, Any] = {"role": "assistant", "content": ""}


def body(
    content: object, *, status: int = 200, content_type: str = "application/json", headers: Iterable[str] = ()
) -> Script:
    """Write a whole answer with its length; an object as JSON, text and bytes as they are."""
    data = content if isinstance(content, bytes) else _text(content).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(data)}", *headers]
    return ["\r\n".join([*lines, "Connection: close", "", ""]).encode() + data]


def head(content_type: str = "text/event-stream") -> bytes:
    """Write the head of an answer that comes in chunks."""
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode()


def raw(data: str | bytes) -> bytes:
    """Write bytes as one chunk of the body."""
    data = data.encode() if isinstance(data, str) else data
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


END = b"0\r\n\r\n"
"""The end of a body in chunks."""


def events(*items: Event | Step, end: bool = True) -> list[Step]:
    """Write a streamed answer, each event in a chunk of its own; steps that are no events stay as they are.

    A text is the data of an event as it stands; bytes are put into a chunk without anything added.
    """
    written: list[Step] = [head()]
    for item in items:
        if isinstance(item, bytes):
            written.append(raw(item))
        elif isinstance(item, str | dict):
            written.append(raw(f"data: {_text(item)}\n\n"))
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
