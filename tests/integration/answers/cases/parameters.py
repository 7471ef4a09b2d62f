"""Fields that a server refuses: asked once more without them, and told in words where that does not help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint
from tests.integration.answers.server import Script
from tests.integration.answers.writing import body, deltas, events

HELLO = "Hello there"
ANSWER = events(*deltas("Hello", " there"))
CHOSEN = {"max_new_tokens": 1000, "temperature": 0.3}


def refused(name: str, message: str, *, code: str | None = "unsupported_parameter", status: int = 400) -> Script:
    """Write the error that names a field."""
    fault = {"message": message, "type": "invalid_request_error", "param": name, "code": code}
    return body({"error": fault}, status=status)


def without(*names: str, answer: Callable[[str], Script]) -> Callable[[Any], Script]:
    """Refuse the first of these fields that a request has."""

    def react(request: dict[str, Any]) -> Script:
        found = [name for name in names if name in request]
        return answer(found[0]) if found else ANSWER

    return react


def without_system(answer: Script) -> Callable[[Any], Script]:
    """Refuse a system message; the persona must come all the same."""

    def react(request: dict[str, Any]) -> Script:
        messages = request["messages"]
        if messages[0]["role"] == "system":
            return answer
        return ANSWER if "a pirate" in messages[0]["content"] else body("the persona is gone", status=418)

    return react


USE_OTHER = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
ONE_VALUE = (
    "Unsupported value: 'temperature' does not support 0.3 with this model. Only the default (1) value is supported."
)
PARAMETERS = [
    Case(
        name="max_tokens has another name",
        answers=(without("max_tokens", answer=lambda name: refused(name, USE_OTHER)),),
        settings=CHOSEN,
        text=HELLO,
        calls=2,
        absent_fields=("max_tokens",),
    ),
    Case(
        name="max_tokens has another name, and is sent for a quota alone",
        answers=(without("max_tokens", answer=lambda name: refused(name, USE_OTHER)),),
        settings={"person_tokens_a_day": 100_000},
        text=HELLO,
        calls=2,
        absent_fields=("max_tokens",),
    ),
    Case(
        name="temperature takes one value",
        answers=(without("temperature", answer=lambda name: refused(name, ONE_VALUE, code="unsupported_value")),),
        settings=CHOSEN,
        text=HELLO,
        calls=2,
        absent_fields=("temperature",),
    ),
    Case(
        name="two fields are refused one after the other",
        answers=(
            without(
                "max_tokens",
                "temperature",
                answer=lambda name: refused(name, USE_OTHER if name == "max_tokens" else ONE_VALUE),
            ),
        ),
        settings=CHOSEN,
        kind=None,
        text=HELLO,
        calls=3,
    ),
    *(
        Case(
            name=f"no system role, {name}",
            answers=(without_system(answer),),
            settings={"persona": "You are a pirate."},
            text=HELLO,
            calls=2,
        )
        for name, answer in (
            (
                "as a server error",
                body({"error": {"message": "System role not supported", "type": "server_error"}}, status=500),
            ),
            ("as an invalid request", body({"error": {"message": "System role not supported"}}, status=400)),
            (
                "in Gemma's words",
                body({"error": {"message": "Developer instruction is not enabled for models/gemma"}}, status=400),
            ),
        )
    ),
    Case(
        name="a field is refused whatever is sent",
        answers=(refused("top_k", "Unsupported parameter: 'top_k'"),),
        kind=(ErrorKind.REFUSED_PARAMETER, ErrorKind.INVALID_REQUEST),
        calls=(1, 2),
    ),
    Case(
        name="a field is refused",
        endpoint=Endpoint.FU,
        answers=(body({"code": 400, "msg": "Unsupported parameter: repetition_penalty"}, status=400),),
        kind=(ErrorKind.REFUSED_PARAMETER, ErrorKind.INVALID_REQUEST),
        calls=1,
    ),
]
