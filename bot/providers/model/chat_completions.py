"""Chat completions: any OpenAI-compatible server, models that draw included (endpoints.md, section 2)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

from bot.domain.model.events import FinishReason, ModelEvent, ReasoningDelta, Usage
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.domain.picture.parameters import MAX_PICTURES
from bot.providers.answer.chat import ChatAssembler
from bot.providers.answer.drawing import DrawingAssembler
from bot.providers.answer.parts import Assembler, Fault, Part, Piece, Stopped, Whole
from bot.providers.http.failures import reported_error, reported_fault
from bot.providers.http.reading import is_fine
from bot.providers.http.transport import Call, Transport
from bot.providers.model.picture_parts import pictures_beside, pictures_of, pictures_of_body
from bot.providers.model.stream import ModelStreams
from bot.providers.wire.keys import read_key
from bot.providers.wire.values import as_count, as_reason, as_record, as_text, encode_json, records

_REASONS: Final = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.FILTERED,
}
_DEFAULTS: Final = Sampling()


class ChatCompletionsModel:
    """A chat-completions server as a ``ChatModel``: one model talks, another one draws.

    ``base_url`` goes up to and with ``/v1``. ``api_key`` may be empty: local servers need none. ``stream`` False asks
    for whole answers, for servers that can't stream.
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
    ) -> None:
        self._streams = ModelStreams(http)
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key = read_key(api_key)
        self._chat_model = chat_model
        self._image_model = image_model
        self._stream = stream

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
        (the catalogue's default is another endpoint's): the server's own default then holds. The repetition penalty has
        no field here. A drawing is asked for with the prompt alone: neither persona nor sampling.
        """
        drawing = request.mode is Mode.DRAW
        messages = [{"role": message.role.value, "content": message.content} for message in request.messages]
        if request.persona.strip() and not drawing:
            messages.insert(0, {"role": "system", "content": request.persona.strip()})
        body: dict[str, object] = {
            "model": (request.image_model or self._image_model) if drawing else request.chat_model or self._chat_model,
            "messages": messages,
        }
        if self._stream:
            body["stream"] = True
        if not drawing:
            body |= _sampling(request.sampling)
        accept = "application/json, text/event-stream" if self._stream else "application/json"
        headers = {"Content-Type": "application/json", "Accept": accept}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
        return Call(url=self._url, headers=headers, body=encode_json(body))

    def assembler(self, request: ModelRequest) -> Assembler:
        """Make the assembler for one answer."""
        return DrawingAssembler(base=self._url) if request.mode is Mode.DRAW else ChatAssembler(base=self._url)

    def decode(self, record: Mapping[str, object]) -> Iterator[Part]:
        """Read a completion or a chunk of one; ``choices`` may be an object instead of an array."""
        if (fault := reported_fault(record)) is not None:
            yield Fault(error=reported_error(fault, code=record.get("code")))
            return
        for choice in records(record.get("choices")):
            if as_text(choice.get("index")) in ("", "0"):  # others are of no use where one was asked for
                yield from _choice(choice)
        yield from pictures_of_body(record)
        usage = as_record(record.get("usage"))
        if any(as_count(value) for value in usage.values()):
            yield Usage(
                prompt_tokens=as_count(usage.get("prompt_tokens")),
                completion_tokens=as_count(usage.get("completion_tokens")),
                total_tokens=as_count(usage.get("total_tokens")),
            )


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
    if isinstance(choice.get("text"), str):
        yield Piece(text=as_text(choice["text"]))
    for name, whole in (("delta", False), ("message", True)):
        message = choice.get(name)
        if isinstance(message, str):
            yield Whole(text=message) if whole else Piece(text=message)
        else:
            yield from _message(as_record(message), whole=whole)
    if reason := as_reason(choice.get("finish_reason")):
        yield Stopped(reason=_REASONS.get(reason, FinishReason.UNKNOWN))


def _message(message: Mapping[str, object], *, whole: bool) -> Iterator[Part]:
    """Read a message or a delta: reasoning, pictures, and content as string or as parts."""
    reasoning = as_text(message.get("reasoning_content")) or as_text(message.get("reasoning"))
    if reasoning:
        yield ReasoningDelta(text=reasoning)
    yield from pictures_beside(message)
    content = message.get("content")
    text = as_text(message.get("refusal"))
    if isinstance(content, str):
        text = content + text
    else:
        for item in records(content):
            if isinstance(item.get("text"), str):
                text += as_text(item["text"])
            else:
                yield from pictures_of(item)
    if message:
        yield Whole(text=text) if whole else Piece(text=text)
