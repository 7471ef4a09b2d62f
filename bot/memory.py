"""How the process gives memory back."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_M_MMAP_THRESHOLD: Final = -3
"""glibc's name of the setting (its manual, "Malloc Tunable Parameters")."""
LARGE_BYTES: Final = 1024 * 1024


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
