"""Bots that start quickly: forked from a process that has their modules imported."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = "tests.e2e.prepared_process"


class Forked:
    """A bot that was forked: of ``asyncio.subprocess.Process`` what the tests need."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.code.result() if self.code.done() else None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to one that runs; its id is not another's before its end was told."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it for certain."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end; returns the exit code."""
        return await asyncio.shield(self.code)


class Prepared:
    """The process that forks, asked by lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        self._starting: list[asyncio.Future[Forked]] = []
        self._running: dict[int, Forked] = {}

    async def start(self, environment: Mapping[str, str], folder: Path, log: Path) -> Forked:
        """Start ``python -m bot run`` with an environment, in a folder, its output going to a file."""
        born: asyncio.Future[Forked] = asyncio.get_running_loop().create_future()
        self._starting.append(born)
        request = {"environment": json.dumps(dict(environment)), "folder": str(folder), "log": str(log)}
        self._in.write(json.dumps(request).encode() + b"\n")
        await self._in.drain()
        async with asyncio.timeout(45):
            return await born

    async def listen(self) -> None:
        """Hear what becomes of the bots, until the process ends."""
        async for line in self._out:
            told = json.loads(line)
            if "started" in told:
                found = self._running[told["started"]] = Forked(told["started"])
                self._starting.pop(0).set_result(found)
            else:
                self._running.pop(told["ended"]).code.set_result(told["code"])


@asynccontextmanager
async def open_prepared() -> AsyncIterator[Prepared | None]:
    """Start the process; None where forking a prepared process is not to be relied on (all but Linux)."""
    if sys.platform != "linux":
        yield None
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", MODULE),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error::ResourceWarning"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    prepared = Prepared(process)
    listening = asyncio.create_task(prepared.listen())
    try:
        yield prepared
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening
