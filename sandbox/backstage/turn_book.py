"""Which turn something belongs to: by the message replied to, the interaction, or the words that the endpoint gets."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from sandbox.backstage.turn import Turn, TurnState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.backstage.items.discord import Call
    from sandbox.backstage.items.endpoint import EndpointItem

TURNS: Final = 200
PLACES: Final = 4_000
"""Messages and interactions that are remembered."""
_RECENT_S: Final = 900.0
"""An interaction's token lasts 15 minutes; what has no better mark is not counted to anything older."""
_JUST_S: Final = 3.0
_MENTION: Final = re.compile(r"<@[!&]?\d+>")


class TurnBook:
    """The latest turns and what is known to belong to them. Times are Unix seconds."""

    def __init__(self, changed: Callable[[Turn], None]) -> None:
        self._changed = changed
        self._turns: OrderedDict[str, Turn] = OrderedDict()
        self._messages: OrderedDict[int, Turn] = OrderedDict()
        self._interactions: OrderedDict[int, Turn] = OrderedDict()
        self._last_created: dict[int, Turn] = {}

    def add(self, turn: Turn) -> None:
        """Take in a turn that begins."""
        turn.since = turn.acted_at = turn.at
        self._turns[turn.id] = turn
        while len(self._turns) > TURNS:
            self._turns.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._turns.clear()
        self._messages.clear()
        self._interactions.clear()
        self._last_created.clear()

    def bind_message(self, message_id: int, turn: Turn) -> None:
        """Remember whose message it is."""
        _remember(self._messages, message_id, turn)

    def bind_interaction(self, interaction_id: int, turn: Turn) -> None:
        """Remember whose interaction it is."""
        _remember(self._interactions, interaction_id, turn)

    def of_message(self, message_id: int) -> Turn | None:
        """Return the turn of a message: its question or one of its replies."""
        return self._messages.get(message_id)

    def of_interaction(self, interaction_id: int) -> Turn | None:
        """Return the turn of an interaction."""
        return self._interactions.get(interaction_id)

    def created(self, message_id: int, channel_id: int, now: float, known: Turn | None) -> Turn | None:
        """Take in a new message of the bot and return its turn; `known` is the one that the message itself names."""
        turn = known or self._latest(channel_id, now)
        if turn is not None:
            self.bind_message(message_id, turn)
            self._last_created[channel_id] = turn
            if len(self._last_created) > TURNS:
                del self._last_created[next(iter(self._last_created))]
        return turn

    def of_call(
        self, call: Call, reference: int | None, interaction: int | None, status: int, now: float
    ) -> Turn | None:
        """Return the turn of a request to Discord.

        `reference` is the message that a new one replies to, `interaction` the one that its token stands for.
        """
        if call.interaction is not None:
            return self._interactions.get(call.interaction)
        if call.message is not None and call.message.isdecimal():
            found = self._messages.get(int(call.message))
            if found is not None:
                return found
        if interaction is not None:
            return self._interactions.get(interaction)
        if call.channel is None:
            return None
        if call.op == "send":
            if reference is not None and reference in self._messages:
                return self._messages[reference]
            if status < 300 and call.channel in self._last_created:
                return self._last_created[call.channel]
        return self._latest(call.channel, now) if call.op in ("send", "typing") else None

    def of_request(self, words: str, now: float) -> Turn | None:
        """Return the turn that a request to the endpoint is for, by the words of its last message."""
        said = collapse(words)
        recent = [turn for turn in self._turns.values() if now - turn.acted_at <= _RECENT_S]
        same = [one for one in recent if one.asked and said.endswith(one.asked)]
        same = same or [one for one in recent if one.asked and one.asked in said]
        # In line, the first comes first.
        waiting = [one for one in same if one.state is TurnState.WAITING]
        if waiting:
            return waiting[0]
        if same:
            return max([one for one in same if one.touched or not one.settled] or same, key=_acted)
        return max((one for one in recent if one.touched or not one.settled), key=_acted, default=None)

    def opened(self, turn: Turn, item: EndpointItem, now: float) -> None:
        """Take in a request to the endpoint."""
        turn.open_request(item)
        self.refresh(turn, now)

    def wrote(self, turn: Turn, at: float, now: float, *, answers: bool) -> None:
        """Take in a successful write that began at `at`; `answers` where it is more than a request for time."""
        turn.wrote_at = at if turn.wrote_at is None else max(turn.wrote_at, at)
        turn.answered = turn.answered or answers
        self.refresh(turn, now)

    def touched(self, turn: Turn, now: float) -> None:
        """Take in that a person did something about it."""
        turn.touched = True
        turn.acted_at = now
        self.refresh(turn, now)
        self._changed(turn)

    def cut_off(self, now: float) -> None:
        """Take in that the bot is gone: what was under way, or broke off just now, is interrupted."""
        for turn in self._turns.values():
            broken = turn.state in (TurnState.FAILED, TurnState.STOPPED) and now - turn.since <= _JUST_S
            if (not turn.settled and (turn.requests or now - turn.at <= _RECENT_S)) or broken:
                turn.cut = True
                self.refresh(turn, now)

    def refresh(self, turn: Turn, now: float) -> None:
        """Work the state out anew."""
        state = turn.derive()
        if state is not turn.state:
            turn.state = state
            turn.since = now
            self._changed(turn)

    def _latest(self, channel_id: int, now: float) -> Turn | None:
        here = list(self._here(channel_id, now))
        return max((one for one in here if not one.settled), key=_acted, default=max(here, key=_acted, default=None))

    def _here(self, channel_id: int, now: float) -> Iterator[Turn]:
        return (one for one in self._turns.values() if one.channel_id == channel_id and now - one.acted_at <= _RECENT_S)


def collapse(text: str) -> str:
    """Return a text without mentions and with single spaces: what requests are recognised by."""
    return " ".join(_MENTION.sub(" ", text).split())


def _acted(turn: Turn) -> float:
    return turn.acted_at


def _remember(known: OrderedDict[int, Turn], key: int, turn: Turn) -> None:
    known[key] = turn
    known.move_to_end(key)
    while len(known) > PLACES:
        known.popitem(last=False)
