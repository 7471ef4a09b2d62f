"""A process that has the bot's modules imported and forks a bot for each line that it reads; see ``prepared.py``.

A start of Python with everything that the bot imports is most of what a restart costs, and the tests restart it often.
What is forked has begun nothing yet: no loop, no thread, no connection, nothing read from the environment.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import NoReturn

from bot.__main__ import main

BEFOREHAND = ("bot.bootstrap.app", "bot.connection", "bot.storage.schema.migrate", "bot.operations.health")
"""What ``run`` imports only when it is needed."""


def serve() -> dict[str, str]:
    """Fork a bot for each request and tell of its end; returns in the child alone, with what it shall be.

    When the other side goes, what still runs is killed: no bot outlives the tests.
    """
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    running: set[int] = set()
    asked = b""
    while True:
        ready, _, _ = select.select([0, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            reap(running)
        if 0 not in ready:
            continue
        got = os.read(0, 65536)
        if not got:
            leave(running)
        asked += got
        *lines, asked = asked.split(b"\n")
        for line in lines:
            child = os.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(ended)
                os.close(wake)
                return dict(json.loads(line))
            running.add(child)
            tell({"started": child})


def reap(running: set[int]) -> None:
    """Tell which have ended, and how: as ``Popen.returncode`` says it."""
    for child in sorted(running):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            running.remove(child)
            tell({"ended": child, "code": os.waitstatus_to_exitcode(status)})


def tell(what: dict[str, int]) -> None:
    """Write a line for the tests."""
    os.write(1, json.dumps(what).encode() + b"\n")


def leave(running: set[int]) -> NoReturn:
    """End with everything that still runs."""
    for child in running:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    raise SystemExit(0)


def become(request: dict[str, str]) -> None:
    """Take the folder, the environment and the log that were asked for."""
    os.environ.clear()
    os.environ.update(json.loads(request["environment"]))
    os.chdir(request["folder"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(Path(request["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)


if __name__ == "__main__":
    for module in BEFOREHAND:
        importlib.import_module(module)
    become(serve())
    sys.exit(main(["run"]))
