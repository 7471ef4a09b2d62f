"""What the use cases need to store turns and to find their traces on Discord.

Every method of a store raises ``StorageError`` when the database fails, and holds no session open when it returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Protocol

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.events import FinishReason, Usage
from bot.domain.people import Place
from bot.domain.turn.ask import Ask, Reference
from bot.domain.turn.closed import ClosedTurn
from bot.domain.turn.notice import PassingNotice, StandingRefusal
from bot.domain.turn.record import FoundTurn, ProblemKind, Turn, TurnState, Version

MOST_REFUSALS: Final = 10_000
"""Refusals that are remembered, so that each goes with its message."""


class TurnStore(Protocol):
    """Every turn, written before the model is asked."""

    async def create(self, turn: Turn, prompt: HistoryMessage | None, parts: tuple[HistoryMessage, ...] = ()) -> bool:
        """Keep a new turn and its prompt in the history, where it is to be there, with ``parts`` of it: all or nothing.

        False, and nothing changed, where the turn's id is there already. A prompt that is in the history already, be
        it deleted, is left as it is.
        """

    async def get(self, turn_id: int) -> Turn | None:
        """Find a turn."""

    async def checkpoint(self, turn_id: int, *, reply_ids: tuple[int, ...], text: str, updated_at: datetime) -> None:
        """Note how far a turn is; it becomes ``streaming``. Does nothing where the turn is final or unknown."""

    async def finish(
        self,
        turn_id: int,
        *,
        state: TurnState,
        reply_ids: tuple[int, ...],
        text: str,
        updated_at: datetime,
        reason: FinishReason = FinishReason.STOP,
        error_kind: ProblemKind | None = None,
        usage: Usage | None = None,
    ) -> None:
        """Close a turn with a final state, and keep its answer as the version that stands; an unknown one stays so.

        Of two that close a turn the last one stands. Of a forgotten turn the text stays empty. Without ``usage`` what
        was noted of it stays. Raises ``ValueError`` where ``state`` is not final.
        """

    async def close(self, closed: ClosedTurn) -> None:
        """Keep how a turn ended, its line in the history, its drawings and what was used: all of it or nothing.

        Repeating changes nothing; of two closes of one version the last one counts. What was used is counted once if
        both say the same time.
        Of a forgotten turn neither text, line nor drawings come back. A turn that has another version by now, or is
        unknown, stays as it is. Raises ``ValueError`` if the state is not final.
        """

    async def begin_version(self, turn_id: int, *, updated_at: datetime, prompt: str | None = None) -> int | None:
        """Start a new answer: the turn becomes ``queued`` without text, its version the highest so far + 1.

        ``prompt`` is the question where it was edited.

        Returns that number; None, and nothing changed, where the turn is unknown, not final or forgotten.
        """

    async def versions(self, turn_id: int) -> tuple[Version, ...]:
        """Return the answers that have ended, by number."""

    async def show_version(self, turn_id: int, number: int, *, updated_at: datetime) -> bool:
        """Let an earlier answer stand.

        False, and nothing changed, where there is no such version or a new answer is under way.
        """

    async def forget(self, turn_ids: tuple[int, ...]) -> None:
        """Empty the prompts, texts and versions of turns, and forget their drawings; those under way become
        ``stopped``. Idempotent.

        ``reply_ids`` stay: the messages have yet to be deleted.
        """

    async def forget_answers(self, turn_id: int) -> None:
        """Empty the texts of a turn that has ended and of its versions; its question stays. Idempotent."""

    async def half_forgotten(self, *, after: int, limit: int) -> tuple[Turn, ...]:
        """Return turns above ``after`` that have ended and are not forgotten, though their question is deleted.

        Lowest id first; a kill leaves such. Only the newest turns are looked at.
        """

    async def by_reply(self, message_id: int) -> Turn | None:
        """Find the turn whose reply has this Discord message as one of its pages; of several the newest."""

    async def by_part(self, channel_id: int, message_id: int) -> Turn | None:
        """Find the turn whose question has this message as a further one, be it deleted."""

    async def unfinished(self) -> tuple[Turn, ...]:
        """Return the turns that no process is working on after a start: queued or streaming, oldest first."""


class NoticeStore(Protocol):
    """Messages that are to be taken away again, until they are."""

    async def add(self, notice: PassingNotice) -> None:
        """Keep one; of the same message the newest counts."""

    async def oldest(self, *, limit: int) -> tuple[PassingNotice, ...]:
        """Return those that go first."""

    async def remove(self, notice: PassingNotice) -> None:
        """Forget one; one that is not there stays so."""


class RefusalStore(Protocol):
    """Refusals that stand, the newest ``MOST_REFUSALS``."""

    async def add(self, refusal: StandingRefusal) -> None:
        """Keep one; of the same refused message the newest counts. The oldest beyond the bound are forgotten."""

    async def of(self, message_ids: tuple[int, ...]) -> tuple[StandingRefusal, ...]:
        """Return those that messages are concerned with: the refused ones, and those that say it."""

    async def between(self, channel_id: int, first: int, last: int) -> tuple[StandingRefusal, ...]:
        """Return those of a channel whose refused messages have ids from ``first`` to ``last``, oldest first."""

    async def forget(self, message_ids: tuple[int, ...]) -> None:
        """Forget refusals by the messages that say them. Idempotent."""


class ProxyStore(Protocol):
    """Which messages of proxies stand for which questions, as long as these are kept."""

    async def add(self, message_id: int, turn: Turn, *, author_name: str) -> None:
        """Let a proxy's message stand for a turn's question, whose line in the history is by that name from now on.

        Of one turn the newest message counts; of an unknown turn nothing is kept. Idempotent.
        """

    async def stand_ins(self, message_ids: tuple[int, ...]) -> dict[int, int]:
        """Return the proxies' messages by the questions that they stand for, where either is among the messages."""


class Surroundings(Protocol):
    """What is around a question that is refused."""

    def open_to(self, ask: Ask) -> Iterator[Place]:
        """Go through the channels where the one who asked and the bot both can write; the settings are not asked."""

    async def react(self, ask: Ask) -> bool:
        """Put a sign on a question; False where Discord does not let the bot. Never raises."""

    async def take_back_sign(self, refusal: StandingRefusal) -> None:
        """Take the sign off a question; where that fails it stays. Never raises."""

    async def take_away(self, notice: PassingNotice) -> bool:
        """Delete a message of the bot's; False where that is worth another try. Never raises."""


class ThreadStarters(Protocol):
    """Looks up what a thread was started from."""

    async def starter(self, place: Place) -> Reference | None:
        """Find the message that a thread grew from, as far as Discord shows it; None where there is none."""


class ReplyFinder(Protocol):
    """Finds the messages of a reply that were not kept."""

    async def find(self, turn: Turn) -> FoundTurn:
        """Return the turn with all its messages, one at least, and what they show.

        No existing message is changed. Its prompt is empty if the message that asked is gone. Never raises; if Discord
        does not answer, the turn comes back as it was.
        """
