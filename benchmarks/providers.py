"""What the client of the model endpoints costs: `python -m benchmarks.providers` prints the figures.

A tiny endpoint in a process of its own streams deltas of ten characters, each the time at which it was written. The
lag is from there to the event in the reader's hands, so it holds the sockets and the server's own delays too: an upper
bound on what the client adds. CPU time is this process's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time

from bot.clock import SystemClock
from bot.domain.events import Finish, TextDelta
from bot.domain.messages import PromptMessage, Role
from bot.domain.ports import ModelRequest
from bot.domain.turns import Mode
from bot.providers.fusion import FusionModel
from bot.providers.transport import Transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def stamp() -> str:
    """Write the time as ten digits, microseconds; the same clock in both processes."""
    return f"{int(time.monotonic() * 1e6) % 10**10:010d}"


def event(text: str, reason: str = "") -> bytes:
    """Write one event as a chunk."""
    choice = {"delta": text, "finish_reason": reason}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "picture": False}
    record = {"code": 0, "msg": "", "data": {"id": "b", "choices": [choice], "usage": usage, "status": 0}}
    data = f"data: {json.dumps(record)}\n\n".encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Stream as many deltas at such a pace as the request's ``user_id`` says: "count/interval in seconds"."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        count, interval = json.loads(await reader.readexactly(length))["user_id"].split("/")
        writer.write(HEAD)
        loop = asyncio.get_running_loop()
        due = loop.time()
        for _ in range(int(count)):
            writer.write(event(stamp()))
            await writer.drain()
            due += float(interval)
            if float(interval):
                await asyncio.sleep(max(0.0, due - loop.time()))
        writer.write(event("", "stop") + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()


async def serve() -> None:
    """Run the endpoint; its port is the first line it prints."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def read(model: FusionModel, count: int, interval: float) -> list[float]:
    """Read one stream; return each delta's lag in milliseconds."""
    request = ModelRequest(
        mode=Mode.CHAT,
        messages=(PromptMessage(role=Role.USER, content="go"),),
        user_key=f"{count}/{interval}",
    )
    lags: list[float] = []
    last: object = None
    async with model.stream(request) as events:
        async for last in events:
            if isinstance(last, TextDelta):
                now = time.monotonic() * 1e6
                lags += [((now - int(last.text[at : at + 10])) % 1e10) / 1e3 for at in range(0, len(last.text), 10)]
    if not isinstance(last, Finish) or len(lags) != count:
        raise SystemExit(f"a stream ended badly: {last!r} after {len(lags)} of {count} deltas")
    return lags


def report(name: str, lags: list[float], cpu_s: float, wall_s: float) -> None:
    """Print one line of figures."""
    hundredths = statistics.quantiles(lags, n=100)
    print(
        f"{name:38} {len(lags):7} deltas  {cpu_s / len(lags) * 1e6:6.1f} µs CPU each  "
        f"lag median {hundredths[49]:6.2f} ms, 99th {hundredths[98]:6.2f} ms  "
        f"{cpu_s / wall_s * 100:5.1f} % of a core  peak memory {peak_mib():6.1f} MiB"
    )


def peak_mib() -> float:
    """Tell the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(model: FusionModel, name: str, *, streams: int, count: int, interval: float) -> None:
    """Run streams side by side and print what they cost."""
    cpu, wall = time.process_time(), time.monotonic()
    results = await asyncio.gather(*(read(model, count, interval) for _ in range(streams)))
    lags = [lag for result in results for lag in result]
    report(name, lags, time.process_time() - cpu, time.monotonic() - wall)


async def run(port: int, seconds: float) -> None:
    """Measure one stream at pace, ten minutes' worth at once (twice: the second must not need more), and 200."""
    http = Transport(clock=SystemClock())
    model = FusionModel(http, url=f"http://127.0.0.1:{port}/", api_key="k", miaohua_token="m")
    try:
        await measure(model, "one stream at 50/s", streams=1, count=int(50 * seconds), interval=0.02)
        await measure(model, "10 minutes at 50/s, as fast as it goes", streams=1, count=30_000, interval=0)
        await measure(model, "the same again: memory stays", streams=1, count=30_000, interval=0)
        await measure(model, "200 streams at 50/s each", streams=200, count=int(50 * seconds), interval=0.02)
    finally:
        await http.close()


def main() -> None:
    """Start the endpoint, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--serve", action="store_true", help="be the endpoint (used by the benchmark itself)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the paced runs (default 10)")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    command = [sys.executable, "-m", "benchmarks.providers", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endpoint:
        try:
            assert endpoint.stdout is not None
            asyncio.run(run(int(endpoint.stdout.readline()), options.seconds))
        finally:
            endpoint.terminate()


if __name__ == "__main__":
    main()
