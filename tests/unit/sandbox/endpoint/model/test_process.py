"""The model's process, with small programs in its place."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.endpoint.model.process import RESTARTS_S, ModelJob, ModelProcess, ModelServer

JOB = ModelJob(file=Path("some model.gguf"), threads=3)
READS = "import json, os, sys; job = json.loads(sys.stdin.readline())"
TELLS = "print('noise'); print(json.dumps({'address': 'http://a:1'}), flush=True)"
SERVES = f"{READS}; {TELLS}"
STAYS = f"{SERVES}; sys.stdin.read()"


class Harness:
    """One process of a program, with waits that are only noted."""

    def __init__(self, folder: Path, program: str, **changes: Any) -> None:
        self.log = folder / "model.log"
        self.waits: list[float] = []
        self.failed: list[str] = []
        settings: dict[str, Any] = {"command": (sys.executable, "-c", program), "environment": dict(os.environ)}
        self.process = ModelProcess(
            JOB, log=self.log, failed=self.failed.append, sleep=self._sleep, **settings | changes
        )

    async def _sleep(self, delay_s: float) -> None:
        self.waits.append(delay_s)


async def test_it_is_given_its_job_and_tells_where_it_answers(tmp_path: Path) -> None:
    program = f"{READS}; print(json.dumps(job), file=sys.stderr, flush=True); {TELLS}; sys.stdin.read()"
    harness = Harness(tmp_path, program)
    assert (harness.process.state, harness.process.why) == ("loading", "")
    async with harness.process as process:
        server = await process.server(20)
        assert server is not None
        assert server.address == "http://a:1"
        assert process.state == "ready"
    job = json.loads(harness.log.read_text())
    assert job == {
        "key": server.key,
        "model": "some model.gguf",
        "threads": 3,
        "slots": 2,
        "context_tokens": 2048,
        "answer_tokens": 400,
    }
    assert len(server.key) > 30
    assert harness.failed == []


async def test_the_key_is_not_among_the_arguments_or_in_the_environment(tmp_path: Path) -> None:
    program = f"{READS}; print(sys.argv, dict(os.environ), file=sys.stderr, flush=True); {TELLS}; sys.stdin.read()"
    harness = Harness(tmp_path, program)
    async with harness.process as process:
        server = await process.server(20)
    assert server is not None
    assert server.key not in harness.log.read_text()


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ('print(\'{"error": "ImportError: no luck"}\')', "no luck"),
        ("print('x' * 100_000)", "not answer as expected"),
        ("for _ in range(100): print('[1]')", "not answer as expected"),
    ],
)
async def test_one_that_does_not_get_to_serve_is_given_up(tmp_path: Path, program: str, why: str) -> None:
    harness = Harness(tmp_path, program)
    async with harness.process as process:
        assert await process.server(20) is None
        assert process.state == "failed"
        assert why in process.why
    assert harness.failed == [process.why]
    assert harness.waits == []


async def test_one_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "import sys; sys.stdin.read()", start_s=0.05)
    async with harness.process as process:
        assert await process.server(20) is None
        assert "not loaded within" in process.why


async def test_one_that_can_not_be_started_is_given_up(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "", command=(str(tmp_path / "nothing"),))
    async with harness.process as process:
        assert await process.server(20) is None
        assert "could not be started" in process.why


async def test_one_that_dies_is_started_again_and_then_given_up(tmp_path: Path) -> None:
    harness = Harness(tmp_path, f"{SERVES}; raise SystemExit(7)")
    async with harness.process as process:
        while process.state != "failed":
            await process.server(20)
            await asyncio.sleep(0)
    assert harness.waits == list(RESTARTS_S)
    assert "exit code 7" in harness.failed[0]


async def test_who_asks_while_it_is_loading_waits_but_not_for_ever(tmp_path: Path) -> None:
    async with Harness(tmp_path, "import sys; sys.stdin.read()").process as process:
        assert await process.server(0.01) is None
        assert process.state == "loading"


@pytest.mark.skipif(sys.platform == "win32", reason="processes are looked up by signals on POSIX only")
async def test_it_ends_with_its_owner(tmp_path: Path) -> None:
    harness = Harness(tmp_path, STAYS.replace("'http://a:1'", "str(os.getpid())"))
    async with harness.process as process:
        server = await process.server(20)
        assert isinstance(server, ModelServer)
        number = int(server.address)
        os.kill(number, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="this kind of killing exists on POSIX only")
async def test_it_ends_where_its_owner_is_killed(tmp_path: Path) -> None:
    """The real child, without a model: it watches its input while it is loading, too."""
    fake = tmp_path / "xllamacpp.py"
    fake.write_text("import threading\nthreading.Event().wait()\n")
    child = Path(__file__).parents[5] / "sandbox" / "endpoint" / "model" / "child.py"
    owner = (
        "import os, subprocess, sys, threading\n"
        f"child = subprocess.Popen([sys.executable, '-P', {str(child)!r}], stdin=subprocess.PIPE)\n"
        'child.stdin.write(b\'{"model": "m"}\\n\'); child.stdin.flush()\n'
        "print(child.pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        owner,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert process.stdout is not None
    number = int(await process.stdout.readline())
    os.kill(number, 0)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(45):
        # The child shares standard output: its end is the end of both.
        assert await process.stdout.read() == b""


async def test_the_child_tells_what_went_wrong(tmp_path: Path) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('no such library')\n")
    harness = ModelProcess(JOB, log=tmp_path / "log", environment={**os.environ, "PYTHONPATH": str(tmp_path)})
    async with harness as process:
        assert await process.server(20) is None
        assert process.why == "it could not be loaded: ImportError: no such library"
