"""`python -m sandbox` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from sandbox.launcher.demo import ROOT


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


PARENT = """
import asyncio, sys
from pathlib import Path
from sandbox.process import BotCommand, BotProcess
child = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.recv(1)"
folder = Path(sys.argv[2])
start = (sys.executable, "-c", child, sys.argv[1])
command = BotCommand(arguments=start, environment={}, folder=folder, log=folder / "log")
asyncio.run(BotProcess(command, print).supervise())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
async def test_a_killed_demo_leaves_no_bot_behind(tmp_path: Path) -> None:
    connected: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()
    held: list[asyncio.StreamWriter] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        connected.put_nowait(reader)

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        demo = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(port), str(tmp_path), cwd=ROOT)
        try:
            async with asyncio.timeout(45):
                bot = await connected.get()
                demo.kill()
                assert await bot.read() == b""
        finally:
            if demo.returncode is None:
                demo.kill()
            await demo.wait()
            for writer in held:
                writer.close()
