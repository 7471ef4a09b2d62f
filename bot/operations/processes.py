"""This process among those of its machine, and whether another one of them has ended."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from bot.domain.lease.record import Holder

_PROC = Path("/proc")
_ENDED = frozenset({"Z", "X"})
"""States of a process that does nothing any more, though its parent has not asked after it (proc(5), stat)."""


def this_process() -> Holder:
    """Describe this process, under a new random id."""
    pid = os.getpid()
    found = _read(pid)
    return Holder(
        id=secrets.token_hex(16),
        host=socket.gethostname(),
        machine=_machine() if found is not None else "",
        pid=pid,
        started=found[1] if found is not None else "",
    )


def is_gone(holder: Holder) -> bool:
    """Whether a process has certainly ended: it was one of this boot of this machine, and is no more.

    Of another machine, another container or another system than Linux this can't be told.
    """
    if not holder.machine or holder.machine != _machine():
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it is there, and another user's
    found = _read(holder.pid)
    return found is not None and (found[0] in _ENDED or found[1] != holder.started)


def _machine() -> str:
    """Name what a process's number holds in: a machine's boot and a namespace (pid_namespaces(7)); empty if unknown."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _read(pid: int) -> tuple[str, str] | None:
    """Read a process's state and when it started, in ticks since the boot (proc(5), stat, fields 3 and 22)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else None
