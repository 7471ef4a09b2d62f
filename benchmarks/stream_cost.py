"""What one long answer costs the client, here and in another checkout: `python -m benchmarks.providers --beside PATH`.

Runs of both checkouts take turns, so that what else the machine does meets both alike. Each run is a process of its
own that reads one answer as fast as it comes; CPU time is that process's from the first byte to the last event, memory
the most that it had. The last column is the median of the ratios of neighbouring runs.

The measuring process runs this very file with the other checkout's `bot`: it imports nothing else of this one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DELTAS: Final = 30_000
WORDS: Final = ("lorem ", "ipsum ", "dolor sit ", "amet, ", "世界", "consectetur ", "(elit) ", "1984. ")
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of answer: how an endpoint writes it."""

    name: str
    fusion: bool
    events: Callable[[], Iterator[object]]


def texts() -> Iterator[str]:
    """Yield what the deltas hold."""
    return (WORDS[at % len(WORDS)] for at in range(DELTAS))


def envelope(text: str, reason: str = "") -> object:
    """Write an event of the fusion endpoint."""
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "picture": False}
    choice = {"delta": text, "finish_reason": reason}
    return {"code": 0, "msg": "", "data": {"id": "b", "choices": [choice], "usage": usage, "status": 0}}


def chunk(delta: object, reason: str | None = None) -> object:
    """Write an event of chat completions."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "b", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def plain_fusion() -> Iterator[object]:
    """Write words."""
    yield from map(envelope, texts())
    yield envelope("", "stop")


def plain_chat() -> Iterator[object]:
    """Write words."""
    yield from (chunk({"content": text}) for text in texts())
    yield chunk({}, "stop")


def with_field() -> Iterator[object]:
    """Write half of it as reasoning in a field of its own."""
    for at, text in enumerate(texts()):
        yield chunk({"reasoning_content" if at < DELTAS // 2 else "content": text})
    yield chunk({}, "stop")


def with_marks() -> Iterator[object]:
    """Write half of it as reasoning between marks."""
    yield chunk({"content": "<think>"})
    for at, text in enumerate(texts()):
        if at == DELTAS // 2:
            yield chunk({"content": "</think>\n\n"})
        yield chunk({"content": text})
    yield chunk({}, "stop")


KINDS: Final = (
    Kind(name="fusion", fusion=True, events=plain_fusion),
    Kind(name="chat completions", fusion=False, events=plain_chat),
    Kind(name="chat completions, reasoning in a field", fusion=False, events=with_field),
    Kind(name="chat completions, reasoning in marks", fusion=False, events=with_marks),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    cpu_us: float
    """For each delta."""
    peak_mib: float


def written(kind: Kind) -> bytes:
    """Write a whole answer, each event in a chunk of its own."""
    data = [f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode() for event in kind.events()]
    data.append(b"data: [DONE]\n\n")
    return HEAD + b"".join(f"{len(each):x}\r\n".encode() + each + b"\r\n" for each in data) + b"0\r\n\r\n"


async def serve() -> None:
    """Be the endpoint: the first part of a path is the number of a kind. The port is the first line printed."""
    answers = [written(kind) for kind in KINDS]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(answers[int(head.split(b"/")[1])])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def measure(number: int, port: int) -> Cost:
    """Read one answer to its end, with whichever `bot` this process finds."""
    from bot.clock import SystemClock
    from bot.domain.model.events import Finish, ReasoningDelta, TextDelta
    from bot.domain.model.messages import PromptMessage, Role
    from bot.domain.model.request import Mode, ModelRequest
    from bot.providers.http.transport import Transport
    from bot.providers.model.chat_completions import ChatCompletionsModel
    from bot.providers.model.fusion import FusionModel

    http = Transport(clock=SystemClock())
    base = f"http://127.0.0.1:{port}/{number}"
    model: FusionModel | ChatCompletionsModel
    if KINDS[number].fusion:
        model = FusionModel(http, url=f"{base}/fusion", api_key="k", miaohua_token="m")
    else:
        model = ChatCompletionsModel(http, base_url=base, chat_model="m", image_model="i")
    asked = ModelRequest(mode=Mode.CHAT, messages=(PromptMessage(role=Role.USER, content="go"),), user_key="u")
    chars, last = 0, None
    cpu = time.process_time()
    async with model.stream(asked) as events:
        async for last in events:
            if isinstance(last, TextDelta | ReasoningDelta):
                chars += len(last.text)
    cpu = time.process_time() - cpu
    await http.close()
    wanted = sum(map(len, texts()))
    if not isinstance(last, Finish) or not wanted - 10 <= chars <= wanted + 10:
        raise SystemExit(f"the answer ended badly: {chars} of {wanted} characters, {last!r}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Cost(cpu_us=cpu / DELTAS * 1e6, peak_mib=peak)


def run_in(checkout: Path, number: int, port: int) -> Cost:
    """Measure in a process of its own, with a checkout's `bot` and this one's libraries."""
    command = [sys.executable, "-P", __file__, "--measure", str(number), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": ""}
    found = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if found.returncode:
        raise SystemExit(f"{checkout}: {found.stderr}")
    cpu_us, peak_mib = found.stdout.split()
    return Cost(cpu_us=float(cpu_us), peak_mib=float(peak_mib))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of runs that were neighbours."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def compare(other: Path, runs: int) -> None:
    """Measure this checkout and another one in turn, kind by kind, and print both."""
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as endpoint:
        try:
            assert endpoint.stdout is not None
            port = int(endpoint.stdout.readline())
            print(f"medians of {runs} runs, {DELTAS} deltas each: here, in {other}, ratio")
            for number, kind in enumerate(KINDS):
                run_in(ROOT, number, port), run_in(other, number, port)  # the first imports compile
                pairs = [_pair(other, number, port, turned=bool(run % 2)) for run in range(runs)]
                ours, theirs = zip(*pairs, strict=True)
                for what, unit, of in (
                    ("CPU a delta", "µs", lambda cost: cost.cpu_us),
                    ("peak memory", "MiB", lambda cost: cost.peak_mib),
                ):
                    mine, others = list(map(of, ours)), list(map(of, theirs))
                    print(
                        f"{kind.name:40} {what}  {statistics.median(mine):7.2f} {unit:3} "
                        f"{statistics.median(others):7.2f} {unit:3}  {ratio(mine, others):.3f}",
                        flush=True,
                    )
        finally:
            endpoint.terminate()


def _pair(other: Path, number: int, port: int, *, turned: bool) -> tuple[Cost, Cost]:
    """Measure both, the other one first where ``turned``."""
    if turned:
        theirs = run_in(other, number, port)
        return run_in(ROOT, number, port), theirs
    return run_in(ROOT, number, port), run_in(other, number, port)


def main() -> None:
    """Be the endpoint or one run; people use `benchmarks.providers`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--measure", type=int, default=0)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    cost = asyncio.run(measure(options.measure, options.port))
    print(cost.cpu_us, cost.peak_mib)


if __name__ == "__main__":
    main()
