"""Four real servers as they answer: llama.cpp, llama-cpp-python, LiteLLM, transformers serve.

Made in our own words from what each was seen to send when it was run: which keys are there, what ends the stream, where
the usage is, what form an error has.
"""

from __future__ import annotations

import json
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.case import Case
from tests.integration.answers.server import Script
from tests.integration.answers.writing import DONE, END, body, events
from tests.unit.providers.servers import opening

HELLO = "Hello there"
USED = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}


def bare(delta: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Write a chunk whose choice has only the keys that are given."""
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta or {}, **more}]}  # fmt: skip


def nulled(delta: dict[str, Any] | None = None, reason: str | None = None) -> dict[str, Any]:
    """Write a chunk with a finish reason that is null until the end."""
    return bare(delta, finish_reason=reason, logprobs=None)


TALK = {
    "llama.cpp": events(
        nulled({"role": "assistant", "content": None}),
        nulled({"content": "Hello"}),
        nulled({"content": " there"}),
        nulled({}, "stop"),
        {"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": USED, "timings": {"predicted_n": 5}},
        DONE,
    ),
    "llama-cpp-python": events(
        nulled({"role": "assistant"}),
        nulled({"content": "Hello"}),
        nulled({"content": " there"}),
        nulled({}, "stop"),
        DONE,
    ),
    "LiteLLM": events(
        bare({"role": "assistant"}),
        bare({"content": "Hello"}),
        bare({"content": " there"}),
        bare({}, finish_reason="stop"),
        {**bare({}), "usage": USED},
        DONE,
    ),
    "transformers serve": events(
        bare({"role": "assistant"}),
        bare({"content": "Hello"}),
        bare({"content": " there"}),
        {**bare({}, finish_reason="stop"), "usage": USED},
    ),
}
TALKS = [
    Case(
        name=f"{name} talks",
        answers=(script,),
        text=HELLO,
        tokens=None if name == "llama-cpp-python" else 16,
    )
    for name, script in TALK.items()
]


def detail(content: object) -> dict[str, object]:
    """Write an error as FastAPI does."""
    return {"detail": content}


def openai_error(message: str, kind: str | None, code: object, **more: object) -> dict[str, object]:
    """Write an error object with all of its fields."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **more}}


TOO_LONG = {
    "llama.cpp": body(
        openai_error(
            "the request exceeds the available context size, try increasing it",
            "exceed_context_size_error",
            400,
            n_prompt_tokens=9031,
            n_ctx=1024,
        ),
        status=400,
    ),
    "llama-cpp-python": body(
        openai_error(
            "This model's maximum context length is 1024 tokens. However, you requested 9031 tokens (8731 in the"
            " messages, 300 in the completion). Please reduce the length of the messages or completion.",
            "invalid_request_error",
            "context_length_exceeded",
        ),
        status=400,
    ),
    "LiteLLM": body(
        openai_error(
            "litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - the request exceeds the"
            " available context size",
            None,
            "400",
        ),
        status=400,
    ),
}
_PYDANTIC = "[{'type': 'less_than_equal', 'loc': ('body', 'top_p'), 'msg': 'Input should be less than or equal to 1'}]"
FAILS: list[tuple[str, Script, ErrorKind | tuple[ErrorKind, ...], int | tuple[int, ...]]] = [
    ("llama.cpp: a wrong key",
     body(openai_error("Invalid API Key", "authentication_error", 401), status=401), ErrorKind.AUTHENTICATION, 1),
    ("llama-cpp-python: a wrong key", body(detail("Invalid API key"), status=401), ErrorKind.AUTHENTICATION, 1),
    ("LiteLLM: a wrong key, no database",
     body(openai_error("No connected db.", "no_db_connection", "400"), status=400), ErrorKind.AUTHENTICATION, 1),
    ("LiteLLM: an unknown model",
     body(openai_error("Invalid model name passed in model=m. Call `/v1/models`", None, "400"), status=400),
     ErrorKind.UNKNOWN_MODEL, 1),
    ("transformers serve: an unknown model",
     body(detail("Server is pinned to 'a/b'; requested 'm'"), status=400), ErrorKind.UNKNOWN_MODEL, 1),
    ("llama-cpp-python: a value out of range as 500",
     body(openai_error(_PYDANTIC, "internal_server_error", None), status=500),
     (ErrorKind.INVALID_REQUEST, ErrorKind.REFUSED_PARAMETER), (1, 2)),
    ("llama.cpp: a picture to a model of words",
     body(openai_error("image input is not supported - hint: you may need to provide the mmproj", "server_error", 500),
          status=500), ErrorKind.NO_VISION, 1),
    ("transformers serve: an internal error in plain words",
     body("Internal Server Error", status=500, content_type="text/plain"), ErrorKind.BAD_GATEWAY, 3),
    ("LiteLLM: all deployments rest",
     body(openai_error("No deployments available for selected model, Try again in 5 seconds.", None, "429"), status=429,
          headers=["retry-after: 5"]), (ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED), 3),
    ("LiteLLM: detail with an error as text", body(detail({"error": "voice is not there"}), status=400),
     ErrorKind.INVALID_REQUEST, (1, 2)),
    ("faster-whisper-server: detail with an error as an object",
     body(detail({"error": {"message": "Response format 'srt' is not supported", "type": "invalid_request_error"}}),
          status=400), (ErrorKind.INVALID_REQUEST, ErrorKind.REFUSED_PARAMETER), (1, 2)),
]  # fmt: skip
ERRORS = [
    *(Case(name=name, answers=(script,), kind=kind, calls=calls) for name, script, kind, calls in FAILS),
    *(
        Case(name=f"{name}: too long", answers=(script,), kind=ErrorKind.TOO_LONG, calls=(1, 2))
        for name, script in TOO_LONG.items()
    ),
    Case(
        name="llama-cpp-python: too long in a stream, a head without a body",
        answers=([opening(), END],),
        kind=(ErrorKind.EMPTY, ErrorKind.TOO_LONG),
    ),
    Case(
        name="llama-cpp-python: another request ends this one",
        answers=(
            events(nulled({"role": "assistant"}), nulled({"content": "Hello"}), nulled({"content": " th"}), DONE),
        ),
        text="Hello th",
        broken=True,
    ),
    Case(
        name="LiteLLM: an error in the middle",
        answers=(
            events(
                bare({"role": "assistant"}),
                bare({"content": "Hello"}),
                openai_error("litellm.APIError: the upstream ended", None, "500"),
            ),
        ),
        text="Hello",
        kind=ErrorKind.BAD_GATEWAY,
        broken=True,
    ),
    Case(
        name="LiteLLM: an error before the first word",
        answers=(events(openai_error("litellm.APIError: the upstream ended", None, "500")), TALK["LiteLLM"]),
        text=HELLO,
        calls=2,
    ),
]


def strict(fields: set[str]) -> Any:
    """Refuse every field but these, as FastAPI does with 422."""

    def react(request: dict[str, Any]) -> Script:
        extra = sorted(set(request) - fields)
        if extra:
            found = [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
                     for name in extra]  # fmt: skip
            return body(json.dumps(detail(found)), status=422)
        return TALK["transformers serve"]

    return react


STRICT = [
    Case(
        name="unknown fields are refused with 422",
        answers=(strict({"model", "messages", "stream"}),),
        text=HELLO,
        calls=(1, 2),
    ),
]
SERVERS = [*TALKS, *ERRORS, *STRICT]
