"""The chat-completions request, parsed strictly (endpoints.md, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from sandbox.endpoint import checks
from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.messages import Message, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TOKENS: Final = 2**31 - 1
MAX_CHOICES: Final = 4  # the local endpoint's own bound: each choice is one more picture
_ROLES: Final = ("system", "user", "assistant")
_FIELDS: Final = frozenset(
    {
        *("model", "messages", "temperature", "top_p", "n", "stream", "stream_options", "stop", "max_tokens"),
        *("presence_penalty", "frequency_penalty", "logit_bias", "user"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A request that passed every check."""

    model: str
    messages: tuple[Message, ...]
    choices: int
    stream: bool
    include_usage: bool
    sampling: Sampling


def parse_chat(body: Mapping[str, object]) -> ChatRequest:
    """Check every field of a request; a null optional field counts as left out.

    Raises RefusedError (400) at the first fault.
    """
    checks.refuse_unknown(body, _FIELDS)
    given = {key: value for key, value in body.items() if value is not None}
    stream = checks.flag("stream", given.get("stream", False))
    if "user" in given:
        checks.text("user", given["user"])
    if "logit_bias" in given:
        for token, bias in checks.mapping("logit_bias", given["logit_bias"]).items():
            checks.number(f"logit_bias.{token}", bias, -100, 100)
    return ChatRequest(
        model=checks.text("model", checks.need(given, "model")),
        messages=_messages(checks.need(given, "messages")),
        choices=checks.whole("n", given.get("n", 1), 1, MAX_CHOICES),
        stream=stream,
        include_usage=_include_usage(given.get("stream_options"), stream=stream),
        sampling=_sampling(given),
    )


def _sampling(given: Mapping[str, object]) -> Sampling:
    usual = Sampling()
    max_tokens = given.get("max_tokens")
    return Sampling(
        temperature=checks.number("temperature", given.get("temperature", usual.temperature), 0, 2),
        top_p=checks.number("top_p", given.get("top_p", usual.top_p), 0, 1),
        presence_penalty=checks.number("presence_penalty", given.get("presence_penalty", 0), -2, 2),
        frequency_penalty=checks.number("frequency_penalty", given.get("frequency_penalty", 0), -2, 2),
        stops=_stop(given.get("stop")),
        limit_tokens=None if max_tokens is None else checks.whole("max_tokens", max_tokens, 1, MAX_TOKENS),
    )


def _include_usage(value: object, *, stream: bool) -> bool:
    if value is None:
        return False
    if not stream:
        raise checks.invalid("stream_options", "stream_options is only allowed when stream is true")
    options = checks.mapping("stream_options", value)
    checks.refuse_unknown(options, {"include_usage"}, "stream_options.")
    return checks.flag("stream_options.include_usage", options.get("include_usage", False))


def _stop(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (_not_empty(value),)
    listed = checks.sequence("stop", value)
    if len(listed) > 4:
        raise checks.invalid("stop", "stop must have at most 4 sequences")
    return tuple(_not_empty(checks.text(f"stop[{index}]", item, empty=True)) for index, item in enumerate(listed))


def _not_empty(value: str) -> str:
    if not value:
        raise checks.invalid("stop", "a stop sequence must not be empty")
    return value


def _messages(value: object) -> tuple[Message, ...]:
    made: list[Message] = []
    for index, item in enumerate(checks.sequence("messages", value)):
        where = f"messages[{index}]"
        entry = checks.mapping(where, item)
        checks.refuse_unknown(entry, {"role", "content", "name"}, f"{where}.")
        role = cast("Role", checks.choice(f"{where}.role", entry.get("role"), _ROLES))
        if entry.get("name") is not None:
            checks.text(f"{where}.name", entry["name"])
        made.append(Message(role=role, content=_content(f"{where}.content", entry.get("content"))))
    if all(message.role != "user" for message in made):
        raise checks.invalid("messages", "messages must hold at least one user message")
    return tuple(made)


def _content(where: str, value: object) -> str:
    if not isinstance(value, list):
        return checks.text(where, value)
    texts: list[str] = []
    for index, item in enumerate(checks.sequence(where, value)):
        part = checks.mapping(f"{where}[{index}]", item)
        checks.refuse_unknown(part, {"type", "text"}, f"{where}[{index}].")
        checks.choice(f"{where}[{index}].type", part.get("type"), ("text",))
        texts.append(checks.text(f"{where}[{index}].text", part.get("text")))
    return "\n".join(texts)
