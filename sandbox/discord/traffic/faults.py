"""Faults on demand: rules that make chosen REST requests of bots fail, be slow, or lose their connection.

Some look at what a request would post: see `Fault.text` and `Fault.components`.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import socket
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence

MAX_DELAY_S: Final = 600.0
MAX_FAULTS: Final = 1_000
MAX_NAME_CHARS: Final = 40
MAX_TEXT_CHARS: Final = 200
_A_LITTLE_S: Final = 0.05
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_WORDS: Final[dict[int, tuple[int, str]]] = {
    401: (0, "401: Unauthorized"),
    403: (50001, "Missing Access"),
    404: (10008, "Unknown Message"),
    429: (0, "You are being rate limited."),
    500: (0, "500: Internal Server Error"),
}
_PLAIN: Final[dict[int, str]] = {
    502: "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>",
    503: "upstream connect error or disconnect/reset before headers. reset reason: overflow",
    504: "<html><head><title>504 Gateway Time-out</title></head><body>504 Gateway Time-out</body></html>",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule. A request whose method and path match gets it; of several rules the first that matches.

    `path` is a regular expression, searched in the whole path, as sent and without the query.
    `delay_s` comes first. `after`: the request is carried out before it fails, as when an answer is lost.
    `times`: how many requests it is for, None for all. `for_s`: how many seconds it stands, None for good. `json`
    replaces the usual body; `retry_after` in it is told in the header too. `name` is what its maker knows it by.
    With `text` it meets only what would post or edit that text, in any case ("" stands for any text): content,
    embeds, components. With `components` it meets only what brings components along. Either comes after Discord's own
    checks, and refuses with a status and a body. Raises ValueError for anything that makes no sense.
    """

    method: str | None = None
    path: str | None = None
    status: int | None = None
    reset: bool = False
    delay_s: float = 0.0
    after: bool = False
    times: int | None = None
    json: Any = None
    name: str | None = None
    for_s: float | None = None
    text: str | None = None
    components: bool = False

    def __post_init__(self) -> None:
        self._check_content()
        if self.for_s is not None and not 0 < self.for_s <= MAX_DELAY_S:
            raise ValueError(f"for_s must be more than 0 and at most {MAX_DELAY_S:g}")
        if self.method is not None and self.method not in _METHODS:
            raise ValueError(f"method must be one of {', '.join(sorted(_METHODS))}")
        if self.path is not None:
            try:
                re.compile(self.path)
            except (re.error, RecursionError, OverflowError) as error:
                raise ValueError(f"path is not a regular expression: {error}") from error
        if self.status is not None and not 400 <= self.status <= 599:
            raise ValueError("status must be from 400 to 599")
        if not 0 <= self.delay_s <= MAX_DELAY_S:
            raise ValueError(f"delay_s must be from 0 to {MAX_DELAY_S:g}")
        if self.name is not None and len(self.name) > MAX_NAME_CHARS:
            raise ValueError(f"name must have at most {MAX_NAME_CHARS} characters")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be 1 or more")
        if self.status is None and not self.reset and not self.delay_s:
            raise ValueError("a fault needs a status, a reset or a delay_s")

    def _check_content(self) -> None:
        if not self.of_content:
            return
        if self.text is not None and len(self.text) > MAX_TEXT_CHARS:
            raise ValueError(f"text must have at most {MAX_TEXT_CHARS} characters")
        other = self.status is None or self.status == 429 or self.reset or self.after or self.delay_s
        if other or not isinstance(self.json, dict) or not {"code", "message"} <= set(self.json):
            raise ValueError("a fault of content needs a status that is not 429 and a json with code and message")

    @property
    def of_content(self) -> bool:
        """Whether it depends on what a request would post."""
        return self.text is not None or self.components

    def meets(self, texts: Sequence[str], *, components: bool) -> bool:
        """Tell whether it is for what a request would post."""
        if self.components and not components:
            return False
        wanted = None if self.text is None else self.text.casefold()
        return wanted is None or any(wanted in text.casefold() for text in texts)

    @property
    def fails(self) -> bool:
        """Whether the request gets no answer of its own."""
        return self.reset or self.status is not None

    @property
    def refuses(self) -> bool:
        """Whether the request is not even carried out."""
        return self.fails and not self.after


@dataclass(slots=True, eq=False)
class _Rule:
    fault: Fault
    left: int | None
    path: re.Pattern[str] | None
    until: float | None

    def is_for(self, method: str, path: str) -> bool:
        return self.fault.method in (None, method) and (self.path is None or bool(self.path.search(path)))


