"""What the use cases need of a reply on Discord."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.ask import Ask
from bot.errors import ErrorKind, Trouble


class Reply(Protocol):
    """The reply to one turn, as it grows on Discord."""

    @property
    def message_ids(self) -> tuple[int, ...]:
        """The Discord messages so far, first page first."""

    @property
    def edits(self) -> int:
        """How many requests made or changed its messages."""

    @property
    def first_shown_at(self) -> float | None:
        """When its first message stood on Discord, monotonic seconds."""

    @property
    def gone(self) -> bool:
        """Whether a message of it turned out to be deleted."""

    @property
    def shown_chars(self) -> int:
        """How much of the pushed text stands on Discord."""

    @property
    def loss(self) -> Trouble | None:
        """Why Discord does not take all of it; None while it does."""

    @property
    def ending(self) -> Ending | None:
        """How it ended, which is not what it was given if Discord did not take that; None while it grows."""

    def push(self, text: str) -> None:
        """Take the next piece of the answer; returns at once, whatever Discord does."""

    def retract(self, text: str) -> None:
        """Go back to ``text``, a beginning of what was pushed: the rest was no answer; returns at once."""

    def show_drawing(self, estimate_s: float | None = None) -> None:
        """Say that a picture is being made, until there is text; returns at once.

        ``estimate_s`` is how long such pictures took lately, in seconds, where that is known.
        """

    def show_waiting(self, position: int) -> None:
        """Say that the turn waits at a position in the queue (1 is next, 0 waits no more); returns at once."""

    def show_thinking(self) -> None:
        """Say quietly for how long the model has been thinking, from now on until there is text; returns at once."""

    def show_retry(self, kind: ErrorKind, after_s: float) -> None:
        """Say for so many seconds that the model failed, and when it is asked again; returns at once."""

    async def finish(self, ending: Ending) -> bool:
        """Bring the last state onto Discord and end the writer; False where Discord did not take it.

        What it takes less than was wanted is told by ``ending`` and ``shown_chars``.
        """

    async def discard(self) -> bool:
        """Take the reply away: end the writer and delete its messages; False if Discord does not let all of them go.

        Never raises.
        """

    async def close(self) -> None:
        """End the writer and leave what stands on Discord."""


def unheard() -> None:
    """Do nothing: for news that nobody waits for."""


class ReplySink(Protocol):
    """Where a reply goes: a channel, or an interaction.

    ``lasts_s`` is how long from now it can be changed by a token, in seconds; None if there is none.
    """

    @property
    def lasts_s(self) -> float | None: ...

    async def ends(self) -> bool:
        """Find out, when ``lasts_s`` is over, whether nothing leads to the reply any more: rights may have changed."""

    async def reaches(self, message_ids: Sequence[int]) -> bool:
        """Find out whether every one of these messages can be changed now."""

    def open_reply(
        self,
        ask: Ask,
        options: ReplyOptions,
        *,
        changed: Callable[[], object] = unheard,
        lost: Callable[[], object] = unheard,
    ) -> AbstractAsyncContextManager[Reply]:
        """Start a reply with its writer.

        ``changed`` is called when it gets a message, ``lost`` when Discord takes no more of it for good (a message of
        it is gone, or a permission).

        Leaving the context without ``finish`` (cancelled) stops the writer and leaves what stands on Discord.
        """
