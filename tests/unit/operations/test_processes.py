"""Whether a process of this machine has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.lease.record import Holder
from bot.operations.processes import is_gone, this_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says enough about its processes")
SLEEPER = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def test_this_process_is_there() -> None:
    own = this_process()
    assert own.pid == os.getpid()
    assert own.machine
    assert not is_gone(own)
    assert this_process().id != own.id


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"started": "1"}, True),
        ({"pid": 2**22 + 1}, True),
        ({"machine": "another boot", "pid": 2**22 + 1}, False),
        ({"machine": "", "pid": 2**22 + 1}, False),
        ({"pid": 1, "started": "1"}, True),
    ],
    ids=["its number is another's", "no such process", "another machine", "unknown machine", "a container's first"],
)
def test_what_has_ended_for_certain(changes: dict[str, object], gone: bool) -> None:
    if changes.get("pid") == 1 and os.getuid() != 0:
        pytest.skip("another user's process is not looked at")
    holder: Holder = replace(this_process(), **changes)  # type: ignore[arg-type]  # fields of Holder
    assert is_gone(holder) is gone


def test_one_that_was_killed_is_gone_before_its_parent_has_asked() -> None:
    process = subprocess.Popen(SLEEPER, stdin=subprocess.PIPE)
    own = this_process()
    started = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]
    holder = replace(own, pid=process.pid, started=started)
    assert not is_gone(holder)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(holder)
    process.wait()
    assert is_gone(holder)
    assert process.stdin is not None
    process.stdin.close()
