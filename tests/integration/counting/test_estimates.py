"""The estimate of tokens against real tokenizers, where the optional group `tokenizers` is installed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.domain.chat.prompt import build_prompt
from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import Role
from bot.domain.model.tokens import estimate_tokens
from tests.integration.counting.report import table
from tests.integration.counting.samples import KINDS, LANGUAGES, lines
from tests.integration.counting.talks import error_after_ten
from tests.integration.counting.vocabularies import MISSING, REASON, Count, vocabularies

pytestmark = pytest.mark.skipif(bool(MISSING), reason=REASON)

SAMPLES = {**LANGUAGES, **KINDS}
NUMBERS = "\n".join(
    " ".join(f"{(row * 7919 + column * 104729) % 99991 / 10:.1f}" for column in range(6)) for row in range(33)
)
LOG = "\n".join(lines(KINDS["Log"] + KINDS["Hex and UUIDs"]) * 4)


@pytest.fixture(scope="module")
def counts() -> Mapping[str, Count]:
    return vocabularies()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_estimate_is_near_the_dearest(counts: Mapping[str, Count], name: str) -> None:
    text = SAMPLES[name].strip()
    dearest = max(count(text) for count in counts.values())
    assert 0.8 <= estimate_tokens(text) / dearest <= 1.6


@pytest.mark.parametrize(("name", "within"), [*((name, 0.2) for name in LANGUAGES), *((name, 0.4) for name in KINDS)])
def test_ten_answers_bring_it_near(counts: Mapping[str, Count], name: str, within: float) -> None:
    """A fifth in any language; data and code differ more from line to line."""
    errors = {
        (model, seed): error_after_ten(count, lines(SAMPLES[name]), seed)
        for model, count in counts.items()
        for seed in range(5)
    }
    assert {which: error for which, error in errors.items() if abs(error) > within} == {}


@pytest.mark.parametrize("pasted", [NUMBERS, LOG], ids=["tables of numbers", "logs with ids"])
def test_a_channel_of_pasted_data_keeps_within_the_window(counts: Mapping[str, Count], pasted: str) -> None:
    history = [
        HistoryMessage(
            id=number,
            channel_id=1,
            guild_id=1,
            author_id=number % 2,
            author_name="Ann",
            role=Role.ASSISTANT if number % 2 else Role.USER,
            text="It is 4.2." if number % 2 else f"what is the mean here?\n{pasted}",
            created_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
        for number in range(11)
    ]
    messages = build_prompt(history, budget_messages=20, budget_tokens=3000)
    assert len(messages) > 1
    assert max(count("\n".join(one.content for one in messages)) for count in counts.values()) <= 3600


def test_the_report_has_every_sample(counts: Mapping[str, Count]) -> None:
    assert [row.split(" | ")[0].strip("| ") for row in table(counts)[2:]] == list(SAMPLES)
