"""Chat completions: any OpenAI-compatible server, models that draw included (endpoints.md, section 2)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

from bot.domain.model.events import ModelEvent, ReasoningDelta, Usage
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.domain.picture.parameters import MAX_PICTURES
from bot.errors import ProviderError
from bot.providers.answer.chat import ChatAssembler, InText
from bot.providers.answer.drawing import DrawingAssembler
from bot.providers.answer.parts import (
    Assembler,
    Fault,
    Other,
    Part,
    Piece,
    Stopped,
    Whole,
    carries,
)
from bot.providers.http.failures import reported_error, reported_fault
from bot.providers.http.reading import is_fine
from bot.providers.http.transport import Call, Transport
from bot.providers.model.persona import fold_persona
from bot.providers.model.picture_parts import PICTURE_FIELDS, pictures_beside, pictures_of, pictures_of_body
from bot.providers.model.reasons import read_reason
from bot.providers.model.refusals import LENGTH, NEW_LENGTH, SYSTEM, USAGE, Refusals
from bot.providers.model.stream import ModelStreams
from bot.providers.wire.keys import read_key
from bot.providers.wire.values import as_count, as_reason, as_record, as_text, as_words, encode_json, records

_THOUGHTS: Final = frozenset({"reasoning", "thinking", "thought", "reasoning_content", "redacted_thinking"})
"""Types of parts that hold reasoning."""
_COUNTS: Final = (
    ("prompt_tokens", "input_tokens", "prompt_eval_count"),
    ("completion_tokens", "output_tokens", "eval_count"),
    ("total_tokens",),
)
_DEFAULTS: Final = Sampling()
_REQUIRED: Final = frozenset({"model", "messages", "stream"})
_ONCE: Final = {"x-litellm-num-retries": "0"}
"""Tells a LiteLLM proxy in between not to ask its upstream again, which it does twice by itself, also for pictures."""


class ChatCompletionsModel:
    """A chat-completions server as a ``ChatModel``: one model talks, another one draws.

    ``base_url`` goes up to and with ``/v1``. ``api_key`` may be empty: local servers need none. ``stream`` False asks
    for whole answers, for servers that can't stream. ``in_text`` says which pictures are fetched that a talk's text
    names.
    Many arguments: each is something that an operator decides about the server.
    """

    name: Final = "chat_completions"

    def __init__(
        self,
        http: Transport,
        *,
        base_url: str,
        api_key: str = "",
        chat_model: str,
        image_model: str,
        stream: bool = True,
        in_text: InText | None = None,
    ) -> None:
        self._streams = ModelStreams(http)
        self._refusals = Refusals()
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key = read_key(api_key)
        self._chat_model = chat_model
        self._image_model = image_model
        self._stream = stream
        self._in_text = in_text

    @property
    def capabilities(self) -> Capabilities:
        """Drawings can't be recognised beforehand; no parameter of a drawing can be passed on."""
        return Capabilities(intent_check=False, pictures_per_call=MAX_PICTURES, drawing_fields=frozenset())

    def stream(self, request: ModelRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelEvent]]:
        """Ask the server; see ``ChatModel.stream``.

        ``draw`` can't be passed on: where no picture may be shown, the caller drops those that come.
        """
        return self._streams.open(self, request)

    def bills(self, request: ModelRequest) -> bool:
        """Whether a picture is asked for; a talk may turn out to hold one, but is not paid for as one."""
        return request.mode is Mode.DRAW or request.certain

    def encode(self, request: ModelRequest) -> Call:
        """Write the request.

        Strict servers answer 400 to what they don't know, so an optional field is left out where nobody has chosen it
        (the catalogue's default is another endpoint's): the server's own default then holds. So is what the model has
        refused. The repetition penalty has no field here. A drawing is asked for with the prompt alone: neither persona
        nor sampling.
        """
        model = self._model_of(request)
        body: dict[str, object] = {"model": model, "messages": self._messages(request, model)}
        if self._stream:
            body["stream"] = True
        body |= self._optional(request, model)
        accept = "application/json, text/event-stream" if self._stream else "application/json"
        headers = {"Content-Type": "application/json", "Accept": accept}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
        if self.bills(request):
            headers |= _ONCE
        return Call(url=self._url, headers=headers, body=encode_json(body))

    def denied(self, request: ModelRequest) -> ProviderError | None:
        """Send every request."""
        del request
        return None

    def understood(self, error: ProviderError) -> ProviderError:
        """Take an error as it is."""
        return error

    def adapts(self, request: ModelRequest, error: ProviderError, call: Call) -> bool:
        """Learn what the model refused; whether the same may be asked once more without it.

        What was sent is read from the call: by now, another question may have learnt the same.
        """
        body = as_record(json.loads(call.body))
        sent = frozenset(body) - _REQUIRED
        if any(message.get("role") == SYSTEM for message in records(body.get("messages"))):
            sent |= {SYSTEM}
        return self._refusals.learn(self._model_of(request), error, sent)

    def accepted(self, request: ModelRequest) -> None:
        """Note that the model took a request."""
        self._refusals.prove(self._model_of(request))

    def _model_of(self, request: ModelRequest) -> str:
        if request.mode is Mode.DRAW:
            return request.image_model or self._image_model
        return request.chat_model or self._chat_model

    def _messages(self, request: ModelRequest, model: str) -> list[dict[str, str]]:
        """Write the messages; the persona is a system message, or goes before the first user's words if refused."""
        persona = "" if request.mode is Mode.DRAW else request.persona.strip()
        folds = SYSTEM in self._refusals.of(model)
        messages = fold_persona(request.messages, persona) if folds else request.messages
        written = [{"role": message.role.value, "content": message.content} for message in messages]
        return [{"role": "system", "content": persona}, *written] if persona and not folds else written

    def _optional(self, request: ModelRequest, model: str) -> dict[str, object]:
        """Write the fields that a model may refuse, without those that this one has."""
        if request.mode is Mode.DRAW:
            return {}
        refused = self._refusals.of(model)
        fields = _sampling(request.sampling)
        if self._stream:
            fields[USAGE] = {"include_usage": True}
        length = fields.pop(LENGTH, None)
        if length is not None and NEW_LENGTH not in refused:
            fields[NEW_LENGTH if LENGTH in refused else LENGTH] = length
        return {name: value for name, value in fields.items() if name not in refused}

    def assembler(self, request: ModelRequest) -> Assembler:
        """Make the assembler for one answer."""
        if request.mode is Mode.DRAW:
            return DrawingAssembler(base=self._url)
        return ChatAssembler(base=self._url, in_text=self._in_text, ordered=self.bills(request))

    def decode(self, record: Mapping[str, object]) -> Iterator[Part]:
        """Read a completion or a chunk of one; ``choices`` may be an object instead of an array."""
        if (fault := reported_fault(record)) is not None:
            yield Fault(error=reported_error(fault, code=record.get("code")))
            return
        for choice in records(record.get("choices")):
            index = as_text(choice.get("index"))
            if index in ("", "0"):
                yield from _choice(choice)
            else:
                for part in _choice(choice):
                    yield Other(index=index, part=part)
        if "choices" not in record:
            yield from pictures_of_body(record)
        if "usage" in record or "x_groq" in record or "eval_count" in record:
            yield from _usage(record.get("usage"), as_record(record.get("x_groq")).get("usage"), record)


