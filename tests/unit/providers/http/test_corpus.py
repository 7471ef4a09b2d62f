"""What endpoints answer when something is wrong (errors.toml), each through a real socket."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.model.events import Failure, Finish
from bot.domain.model.request import Mode, ModelRequest
from bot.errors import ErrorKind
from bot.providers.http.transport import Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from tests.unit.providers.http.test_paid_once import model_of
from tests.unit.providers.servers import RawServer, Step, ask, collect, http, sse, streamed, warm_up

ENDPOINTS = ("fusion", "chat_completions")
ROLE = {
    "fusion": {"code": 0, "data": {"choices": [{"delta": ""}]}},
    "chat_completions": {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case of the file; its head says what the fields mean."""

    name: str
    body: str
    kind: str
    calls: int
    status: int = 200
    where: str = "http"
    endpoint: str = ""
    billed: int | None = None
    sentence: str = ""
    window: int | None = None
    prompt: int | None = None
    parameter: str = ""

    @property
    def endpoints(self) -> tuple[str, ...]:
        return (self.endpoint,) if self.endpoint else ENDPOINTS

    def script(self, endpoint: str) -> Sequence[Step]:
        if self.where == "stream":
            return streamed(b": ping\n\n", sse(ROLE[endpoint], self.body))
        return [http(self.body, status=self.status, content_type="text/plain")]


CASES = tuple(
    Case(**case) for case in tomllib.loads(Path(__file__).with_name("errors.toml").read_text("utf-8"))["case"]
)
PLAIN = ask("hello there", draw=False)
BILLED = {"fusion": ask("draw a fox"), "chat_completions": ask("a fox", mode=Mode.DRAW)}


@pytest.mark.parametrize("may_be_billed", [False, True], ids=["plain", "billed"])
@pytest.mark.parametrize(
    ("case", "endpoint"),
    [(case, endpoint) for case in CASES for endpoint in case.endpoints],
    ids=lambda value: value.name if isinstance(value, Case) else str(value),
)
async def test_an_error_is_understood(
    case: Case, endpoint: str, may_be_billed: bool, server: RawServer, transport: Transport
) -> None:
    model = model_of(endpoint, server.base, transport)
    await warm_up(model, server)
    server.answer(case.script(endpoint))
    request: ModelRequest = BILLED[endpoint] if may_be_billed else PLAIN
    last = (await collect(model, request))[-1]
    calls = case.calls if not may_be_billed or case.billed is None else case.billed
    if not case.kind and isinstance(last, Finish):
        return
    assert isinstance(last, Failure)
    error = last.error
    if not case.kind:  # words alone are a drawing that failed, but no error of the endpoint's
        assert (request.mode, error.kind) == (Mode.DRAW, ErrorKind.DRAWING_FAILED)
        return
    assert (error.kind.value, server.connections) == (case.kind, calls), error
    assert case.sentence in error.sentence
    assert (error.window_tokens, error.prompt_tokens, error.parameter) == (case.window, case.prompt, case.parameter)


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_each_endpoint_has_a_model() -> None:
    http_ = Transport(clock=None)  # type: ignore[arg-type]  # nothing is sent
    assert isinstance(model_of("fusion", "http://x", http_), FusionModel)
    assert isinstance(model_of("chat_completions", "http://x", http_), ChatCompletionsModel)
