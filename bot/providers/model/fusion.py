"""The fusion endpoint: chat and drawing in one call (endpoints.md, section 1)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Final

from bot.domain.model.events import ModelEvent, ReasoningDelta, Usage
from bot.domain.model.messages import PromptMessage
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.picture.parameters import DrawingParameters
from bot.errors import ProviderError
from bot.providers.answer.fusion import FusionAssembler
from bot.providers.answer.parts import Assembler, DrawingPath, Fault, Part, Piece, Stopped, Whole
from bot.providers.http.failures import reported_error, reported_fault
from bot.providers.http.transport import Call, Transport
from bot.providers.model.draw_prompt import phrase_drawing
from bot.providers.model.miaohua import Miaohua
from bot.providers.model.persona import fold_persona
from bot.providers.model.reasons import read_reason
from bot.providers.model.stream import ModelStreams
from bot.providers.wire.keys import read_key
from bot.providers.wire.values import (
    as_count,
    as_flag,
    as_reason,
    as_record,
    as_text,
    as_words,
    encode_json,
    is_record,
    records,
)

_SUCCESS: Final = frozenset({"", "0", "200"})
_NUMBER: Final = re.compile(r"-?\d+")


class AuthScheme(StrEnum):
    """How the key is written into ``Authorization``."""

    RAW = "raw"
    BEARER = "bearer"


class FusionModel:
    """The fusion endpoint as a ``ChatModel``. ``stream`` False asks for whole answers."""

    name: Final = "fusion"

    def __init__(
        self,
        http: Transport,
        *,
        url: str,
        api_key: str,
        auth_scheme: AuthScheme | str = AuthScheme.RAW,
        miaohua_token: str,
        stream: bool = True,
    ) -> None:
        self._streams = ModelStreams(http)
        self._url = url
        self._key = read_key(api_key)
        self._scheme = AuthScheme(auth_scheme)
        self._miaohua = Miaohua(miaohua_token)
        self._stream = stream

    @property
    def capabilities(self) -> Capabilities:
        """A recognised drawing can be reported instead of made; every parameter of a drawing is honoured."""
        return Capabilities(
            draws=bool(self._miaohua),
            intent_check=True,
            pictures_per_call=1,
            drawing_fields=frozenset(DrawingParameters.__dataclass_fields__),
        )

    def stream(self, request: ModelRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelEvent]]:
        """Ask the endpoint; see ``ChatModel.stream``."""
        return self._streams.open(self, request)

    def bills(self, request: ModelRequest) -> bool:
        """Whether the answer may be a picture: with ``output_img``, that of any question."""
        return bool(self._miaohua) and (request.draw or request.certain)

    def denied(self, request: ModelRequest) -> ProviderError | None:
        """Say why a request need not be sent: the Miaohua token that it takes is not set."""
        return self._miaohua.denied(draws=request.mode is Mode.DRAW or request.certain)

    def understood(self, error: ProviderError) -> ProviderError:
        """Return an error as what it is: without a Miaohua token a refusal is for want of it."""
        return self._miaohua.understood(error)

    def encode(self, request: ModelRequest) -> Call:
        """Write the request: every field is sent, "required with a default" as the document has it."""
        drawing, sampling = request.drawing, request.sampling
        body = {
            "messages": _messages(request),
            "temperature": float(sampling.temperature),
            "top_p": float(sampling.top_p),
            "max_new_tokens": int(sampling.max_new_tokens),
            "repetition_penalty": float(sampling.repetition_penalty),
            "stream": self._stream,
            "user_id": request.user_key,
            "output_img": request.draw and bool(self._miaohua),
            "mh_key": self._miaohua.reveal(),
            "mh_add_prompt": drawing.enhance,
            "mh_ddim_steps": drawing.steps,
            "mh_model_name": drawing.model,
            "mh_output_size": str(drawing.size),
            "mh_select_seed": drawing.seed,
            "mh_scale": drawing.scale,
            "mh_controlnet_model": drawing.control.value,
        }
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if self._key:
            key = self._key.reveal()
            headers["Authorization"] = f"Bearer {key}" if self._scheme is AuthScheme.BEARER else key
        return Call(url=self._url, headers=headers, body=encode_json(body))

    def adapts(self, request: ModelRequest, error: ProviderError, call: Call) -> bool:
        """Leave nothing out: the endpoint requires every field."""
        del request, error, call
        return False

    def accepted(self, request: ModelRequest) -> None:
        """Note that the endpoint answered."""
        del request
        self._miaohua.accepted()

    def assembler(self, request: ModelRequest) -> Assembler:
        """Make the assembler for one answer."""
        draw = request.draw and bool(self._miaohua)
        return FusionAssembler(draw=draw, only_picture=request.mode is Mode.DRAW and draw)

    def decode(self, record: Mapping[str, object]) -> Iterator[Part]:
        """Read one envelope: ``{"code", "msg", "data": {"choices", "usage", "status"}}``; an error comes first.

        The drawing path is told before the text of the same envelope, which depends on it.
        """
        if (fault := _fault(record)) is not None:
            yield Fault(error=fault)
            return
        data = as_record(record.get("data")) or record
        usage = as_record(data.get("usage")) or as_record(record.get("usage"))
        if (taken := as_flag(usage.get("picture"))) is not None:
            yield DrawingPath(taken=taken)
        for choice in records(data.get("choices")):
            yield from _choice(choice)
            break  # one answer was asked for
        if any(usage.values()) and any(as_count(value) for value in usage.values()):
            yield Usage(
                prompt_tokens=as_count(usage.get("prompt_tokens")),
                completion_tokens=as_count(usage.get("completion_tokens")),
                total_tokens=as_count(usage.get("total_tokens")),
                pictures=int(bool(taken)),
            )


def _choice(choice: Mapping[str, object]) -> Iterator[Part]:
    given = choice.get("finish_reason")
    reason = as_reason(given) if given else ""
    said = False
    if thought := as_text(choice.get("reasoning_content")):
        said = True
        yield ReasoningDelta(text=thought)
    delta = choice.get("delta")
    if not isinstance(delta, str):
        delta = _words(delta)
    if delta is not None:
        said = said or bool(delta)
        yield Piece(text=delta, unfinished=not reason and "finish_reason" in choice)
    for name in ("content", "message"):
        if name in choice and (whole := _words(choice[name])) is not None:
            yield Whole(text=whole)
    if reason:
        yield Stopped(reason=read_reason(reason), alone=not said, word=reason)


def _words(value: object) -> str | None:
    """Return a text, or that of a message; None if there is none."""
    if is_record(value):
        value = value.get("content")
    return as_words(value) or ("" if value == "" else None)


def _fault(record: Mapping[str, object]) -> ProviderError | None:
    """Find an error in an envelope: an error object, a ``code`` but 0 and 200, a ``status`` but 0."""
    if (fault := reported_fault(record)) is not None:
        return reported_error(fault)
    if as_text(record.get("code")).strip() not in _SUCCESS:
        return reported_error({name: record[name] for name in ("code", "msg", "message") if name in record})
    data = as_record(record.get("data"))
    told = data.get("status")
    if ("error" in data or is_record(told)) and (fault := reported_fault({"choices": (0,), **data})) is not None:
        return reported_error(fault)
    status = as_text(told).strip()
    if _NUMBER.fullmatch(status) and status not in _SUCCESS:
        return reported_error({"message": record.get("msg"), "code": status})
    return None


def _messages(request: ModelRequest) -> list[dict[str, str]]:
    """Write the messages; there is no system role, so the persona goes before the first user turn's words.

    A drawing is asked for without the persona, whose words would be drawn too.
    """
    messages = list(request.messages)
    if request.mode is Mode.DRAW and messages:
        messages[-1] = PromptMessage(role=messages[-1].role, content=phrase_drawing(messages[-1].content))
    else:
        messages = fold_persona(messages, request.persona)
    return [{"role": message.role.value, "content": message.content} for message in messages]
