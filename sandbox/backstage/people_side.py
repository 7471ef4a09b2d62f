"""What people do, read from the world's events: a question, a command, a button, an edit, a deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.backstage.items.abbreviate import cut_text
from sandbox.backstage.turn import Turn
from sandbox.backstage.turn_book import collapse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.backstage.feed import Item
    from sandbox.backstage.turn_book import TurnBook
    from sandbox.discord.state.events import Event
    from sandbox.discord.state.world import WorldState

_WORDS_CHARS: Final = 200
_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
"""Discord's interaction types."""


class PeopleSide:
    """Begins turns, and tells the book which messages and interactions are whose.

    `put` adds an item to the feed; `note` adds an event: what, the turn, its values.
    """

    def __init__(
        self, world: WorldState, book: TurnBook, next_id: Callable[[str], str], put: Callable[[Item], None],
        note: Callable[..., None],
    ) -> None:  # fmt: skip
        self._world = world
        self._book = book
        self._next_id = next_id
        self._put = put
        self._note = note

    def hear(self, event: Event) -> None:
        """Take in one event of the world."""
        if event.t == "MESSAGE_CREATE":
            self._message(event.d)
        elif event.t == "MESSAGE_UPDATE":
            self._edited(event.d)
        elif event.t == "MESSAGE_DELETE":
            self._deleted(event.d)
        elif event.t == "INTERACTION_CREATE":
            self._interaction(event.d)

    def _message(self, message: dict[str, Any]) -> None:
        message_id, channel_id = int(message["id"]), int(message["channel_id"])
        author = message["author"]
        if author.get("bot"):
            if int(author["id"]) in self._bots():
                self._book.created(message_id, channel_id, self._world.clock(), self._named_by(message))
            return
        channel = self._world.channels.get(channel_id)
        mentioned = {int(user["id"]) for user in message.get("mentions", ())} & self._bots()
        direct = channel is not None and channel.is_dm and bool(set(channel.recipients) & self._bots())
        if not mentioned and not direct:
            return
        source = "direct" if direct else "reply" if message.get("message_reference") else "mention"
        turn = self._begin(source, author, channel_id, message["content"], message["content"])
        self._book.bind_message(message_id, turn)

    def _named_by(self, message: dict[str, Any]) -> Turn | None:
        reference = message.get("message_reference") or {}
        if reference.get("message_id") is not None:
            found = self._book.of_message(int(reference["message_id"]))
            if found is not None:
                return found
        metadata = message.get("interaction_metadata") or {}
        return self._book.of_interaction(int(metadata["id"])) if metadata.get("id") is not None else None

    def _edited(self, message: dict[str, Any]) -> None:
        author = message.get("author") or {}
        turn = self._book.of_message(int(message["id"]))
        if turn is None or author.get("bot") or message.get("edited_timestamp") is None:
            return
        words = message.get("content") or ""
        if collapse(words) == turn.asked:
            return
        turn.words, turn.asked = self._shown(words), collapse(words)
        self._note("edited", turn.id, who=_name(author))
        self._book.touched(turn, self._world.clock())

    def _deleted(self, message: dict[str, Any]) -> None:
        turn = self._book.of_message(int(message["id"]))
        if turn is not None:
            self._note("deleted", turn.id)
            self._book.touched(turn, self._world.clock())

    def _interaction(self, data: dict[str, Any]) -> None:
        kind, interaction_id = int(data["type"]), int(data["id"])
        if kind == _AUTOCOMPLETE:
            return
        person = (data.get("member") or {}).get("user") or data.get("user") or {}
        channel_id = int(data["channel_id"])
        details = data.get("data") or {}
        if kind == _COMMAND:
            options = _options(details.get("options"))
            name = str(details.get("name", ""))
            words = f"/{name} {' '.join(f'{key}: {value}' if value else key for key, value in options)}"
            if details.get("type", 1) != 1:
                words = f"▸ {name}"
            asked = max((value for _, value in options), key=len, default="")
            turn = self._begin("command", person, channel_id, words, asked)
        else:
            turn = self._pressed(kind, interaction_id, data, details, person, channel_id)
        self._book.bind_interaction(interaction_id, turn)

    def _pressed(
        self, kind: int, interaction_id: int, data: dict[str, Any], details: dict[str, Any], person: dict[str, Any],
        channel_id: int,
    ) -> Turn:  # fmt: skip
        message = data.get("message")
        label = self._title(interaction_id) or _label(message, str(details.get("custom_id", "")))
        turn = self._book.of_message(int(message["id"])) if message else None
        if turn is None and kind == _MODAL:
            turn = self._parent(interaction_id)
        if turn is None:
            return self._begin("modal" if kind == _MODAL else "component", person, channel_id, label, "")
        self._note("submitted" if kind == _MODAL else "pressed", turn.id, who=_name(person), label=label)
        self._book.touched(turn, self._world.clock())
        return turn

    def _parent(self, interaction_id: int) -> Turn | None:
        """Return the turn of the interaction whose modal was submitted."""
        opened = self._opened_by(interaction_id)
        return self._book.of_interaction(opened) if opened is not None else None

    def _title(self, interaction_id: int) -> str:
        """Return what stands above the modal that was submitted; "" for what is no modal."""
        opened = self._world.interactions.get(self._opened_by(interaction_id) or 0)
        return str(opened.modal["title"])[:60] if opened is not None and opened.modal is not None else ""

    def _opened_by(self, interaction_id: int) -> int | None:
        """Return the interaction whose modal was submitted."""
        interaction = self._world.interactions.get(interaction_id)
        before = (interaction.metadata if interaction is not None else {}).get("triggering_interaction_metadata") or {}
        return int(before["id"]) if before.get("id") is not None else None

    def _begin(self, source: str, person: dict[str, Any], channel_id: int, words: str, asked: str) -> Turn:
        channel = self._world.channels.get(channel_id)
        turn = Turn(
            id=self._next_id("t"),
            at=self._world.clock(),
            source=source,
            who=_name(person),
            channel=channel.name if channel is not None else "",
            channel_id=channel_id,
            words=self._shown(words),
            asked=collapse(asked),
        )
        self._book.add(turn)
        self._put(turn)
        return turn

    def _shown(self, words: str) -> str:
        for application in self._world.applications.values():
            words = words.replace(application.bot.mention, f"@{application.bot.username}")
        return cut_text(" ".join(words.split()), _WORDS_CHARS)

    def _bots(self) -> set[int]:
        return {application.bot.id for application in self._world.applications.values()}


def _name(user: dict[str, Any]) -> str:
    return str(user.get("global_name") or user.get("username") or "?")[:80]


def _options(options: object) -> list[tuple[str, str]]:
    """Return the options of a command as names and texts, those of subcommands included."""
    found: list[tuple[str, str]] = []
    for one in options if isinstance(options, list) else []:
        if isinstance(one, dict) and "value" in one:
            found.append((str(one.get("name")), str(one["value"])))
        elif isinstance(one, dict):
            found += [(str(one.get("name")), ""), *_options(one.get("options"))]
    return found


def _label(message: dict[str, Any] | None, custom_id: str) -> str:
    """Return what stands on the component that was used, its id where nothing does."""
    waiting: list[Any] = list((message or {}).get("components") or ())
    for _ in range(200):
        if not waiting:
            break
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        if one.get("custom_id") == custom_id:
            emoji = one.get("emoji") or {}
            return str(one.get("label") or one.get("placeholder") or emoji.get("name") or custom_id)[:60]
        waiting += one.get("components") or ()
        waiting += [one["accessory"]] if one.get("accessory") else []
    return custom_id[:60]
