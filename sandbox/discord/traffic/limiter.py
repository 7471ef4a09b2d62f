"""Rate limits on HTTP: the verdict on a request, the headers that tell of it, and the answers with 429."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import hdrs, web

from sandbox.discord.protocol.snowflake import created_at
from sandbox.discord.traffic.buckets import (
    Bucket,
    InvalidRequests,
    Limits,
    SlidingWindows,
    Verdict,
    Windows,
    bucket_of,
    is_edit,
    is_interaction,
)

if TYPE_CHECKING:
    from collections.abc import Callable

VIA: Final = "1.1 local"
OLD_MESSAGE_S: Final = 3_600.0
"""Age of a message from which on edits are limited further (error 30046)."""
_OLD_EDIT_WORDS: Final = "Maximum number of edits to messages older than 1 hour reached. Try again later"
_LIMITED_WORDS: Final = "You are being rate limited."


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What rate limits say of one request: the refusal, if there is one, and the headers of any other answer."""

    refusal: web.Response | None = None
    headers: dict[str, str] | None = None
    bucket: str | None = None
    remaining: int | None = None
    limit: int | None = None
    reset_after_s: float | None = None


class RateLimiter:
    """Counts the requests of all bots."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.invalid = InvalidRequests(clock, limits.invalid)
        self._clock = clock
        self._windows = SlidingWindows(clock) if limits.sliding else Windows(clock)

    def admit(self, method: str, path: str, caller: str) -> Admission:
        """Count a request to `path` (below /api/v10, no query) of `caller`: a token, or an address without one."""
        limits = self.limits
        if not limits.enabled:
            return Admission()
        if not is_interaction(path):
            whole = self._windows.take(f"all:{caller}", limits.over_all)
            if not whole.allowed:
                return Admission(refusal=_refusal(whole, scope="global"))
        bucket = bucket_of(method, path, limits)
        if bucket is None:
            return Admission()
        # Interaction tokens are majors of their own; all other windows are a bot's.
        key = bucket.key if is_interaction(path) else f"{caller}:{bucket.key}"
        verdict = self._windows.take(key, bucket.rate)
        headers = _headers(bucket, verdict)
        refusal = None
        if not verdict.allowed:
            refusal = _refusal(verdict, scope="user", headers=headers)
        elif (edit := is_edit(method, path)) is not None and self._is_old(int(edit[2])):
            old = self._windows.take(f"{caller}:old edit:{edit[1]}", limits.old_edits)
            if not old.allowed:
                refusal = _refusal(old, scope="user", headers=headers, code=30046, words=_OLD_EDIT_WORDS)
        return Admission(
            refusal=refusal,
            headers=headers,
            bucket=bucket.hash,
            remaining=verdict.remaining,
            limit=verdict.limit,
            reset_after_s=round(verdict.reset_after_s, 3),
        )

    def observe(self, response: web.StreamResponse) -> None:
        """Count an answer that a bot got towards the ban for invalid requests."""
        if response.status in (401, 403) or (
            response.status == 429 and response.headers.get("X-RateLimit-Scope") != "shared"
        ):
            self.invalid.add()

    def _is_old(self, message_id: int) -> bool:
        return created_at(message_id) < self._clock() - OLD_MESSAGE_S


def caller_of(request: web.Request) -> str:
    """Return whom a request is counted for: the bot's token, or else the address. Only ever kept in memory."""
    return request.headers.get(hdrs.AUTHORIZATION) or request.remote or ""


def _seconds(value: float) -> str:
    """Round up to a millisecond, so that a client that waits for it is not early."""
    return f"{math.ceil(value * 1000) / 1000:.3f}"


def _headers(bucket: Bucket, verdict: Verdict) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(verdict.limit),
        "X-RateLimit-Remaining": str(verdict.remaining),
        "X-RateLimit-Reset": _seconds(verdict.reset_at),
        "X-RateLimit-Reset-After": _seconds(verdict.reset_after_s),
        "X-RateLimit-Bucket": bucket.hash,
    }


def _refusal(
    verdict: Verdict,
    *,
    scope: str,
    headers: dict[str, str] | None = None,
    code: int | None = None,
    words: str = _LIMITED_WORDS,
) -> web.Response:
    is_global = scope == "global"
    wait = _seconds(verdict.reset_after_s)
    body: dict[str, Any] = {"message": words, "retry_after": float(wait), "global": is_global}
    if code is not None:
        body["code"] = code
    told = {**(headers or {}), "Retry-After": str(math.ceil(float(wait))), "X-RateLimit-Scope": scope, "Via": VIA}
    if is_global:
        told["X-RateLimit-Global"] = "true"
    return web.Response(status=429, body=json.dumps(body).encode(), content_type="application/json", headers=told)
