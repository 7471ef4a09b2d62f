"""What the process at the bench takes from itself before it sees the first picture.

Linux has all of it. On other systems what they lack is left out: macOS takes no notice of a limit on address space,
Windows has neither limits nor signals. The bot's own deadline, and its look at the answer, hold everywhere.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

ADDRESS_SPACE_BYTES: Final = 768 * 1024 * 1024
"""Python and Pillow take 30 MB. The largest WebP takes four copies of 160 MB and its file twice, a progressive JPEG one
copy and its coefficients, up to 320 MB."""
_OPEN_FILES: Final = 32
_NICENESS: Final = 5
"""A third of the bot's weight (sched(7)): enough that a picture ends in time on a machine that has much to do."""
_PR_SET_PDEATHSIG: Final = 1
"""prctl(2): the signal that a process gets when the thread that started it ends."""
_SLACK_S: Final = 2
"""How much later than the bot's deadline the process ends itself, for a bot that is not there any more."""


def confine(parent: int) -> None:
    """Give up what looking at pictures does not need; ends the process if ``parent`` is gone already."""
    if sys.platform == "win32":
        return
    os.nice(_NICENESS)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file of its own, so none is left behind
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    # A Ctrl-C is for the bot, which ends its processes itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.getppid() != parent:
        os._exit(0)


def allow(cpu_s: int, wall_s: int) -> None:
    """Let the next picture take so long; the system ends the process that takes longer, whatever it is doing."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + cpu_s + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.alarm(wall_s + _SLACK_S)


def rest() -> None:
    """Wait for the next picture for as long as that takes."""
    if sys.platform != "win32":
        signal.alarm(0)
