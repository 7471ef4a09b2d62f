"""How the process gives memory back, and what it need not look at for that."""

from __future__ import annotations

import ctypes
import gc
import sys
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
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another library than glibc, such as musl
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES))


def spare_what_stays() -> None:
    """Keep the collector of reference cycles from ever again looking at what there is now: call it after the start.

    Modules and whatever they hold are some 110,000 objects that stay to the end. A full collection went through all of
    them, every few hundred questions, and for 60 to 130 ms nobody was answered (two cores of a virtual Intel Xeon).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
