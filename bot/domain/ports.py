"""What the use cases need of the world, as Protocols; the adapters below ``bootstrap`` fulfil them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.domain.drawings import Drawing, DrawingParameters, Picture, PictureOnDisk
from bot.domain.events import FinishReason, ModelEvent, Usage
from bot.domain.messages import HistoryMessage, Place, PromptMessage
from bot.domain.replies import Ending, ReplyOptions
from bot.domain.turns import Ask, Mode, ProblemKind, Reference, Turn, TurnState, Version


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> datetime:
        """Tell the date and time, in UTC."""

    def monotonic(self) -> float:
        """Tell seconds from some fixed point, never going back."""

    async def sleep(self, delay_s: float) -> None:
        """Wait ``delay_s`` seconds; 0 or less only yields."""


# --- the model ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How words are chosen; ranges and defaults are the fusion document's (endpoints.md, section 1).

    ``temperature`` (0, 2], ``top_p`` (0, 1], ``max_new_tokens`` ≥ 1, ``repetition_penalty`` > 0 (1 = none). ``chosen``
    names the fields that somebody has set, if only to the default: an endpoint with defaults of its own is told those.
    """

    temperature: float = 0.8
    top_p: float = 0.7
    max_new_tokens: int = 2048
    repetition_penalty: float = 1.0
    chosen: frozenset[str] = frozenset()

    def granted(self, new_tokens: int, *, bounded: bool) -> Sampling:
        """Return the same with the length that a quota grants; where it ``bounded`` that, any endpoint is told it."""
        chosen = self.chosen | {"max_new_tokens"} if bounded else self.chosen
        return replace(self, max_new_tokens=new_tokens, chosen=chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One call of the model, in no endpoint's terms.

    ``messages`` alternate, user first and last. ``user_key`` is opaque (never a Discord id). ``draw`` False means that
    a wanted drawing is only recognised (``DrawingIntent``), where the endpoint can do that. ``mode`` DRAW means that
    nothing but a picture is wanted; ``messages`` then end with the prompt of the picture as the person wrote it.
    ``certain``: it is known that a picture is wanted, also of a conversation; one that may have been made, and billed,
    is not asked for again.
    ``provider`` is the endpoint that a place has chosen, ``chat_model`` and ``image_model`` are its models there, where
    it has some to choose from; empty is the operator's.
    """

    mode: Mode
    messages: tuple[PromptMessage, ...]
    persona: str = ""
    user_key: str
    draw: bool = True
    certain: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    drawing: DrawingParameters = field(default_factory=DrawingParameters)
    provider: str = ""
    chat_model: str = ""
    image_model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an endpoint can do; the bot asks these, never its name.

    ``drawing_fields`` are the names of the fields of ``DrawingParameters`` that it honours.
    """

    intent_check: bool
    pictures_per_call: int
    drawing_fields: frozenset[str]


class ChatModel(Protocol):
    """A model behind an endpoint."""

    @property
    def capabilities(self) -> Capabilities:
        """What the endpoint can do."""

    def stream(self, request: ModelRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelEvent]]:
        """Ask the model; the iterator ends after exactly one terminal event (``Finish`` or ``Failure``).

        Leaving the context closes the connection, whatever was read. Nothing but ``CancelledError`` is raised: every
        fault of the endpoint is a ``Failure``.
        """


class PictureSource(Protocol):
    """Where pictures come from once the model has named or sent them."""

    async def fetch(self, url: str, *, limit_bytes: int) -> Picture:
        """Download a picture and check that it is one, reduced to ``limit_bytes`` where it is larger.

        Raises ``ProviderError`` of kind ``picture_fetch``, ``too_large``, ``network`` or a ``timeout_…``.
        """

    async def accept(self, data: bytes, *, limit_bytes: int) -> Picture:
        """Check bytes that came inside the answer, in the same way."""


# --- what is kept ------------------------------------------------------------------------------------------------
# Every method raises StorageError when the database fails. None of them holds a session open when it returns.


