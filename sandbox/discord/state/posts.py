"""What messages carry beside words, and who posts them without being a member: polls and webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class PollAnswer:
    """One answer of a poll: `emoji` is a character, `voters` the ids of those who chose it."""

    id: int
    text: str
    emoji: str | None = None
    voters: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Poll:
    """A poll; `expires_at` in Unix seconds, None for one that never ends, `finalized` once its votes are counted."""

    question: str
    answers: list[PollAnswer]
    expires_at: float | None
    multiselect: bool = False
    finalized: bool = False

    @property
    def winner(self) -> PollAnswer | None:
        """The answer with the most votes, None without votes or where several have as many."""
        most = max((len(one.voters) for one in self.answers), default=0)
        best = [one for one in self.answers if most and len(one.voters) == most]
        return best[0] if len(best) == 1 else None

    @property
    def votes(self) -> int:
        """How many votes there are, several of one person counted each."""
        return sum(len(one.voters) for one in self.answers)


@dataclass(slots=True, kw_only=True)
class Webhook:
    """A webhook of a channel, by which a service or a proxy posts; `application_id` is set for an application's own."""

    id: int
    channel_id: int
    guild_id: int
    name: str
    token: str = field(repr=False)
    application_id: int | None = None
    user_id: int | None = None
