"""What the routes of one endpoint share: how it behaves, its keys, its log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from sandbox.endpoint import checks
from sandbox.endpoint.answers.pace import tokens
from sandbox.endpoint.answers.pieces import Pace, pieces_of
from sandbox.endpoint.script.replies import ScriptQueue
from sandbox.endpoint.serving.faults import THINK_S, Faults

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncGenerator, Sequence

    from sandbox.endpoint.answers.answerer import Answerer, Sampling
    from sandbox.endpoint.answers.messages import Message
    from sandbox.endpoint.answers.pace import Piece
    from sandbox.endpoint.painting.store import PictureStore
    from sandbox.endpoint.serving.record import RequestLog

AuthScheme = Literal["raw", "bearer", "either"]
PictureForm = Literal["markdown", "progress", "url", "img", "data_url", "images", "parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the endpoint answers where no script says otherwise; times in seconds.

    `tokens_per_s` 0 streams without waiting; `chunk_tokens` is the least and the most that one event carries;
    `first_token_s` and `drawing_s` pass before an answer and during a drawing, `thinking_s` with reasoning at the
    beginning of a streamed answer. Fusion: `form`, `done` (whether
    SSE ends in `[DONE]`), `code` (a success, 0 or 200), `text_key` ("content" sends the complete text so far in
    each event), `sentinel` (in random pieces or whole), `drawing_form` (what a drawing that was asked for with
    `stream: true` comes as), `auth`, `late` (which edition of the document), `known_models` (of Miaohua) and
    `forbidden_words`. Chat completions: `picture_form`, `chat_model`.
    """

    tokens_per_s: float = 40.0
    chunk_tokens: tuple[int, int] = (1, 3)
    first_token_s: float = 0.0
    drawing_s: float = 0.0
    thinking_s: float = 0.0
    form: Literal["sse", "json_lines"] = "sse"
    done: bool = True
    code: int | str = 0
    text_key: Literal["delta", "content"] = "delta"
    sentinel: Literal["pieces", "whole"] = "pieces"
    drawing_form: Literal["stream", "json"] = "stream"
    auth: AuthScheme = "raw"
    late: bool = True
    known_models: tuple[str, ...] = (
        "Artist_V0.1.3",
        "Artist V0.3.0 Beta",
        "Artist v0.3.5 Beta",
        "Artist v0.4.0 Beta",
    )
    forbidden_words: tuple[str, ...] = ("gore", "nude", "naked", "bloody", "裸", "血腥", "色情", "暴力")
    picture_form: PictureForm = "progress"
    chat_model: str = "local-chat"


IMAGE_MODEL: Final = "stable-diffusion-api"


@dataclass(slots=True, kw_only=True, eq=False)
class Context:
    """The state of one endpoint."""

    fusion_key: str
    miaohua_token: str
    openai_key: str
    answerer: Answerer
    pictures: PictureStore
    log: RequestLog
    rng: random.Random
    behaviour: Behaviour = field(default_factory=Behaviour)
    faults: Faults = field(default_factory=Faults)
    scripts: ScriptQueue = field(default_factory=ScriptQueue)
    base_url: str = ""

    def pieces(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Piece]:
        """Yield the chat answer to a conversation at the endpoint's pace; the last piece is empty and ends it.

        Close it when it is not read to its end, so that the answerer stops.
        """
        speed = self.faults.limited(self.behaviour.tokens_per_s)
        pace = Pace(tokens_per_s=speed, chunk_tokens=self.behaviour.chunk_tokens, rng=self.rng)
        return pieces_of(self.answerer.answer(messages, sampling), sampling, pace)

    async def thoughts(self) -> AsyncGenerator[str]:
        """Yield what the model thinks before its answer, a piece a second; nothing unless it is made to."""
        left_s = max(self.behaviour.thinking_s, THINK_S if self.faults.thinking else 0.0)
        while left_s > 0:
            yield "Let me think… "
            await asyncio.sleep(min(1.0, left_s))
            left_s -= 1.0

    def admit(self) -> None:
        """Raise RefusedError (503) where the answerer has no room for one more chat."""
        if self.answerer.busy:
            raise checks.RefusedError(checks.Problem(status=503, message="The model is overloaded, try again later."))

    def forbidden(self, prompt: str) -> bool:
        """Tell whether a drawing prompt has a word that the filter refuses."""
        lowered = prompt.lower()
        return any(word in lowered for word in self.behaviour.forbidden_words)


def count_tokens(messages: Sequence[Message]) -> int:
    """Return how many tokens a conversation has, by the endpoint's own rough count."""
    return sum(len(tokens(message.content)) for message in messages)


def bearer(header: str) -> str | None:
    """Return the token of a `Bearer` header, None for any other."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def problem_body(problem: checks.Problem, *, openai: bool) -> dict[str, object]:
    """Return the error object of an endpoint's style."""
    if openai:
        kind = "invalid_request_error" if problem.status < 500 else "server_error"
        return {"error": {"message": problem.message, "type": kind, "param": problem.param, "code": problem.code}}
    # The platform's codes are gRPC's: 3 invalid argument, 7 permission denied, 8 exhausted, 16 unauthenticated.
    codes = {401: 16, 403: 7, 429: 8, 503: 14}
    return {"error": {"code": codes.get(problem.status, 3), "message": problem.message}}
