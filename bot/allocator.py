"""How the process gives memory back, and what it need not look at for that."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
"""glibc's name of the setting (its manual, "Malloc Tunable Parameters")."""
LARGE_BYTES: Final = 1024 * 1024

OBJECTS_BETWEEN_LOOKS: Final = 5_000
"""How many objects more than before make the collector look at the youngest: Python's 700 are those of two questions,
and fifty that come at once were looked through twenty times while all of them were still needed."""


def return_large_blocks() -> bool:
    """Let each large block of memory go back to the system as soon as it is free; False where that is not to be had.

    glibc otherwise takes the size of the first pictures for the usual one, and keeps what each thread has had of it:
    with pictures of 8 MB some 90 MB that nobody needs (measured with ``benchmarks/drawings.py``).
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and bool(mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES))


def return_free_memory() -> None:
    """Give the system back what is free in small blocks, where the C library can; that takes half a millisecond.

    Without it the process keeps some 5 to 8 MB after a chart with a large font such as Noto Sans CJK.
    """
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """Find a function; None with another system, or another library such as musl."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):
        return None
    return found


def spare_what_stays() -> None:
    """Keep the collector of reference cycles from ever again looking at what there is now: call it after the start.

    Modules and whatever they hold are some 110,000 objects that stay to the end. A full collection went through all of
    them, every few hundred questions, and for 60 to 130 ms nobody was answered (two cores of a virtual Intel Xeon).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
