"""What the client of the model endpoints costs: `python -m benchmarks.providers` prints the figures.

A tiny endpoint in a process of its own streams deltas of ten characters, each the time at which it was written. Two
lags are taken of each delta: `client` from its bytes being handed to aiohttp by the event loop to the event in the
reader's hands, which is what the client adds; `all` from the endpoint's write, which holds the sockets and both
schedulers too. CPU time is this process's alone, the taking of the times included. Memory is the most so far.

With `--beside PATH` it compares what an answer costs here and in another checkout instead, in runs that take turns.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp.client_proto import ResponseHandler

from benchmarks.stream_cost import compare
from bot.clock import SystemClock
from bot.domain.model.events import Finish, TextDelta
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.providers.http.transport import Transport
from bot.providers.model.fusion import FusionModel

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Stamps:
    """Writes the time as ten digits, microseconds of the machine's clock, never the same twice."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        self._last = max(int(time.monotonic() * 1e6), self._last + 1)
        return f"{self._last % 10**10:010d}"


def event(text: str, reason: str = "") -> bytes:
    """Write one event as a chunk."""
    choice = {"delta": text, "finish_reason": reason}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "picture": False}
    record = {"code": 0, "msg": "", "data": {"id": "b", "choices": [choice], "usage": usage, "status": 0}}
    data = f"data: {json.dumps(record)}\n\n".encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stamps: Stamps) -> None:
    """Stream as many deltas at such a pace as the request's ``user_id`` says: "count/interval in seconds"."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        count, interval = json.loads(await reader.readexactly(length))["user_id"].split("/")
        writer.write(HEAD)
        loop = asyncio.get_running_loop()
        due = loop.time()
        for _ in range(int(count)):
            writer.write(event(stamps()))
            await writer.drain()
            due += float(interval)
            if float(interval):
                await asyncio.sleep(max(0.0, due - loop.time()))
        writer.write(event("", "stop") + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()


async def serve() -> None:
    """Run the endpoint; its port is the first line it prints."""

    stamps = Stamps()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer, stamps)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@dataclass(slots=True)
class Lags:
    """Milliseconds for each delta that was timed."""

    deltas: int = 0
    client: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)


class Arrivals:
    """Notes when the bytes of each delta reached this process."""

    def __init__(self) -> None:
        self._at: dict[bytes, float] = {}

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Look at what the event loop hands to aiohttp, before aiohttp does."""
        receive = ResponseHandler.data_received

        def noting(handler: ResponseHandler, data: bytes) -> None:
            now = time.monotonic()
            for piece in data.split(b'"delta": "')[1:]:
                self._at[piece[:10]] = now
            receive(handler, data)

        setattr(ResponseHandler, receive.__name__, noting)  # there is no seam below the client
        try:
            yield
        finally:
            setattr(ResponseHandler, receive.__name__, receive)

    def take(self, text: str) -> float | None:
        """Tell when a delta arrived; None for one that was cut in two."""
        return self._at.pop(text.encode(), None)


def request(count: int, interval: float) -> ModelRequest:
    """Ask for a stream of so many deltas, so many seconds apart."""
    messages = (PromptMessage(role=Role.USER, content="go"),)
    return ModelRequest(mode=Mode.CHAT, messages=messages, user_key=f"{count}/{interval}")


async def read(model: FusionModel, asked: ModelRequest, lags: Lags, arrivals: Arrivals, *, after_s: float) -> None:
    """Read one stream to its end, timing each delta."""
    await asyncio.sleep(after_s)
    last: object = None
    async with model.stream(asked) as events:
        async for last in events:
            if not isinstance(last, TextDelta):
                continue
            now = time.monotonic()
            lags.deltas += 1
            lags.all.append(((now * 1e6 - int(last.text)) % 1e10) / 1e3)
            if (arrived := arrivals.take(last.text)) is not None:
                lags.client.append((now - arrived) * 1e3)
    if not isinstance(last, Finish):
        raise SystemExit(f"a stream ended badly: {last!r}")


async def measure_pace(model: FusionModel, name: str, *, streams: int, seconds: float) -> None:
    """Run streams of 50 deltas a second side by side and print what they cost."""
    count, interval = int(50 * seconds), 0.02
    lags, arrivals = Lags(), Arrivals()
    cpu, wall = time.process_time(), time.monotonic()
    with arrivals.noted():
        # Spread over the first interval, as people's streams are: started at once they would arrive in volleys.
        await asyncio.gather(
            *(
                read(model, request(count, interval), lags, arrivals, after_s=interval * at / streams)
                for at in range(streams)
            )
        )
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    if lags.deltas != count * streams:
        raise SystemExit(f"{lags.deltas} deltas came of {count * streams}")
    print(
        f"{name:28} {lags.deltas:7} deltas  {cpu / lags.deltas * 1e6:5.0f} µs CPU each  {cpu / wall:4.0%} of a core  "
        f"client {spread(lags.client)}  all {spread(lags.all)}  memory {peak_mib():.1f} MiB"
    )


def spread(lags: list[float]) -> str:
    """Write the median and the 99th percentile."""
    hundredths = statistics.quantiles(lags, n=100)
    return f"median {hundredths[49]:.2f} ms, 99th {hundredths[98]:.2f} ms"


async def measure_length(model: FusionModel, name: str, *, count: int) -> None:
    """Read one long stream as fast as it comes; print its CPU time and what memory grew after its first tenth."""
    cpu = time.process_time()
    deltas, early_mib = 0, 0.0
    async with model.stream(request(count, 0)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                deltas += 1
                if deltas == count // 10:
                    early_mib = peak_mib()
    if deltas != count:
        raise SystemExit(f"{deltas} deltas came of {count}")
    cpu = time.process_time() - cpu
    print(
        f"{name:28} {deltas:7} deltas  {cpu / deltas * 1e6:5.0f} µs CPU each  "
        f"memory {early_mib:.1f} MiB after a tenth, {peak_mib():.1f} MiB at the end"
    )


def peak_mib() -> float:
    """Tell the most memory that this process has had."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


async def run(port: int, seconds: float) -> None:
    """Measure one stream at pace, ten minutes' worth of one, and 200 at pace."""
    http = Transport(clock=SystemClock())
    model = FusionModel(http, url=f"http://127.0.0.1:{port}/", api_key="k", miaohua_token="m")
    try:
        await measure_pace(model, "one stream at 50/s", streams=1, seconds=seconds)
        await measure_length(model, "10 minutes at 50/s, unpaced", count=30_000)
        await measure_pace(model, "200 streams at 50/s each", streams=200, seconds=seconds)
    finally:
        await http.close()


def main() -> None:
    """Start the endpoint, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--serve", action="store_true", help="be the endpoint (used by the benchmark itself)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the paced runs (default 10)")
    parser.add_argument("--beside", type=Path, metavar="PATH", help="compare with another checkout")
    parser.add_argument("--runs", type=int, default=11, help="runs of each checkout with --beside (default 11)")
    options = parser.parse_args()
    if options.beside is not None:
        compare(options.beside.resolve(), options.runs)
        return
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
