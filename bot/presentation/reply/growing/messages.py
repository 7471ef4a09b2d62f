"""The messages of a reply: how they are wanted, how they stand on Discord, and the next request between the two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.page.pager import PAGE_LIMIT, Page, units
from bot.domain.reply.controls import Controls
from bot.presentation.outbound.upload import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyMessage:
    """One message of a reply.

    ``text`` is what it shows of the answer, the heading above it included; ``page`` is the page of it, if it can be
    cut. ``chars`` is how much of the answer, as the model wrote it, stands once it does, and those before it.
    """

    content: str
    controls: Controls | None = None
    files: tuple[Upload, ...] = ()
    text: str = ""
    page: Page | None = None
    chars: int = 0


def fits(message: ReplyMessage, words: str) -> bool:
    """Whether words have room below what a message shows."""
    return units(message.content) + units(words) + 2 <= PAGE_LIMIT


def with_words(message: ReplyMessage, words: str) -> ReplyMessage:
    """Put words below what a message shows."""
    return replace(message, content=f"{message.content}\n\n{words}")


def with_controls(messages: Sequence[ReplyMessage], controls: Controls | None) -> list[ReplyMessage]:
    """Put the buttons under the last message."""
    return [*messages[:-1], replace(messages[-1], controls=controls)] if messages else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One request that brings Discord nearer to what is wanted; without a ``message`` the one that stands goes."""

    index: int
    message: ReplyMessage | None
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What a message shows; ``message`` None: not known, as it stems from an earlier version."""

    message: ReplyMessage | None = None
    uploaded: bool = False


class StandingMessages:
    """The messages that stand. Those that were left stay as they are: they can't be changed any more."""

    def __init__(self, message_ids: Sequence[int] = ()) -> None:
        self._left: list[int] = []
        self._left_chars = 0
        self._ids = list(message_ids)
        self._standing = [_Standing() for _ in message_ids]

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> tuple[int, ...]:
        """All of them, first page first, also those that were left."""
        return (*self._left, *self._ids)

    @property
    def left(self) -> int:
        """How many were left."""
        return len(self._left)

    @property
    def shown_chars(self) -> int:
        """How much of the answer's text stands."""
        return max((one.chars for one in self._known()), default=0) or self._left_chars

    @property
    def written(self) -> tuple[ReplyMessage, ...]:
        """Those that show something of the answer."""
        return tuple(one for one in self._known() if one.text)

    def _known(self) -> list[ReplyMessage]:
        """What the first ones show, up to one of an earlier version."""
        known = itertools.takewhile(lambda one: one.message is not None, self._standing)
        return [one.message for one in known if one.message is not None]

    def id_of(self, index: int) -> int:
        return self._ids[index]

    def is_inherited(self, index: int) -> bool:
        """Whether a message shows what an earlier version left there."""
        return index < len(self._standing) and self._standing[index].message is None

    def files_for(self, index: int, message: ReplyMessage) -> tuple[Upload, ...] | None:
        """Choose what is to be attached to a message; None leaves what is.

        What an earlier version left there goes, once.
        """
        if index >= len(self._standing):
            return message.files
        standing = self._standing[index]
        if standing.uploaded:
            return None
        return message.files or (() if standing.message is None else None)

    def note_made(self, message_id: int, message: ReplyMessage | None = None) -> None:
        """Note a new message; without ``message`` it is not known what it shows."""
        self._ids.append(message_id)
        self._standing.append(_Standing(message=message, uploaded=bool(message and message.files)))

    def note_edited(self, index: int, message: ReplyMessage) -> None:
        uploaded = self._standing[index].uploaded or bool(message.files)
        self._standing[index] = _Standing(message=message, uploaded=uploaded)

    def forget(self, index: int) -> None:
        """Note that a message is gone."""
        del self._ids[index], self._standing[index]

    def take_last(self) -> int | None:
        """Note that the last message is to go; returns its id, None if there is none."""
        if self._ids:
            self._standing.pop()
            return self._ids.pop()
        return self._left.pop() if self._left else None

    def take_back(self, chars: int) -> None:
        """Note that the text beyond ``chars`` is no answer, although it may stand."""
        self._left_chars = min(self._left_chars, chars)
        for index, one in enumerate(self._standing):
            if one.message is not None and one.message.chars > chars:
                self._standing[index] = replace(one, message=replace(one.message, text="", page=None, chars=chars))

    def leave(self) -> None:
        """Leave all of them as they are; those that come now stand below."""
        self._left_chars = self.shown_chars
        self._left += self._ids
        self._ids, self._standing = [], []

    def next_change(self, wanted: Sequence[ReplyMessage], *, ended: bool) -> Change | None:
        """Find the next request; None if what is wanted stands."""
        for index, message in enumerate(wanted):
            final = ended or index < len(wanted) - 1
            if index >= len(self._ids) or self._differs(index, message):
                return Change(index=index, message=message, final=final)
        # What shows text that was taken back goes at once; an earlier version's messages are used again until the end.
        surplus = len(self._ids) > len(wanted)
        if surplus and (ended or (wanted and not self.is_inherited(len(self._ids) - 1))):
            return Change(index=len(self._ids) - 1, message=None, final=True)
        return None

    def _differs(self, index: int, message: ReplyMessage) -> bool:
        standing = self._standing[index]
        if standing.message is None:
            return True
        missing = bool(message.files) and not standing.uploaded
        shown = standing.message
        return missing or (shown.content, shown.controls) != (message.content, message.controls)
