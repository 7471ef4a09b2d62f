"""Who answers in the demo: the small model on this machine, or the script, and why."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox.endpoint.answers.scripted import ScriptedAnswerer
from sandbox.endpoint.model.answers import ModelAnswerer
from sandbox.endpoint.model.files import MODEL_NAME, ModelMissingError, find_model, thread_count
from sandbox.endpoint.model.process import ModelJob, ModelProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from sandbox.endpoint.answers.answerer import Answerer

Reason = Literal["", "unwanted", "not_installed", "file_missing", "memory", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModel:
    """Who answers; `process` is None where it is the script from the start, `reason` and `why` say why."""

    answerer: Answerer
    process: ModelProcess | None = None
    reason: Reason = ""
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what the page is told; it changes while the model is loading, and where it dies.

        `reason` is a name for `why`, for words in another language.
        """
        if self.process is None:
            return {"kind": "scripted", "name": "", "state": "ready", "reason": self.reason, "why": self.why}
        if self.process.state == "failed":
            return {"kind": "scripted", "name": "", "state": "ready", "reason": "failed", "why": self.process.why}
        return {"kind": "real", "name": MODEL_NAME, "state": self.process.state, "reason": "", "why": ""}

    def words(self) -> str:
        """Return the same in words for the terminal."""
        told = self.as_json()
        if told["kind"] == "real":
            return f"Answers: {MODEL_NAME}, a small model on this machine (Chinese by script)"
        return _scripted(told["why"])


def _scripted(why: str) -> str:
    return f"Answers: by script, without a model: {why}"


@asynccontextmanager
async def open_model(
    *,
    scripted: bool,
    log: Path,
    environment: Mapping[str, str],
    say: Callable[[str], None],
    find: Callable[[], Path] = find_model,
) -> AsyncIterator[DemoModel]:
    """Start the model in the background, where it is wanted and can be had; it ends with the context.

    `say` hears, in words for the terminal, where it is given up later.
    """
    async with AsyncExitStack() as stack:
        if scripted:
            yield DemoModel(answerer=ScriptedAnswerer(), reason="unwanted", why="it was not wanted (SCRIPTED=1)")
            return
        try:
            job = ModelJob(file=find(), threads=thread_count())
        except ModelMissingError as error:
            yield DemoModel(answerer=ScriptedAnswerer(), reason=error.reason, why=str(error))
            return
        process = await stack.enter_async_context(
            ModelProcess(job, log=log, environment=environment, failed=lambda why: say(f"\n{_scripted(why)}"))
        )
        answerer = await stack.enter_async_context(ModelAnswerer(process))
        yield DemoModel(answerer=answerer, process=process)
