"""What tests make the endpoint answer: whole replies, byte by byte, with any fault."""

from __future__ import annotations

import base64
import binascii
import json
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from sandbox.endpoint import checks

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence

Target = Literal["any", "fusion", "chat", "models", "picture"]
Ending = Literal["end", "truncate", "reset", "stall"]
TARGETS: Final[tuple[Target, ...]] = ("any", "fusion", "chat", "models", "picture")
ENDINGS: Final[tuple[Ending, ...]] = ("end", "truncate", "reset", "stall")
MAX_QUEUED: Final = 1000
_MAX_DELAY_S: Final = 3600.0
_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Bytes that are sent after a delay (seconds) and, if there is one, after an event was set."""

    data: bytes
    delay_s: float = 0.0
    after: asyncio.Event | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one request gets.

    `before_s` and `before` hold back the head of the answer, too. `ending` says what follows the last chunk: the
    proper end; a connection closed before the body is complete; a reset (RST); or nothing, until the client
    goes. With `raw` the chunks are all that is sent: no status line, no headers. With `head` false not even the
    head is sent, which with `stall` is an endpoint that never answers. With `checked` the request must pass the
    endpoint's own checks first; otherwise it is answered as they say and the reply stays queued.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Sequence[Chunk] = ()
    content_type: str = "text/event-stream"
    before_s: float = 0.0
    before: asyncio.Event | None = None
    ending: Ending = "end"
    head: bool = True
    raw: bool = False
    to: Target = "any"
    times: int = 1
    checked: bool = False


def reply(*chunks: Chunk | bytes | str, **options: object) -> Reply:
    """Make a reply of chunks; text is sent as UTF-8. `options` are the fields of Reply."""
    made = tuple(
        one if isinstance(one, Chunk) else Chunk(data=one.encode() if isinstance(one, str) else one) for one in chunks
    )
    return replace(Reply(chunks=made), **options)  # type: ignore[arg-type]  # dataclasses.replace checks the names


def json_reply(value: object, status: int = 200, **options: object) -> Reply:
    """Make a reply of one JSON body."""
    body = json.dumps(value, ensure_ascii=False)
    return reply(body, status=status, **{"content_type": "application/json", **options})


def html_reply(status: int = 502, **options: object) -> Reply:
    """Make the page that a proxy sends in the endpoint's place."""
    page = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Gateway</h1><hr>proxy</body></html>"
    return reply(page, status=status, **{"content_type": "text/html; charset=utf-8", **options})


def rate_limited(retry_after: str | None = "1", **options: object) -> Reply:
    """Make a 429; `retry_after` is the header as sent (seconds, a date, or nonsense), None leaves it out."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    body = {"error": {"code": 8, "message": "Too many requests."}}
    return json_reply(body, 429, headers=headers, **options)


def error_reply(status: int, code: int | str, message: str, **options: object) -> Reply:
    """Make an error answer of the platform's form: `{"error": {"code", "message"}}`."""
    return json_reply({"error": {"code": code, "message": message}}, status, **options)


def reset_reply(*chunks: Chunk | bytes | str, **options: object) -> Reply:
    """Make a reply that ends in a reset; without chunks not even a head is sent."""
    return reply(*chunks, ending="reset", **{"head": bool(chunks), **options})


def stalled_reply(*chunks: Chunk | bytes | str, **options: object) -> Reply:
    """Make a reply that stalls after its chunks until the client goes; without chunks before the first byte."""
    return reply(*chunks, ending="stall", **{"head": bool(chunks), **options})


class ScriptQueue:
    """The replies that wait, first come first served among those that match; bounded."""

    def __init__(self) -> None:
        self._queue: deque[Reply] = deque()
        self.default: Reply | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, *replies: Reply) -> None:
        """Queue replies. Raises ValueError if there would be more than 1,000."""
        if len(self._queue) + len(replies) > MAX_QUEUED:
            raise ValueError(f"at most {MAX_QUEUED} replies can be queued")
        self._queue.extend(replies)

    def clear(self) -> None:
        """Forget the queued replies and the default."""
        self._queue.clear()
        self.default = None

    def peek(self, kind: Target) -> Reply | None:
        """Return the reply that a request of this kind would get, and leave it queued."""
        return next((one for one in self._queue if one.to in ("any", kind)), self._fallback(kind))

    def use(self, scripted: Reply) -> None:
        """Count one use of a reply that `peek` gave; the default stays."""
        for index, one in enumerate(self._queue):
            if one is scripted:
                if one.times > 1:
                    self._queue[index] = replace(one, times=one.times - 1)
                else:
                    del self._queue[index]
                return

    def _fallback(self, kind: Target) -> Reply | None:
        default = self.default
        return default if default is not None and default.to in ("any", kind) else None


def parse_reply(value: object, samples: Mapping[str, Callable[[], Reply]]) -> Reply:
    """Read a reply from JSON, as the control route takes it: the fields of Reply, or `{"sample": name}`.

    Each of `chunks` is a string or `{"text" | "base64", "delay_s"}`. Raises RefusedError.
    """
    body = checks.mapping("reply", value)
    known = {"sample", "status", "headers", "chunks", "content_type", "before_s", "ending", "head", "raw", "to"}
    checks.refuse_unknown(body, known | {"times", "checked"}, "reply.")
    base = Reply()
    if "sample" in body:
        base = samples[checks.choice("sample", body["sample"], samples)]()
    headers = checks.mapping("headers", body.get("headers", dict(base.headers)))
    listed = body.get("chunks")
    if listed is not None and not isinstance(listed, list):
        raise checks.invalid("chunks", "chunks must be an array")
    return Reply(
        status=checks.whole("status", body.get("status", base.status), 200, 599),
        headers={name: _header(name, item) for name, item in headers.items()},
        chunks=base.chunks if listed is None else tuple(_chunk(item) for item in listed),
        content_type=_header("content_type", body.get("content_type", base.content_type)),
        before_s=checks.number("before_s", body.get("before_s", base.before_s), 0, _MAX_DELAY_S),
        ending=_one_of("ending", body.get("ending", base.ending), ENDINGS),
        head=checks.flag("head", body.get("head", base.head)),
        raw=checks.flag("raw", body.get("raw", base.raw)),
        to=_one_of("to", body.get("to", base.to), TARGETS),
        times=checks.whole("times", body.get("times", base.times), 1, 1_000_000),
        checked=checks.flag("checked", body.get("checked", base.checked)),
    )


def _one_of(name: str, value: object, allowed: tuple[_Word, ...]) -> _Word:
    checks.choice(name, value, allowed)
    return next(item for item in allowed if item == value)


def _header(name: str, value: object) -> str:
    line = checks.text(name, value)
    if any(ord(sign) < 32 for sign in name + line):
        raise checks.invalid(name, f"{name} must not hold control characters")
    return line


def _chunk(value: object) -> Chunk:
    if isinstance(value, str):
        return Chunk(data=value.encode())
    body = checks.mapping("chunk", value)
    checks.refuse_unknown(body, {"text", "base64", "delay_s"}, "chunk.")
    delay_s = checks.number("delay_s", body.get("delay_s", 0), 0, _MAX_DELAY_S)
    if "base64" not in body:
        return Chunk(data=checks.text("chunk.text", body.get("text"), empty=True).encode(), delay_s=delay_s)
    try:
        data = base64.b64decode(checks.text("chunk.base64", body["base64"], empty=True), validate=True)
    except (binascii.Error, ValueError) as error:
        raise checks.invalid("chunk.base64", "chunk.base64 is not valid base64") from error
    return Chunk(data=data, delay_s=delay_s)
