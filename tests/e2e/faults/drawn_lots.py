"""Faults of the corpora, drawn at random, and the endpoint that answers each question with the fault it was given."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.bodies import corpus
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.cases.odd import NOTHING, WELL
from tests.integration.answers.cases.paid import BY_DRAW, BY_TALK, OF_FUSION, PLAIN_TALK
from tests.integration.answers.cases.reasoning import ALONE
from tests.integration.answers.cases.servers import ERRORS
from tests.integration.answers.cases.stops import MISSING, REASONS
from tests.integration.answers.server import Script
from tests.integration.answers.writing import deltas, events

_MARK = re.compile(r"lot-(\d{4})")
SECRET = "the purple hippopotamus of"
"""Is in every question, and must be in no log."""
MOST_WAITED_S = 2.0
"""Faults that ask for a longer wait are left out: what is waited for is tried elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A fault for one question, and what is right: one of these kinds or a note, one of these numbers of calls."""

    name: str
    way: Way
    script: Script
    kinds: tuple[ErrorKind, ...]
    calls: frozenset[int]
    text: str = ""


def lots(endpoint: Endpoint) -> list[Lot]:
    """Return all faults of an endpoint."""
    bodies = [
        Lot(
            name=body.name,
            way=way,
            script=body.script(endpoint),
            kinds=body.kinds,
            calls=body.counts_later(way, endpoint),
        )
        for body in corpus()
        for way in Way
        if body.of(endpoint)
        if body.retry_after_s is None or body.retry_after_s <= MOST_WAITED_S or body.calls == 1
    ]
    tables = (BY_DRAW, BY_TALK, OF_FUSION, PLAIN_TALK, ALONE, ERRORS, REASONS, MISSING, NOTHING, WELL)
    cases = [case for table in tables for case in table if case.endpoint is endpoint and _is_fault(case)]
    return [*bodies, *map(_lot, cases)]


def _is_fault(case: Case) -> bool:
    return len(case.answers) == 1 and not callable(case.answers[0]) and bool(case.kinds or case.broken or case.cut)


def _lot(case: Case) -> Lot:
    (script,) = case.answers
    assert not callable(script)
    kinds, calls = case.kinds, frozenset(case.counts)
    if case.endpoint is Endpoint.CC and case.way is Way.MENTION and says_nothing(script):
        # Some servers say so that a conversation is too long; one that has a history is asked once more with less.
        kinds, calls = (*kinds, ErrorKind.TOO_LONG), calls | {2}
    return Lot(name=case.name, way=case.way, script=script, kinds=kinds, calls=calls, text=case.text or "")


def says_nothing(script: Script) -> bool:
    """Whether an answer at 200 has a head and no object in its body."""
    written = b"".join(step for step in script if isinstance(step, bytes))
    return written.startswith(b"HTTP/1.1 200") and b"{" not in written


class Drawn:
    """Lots for questions by their number; ``react`` answers a request with the lot of the question that it asks."""

    def __init__(self, endpoint: Endpoint, number: int, seed: int) -> None:
        rng = random.Random(seed)
        found = lots(endpoint)
        # Each comes at least once if there are enough questions; the rest is chance.
        chosen = rng.sample(found, min(number, len(found)))
        chosen += [rng.choice(found) for _ in range(number - len(chosen))]
        self.lots = chosen
        self.calls: Counter[int] = Counter()
        self.plain = events(*deltas("All ", "is well.", fusion=endpoint is Endpoint.FU))

    def question(self, number: int) -> str:
        """Write the question that gets a lot."""
        return f"please tell me of {SECRET} lot-{number:04d}"

    def react(self, request: dict[str, Any]) -> Script:
        """Answer a request; a question whose number has no lot gets a plain answer."""
        number = int(_MARK.findall(request["messages"][-1]["content"])[-1])
        self.calls[number] += 1
        return self.lots[number].script if number < len(self.lots) else self.plain
