"""What a process at the bench does in the tests instead of decoding: whatever a decoder might do to it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.domain.picture.files import Picture, PictureFormat
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.containers.png import MAGIC

HEADER = MAGIC + b"\0\0\0\rIHDR" + (64).to_bytes(4, "big") * 2
"""The beginning of a PNG of 64 × 64 pixels, which is all that the bot looks at."""


def asked_for(what: str) -> bytes:
    """Write what claims to be a picture and says what the stand-in is to do."""
    return HEADER + what.encode()


def act(data: bytes, *, limit_bytes: int, max_pixels: int) -> Picture:
    """Do what the bytes after the header say."""
    what, _, argument = data[len(HEADER) :].decode().partition(" ")
    return _ACTS[what](data, argument)


def _picture(data: bytes, _: str = "") -> Picture:
    return Picture(data=data, format=PictureFormat.PNG, width=64, height=64)


def _slow(data: bytes, _: str) -> Picture:
    time.sleep(600)
    return _picture(data)


def _busy(data: bytes, _: str) -> Picture:
    while True:
        pass


def _greedy(data: bytes, _: str) -> Picture:
    hoard = [bytearray(64 * 1024 * 1024) for _ in range(64)]
    return _picture(data[: len(hoard)])


def _dying(data: bytes, _: str) -> Picture:
    os._exit(3)


def _failing(data: bytes, _: str) -> Picture:
    raise RuntimeError("hush")


def _refusing(data: bytes, _: str) -> Picture:
    raise ProviderError(ErrorKind.TOO_LARGE, "too\nlarge\x1b[31m 太大")


def _lying(data: bytes, argument: str) -> Picture:
    """Answer with something else than a picture of 64 × 64."""
    body, form = {
        "format": (data, PictureFormat.GIF),
        "bytes": (b"MZ" + data, PictureFormat.PNG),
        "pixels": (MAGIC + b"\0\0\0\rIHDR" + b"\0\0\xff\xff" * 2, PictureFormat.PNG),
        "length": (data + bytes(100_000), PictureFormat.PNG),
    }[argument]
    return Picture(data=body, format=form, width=64, height=64)


def _chatty(data: bytes, _: str) -> Picture:
    os.write(1, b"warning: " * 100)
    sys.stdout.write("another")
    return _picture(data)


def _telling(data: bytes, argument: str) -> Picture:
    """Tell something of the process in the picture's bytes."""
    told = {
        "environment": lambda: repr(sorted(os.environ)),
        "files": lambda: str(len(list(Path("/proc/self/fd").iterdir()))),
        "niceness": lambda: str(os.nice(0)),
        "modules": lambda: " ".join(sorted(sys.modules)),
        "arguments": lambda: repr(sys.argv),
        "writing": _written,
    }[argument]()
    return _picture(HEADER + told.encode())


def _written() -> str:
    try:
        with open("/tmp/a-picture-left-this", "wb") as file:  # noqa: PTH123  # as a decoder would
            file.write(b"x")
    except OSError as error:
        return type(error).__name__
    finally:
        Path("/tmp/a-picture-left-this").unlink(missing_ok=True)
    return "written"


_ACTS: dict[str, Callable[[bytes, str], Picture]] = {
    "picture": _picture,
    "slow": _slow,
    "busy": _busy,
    "greedy": _greedy,
    "dying": _dying,
    "failing": _failing,
    "refusing": _refusing,
    "lying": _lying,
    "chatty": _chatty,
    "telling": _telling,
}
