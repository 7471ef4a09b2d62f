"""How long a prompt a model takes, as far as its refusals tell."""

from __future__ import annotations

from dataclasses import dataclass, replace

MARGIN = 0.9
"""How much of a known room a prompt may fill: a shorter one is other text, so its estimate errs otherwise."""

LEAST_WINDOW_TOKENS = 256
"""No model's window is smaller: an endpoint that names such a number counts something else."""
MOST_RATIO = 10.0
"""No text has so many times its estimated tokens: digits have four times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How long the messages of a request may be in all, by estimate.

    ``alone``: the question goes without the rest. ``whole``: it is not cut itself, whatever its length.
    """

    most_tokens: int
    alone: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What is known of the longest prompt of a channel; the least that fits it counts.

    ``ratio`` is how many tokens the model counted for each estimated one. ``most_tokens`` is an estimate, of all that a
    request holds. ``misses`` counts the refusals since a prompt was last taken.
    """

    ratio: float = 1.0
    most_tokens: int | None = None
    misses: int = 0

    def refused(
        self, estimate: int, *, answer_tokens: int, window_tokens: int | None = None, prompt_tokens: int | None = None
    ) -> Limit:
        """Learn that a prompt of this estimate was too long, and what the endpoint said of it.

        Without the prompt's length it is half of the estimate that may fit, whatever the window is.
        """
        ratio, most = self.ratio, estimate // 2
        if prompt_tokens is not None and prompt_tokens > 0:
            ratio = min(prompt_tokens / max(1, estimate), MOST_RATIO)
            if window_tokens is not None:
                most = min(int(estimate * MARGIN), _fitting(window_tokens, ratio, answer_tokens))
        elif window_tokens is not None:
            most = min(most, _fitting(window_tokens, ratio, answer_tokens))
        return replace(self, ratio=ratio, most_tokens=max(1, most), misses=self.misses + 1)

    def most(self, window_tokens: int | None, answer_tokens: int) -> int | None:
        """Estimate how long a prompt may be; None where nothing is known."""
        known = [] if self.most_tokens is None else [self.most_tokens]
        if window_tokens is not None:
            known.append(_fitting(window_tokens, self.ratio, answer_tokens))
        return min(known, default=None)


def answer_room(window_tokens: int, answer_tokens: int) -> int:
    """Say how much of a window is kept for the answer: its length, half of the window at most."""
    return max(1, min(answer_tokens, window_tokens // 2))


def _fitting(window_tokens: int, ratio: float, answer_tokens: int) -> int:
    return int((window_tokens - answer_room(window_tokens, answer_tokens)) * MARGIN / max(ratio, 0.1))
