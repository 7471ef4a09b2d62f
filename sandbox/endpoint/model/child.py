"""The model's own process: llama.cpp's server on loopback, for as long as the one who started it lives.

Run by path, without anything of this package. The first line of standard input is a JSON object: `key`, `model` (a
file), `threads`, `slots`, `context_tokens` (of each slot), `answer_tokens`. The answer is one line on standard output:
`{"address"}` or `{"error"}`. After that it serves until standard input ends, as it also does where the other side was
killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from typing import Any, Final

_NICENESS: Final = 5
"""The bot and the local Discord go first: a model that takes its time is no harm, a late edit is."""


def main() -> None:
    """Serve until standard input ends."""
    line = sys.stdin.buffer.readline()
    # Whatever the library writes by itself goes to the log: the answer must stand alone.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    ended = threading.Event()
    # From now on, so that a parent that dies while the model is loading is noticed too.
    threading.Thread(target=_end_with_input, args=(ended,), daemon=True).start()
    with contextlib.suppress(AttributeError, OSError):  # not on every platform
        os.nice(_NICENESS)
    try:
        server = _serve(json.loads(line))
    except Exception as error:  # noqa: BLE001  (whatever it is, the parent is told)
        answer.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        answer.flush()
        os._exit(1)
    answer.write(json.dumps({"address": server.listening_address}) + "\n")
    answer.flush()
    ended.wait()


def _end_with_input(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()
    # Not in good order: the server would first finish the answers under way, and nobody is there to read them.
    os._exit(0)


def _serve(job: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = job["model"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [job["key"]]
    params.n_parallel = job["slots"]
    params.n_ctx = job["context_tokens"] * job["slots"]
    params.n_predict = job["answer_tokens"]
    params.cpuparams.n_threads = job["threads"]
    params.cpuparams_batch.n_threads = job["threads"]
    params.n_gpu_layers = 0
    params.cache_ram_mib = 0  # the slots keep their last conversation anyway; more would be memory for little
    params.endpoint_slots = False  # it would show what people asked
    params.ui = False
    params.warmup = False
    params.verbosity = 0
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
