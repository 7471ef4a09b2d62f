"""What one event with a large picture in it costs: `python -m benchmarks.large_event` prints the figures.

An endpoint in a process of its own sends a picture of noise as base64 in one server-sent event, or in one JSON body.
Peak is the most resident memory of the reading process above what it had before, in multiples of the event's bytes too;
late is how late a timer that wants every 5 ms was at worst, held how much the process itself computed between two of
its ticks at most, and CPU what the reading took in all. The picture is not looked at.

With `--beside PATH` another checkout is measured too, in runs that take turns. The measuring process runs this very
file with that checkout's `bot`: it imports nothing else of this one.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = b"\x89PNG\r\n\x1a\n" + random.Random(0).randbytes(15_750_000)
FORMS: Final = (
    "Markdown in one event",
    "images in one event",
    "b64_json in one body",
    "Markdown, slashes escaped",
    "Markdown, lines of 76",
)


def written(form: int) -> tuple[str, bytes]:
    """Write an answer: its type and its bytes."""
    data = base64.b64encode(PICTURE).decode()
    if form == 2:
        return "application/json", json.dumps({"created": 1, "data": [{"b64_json": data}]}).encode()
    if form == 4:
        data = "\n".join(data[at : at + 76] for at in range(0, len(data), 76))
    url = f"data:image/png;base64,{data}"
    delta = {"content": "", "images": [{"image_url": {"url": url}}]} if form == 1 else {"content": f"![fox]({url})"}
    event = json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    if form == 3:
        event = event.replace("/", "\\/")
    stop = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return "text/event-stream", f"data: {event}\n\ndata: {stop}\n\ndata: [DONE]\n\n".encode()


async def serve() -> None:
    """Be the endpoint: the first part of a path is the number of a form. The port is the first line printed."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        kind, body = written(int(head.split(b"/")[1]))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def resident_mib() -> float:
    """Tell the memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def forget_peak() -> None:
    """Let the most memory so far be what there is now (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib() -> float:
    """Tell the most memory that this process has had since then."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def measure(form: int, port: int) -> tuple[float, ...]:
    """Read one answer to its end; returns the peak in MiB, then late, held and CPU in ms."""
    from bot.clock import SystemClock
    from bot.domain.model.events import PictureBytes
    from bot.domain.model.messages import PromptMessage, Role
    from bot.domain.model.request import Mode, ModelRequest
    from bot.providers.http.transport import Transport
    from bot.providers.model.chat_completions import ChatCompletionsModel

    http = Transport(clock=SystemClock())
    model = ChatCompletionsModel(http, base_url=f"http://127.0.0.1:{port}/{form}", chat_model="m", image_model="i")
    asked = ModelRequest(mode=Mode.CHAT, messages=(PromptMessage(role=Role.USER, content="go"),), user_key="u")
    late = held = 0.0

    async def watch() -> None:
        nonlocal late, held
        while True:
            due, computed = time.monotonic() + 0.005, time.thread_time()
            await asyncio.sleep(0.005)
            late, held = max(late, time.monotonic() - due), max(held, time.thread_time() - computed)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.05)
    size, late, held, cpu = 0, 0.0, 0.0, time.process_time()
    same = False
    forget_peak()
    before = resident_mib()
    async with model.stream(asked) as events:
        async for event in events:
            if isinstance(event, PictureBytes):
                size, same = len(event.data), event.data[-64:] == PICTURE[-64:]
    cpu = time.process_time() - cpu
    peak = peak_mib() - before
    await asyncio.sleep(0.02)
    watching.cancel()
    await http.close()
    if size != len(PICTURE) or not same:
        raise SystemExit("another picture came, or none")
    return peak, late * 1000, held * 1000, cpu * 1000


def run_in(checkout: Path, form: int, port: int) -> list[float]:
    """Measure in a process of its own, with a checkout's `bot` and this one's libraries."""
    command = [sys.executable, "-P", __file__, "--measure", str(form), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    found = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if found.returncode:
        raise SystemExit(f"{checkout}: {found.stderr}")
    return [float(figure) for figure in found.stdout.split()]


def compare(checkouts: list[Path], runs: int) -> None:
    """Measure the checkouts in turn and print the medians of each form."""
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as endpoint:
        try:
            assert endpoint.stdout is not None
            port = int(endpoint.stdout.readline())
            for form, name in enumerate(FORMS):
                size_mib = len(written(form)[1]) / 2**20
                taken = [[run_in(checkout, form, port) for checkout in checkouts] for _ in range(runs)]
                for at, checkout in enumerate(checkouts):
                    peak, late, held, cpu = (statistics.median(each[at][what] for each in taken) for what in range(4))
                    print(
                        f"{name:26} {size_mib:5.1f} MiB  {checkout.name:12} "
                        f"peak {peak:6.1f} MiB ({peak / size_mib:4.1f} ×)"
                        f"  late {late:6.1f} ms  held {held:6.1f} ms  CPU {cpu:6.0f} ms",
                        flush=True,
                    )
        finally:
            endpoint.terminate()


def main() -> None:
    """Start the endpoint, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--beside", type=Path, metavar="PATH", help="compare with another checkout")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--serve", action="store_true", help="be the endpoint (used by the benchmark itself)")
    parser.add_argument("--measure", type=int, metavar="FORM", help="be one run (used by the benchmark itself)")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
    elif options.measure is not None:
        print(*asyncio.run(measure(options.measure, options.port)))
    else:
        compare([ROOT, *([options.beside.resolve()] if options.beside is not None else [])], options.runs)


if __name__ == "__main__":
    main()
