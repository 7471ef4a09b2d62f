"""How a model's tokens differ from the estimate: learnt from what its endpoint says of each prompt.

A prompt's tokens are taken for a sum: what its characters weigh, each kind by a factor of the model's own, so many
tokens around each message, and what the endpoint adds to every prompt (a template, instructions of its own). Each
answer that tells the prompt's tokens corrects these terms, the most those that are known least and that have the
largest share (a Kalman filter). So a short prompt says little about a language, and several are learnt side by side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.model.messages import PromptMessage
from bot.domain.model.tokens import MESSAGE_TOKENS, WRITINGS, CountTokens, Weights, estimate_tokens, weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What is known before an answer was heard: a value, its standard deviation, and its range."""

    value: float
    doubt: float
    low: float
    high: float


_FACTOR: Final = Term(value=1.0, doubt=0.7, low=0.2, high=5.0)
MESSAGE: Final = "message"
"""The tokens around each message."""
FRAME: Final = "frame"
"""The tokens that are in every prompt."""
TERMS: Final = {
    **{writing.value: _FACTOR for writing in WRITINGS},
    MESSAGE: Term(value=MESSAGE_TOKENS, doubt=2.0, low=0.0, high=20.0),
    FRAME: Term(value=0.0, doubt=250.0, low=0.0, high=4000.0),
}
"""The terms of the sum, by the names that they are stored by."""

_NAMES: Final = tuple(TERMS)
_BEFORE: Final = tuple(TERMS.values())
_DRIFT: Final = 0.03
"""The doubt that each answer brings back, as a share of the first: a model may change behind its name."""
_NOISE: Final = 0.06
"""How far prompts in one language differ, as a share."""
_NOISE_TOKENS: Final = 4.0
_MOST_GROWTH: Final = 1.0
_MOST_SHRINKING: Final = 0.5
"""No answer moves the estimate of its own prompt by more than these shares: one may be wrong."""
_SURPRISE: Final = 2.5
"""Standard deviations from which on an answer surprises: it is believed no further, but what is known gets doubtful."""
_THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """A model of an endpoint; an endpoint that has but one gives it no name."""

    provider: str
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWeight:
    """What a prompt weighs: its texts in hundredths of a token, and how many messages it has."""

    weights: Weights
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a term: its value and its standard deviation."""

    value: float
    doubt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What is known of a model: the value of each term, in the order of ``TERMS``, and their covariances."""

    values: tuple[float, ...] = tuple(term.value for term in _BEFORE)
    doubts: tuple[tuple[float, ...], ...] = tuple(
        tuple(term.doubt**2 if row == column else 0.0 for column in range(len(_BEFORE)))
        for row, term in enumerate(_BEFORE)
    )

    @property
    def terms(self) -> Mapping[str, Known]:
        """What is to be stored."""
        return {
            name: Known(value=self.values[at], doubt=math.sqrt(self.doubts[at][at])) for at, name in enumerate(_NAMES)
        }

    def counter(self) -> CountTokens:
        """Return what counts the tokens of a text as this model does: whole numbers, so that it is additive."""
        factors = tuple(round(value * _THOUSAND) for value in self.values[: len(WRITINGS)])
        if all(factor == _THOUSAND for factor in factors):
            return estimate_tokens

        def count(text: str) -> int:
            return -(-sum(map(int.__mul__, weigh(text), factors)) // (100 * _THOUSAND))

        return count

    def prompt_tokens(self, prompt: PromptWeight) -> int:
        """Estimate the tokens of a whole prompt, with what goes around the messages."""
        return math.ceil(_dot(self.values, _shares(prompt)))


def restored(terms: Mapping[str, Known]) -> Calibration:
    """Return what was stored; terms that are not there, or make no sense, are as before."""
    values, variances = [], []
    for name, before in TERMS.items():
        known = terms.get(name)
        if known is None or not (math.isfinite(known.value) and 0 < known.doubt <= before.doubt):
            known = Known(value=before.value, doubt=before.doubt)
        values.append(min(max(known.value, before.low), before.high))
        variances.append(known.doubt**2)
    size = range(len(values))
    return Calibration(
        values=tuple(values),
        doubts=tuple(tuple(variances[row] if row == column else 0.0 for column in size) for row in size),
    )


def weigh_prompt(messages: Iterable[PromptMessage], persona: str = "") -> PromptWeight:
    """Weigh a prompt as it is sent; a persona counts as a message."""
    texts = [message.content for message in messages]
    if persona.strip():
        texts.append(persona)
    weights = tuple(map(sum, zip(*map(weigh, texts), strict=True))) if texts else (0,) * len(WRITINGS)
    return PromptWeight(weights=weights, messages=len(texts))


def learn(known: Calibration, prompt: PromptWeight, told_tokens: int) -> Calibration:
    """Correct what is known by how many tokens an endpoint says that a prompt has had.

    Returns ``known`` itself where no values within their ranges explain the number: it counts something else.
    """
    shares = _shares(prompt)
    lowest, highest = (_dot([getattr(term, end) for term in _BEFORE], shares) for end in ("low", "high"))
    if not max(1.0, lowest) <= told_tokens <= highest:
        return known
    expected = _dot(known.values, shares)
    error = told_tokens - expected
    # What is at the end of its range already has no part in a correction beyond it.
    free = [
        share if (value < term.high if error > 0 else value > term.low) else 0.0
        for share, value, term in zip(shares, known.values, _BEFORE, strict=True)
    ]
    spread = [_dot(row, free) for row in known.doubts]
    variance = _dot(spread, free) + (_NOISE * expected) ** 2 + _NOISE_TOKENS**2
    most = _SURPRISE * math.sqrt(variance)
    believed = min(max(error, -most, -_MOST_SHRINKING * expected), most, _MOST_GROWTH * expected)
    # What is not believed makes nothing surer.
    gain = believed / error / variance if error else 1 / variance
    values = tuple(
        min(max(value + each * gain * error, term.low), term.high)
        for value, each, term in zip(known.values, spread, _BEFORE, strict=True)
    )
    doubts = [
        [cell - each * other * gain for cell, other in zip(cells, spread, strict=True)]
        for cells, each in zip(known.doubts, spread, strict=True)
    ]
    return Calibration(values=values, doubts=_doubtful(doubts, shares, surprised=abs(error) > most))


def _doubtful(doubts: list[list[float]], shares: list[float], *, surprised: bool) -> tuple[tuple[float, ...], ...]:
    """Let a little doubt grow in the terms that took part, and after a surprise as much as there is again.

    Never more than at first.
    """
    scales = []
    for at, (term, share) in enumerate(zip(_BEFORE, shares, strict=True)):
        grown = doubts[at][at] = doubts[at][at] + ((_DRIFT * term.doubt) ** 2 if share else 0.0)
        scales.append(math.sqrt(min(2.0 if surprised and share else 1.0, term.doubt**2 / grown)))
    return tuple(
        tuple(cell * scale * other for cell, other in zip(cells, scales, strict=True))
        for cells, scale in zip(doubts, scales, strict=True)
    )


def _shares(prompt: PromptWeight) -> list[float]:
    """Say how often each term is in a prompt, in the order of ``TERMS``."""
    return [*(weight / 100 for weight in prompt.weights), float(prompt.messages), 1.0]


def _dot(first: Iterable[float], second: Iterable[float]) -> float:
    return math.fsum(map(float.__mul__, map(float, first), second))
