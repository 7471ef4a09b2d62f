"""Conversations of a sample's lines, and how far the estimate of their prompts is off."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from bot.domain.model.calibration import Calibration, learn, weigh_prompt
from bot.domain.model.messages import PromptMessage, Role
from tests.integration.counting.vocabularies import Count

PERSONA: Final = "You are a friendly assistant on a chat server. Answer briefly, in the language of the question."
AROUND_TOKENS: Final = 5
"""What a chat template puts around each message, about."""
FRAME_TOKENS: Final = 30
SHORT_TOKENS: Final = 200
"""An error in a shorter prompt is given as a share of this: such prompts are mostly what all have in common."""
ANSWERS: Final = 10


def talk(rng: random.Random, lines: Sequence[str]) -> list[PromptMessage]:
    """Make a conversation of a sample's lines, the question last."""
    messages = []
    for number in range(2 * rng.randint(0, 8) + 1):
        role = Role.ASSISTANT if number % 2 else Role.USER
        said = " ".join(rng.choice(lines) for _ in range(rng.randint(1, 5) if number % 2 else 1))
        messages.append(PromptMessage(role=role, content=said))
    return messages


def told(count: Count, messages: Sequence[PromptMessage]) -> int:
    """Say how many tokens an endpoint would tell of a prompt."""
    texts = [PERSONA, *(message.content for message in messages)]
    return FRAME_TOKENS + sum(count(text) + AROUND_TOKENS for text in texts)


def error_after_ten(count: Count, lines: Sequence[str], seed: int = 0) -> float:
    """Hear ten answers, then say how far the worst of the next twenty estimates is off, as a share.

    They are of other lines than what was learnt from.
    """
    rng, known, worst = random.Random(seed), Calibration(), 0.0
    for number in range(ANSWERS + 20):
        messages = talk(rng, lines[::2] if number < ANSWERS else lines[1::2])
        prompt, truth = weigh_prompt(messages, PERSONA), told(count, messages)
        if number < ANSWERS:
            known = learn(known, prompt, truth)
            continue
        error = (known.prompt_tokens(prompt) - truth) / max(truth, SHORT_TOKENS)
        worst = max(worst, error, key=abs)
    return worst
