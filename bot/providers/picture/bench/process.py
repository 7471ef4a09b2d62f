"""The process at the bench: reads pictures from standard input, one after another, and answers on standard output.

It ends when its input ends. ``bot/providers/picture/worker.py`` starts it.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import BinaryIO, Protocol

from bot.allocator import return_free_memory, return_large_blocks
from bot.domain.picture.files import Picture
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.bench.frames import MOST_DETAIL_BYTES, REQUEST_BYTES, Answer, Request
from bot.providers.picture.bench.limits import allow, confine, rest


class Look(Protocol):
    """Proves that bytes are a picture; see ``check_picture``."""

    def __call__(self, data: bytes, *, limit_bytes: int, max_pixels: int) -> Picture:
        """Return it without metadata, at most ``limit_bytes`` long. Raises ``ProviderError``."""


def main(parent: str, wall_s: str, look: str) -> None:
    """Serve the process ``parent``; ``look`` is where the work is done, as module:function."""
    confine(int(parent))
    return_large_blocks()
    module, _, name = look.partition(":")
    work: Look = getattr(import_module(module), name)
    # Whatever a library prints must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    serve(work, sys.stdin.buffer, answers, int(wall_s))


def serve(look: Look, requests: BinaryIO, answers: BinaryIO, wall_s: int) -> None:
    """Answer requests until there are no more; one that took all the memory is the last."""
    while head := requests.read(REQUEST_BYTES):
        request = Request.unpack(head)
        allow(request.cpu_s, wall_s)
        try:
            answer, body = _seen(look, request, requests)
        except MemoryError:
            answer, body = _failed(ErrorKind.TOO_LARGE, "not enough memory for the picture", last=True)
        _write(answers, answer.pack())
        _write(answers, body)
        if answer.last:
            return
        del body
        rest()
        return_free_memory()


def _seen(look: Look, request: Request, requests: BinaryIO) -> tuple[Answer, bytes]:
    try:
        # Nothing here holds on to the bytes: who looks at them can let go of them.
        picture = look(requests.read(request.length), limit_bytes=request.limit_bytes, max_pixels=request.max_pixels)
    except ProviderError as error:
        return _failed(error.kind, error.detail)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever hostile bytes make of the code, the next picture is looked at
        return _failed(ErrorKind.PICTURE_FETCH, type(error).__name__)
    return Answer(length=len(picture.data), format=picture.format, reduced=picture.reduced), picture.data


def _failed(kind: ErrorKind, detail: str, *, last: bool = False) -> tuple[Answer, bytes]:
    body = detail.encode("ascii", "replace")[:MOST_DETAIL_BYTES]
    return Answer(length=len(body), kind=kind, last=last), body


def _write(out: BinaryIO, data: bytes) -> None:
    with memoryview(data) as rest_of_it:
        at = 0
        while at < len(rest_of_it):
            at += out.write(rest_of_it[at:])
