"""The documented answers of the fusion endpoint, in each form that they were seen in (endpoints.md, section 1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

from sandbox.endpoint.script.replies import Chunk, Reply, error_reply, html_reply, rate_limited, reply, reset_reply
from sandbox.endpoint.script.replies import stalled_reply as stalled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Form = Literal["sse", "json_lines", "json"]
TextKey = Literal["delta", "content", "message"]

SENTINEL: Final = "This is a drawing request*&^**#"
SENSITIVE_PROMPT: Final = "我们检测到您的提示词中有敏感词语。请勿使用违反社区条约的提示词。"
UNKNOWN_MODEL: Final = "不支持的模型: {model}"
CONTENT_TYPES: Final[dict[Form, str]] = {
    "sse": "text/event-stream",
    "json_lines": "application/json",
    "json": "application/json",
}
DONE: Final = b"data: [DONE]\n\n"


def envelope(
    text: str,
    *,
    answer_id: str = "0a1b2c3d",
    finish: str = "",
    key: TextKey = "delta",
    code: int | str = 0,
    msg: str = "ok",
    status: int = 0,
    usage: tuple[int, int] = (0, 0),
    picture: bool = False,
) -> dict[str, object]:
    """Make one event or one whole answer; `usage` is (prompt tokens, completion tokens)."""
    prompt_tokens, completion_tokens = usage
    return {
        "code": code,
        "msg": msg,
        "data": {
            "id": answer_id,
            "choices": [{key: text, "finish_reason": finish}],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
                "picture": picture,
            },
            "status": status,
        },
    }


def encode_event(value: object, form: Form) -> bytes:
    """Encode one event, with what separates it from the next one."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return b"data: " + line + b"\n\n" if form == "sse" else line + b"\n"


def fusion_events(
    texts: Sequence[str],
    *,
    form: Form = "sse",
    done: bool = True,
    code: int | str = 0,
    key: TextKey = "delta",
    picture: bool = False,
    finish: str = "stop",
    usage: tuple[int, int] = (12, 34),
    delay_s: float = 0.0,
) -> Reply:
    """Make a documented answer of these texts; the last one carries the finish reason and the usage.

    `form` "json" joins them to one whole answer in `content`. `done` applies to "sse". `finish` "" leaves the
    answer without its end. `delay_s` seconds pass before each event.
    """
    last = {"finish": finish, "picture": picture, "usage": usage}
    if form == "json":
        whole = envelope("".join(texts), key="content", code=code, **last)  # type: ignore[arg-type]  # of one dict
        return reply(json.dumps(whole, ensure_ascii=False), content_type="application/json")
    chunks: list[Chunk] = []
    for index, text in enumerate(texts):
        ends = index == len(texts) - 1
        event = envelope(text, key=key, code=code, **(last if ends else {}))  # type: ignore[arg-type]  # of one dict
        chunks.append(Chunk(data=encode_event(event, form), delay_s=delay_s))
    if done and form == "sse":
        chunks.append(Chunk(data=DONE, delay_s=delay_s))
    return reply(*chunks, content_type=CONTENT_TYPES[form])


def chat_events(
    texts: Sequence[str],
    *,
    thoughts: Sequence[str] = (),
    done: bool = True,
    finish: str = "stop",
    model: str = "local-chat",
    delay_s: float = 0.0,
) -> Reply:
    """Make a streamed chat completion of these thoughts and texts; `finish` "" leaves it without its end."""
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"reasoning_content": thought}, None) for thought in thoughts]
    deltas += [({"content": text}, None) for text in texts]
    if finish:
        deltas.append(({}, finish))
    chunks = [
        Chunk(
            data=encode_event(
                {
                    "id": "chatcmpl-0a1b2c3d",
                    "object": "chat.completion.chunk",
                    "created": 1_700_000_000,
                    "model": model,
                    "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
                },
                "sse",
            ),
            delay_s=delay_s,
        )
        for delta, reason in deltas
    ]
    return reply(*chunks, *([DONE] if done else []))


def _mid_stream_error() -> Reply:
    good = encode_event(envelope("Half of it"), "sse")
    return reply(good, encode_event({"error": {"code": 14, "message": "The service is overloaded."}}, "sse"))


def _in_band_error() -> Reply:
    body = envelope("", key="content", code=20001, msg="internal error", finish="")
    return reply(json.dumps(body), content_type="application/json")


SAMPLES: Final[Mapping[str, Callable[[], Reply]]] = {
    "streamed": lambda: fusion_events(["Hello", ", ", "world."]),
    "streamed_json_lines": lambda: fusion_events(["Hello", ", ", "world."], form="json_lines"),
    "streamed_without_done": lambda: fusion_events(["Hello", ", ", "world."], done=False),
    "streamed_content": lambda: fusion_events(["Hello, world."], key="content"),
    "whole": lambda: fusion_events(["Hello, world."], form="json", code=200),
    "sentinel": lambda: fusion_events([SENTINEL[:4], SENTINEL[4:20], SENTINEL[20:]]),
    "sensitive_prompt": lambda: fusion_events([SENSITIVE_PROMPT], form="json", picture=True),
    "unknown_model": lambda: fusion_events(
        [UNKNOWN_MODEL.format(model="Artist_V0.3.0 Beta")], form="json", picture=True
    ),
    "chat_thinking": lambda: chat_events(["Hello", ", ", "world."], thoughts=["hm "] * 12, delay_s=1.0),
    "chat_cut": lambda: chat_events(["Hel"], finish=""),
    "chat_broken_off": lambda: chat_events(["Hel"], finish="", done=False),
    "cut_by_length": lambda: fusion_events(["Hello", ", wor"], finish="length"),
    "mid_stream_error": _mid_stream_error,
    "in_band_error": _in_band_error,
    "unauthorized": lambda: error_reply(401, 16, "Authentication failed."),
    "forbidden": lambda: error_reply(403, 7, "Permission denied."),
    "overloaded": lambda: error_reply(503, 14, "The service is overloaded."),
    "rate_limited": rate_limited,
    "rate_limited_for_long": lambda: rate_limited("40"),
    "html_ok": lambda: html_reply(200),
    "html_bad_gateway": lambda: html_reply(502),
    "garbage": lambda: reply("data: {not json\n\n", b"\xff\xfe\x00\x01\n\n", "event: nothing\n\n"),
    "truncated": lambda: reply(encode_event(envelope("Hel"), "sse"), ending="truncate"),
    "reset": reset_reply,
    "reset_midway": lambda: reset_reply(encode_event(envelope("Hel"), "sse")),
    "stalled": stalled,
    "stalled_midway": lambda: stalled(encode_event(envelope("Hel"), "sse")),
    "empty": lambda: reply(b""),
}
