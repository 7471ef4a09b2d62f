"""The feed: a bounded list of items that change, and readers who get what is new without ever holding it up.

A reader keeps no queue of changes, only the names of the items that changed since it last looked: a slow one skips
states in between, and what waits for it never exceeds what is kept. Fast changes are thereby coalesced as well.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT: Final = 600
"""Items kept, the oldest go first."""


class Item(Protocol):
    """Something that went on. `id` is unique in the feed."""

    @property
    def id(self) -> str: ...

    def whole(self) -> dict[str, Any]:
        """Return everything about it, as JSON; "id" included."""

    def live(self) -> dict[str, Any]:
        """Return the fields that change."""


class Feed:
    """The latest items and the state of things. `put`, `touch` and `set_state` never wait."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._items: dict[str, Item] = {}
        self._state: dict[str, Callable[[], Any]] = {}
        self._readers: set[Reader] = set()

    def put(self, item: Item) -> None:
        """Add an item at the end."""
        self._items[item.id] = item
        while len(self._items) > self._kept:
            del self._items[next(iter(self._items))]
        for reader in self._readers:
            reader.changed(item.id, whole=True)

    def touch(self, item: Item) -> None:
        """Tell that the live fields of an item changed."""
        if item.id in self._items:
            for reader in self._readers:
                reader.changed(item.id, whole=False)

    def set_state(self, name: str, read: Callable[[], Any]) -> None:
        """Tell that the state of this name changed; `read` gives it, as JSON."""
        self._state[name] = read
        for reader in self._readers:
            reader.state_changed(name)

    def clear(self) -> None:
        """Forget the items."""
        self._items.clear()
        for reader in self._readers:
            reader.cleared()

    def open_reader(self) -> Reader:
        """Return a reader that finds everything kept to be new. Close it when it is done."""
        reader = Reader(self)
        for name in self._items:
            reader.changed(name, whole=True)
        for name in self._state:
            reader.state_changed(name)
        self._readers.add(reader)
        return reader

    def forget(self, reader: Reader) -> None:
        """Tell a reader nothing any more."""
        self._readers.discard(reader)

    @property
    def items(self) -> tuple[Item, ...]:
        """The items kept, oldest first."""
        return tuple(self._items.values())

    def find(self, item_id: str) -> Item | None:
        """Return a kept item."""
        return self._items.get(item_id)

    def read_state(self, name: str) -> Any:
        """Return the state of this name, as JSON."""
        return self._state[name]()


class Reader:
    """One reader's place in the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._items: dict[str, bool] = {}  # whether the whole of it is wanted
        self._states: dict[str, None] = {}
        self._clear = False
        self._news = asyncio.Event()

    def changed(self, item_id: str, *, whole: bool) -> None:
        """Hear that an item is new, or has other live fields."""
        self._items[item_id] = whole or self._items.get(item_id, False)
        if len(self._items) > 2 * KEPT:
            # Items that came and went while nobody read.
            self._items = {name: all_of_it for name, all_of_it in self._items.items() if self._feed.find(name)}
        self._news.set()

    def state_changed(self, name: str) -> None:
        """Hear that a state changed."""
        self._states[name] = None
        self._news.set()

    def cleared(self) -> None:
        """Hear that all items went."""
        self._items.clear()
        self._clear = True
        self._news.set()

    async def wait(self) -> None:
        """Wait until there is something new."""
        await self._news.wait()

    def take(self) -> dict[str, Any]:
        """Return what is new and forget it: "clear" (all items before went), "state", "put" (whole items in their
        order) and "set" (changed fields with the id), each only where there is something.
        """
        frame: dict[str, Any] = {}
        if self._clear:
            frame["clear"] = True
        if self._states:
            frame["state"] = {name: self._feed.read_state(name) for name in self._states}
        found = [(self._feed.find(name), whole) for name, whole in self._items.items()]
        put = [item.whole() for item, whole in found if item is not None and whole]
        live = [{"id": item.id, **item.live()} for item, whole in found if item is not None and not whole]
        if put:
            frame["put"] = put
        if live:
            frame["set"] = live
        self._items.clear()
        self._states.clear()
        self._clear = False
        self._news.clear()
        return frame

    def close(self) -> None:
        """Hear nothing more."""
        self._feed.forget(self)
