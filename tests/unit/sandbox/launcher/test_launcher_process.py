"""`python -m sandbox` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from sandbox.launcher import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind exist on POSIX only")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_in_good_order(number: signal.Signals, tmp_path: Path) -> None:
    arguments = [
        "--port",
        "0",
        "--endpoint-port",
        "0",
        "--no-open",
        "--no-bot",
        "--scripted",
        "--data",
        str(tmp_path / "with space"),
    ]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, cwd=ROOT, env=dict(os.environ), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while b"Ctrl-C" not in await process.stdout.readline():
                assert process.returncode is None
            process.send_signal(number)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
