"""What it costs to look at pictures: `python -m benchmarks.pictures [--beside PATH]`. Linux: it reads /proc.

A process with all of the bot's code fetches pictures from a server of this one's, as an answer would have it do; with
`--beside PATH` one of another checkout does the same, case by case. The pictures are the same each time: gradients and
noise, of 6240 x 6240 pixels and 13.5 MB, to be made smaller for a place of 10 MiB; and an ordinary one.

CPU time is that of all its processes, until they have ended; memory is the peak of what all of them have resident,
looked at every two milliseconds, libraries that they share counted twice. `late` is how late its event loop ran what
was due every two milliseconds, at worst; other work on the machine shows there first. `held` is the CPU time that the
loop's own thread took between two of those, at worst, which is what it can be blamed for.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import io
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from PIL import Image

ROOT: Final = Path(__file__).parents[1]
SIDE: Final = 6240
LIMIT_BYTES: Final = 10 * 1024 * 1024
EACH_S: Final = 0.002
NORMAL_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Pictures that come at once, so many times one after another."""

    name: str
    picture: str
    at_once: int = 1
    rounds: int = 1
    beside: bool = True
    """Whether the other checkout has to do it too, which takes its time."""


CASES: Final = (
    Case(name="6240 × 6240, opaque", picture="opaque"),
    Case(name="6240 × 6240, transparent", picture="transparent"),
    Case(name="four of the first at once", picture="opaque", at_once=4, beside=False),
    Case(name="1024 × 1024", picture="normal", rounds=NORMAL_ROUNDS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a case took: seconds and milliseconds, and MB of all processes together."""

    cpu_s: float
    peak_mb: float
    late_ms: float
    held_ms: float
    first_ms: float
    next_ms: float
    rest_mb: float
    """Before the first picture."""
    idle_mb: float
    """After the last, when nothing has come for a while."""
    made: str


def noise(width: int, height: int, seed: int) -> Image.Image:
    """Make grey noise, the same for a seed each time."""
    return Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))


def large(*, transparent: bool) -> bytes:
    """Make an RGBA PNG of about 13.5 MB: black and white noise, which no encoding makes small, over a gradient."""
    picture = Image.linear_gradient("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    picture.paste(noise(SIDE, SIDE * 68 // 100, 1).point(lambda value: value >> 7 and 255), (0, 0))
    glow = Image.radial_gradient("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    alpha = glow.point(lambda value: 255 - value // 64 * 40) if transparent else Image.new("L", (SIDE, SIDE), 255)
    return png(Image.merge("RGBA", [picture, picture, picture, alpha]))


def normal() -> bytes:
    """Make an RGB PNG of about 1 MB."""
    slope = Image.linear_gradient("L").resize((1024, 1024))
    picture = Image.merge("RGB", [slope, slope.transpose(Image.Transpose.ROTATE_90), slope])
    picture.paste(Image.merge("RGB", [noise(1024, 320, band) for band in range(3)]), (0, 300))
    return png(picture)


def png(picture: Image.Image) -> bytes:
    """Write a picture as a PNG, quickly."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


@contextmanager
def serving(pictures: dict[str, bytes]) -> Iterator[int]:
    """Serve pictures by their names; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pictures[self.path[1:]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def resident_mb(pid: int, parent: bytes = b"") -> float:
    """Tell what a process and its children have resident.

    A child that is about to become another program has all of its parent's memory as its own, and is left out.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if command == parent:
            return 0.0
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0.0
    return own + sum(resident_mb(int(child), command) for child in children)


def watched(process: subprocess.Popen[str]) -> tuple[str, float]:
    """Return what a process printed, and the peak of its memory since it said that it begins."""
    peak = 0.0
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    done = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        lines.append(process.stdout.read())
        done.set()

    threading.Thread(target=read, daemon=True).start()
    while not done.wait(EACH_S):
        peak = max(peak, resident_mb(process.pid))
    return lines[-1], peak


def run_in(checkout: Path, case: Case, port: int) -> Cost:
    """Measure in a process of its own, with a checkout's `bot` and this one's libraries."""
    command = [sys.executable, "-P", __file__, "--measure", str(CASES.index(case)), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    with subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True) as process:
        printed, peak_mb = watched(process)
    if process.returncode:
        raise SystemExit(f"{checkout}: {case.name} failed")
    return Cost(peak_mb=peak_mb, **json.loads(printed))


def open_fetcher(port: int) -> tuple[Callable[[str], Any], list[Callable[[], Any]]]:
    """Return how this `bot` fetches, whichever it is, and what ends it."""
    from bot.clock import SystemClock
    from bot.providers.picture import fetcher

    arguments: dict[str, Any] = {"clock": SystemClock()}
    asked: dict[str, Any] = {"limit_bytes": LIMIT_BYTES}
    ends: list[Callable[[], Any]] = []
    allow = frozenset({("127.0.0.1", port)})
    taken = inspect.signature(fetcher.PictureFetcher).parameters
    if "reach" in taken:
        from bot.providers.picture.download import Reach  # type: ignore[import-not-found,unused-ignore]  # if it is

        arguments["reach"] = Reach(allow=allow)
    else:
        arguments["allow"] = allow
    if "workshop" in taken:
        from bot.providers.picture.workshop import Limits, Workshop

        workshop = Workshop(limits=Limits(idle_s=0.5))
        arguments["workshop"] = workshop
        ends.append(workshop.close)
    source = fetcher.PictureFetcher(**arguments)
    if "errand" in inspect.signature(source.fetch).parameters:
        from bot.domain.picture import ports

        asked["errand"] = getattr(ports, "Errand")()  # noqa: B009  # not in every checkout
    return partial(source.fetch, **asked), [source.close, *ends]


async def measure(case: Case, port: int) -> None:
    """Fetch the pictures of a case, and print what it cost."""
    import bot.bootstrap.app  # noqa: F401  # what the bot has in memory, this process has
    from bot.allocator import return_large_blocks

    return_large_blocks()
    fetch, ends = open_fetcher(port)
    late = Lateness()
    ticking = asyncio.create_task(late.watch())
    await asyncio.sleep(0.5)
    rest_mb = resident_mb(os.getpid())
    before = cpu_s()
    late.most_ms = late.held_ms = 0.0
    print(flush=True)
    times: list[float] = []
    made = ""
    for _ in range(case.rounds):
        begun = time.monotonic()
        pictures = await asyncio.gather(
            *(fetch(f"http://127.0.0.1:{port}/{case.picture}") for _ in range(case.at_once))
        )
        times.append(1000 * (time.monotonic() - begun))
        one = pictures[0]
        made = f"{one.format.value} {one.width} × {one.height}, {len(one.data) / 1e6:.1f} MB"
        del pictures, one
    late_ms, held_ms = late.most_ms, late.held_ms
    await asyncio.sleep(1)
    idle_mb = resident_mb(os.getpid())
    ticking.cancel()
    for end in ends:
        await end()
    cost = {
        "cpu_s": cpu_s() - before,
        "late_ms": late_ms,
        "held_ms": held_ms,
        "first_ms": times[0],
        "next_ms": statistics.median(times[1:] or times),
        "rest_mb": rest_mb,
        "idle_mb": idle_mb,
        "made": made,
    }
    print(json.dumps(cost), flush=True)


class Lateness:
    """How late the event loop runs what is due, and how much it does meanwhile."""

    def __init__(self) -> None:
        self.most_ms = 0.0
        self.held_ms = 0.0

    async def watch(self) -> None:
        """Be due again and again."""
        loop = asyncio.get_running_loop()
        while True:
            due, used = loop.time() + EACH_S, time.thread_time()
            await asyncio.sleep(EACH_S)
            self.held_ms = max(self.held_ms, 1000 * (time.thread_time() - used))
            self.most_ms = max(self.most_ms, 1000 * (loop.time() - due))


def cpu_s() -> float:
    """Tell the CPU time of this process, its threads, and the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


COLUMNS: Final[tuple[tuple[str, str, int], ...]] = (
    ("CPU s", "cpu_s", 2),
    ("peak MB", "peak_mb", 0),
    ("late ms", "late_ms", 0),
    ("held ms", "held_ms", 0),
    ("first ms", "first_ms", 0),
    ("next ms", "next_ms", 0),
    ("at rest MB", "rest_mb", 0),
    ("after MB", "idle_mb", 0),
)


def show(name: str, where: str, cost: Cost) -> None:
    """Print a row."""
    values = "".join(f"{getattr(cost, field):>11.{digits}f}" for _, field, digits in COLUMNS)
    print(f"{name:28}{where:7}{values}  {cost.made}", flush=True)


def compare(case: Case, other: Path | None, port: int) -> Cost:
    """Measure a case here and beside, and print both with their ratios."""
    ours = run_in(ROOT, case, port)
    show(case.name, "here", ours)
    if other is not None and case.beside:
        theirs = run_in(other, case, port)
        show("", "beside", theirs)
        ratios = (getattr(ours, field) / max(getattr(theirs, field), 1e-9) for _, field, _ in COLUMNS)
        print(f"{'':28}{'ratio':7}" + "".join(f"{ratio:>11.3f}" for ratio in ratios), flush=True)
    return ours


def main() -> None:
    """Make the pictures, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, metavar="PATH", help="compare with another checkout")
    parser.add_argument("--measure", type=int, help="be one run (used by the benchmark itself)")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    if options.measure is not None:
        asyncio.run(measure(CASES[options.measure], options.port))
        return
    other = options.beside.resolve() if options.beside is not None else None
    pictures = {"opaque": large(transparent=False), "transparent": large(transparent=True), "normal": normal()}
    print(", ".join(f"{name}: {len(data) / 1e6:.1f} MB" for name, data in pictures.items()))
    print(f"{'':35}" + "".join(f"{title:>11}" for title, *_ in COLUMNS), flush=True)
    with serving(pictures) as port:
        costs = {case: compare(case, other, port) for case in CASES}
    one, four = costs[CASES[0]], costs[CASES[2]]
    print(f"four at once add {four.peak_mb - one.peak_mb:.0f} MB to the peak of one")


if __name__ == "__main__":
    main()
