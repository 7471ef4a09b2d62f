"""What one turn spends, from its first call of the model to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.model.events import Usage
from bot.domain.model.tokens import CountTokens, estimate_tokens
from bot.domain.settings.catalogue import Settings
from bot.domain.usage.counts import Used
from bot.domain.usage.quota import Account, Quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On whose account a turn spends, under which settings and quotas; ``spent`` is what all others have spent."""

    account: Account
    settings: Settings
    limits: Quotas
    spent: Quotas


@dataclass(slots=True, kw_only=True)
class Spending:
    """Grows with each call; ``prompt_tokens`` are estimated, ``given_chars`` of the answer's text stood before.

    ``next_prompt_tokens`` are those of each call that is reserved now. ``count`` estimates tokens as the model counts
    them. ``given_up`` is what calls have used whose answer was thrown away for another one. ``thoughts`` are what was
    thought, in pieces, which no answer shows and which is billed. ``ended_at`` is when the turn was first closed, by
    which a further close is known not to count it again.
    """

    calls: int = 0
    prompt_tokens: int = 0
    next_prompt_tokens: int = 0
    given_up: Used = field(default_factory=Used)
    given_chars: int = 0
    terms: Terms | None = None
    count: CountTokens = estimate_tokens
    thoughts: list[str] = field(default_factory=list, repr=False)
    ended_at: datetime | None = None

    def begin_call(self) -> None:
        """Count a call that is made now."""
        self.calls += 1
        self.prompt_tokens += self.next_prompt_tokens

    def take_back(self, calls: int = 1) -> None:
        """Take back calls that the endpoint refused for their length: nothing was made of them."""
        self.calls -= calls
        self.prompt_tokens -= calls * self.next_prompt_tokens

    def give_up(self, usage: Usage, text: str) -> None:
        """Count what was used up to now, of which nothing is to be an answer."""
        self.given_up = self.used(usage, text, pictures=0)
        self.prompt_tokens = self.given_chars = 0
        self.thoughts.clear()

    def used(self, usage: Usage, text: str, *, pictures: int) -> Used:
        """Say what was used: as the endpoint told it, else as estimated from the prompts and the answer so far."""
        calls = self.calls - self.given_up.calls
        prompt, completion = usage.prompt_tokens, usage.completion_tokens
        total = max(usage.total_tokens, prompt + completion)
        if not total and calls:
            said = self.count(text[self.given_chars :])
            prompt, completion = self.prompt_tokens, said + (self.count("".join(self.thoughts)) if self.thoughts else 0)
            total = prompt + completion
        now = Used(
            calls=calls, prompt_tokens=prompt, completion_tokens=completion, total_tokens=total, pictures=pictures
        )
        return self.given_up + now
