"""Children that do not outlive the demo, however it ends."""

from __future__ import annotations

import ctypes
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_PR_SET_PDEATHSIG: Final = 1
"""prctl(2): the signal that a process gets when the thread that started it ends."""


def end_with_parent() -> Callable[[], None] | None:
    """Return what a child is to call before its program starts, so that a killed demo leaves none behind.

    The child gets SIGTERM then. None on systems other than Linux, which have no such way.
    """
    if sys.platform != "linux":
        return None
    # Looked up here: between fork and exec nothing may be loaded.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    number = int(signal.SIGTERM)

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return ask
