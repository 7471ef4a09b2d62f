"""One process at the bench, as the bot sees it: started, given a picture, listened to, killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

from bot.domain.picture.files import Picture
from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.bench.frames import ANSWER_BYTES, Answer, Request
from bot.providers.picture.formats import measure

PIECE_BYTES: Final = 256 * 1024
"""So much is written or read at once: the event loop does other things between two pieces."""
_LAST_S: Final = 1.0
"""How long one that has closed its pipes may take to end by itself."""
_END_S: Final = 1.0
_BOOT: Final = (
    "import sys; sys.path[:0] = sys.argv[1].split('\\n'); "
    "from bot.providers.picture.bench.process import main; main(*sys.argv[2:])"
)
_FOR_THE_SYSTEM: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that the process gets of the environment: without these the interpreter may not start."""


class Source(Protocol):
    """Bytes that claim to be a picture."""

    @property
    def size_bytes(self) -> int:
        """Tell how many there are."""

    def pieces(self) -> AsyncGenerator[bytes | memoryview, None]:
        """Give all of them, from the start each time. Raises ``OSError`` if they can't be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesSource:
    """Bytes that are in memory already."""

    data: bytes

    @property
    def size_bytes(self) -> int:
        """See ``Source``."""
        return len(self.data)

    async def pieces(self) -> AsyncGenerator[bytes | memoryview, None]:
        """See ``Source``."""
        with memoryview(self.data) as whole:
            for at in range(0, len(whole), PIECE_BYTES):
                yield whole[at : at + PIECE_BYTES]


class Worker:
    """A process that looks at one picture at a time. Whoever was interrupted in ``look`` has to ``kill`` it."""

    def __init__(self, process: Process, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = stdout

    @classmethod
    async def start(cls, look: str, *, wall_s: int) -> Worker:
        """Start a process; ``look`` is where its work is done, as module:function. Raises ``OSError``."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-ISB",  # no environment, no site-packages but what is named, no files written
            "-c",
            _BOOT,
            "\n".join(_roots()),
            str(os.getpid()),
            str(wall_s),
            look,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={name: os.environ[name] for name in _FOR_THE_SYSTEM if name in os.environ},
            cwd=Path(sys.executable).anchor,
            start_new_session=True,  # a Ctrl-C in the bot's terminal is for the bot
        )
        if process.stdin is None or process.stdout is None:
            raise OSError("a process without pipes")
        return cls(process, process.stdin, process.stdout)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be given a picture, as far as one can know."""
        return self._process.returncode is None and not self._stdin.is_closing() and not self._stdout.at_eof()

    async def look(self, source: Source, request: Request) -> Picture:
        """Have a picture looked at.

        Raises ``ProviderError``: ``picture_fetch`` or ``too_large`` as the process found it, ``picture_slow`` if the
        system ended it since it took too much time; ``OSError`` if the source can't be read.
        """
        try:
            await self._send(source, request)
            answer = Answer.unpack(await self._stdout.readexactly(ANSWER_BYTES), limit_bytes=request.limit_bytes)
            data = await self._body(answer.length)
            if answer.last:
                self.kill()
            if answer.kind is not None:
                raise ProviderError(answer.kind, _printable(data))
            return _checked(answer, data, request.max_pixels)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await self._died() from error
        except ValueError as error:
            self.kill()
            raise ProviderError(ErrorKind.PICTURE_FETCH, f"the process at the bench: {error}") from error

    def kill(self) -> None:
        """End it at once. Repeating does nothing."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._stdin.close()

    async def ended(self) -> None:
        """Wait until it has ended and its pipes are closed, which after ``kill`` is at once."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(_END_S):
                await self._stdout.read(-1)
                await self._process.wait()

    async def _send(self, source: Source, request: Request) -> None:
        self._stdin.write(request.pack())
        async with aclosing(source.pieces()) as pieces:
            async for piece in pieces:
                self._stdin.write(piece)
                await self._stdin.drain()

    async def _body(self, length: int) -> bytes:
        body = BytesIO()
        while (missing := length - body.tell()) > 0:
            piece = await self._stdout.read(min(missing, PIECE_BYTES))
            if not piece:
                raise asyncio.IncompleteReadError(b"", length)
            body.write(piece)
        return body.getvalue()

    async def _died(self) -> ProviderError:
        # Waited for first: a kill looks whether it has ended, which would take the exit code from the loop.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                await self._process.wait()
        self.kill()  # one that only closed its pipes
        await self.ended()
        code = self._process.returncode
        if sys.platform != "win32" and code in (-signal.SIGXCPU, -signal.SIGALRM):
            return ProviderError(ErrorKind.PICTURE_SLOW, "a picture took more time than it may")
        return ProviderError(ErrorKind.PICTURE_FETCH, f"the process at the bench ended with {code}")


def _checked(answer: Answer, data: bytes, max_pixels: int) -> Picture:
    """Look at what the process calls a picture. Raises ``ValueError``."""
    seen = measure(data)
    if seen is None or seen.format is not answer.format or not 0 < seen.width * seen.height <= max_pixels:
        raise ValueError("an answer that is no such picture")
    return Picture(data=data, format=seen.format, width=seen.width, height=seen.height, reduced=answer.reduced)


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in data)


def _roots() -> list[str]:
    """List the folders that hold the bot and Pillow."""
    found = (find_spec(name) for name in ("bot", "PIL"))
    return list(dict.fromkeys(str(Path(spec.origin).parent.parent) for spec in found if spec and spec.origin))
