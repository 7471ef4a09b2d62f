"""Local model endpoints: the fusion contract and the chat-completions contract, by script or with a small model."""

from sandbox.endpoint.script.replies import (
    Chunk,
    Reply,
    error_reply,
    html_reply,
    json_reply,
    rate_limited,
    reply,
    reset_reply,
    stalled_reply,
)
from sandbox.endpoint.script.samples import (
    SAMPLES,
    SENSITIVE_PROMPT,
    SENTINEL,
    UNKNOWN_MODEL,
    chat_events,
    envelope,
    fusion_events,
)
from sandbox.endpoint.server import LocalEndpoint
from sandbox.endpoint.serving.context import Behaviour

__all__ = [
    "SAMPLES",
    "SENSITIVE_PROMPT",
    "SENTINEL",
    "UNKNOWN_MODEL",
    "Behaviour",
    "Chunk",
    "LocalEndpoint",
    "Reply",
    "chat_events",
    "envelope",
    "error_reply",
    "fusion_events",
    "html_reply",
    "json_reply",
    "rate_limited",
    "reply",
    "reset_reply",
    "stalled_reply",
]