class HistoryStore(Protocol):
    """The messages of every channel."""

    async def append(self, message: HistoryMessage) -> bool:
        """Keep a message; False, and nothing changed, where (channel_id, id) is there already."""

    async def get(self, channel_id: int, message_id: int) -> HistoryMessage | None:
        """Find one message; deleted ones are not found."""

    async def recent(self, channel_id: int, *, limit: int, up_to: int | None = None) -> tuple[HistoryMessage, ...]:
        """Return the newest ``limit`` messages that are not deleted, oldest first, ids ≤ ``up_to`` where given."""

    async def range(self, channel_id: int, *, after: int, limit: int) -> tuple[HistoryMessage, ...]:
        """Return the oldest ``limit`` messages that are not deleted with ids > ``after``, oldest first."""

    async def channels_since(self, created_after: datetime, *, limit: int) -> tuple[int, ...]:
        """Return up to ``limit`` channels with messages (not deleted) newer than that, the most recent first."""

    async def edit(self, channel_id: int, message_id: int, *, text: str, edited_at: datetime) -> bool:
        """Replace a message's text; False where it is not there or is deleted."""

    async def delete(self, channel_id: int, message_ids: tuple[int, ...], *, deleted_at: datetime) -> int:
        """Take messages out of the history, their text too; returns how many were there. Idempotent."""


class TurnStore(Protocol):
    """Every turn, written before the model is asked."""

    async def create(self, turn: Turn, prompt: HistoryMessage | None) -> bool:
        """Keep a new turn and its prompt in the history, where it is to be there, both or neither.

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

    async def by_reply(self, message_id: int) -> Turn | None:
        """Find the turn whose reply has this Discord message as one of its pages; of several the newest."""

    async def unfinished(self) -> tuple[Turn, ...]:
        """Return the turns that no process is working on after a start: queued or streaming, oldest first."""


class DrawingStore(Protocol):
    """The pictures that were made: their recipes, and where their bytes are kept."""

    async def add(self, drawing: Drawing) -> None:
        """Keep a drawing; one that is there already (turn_id, index) is replaced."""

    async def by_message(self, message_id: int) -> tuple[Drawing, ...]:
        """Find the drawings of a Discord message, by index."""

    async def by_turn(self, turn_id: int) -> tuple[Drawing, ...]:
        """Find the drawings of a turn, by index."""

    async def took(self, like: DrawingParameters, *, since: datetime, limit: int) -> tuple[float, ...]:
        """Tell how long the newest drawings like this one took, in seconds: its model, nearly its pixels and steps."""

    async def models(self, *, asker_id: int, guild_id: int | None, limit: int) -> tuple[str, ...]:
        """Name the models that a person, or anyone in a guild, has drawn with lately, the latest first.

        What others drew for themselves alone is left out.
        """

    async def remove(self, turn_ids: tuple[int, ...]) -> tuple[str, ...]:
        """Forget the drawings of turns; returns the names of the files that held them. Idempotent."""

    async def stored(self) -> tuple[Drawing, ...]:
        """List the drawings whose bytes are kept."""

    async def released(self, names: Mapping[str, int]) -> None:
        """Note that the bytes are kept no more of these files, each with the turn that it is of."""


class PictureFiles(Protocol):
    """The bytes of pictures, each under a name. Raises ``OSError`` where the disk does not take them."""

    async def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        """Keep a file, whole or not at all, also where the machine goes down; one that is there is replaced."""

    async def present(self) -> tuple[PictureOnDisk, ...]:
        """List what is there, oldest first. What was never finished is taken away."""

    async def delete(self, names: Iterable[str]) -> None:
        """Take files away, as far as they are there. Never raises."""


# --- the reply ---------------------------------------------------------------------------------------------------


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

    def push(self, text: str) -> None:
        """Take the next piece of the answer; returns at once, whatever Discord does."""

    def show_drawing(self, estimate_s: float | None = None) -> None:
        """Say that a picture is being made, until there is text; returns at once.

        ``estimate_s`` is how long such pictures took lately, in seconds, where that is known.
        """

    def show_waiting(self, place: int) -> None:
        """Say that the turn waits at a place in line (1 is next, 0 waits no more); returns at once."""

    async def finish(self, ending: Ending) -> bool:
        """Bring the last state onto Discord and end the writer; False where Discord did not take it."""

    async def discard(self) -> None:
        """Take the reply away: end the writer and delete its messages, as far as Discord lets it. Never raises."""

    async def close(self) -> None:
        """End the writer and leave what stands on Discord."""


def unheard() -> None:
    """Do nothing: for news that nobody waits for."""


class ReplySink(Protocol):
    """Where a reply goes: a channel, or an interaction.

    ``lasts_s`` is how long from now it can be changed, in seconds; None where there is no end to it.
    """

    @property
    def lasts_s(self) -> float | None: ...

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


class ThreadStarters(Protocol):
    """Looks up what a thread was started from."""

    async def starter(self, place: Place) -> Reference | None:
        """Find the message that a thread grew from, as far as Discord shows it; None where there is none."""
