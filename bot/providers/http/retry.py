"""When to ask again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.errors import ProviderError


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often (first attempt included) and how long to wait, in seconds.

    The wait doubles from ``base_s`` up to ``cap_s`` and is shortened at random by up to half, so that calls that failed
    together don't come back together. A longer ``Retry-After`` is honoured up to ``retry_after_cap_s``; beyond that the
    call fails at once and says when to come back.
    """

    attempts: int = 3
    base_s: float = 0.5
    cap_s: float = 8.0
    retry_after_cap_s: float = 60.0

    def delay_s(self, error: ProviderError, *, attempt: int, bills: bool, rng: random.Random) -> float | None:
        """Tell how long to wait before the attempt after ``attempt`` (1 = the first); None: don't ask again.

        ``bills``: the answer may be a picture that is paid for, so what may have been made is not asked for again.
        """
        if attempt >= self.attempts or not error.retryable or (bills and error.maybe_done):
            return None
        jittered = min(self.cap_s, self.base_s * 2.0 ** (attempt - 1)) * (1 - rng.random() / 2)
        if error.retry_after_s is None:
            return jittered
        return None if error.retry_after_s > self.retry_after_cap_s else max(error.retry_after_s, jittered)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read a ``Retry-After`` header, seconds or a date; seconds from ``now``, None where it is unusable."""
    if value is None:
        return None
    value = value.strip()
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        return float(value) if len(value) <= 9 else None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