def _sampling(sampling: Sampling) -> dict[str, object]:
    values: dict[str, tuple[str, float]] = {
        "temperature": ("temperature", float(sampling.temperature)),
        "top_p": ("top_p", float(sampling.top_p)),
        "max_new_tokens": ("max_tokens", int(sampling.max_new_tokens)),
    }
    return {
        field: value
        for name, (field, value) in values.items()
        if name in sampling.chosen or value != getattr(_DEFAULTS, name)
    }


def _choice(choice: Mapping[str, object]) -> Iterator[Part]:
    if not is_fine(choice.get("error")):
        yield Fault(error=reported_error(choice["error"]))
        return
    given = choice.get("finish_reason") or choice.get("finishReason")
    reason = as_reason(given) if given else ""
    said = False
    for part in _said(choice, unfinished=not reason and "finish_reason" in choice):
        said = said or carries(part)
        yield part
    if reason:
        yield Stopped(reason=read_reason(reason), alone=not said, word=reason)
    if "usage" in choice:
        yield from _usage(choice["usage"])


def _said(choice: Mapping[str, object], *, unfinished: bool) -> Iterator[Part]:
    if (text := choice.get("text")) is not None:
        yield Piece(text=as_words(text), unfinished=unfinished)
    for name, whole in (("delta", False), ("message", True)):
        message = choice.get(name)
        if message is None:
            continue
        if not isinstance(message, Mapping):
            text = as_words(message)
        elif isinstance(content := message.get("content"), str) and len(message) == 1:
            text = content
        else:
            text = ""
            for part in _message(message):
                if isinstance(part, str):
                    text += part
                else:
                    yield part
        if message or text:
            yield Whole(text=text) if whole else Piece(text=text, unfinished=unfinished)


def _message(message: Mapping[str, object]) -> Iterator[Part | str]:
    """Read a message or a delta: reasoning, pictures, and content, as one value or as parts; its text as strings."""
    reasoning = (
        as_text(message.get("reasoning_content"))
        or as_text(message.get("reasoning"))
        or as_text(message.get("thinking"))
    )
    if reasoning:
        yield ReasoningDelta(text=reasoning)
    if not PICTURE_FIELDS.isdisjoint(message):
        yield from pictures_beside(message)
    content = message.get("content")
    if isinstance(content, (list, Mapping)):
        for item in content if isinstance(content, list) else [content]:
            yield from _content_part(item)
    else:
        yield as_words(content)
    if refusal := as_text(message.get("refusal")):
        yield refusal
    if "usage" in message:
        yield from _usage(message["usage"])


def _content_part(item: object) -> Iterator[Part | str]:
    """Read a part of the content: text, reasoning, a refusal or a picture."""
    if not isinstance(item, Mapping):
        yield as_words(item)
    elif as_text(item.get("type")) in _THOUGHTS or item.get("thought") is True:
        if thought := _thought(item):
            yield ReasoningDelta(text=thought)
    elif (text := as_words(item.get("text"))) or (text := as_text(item.get("refusal"))):
        yield text
    else:
        yield from pictures_of(item)


def _thought(item: Mapping[str, object]) -> str:
    """Return the text of a part that holds reasoning, which may have parts of its own."""
    for name in ("text", "thinking", "reasoning", "content"):
        value = item.get(name)
        if text := as_text(value) or "".join(as_text(each.get("text")) for each in records(value)):
            return text
    return ""


def _usage(*places: object) -> Iterator[Usage]:
    """Read the usage in the first of the places that has any, under the names that servers have for it."""
    for place in places:
        counts = as_record(place)
        prompt, completion, total = (
            next((count for name in names if (count := as_count(counts.get(name)))), 0) for names in _COUNTS
        )
        if prompt or completion or total:
            yield Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=total)
            return