class Faults:
    """The rules in force. `clock` gives seconds, by which rules for a time end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rules: list[_Rule] = []
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each change; it must neither block nor raise. Listeners stay."""
        self._listeners.append(listener)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()

    def add(self, *faults: Fault) -> None:
        """Put rules behind those in force."""
        if len(self._rules) + len(faults) > MAX_FAULTS:
            raise ValueError(f"at most {MAX_FAULTS} faults")
        for fault in faults:
            path = None if fault.path is None else re.compile(fault.path)
            until = None if fault.for_s is None else self._clock() + fault.for_s
            self._rules.append(_Rule(fault, fault.times, path, until))
        self._tell_when_over([fault.for_s for fault in faults if fault.for_s is not None])
        self._changed()

    def _tell_when_over(self, times_s: list[float]) -> None:
        """Have listeners hear when rules end by themselves, where a loop runs that can tell."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        for one in times_s:
            loop.call_later(one + _A_LITTLE_S, self._changed)

    def _standing(self) -> Iterator[_Rule]:
        now = self._clock()
        self._rules[:] = [rule for rule in self._rules if rule.until is None or now < rule.until]
        return iter(tuple(self._rules))

    def replace(self, faults: Iterable[Fault]) -> None:
        """Have these rules and no others. Raises ValueError, with the old ones in force, where there are too many."""
        wanted = tuple(faults)
        if len(wanted) > MAX_FAULTS:
            raise ValueError(f"at most {MAX_FAULTS} faults")
        self._rules.clear()
        self.add(*wanted)

    def change(self, added: Iterable[Fault], *, off: Collection[str]) -> None:
        """Put rules behind those in force, without those of the names `off`: the others keep what is left of them.

        Raises ValueError, with the old ones in force, where there are too many.
        """
        wanted = tuple(added)
        kept = [rule for rule in self._rules if rule.fault.name not in off]
        if len(kept) + len(wanted) > MAX_FAULTS:
            raise ValueError(f"at most {MAX_FAULTS} faults")
        self._rules[:] = kept
        self.add(*wanted)

    def clear(self) -> None:
        """Have no rules."""
        self._rules.clear()
        self._changed()

    @property
    def standing(self) -> tuple[Fault, ...]:
        """The rules that are not used up."""
        return tuple(rule.fault for rule in self._standing())

    def as_json(self) -> list[dict[str, Any]]:
        """Return the rules that are not used up for the panel, with how many requests are `left` for each."""
        return [
            {
                "name": rule.fault.name,
                "method": rule.fault.method,
                "path": rule.fault.path,
                "status": rule.fault.status,
                "reset": rule.fault.reset,
                "delay_s": rule.fault.delay_s,
                "after": rule.fault.after,
                "json": rule.fault.json,
                "text": rule.fault.text,
                "components": rule.fault.components,
                "for_s": rule.fault.for_s,
                "left": rule.left,
            }
            for rule in self._standing()
        ]

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of this request, whatever it would post, and count it."""
        rules = (rule for rule in self._standing() if not rule.fault.of_content and rule.is_for(method, path))
        return self._count(next(rules, None))

    def take_content(self, method: str, path: str, texts: Sequence[str], *, components: bool) -> Fault | None:
        """Return the fault of what this request would post, and count it."""
        rules = (rule for rule in self._standing() if rule.fault.of_content and rule.is_for(method, path))
        return self._count(next((rule for rule in rules if rule.fault.meets(texts, components=components)), None))

    def _count(self, rule: _Rule | None) -> Fault | None:
        if rule is None:
            return None
        if rule.left is not None:
            rule.left -= 1
            if rule.left == 0:
                self._rules.remove(rule)
            self._changed()
        return rule.fault


async def apply(
    fault: Fault, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer `request` as `fault` has it."""
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    if not fault.refuses:
        answer = await handler(request)
        if not fault.fails:
            return answer
    if fault.reset:
        reset(request)
        return web.Response(status=503)  # nobody receives it: the connection is gone
    return failure(fault)


def failure(fault: Fault) -> web.Response:
    """Return the answer of a fault with a status, in the form that Discord, or the proxy before it, has."""
    status = fault.status or 500
    headers = {"Via": "1.1 local"}
    if fault.json is None and status in _PLAIN:
        kind = "text/plain" if status == 503 else "text/html"
        return web.Response(status=status, text=_PLAIN[status], content_type=kind, headers=headers)
    body = fault.json
    if body is None:
        code, words = _WORDS.get(status, (0, f"{status}: Error"))
        body = {"message": words, "code": code}
        if status == 429:
            body = {"message": words, "retry_after": 1.0, "global": False}
    if status == 429:
        headers |= _headers_of_429(body)
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def _headers_of_429(body: Any) -> dict[str, str]:
    told = body if isinstance(body, dict) else {}
    wait = told.get("retry_after")
    seconds = math.ceil(wait) if isinstance(wait, int | float) and math.isfinite(wait) else 1
    if told.get("global") is True:
        return {"Retry-After": str(seconds), "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    return {"Retry-After": str(seconds), "X-RateLimit-Scope": "user"}


def reset(request: web.Request) -> None:
    """Drop the connection so that the client sees it reset (RST), not closed."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
