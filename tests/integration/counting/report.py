"""Print how far the estimate of tokens is off, by language: `python -m tests.integration.counting.report`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from bot.domain.model.tokens import estimate_tokens
from tests.integration.counting.samples import KINDS, LANGUAGES, lines
from tests.integration.counting.talks import error_after_ten
from tests.integration.counting.vocabularies import MISSING, REASON, Count, vocabularies


def table(counts: Mapping[str, Count]) -> list[str]:
    """Write a row for each sample: the tokens for one estimated, then how far off it is after ten answers."""
    rows = [
        f"| text | {' | '.join(counts)} | {' | '.join(f'{name}, learnt' for name in counts)} |",
        "|---|" + "---|" * 2 * len(counts),
    ]
    for name, text in {**LANGUAGES, **KINDS}.items():
        estimate = estimate_tokens(text.strip())
        tokens = [f"{count(text.strip()) / estimate:.2f}" for count in counts.values()]
        errors = [f"{100 * error_after_ten(count, lines(text)):+.0f} %" for count in counts.values()]
        rows.append(f"| {' | '.join([name, *tokens, *errors])} |")
    return rows


def overspent(counts: Mapping[str, Count]) -> str:
    """Say by how much a quota is overspent at most: where a prompt has more tokens than were reserved for it."""
    worst = max(
        (count(text.strip()) / estimate_tokens(text.strip()), name, model)
        for name, text in {**LANGUAGES, **KINDS}.items()
        for model, count in counts.items()
    )
    return f"{worst[0]:.2f} tokens for one reserved at most ({worst[1]}, {worst[2]})"


if __name__ == "__main__":
    if MISSING:
        sys.exit(REASON)
    loaded = vocabularies()
    sys.stdout.write("\n".join([*table(loaded), "", overspent(loaded)]) + "\n")
