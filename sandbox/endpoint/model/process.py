"""The process that runs the model: started in the background, started again where it dies, ended with the demo."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

logger = logging.getLogger(__name__)

# -P: the folder of the script is not searched for modules, whose names there are this package's.
CHILD: Final = (sys.executable, "-P", str(Path(__file__).with_name("child.py")))
START_S: Final = 60.0
RESTARTS_S: Final = (1.0, 5.0)
"""The waits before it is started again; after them it stays down."""
_MOST_LINES: Final = 50

State = Literal["loading", "ready", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelJob:
    """What is to be run: `slots` answers at a time, each within `context_tokens`, at most `answer_tokens` long."""

    file: Path
    threads: int
    slots: int = 2
    context_tokens: int = 2048
    answer_tokens: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """Where the model answers: `http://host:port` and the key that it takes."""

    address: str
    key: str


class _DeadError(Exception):
    """The process is of no use; the text says why."""


class ModelProcess:
    """One model's process; `async with` starts it without waiting for it, and ends it.

    It ends with this process, however that ends: its standard input is closed then. `environment` is its whole
    environment; what it writes goes to `log`. `failed` is called, with why, where it is given up.

    Many arguments: `command`, `start_s` and `sleep` let tests run another program and wait for nothing.
    """

    def __init__(
        self,
        job: ModelJob,
        *,
        log: Path,
        environment: Mapping[str, str],
        command: Sequence[str] = CHILD,
        failed: Callable[[str], None] | None = None,
        start_s: float = START_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.job: Final = job
        self._log = log
        self._environment = environment
        self._command = command
        self._failed = failed
        self._start_s = start_s
        self._sleep = sleep
        self._state: State = "loading"
        self._why = ""
        self._server: ModelServer | None = None
        self._changed = asyncio.Event()
        self._running: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> State:
        """Loading (again), ready, or failed for good."""
        return self._state

    @property
    def why(self) -> str:
        """Why it failed, in words for people; "" while it has not."""
        return self._why

    @property
    def pid(self) -> int | None:
        """The id of the process; None while there is none."""
        return None if self._running is None else self._running.pid

    async def server(self, timeout_s: float) -> ModelServer | None:
        """Return where the model answers, waiting for it while it is loading; None where it is not there in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._state == "loading":
                    await self._changed.wait()
        return self._server

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _supervise(self) -> None:
        try:
            why = await self._keep_up()
        except _DeadError as error:
            why = str(error)
        except Exception:
            logger.exception("the model's process could not be run")
            why = "its process could not be run"
        self._become("failed", why=why)
        if self._failed is not None:
            self._failed(why)

    async def _keep_up(self) -> str:
        """Run the process, again where it dies, and return why it is given up. Raises _DeadError as `_run` does."""
        code = await self._run()
        for wait_s in RESTARTS_S:
            logger.warning("the model's process ended with exit code %s and is started again", code)
            self._become("loading")
            await self._sleep(wait_s)
            code = await self._run()
        return f"its process ended again and again (exit code {code})"

    async def _run(self) -> int:
        """Start the process and return its exit code at its end. Raises _DeadError where it did not get to serve."""
        key = secrets.token_urlsafe(32)
        with self._log.open("ab") as log:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    env=dict(self._environment),
                    # Ctrl-C reaches every process of a terminal's group: this one ends when the demo does.
                    start_new_session=True,
                )
            except OSError as error:
                raise _DeadError(f"its process could not be started: {error.strerror}") from error
        self._running = process
        try:
            try:
                async with asyncio.timeout(self._start_s):
                    address = await self._begin(process, key)
            except TimeoutError as error:
                raise _DeadError(f"it was not loaded within {self._start_s:.0f} s") from error
            self._become("ready", server=ModelServer(address=address, key=key))
            return await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            self._running = None

    async def _begin(self, process: asyncio.subprocess.Process, key: str) -> str:
        """Give the process its job and return the address that it answers with."""
        assert process.stdin is not None  # noqa: S101  (both are pipes)
        assert process.stdout is not None  # noqa: S101  # a pipe was asked for
        job = self.job
        order = {
            "key": key,
            "model": str(job.file),
            "threads": job.threads,
            "slots": job.slots,
            "context_tokens": job.context_tokens,
            "answer_tokens": job.answer_tokens,
        }
        # A process that is gone already shows as the end of its output.
        with contextlib.suppress(ConnectionError):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            await process.stdin.drain()
        for _ in range(_MOST_LINES):
            try:
                line = await process.stdout.readline()
            except ValueError as error:
                raise _DeadError("it did not answer as expected") from error
            if not line:
                raise _DeadError(f"its process ended while it was loading (exit code {await process.wait()})")
            answer = _answer(line)
            if "error" in answer:
                raise _DeadError(f"it could not be loaded: {answer['error'][:300]}")
            if "address" in answer:
                return answer["address"]
        raise _DeadError("it did not answer as expected")

    def _become(self, state: State, *, why: str = "", server: ModelServer | None = None) -> None:
        self._state, self._why, self._server = state, why, server
        self._changed.set()
        self._changed = asyncio.Event()


def _answer(line: bytes) -> dict[str, str]:
    """Return the process's answer; empty for a line that is none."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return {key: str(text) for key, text in value.items()} if isinstance(value, dict) else {}
