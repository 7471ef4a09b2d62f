"""Standing faults of the endpoint, switched on and off as a whole (a panel's switches, in the first place)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from sandbox.endpoint import checks
from sandbox.endpoint.checks import Problem, RefusedError
from sandbox.endpoint.script.samples import SENSITIVE_PROMPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong for now; nothing, by default. Of several that answer in the endpoint's place the first counts.

    slow: the first byte after 3 s, then 3 tokens a second. crawling: after 10 s, then 1 token a second. thinking: a
    streamed answer begins with 12 s of reasoning, which is no fault but a switch all the same. stalling: an answer
    goes silent in the middle and does not end. truncating: it breaks off there. cutting: it ends there, as if it were
    whole, without a finish reason. down: connections are reset. unavailable: 503. refusing: 429 with Retry-After.
    unauthorized: 401. filtering: a content filter refuses each request (400). garbage: bytes that are no answer, with
    status 200. no_images: pictures can't be downloaded (503).
    """

    slow: bool = False
    crawling: bool = False
    thinking: bool = False
    stalling: bool = False
    truncating: bool = False
    cutting: bool = False
    down: bool = False
    unavailable: bool = False
    refusing: bool = False
    unauthorized: bool = False
    filtering: bool = False
    garbage: bool = False
    no_images: bool = False

    def names(self) -> list[str]:
        """Return the names of the faults that are on."""
        return [name for name in NAMES if getattr(self, name)]

    @property
    def start_s(self) -> float:
        """How long an answer takes to begin, in seconds."""
        return CRAWL_START_S if self.crawling else SLOW_START_S if self.slow else 0.0

    def limited(self, tokens_per_s: float) -> float:
        """Return the speed of an answer that would have come at `tokens_per_s` (0 is without waiting)."""
        most = CRAWL_TOKENS_PER_S if self.crawling else SLOW_TOKENS_PER_S if self.slow else None
        return tokens_per_s if most is None else min(tokens_per_s or most, most)

    def refuse_early(self) -> None:
        """Raise RefusedError where every request is refused before it is looked at."""
        if self.unavailable:
            raise RefusedError(Problem(status=503, message="The service is overloaded."))
        if self.unauthorized:
            message = "Authentication failed: the key is not valid."
            raise RefusedError(Problem(status=401, message=message, code="invalid_api_key"))

    def refuse_late(self) -> None:
        """Raise RefusedError where a request is refused though it is in order."""
        if self.refusing:
            raise RefusedError(Problem(status=429, message="Too many requests, try again later."))
        if self.filtering:
            raise RefusedError(Problem(status=400, message=SENSITIVE_PROMPT, code="content_policy_violation"))


NAMES: Final = tuple(one.name for one in fields(Faults))
SLOW_START_S: Final = 3.0
SLOW_TOKENS_PER_S: Final = 3.0
CRAWL_START_S: Final = 10.0
CRAWL_TOKENS_PER_S: Final = 1.0
THINK_S: Final = 12.0
BREAK_AFTER_EVENTS: Final = 6
"""Where an answer stalls, breaks off or is cut."""
RETRY_AFTER_S: Final = 20


def faults(*names: str) -> Faults:
    """Make the faults of these names ("no-images" is "no_images"). Raises RefusedError for another name."""
    wanted = {checks.choice("faults", name.replace("-", "_"), NAMES) for name in names}
    return Faults(**dict.fromkeys(wanted, True))
