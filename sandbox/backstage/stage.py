"""All that is watched, tied together: the local Discord's log and events, the endpoint's record, the bot's process."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from sandbox.backstage.feed import Feed
from sandbox.backstage.items.discord import WRITES, Call, DiscordItem, read_call
from sandbox.backstage.items.endpoint import EndpointItem, last_words
from sandbox.backstage.items.event import EventItem
from sandbox.backstage.people_side import PeopleSide
from sandbox.backstage.turn_book import TurnBook
from sandbox.endpoint.serving.faults import NAMES
from sandbox.process import Status

if TYPE_CHECKING:
    from sandbox.backstage.turn import Turn
    from sandbox.discord.gateway.server import Gateway
    from sandbox.discord.state.world import WorldState
    from sandbox.discord.traffic.faults import Faults
    from sandbox.discord.traffic.log import LoggedRequest, RequestLog
    from sandbox.endpoint import LocalEndpoint
    from sandbox.endpoint.serving.record import Entry
    from sandbox.process import BotProcess

_DOWN: Final = frozenset({Status.STOPPED, Status.WAITING, Status.STARTING, Status.GIVEN_UP})


class Backstage:
    """What goes on behind the bot of one local Discord. Endpoint and process may be attached, once each."""

    def __init__(self, world: WorldState, log: RequestLog, gateway: Gateway, faults: Faults) -> None:
        self.feed = Feed()
        self.endpoint: LocalEndpoint | None = None
        self.bot: BotProcess | None = None
        self._world = world
        self._gateway = gateway
        self._faults = faults
        self._clock = world.clock
        self._numbers = itertools.count(1)
        self._book = TurnBook(self.feed.touch)
        self._answers: dict[Entry, EndpointItem] = {}
        self._turn_of: dict[str, Turn] = {}
        self._wrote_at: dict[str, float] = {}
        self._was = Status.STARTING
        people = PeopleSide(world, self._book, self._next_id, self.feed.put, self.note)
        world.subscribe(people.hear)
        log.listen(self._requested)
        gateway.listen(self._gateway_told)
        faults.listen(self._tell_faults)
        self._tell_gateway()
        self._tell_faults()
        self._tell_endpoint()
        self._tell_bot()

    def attach_endpoint(self, endpoint: LocalEndpoint) -> None:
        """Watch an endpoint too. Raises RuntimeError where there is one already."""
        if self.endpoint is not None:
            raise RuntimeError("an endpoint is watched already")
        self.endpoint = endpoint
        endpoint.listen(self._asked)
        self._tell_endpoint()

    def attach_bot(self, bot: BotProcess) -> None:
        """Watch the bot's process too, and let it be killed and started. Raises RuntimeError where there is one."""
        if self.bot is not None:
            raise RuntimeError("a bot is watched already")
        self.bot = bot
        bot.listen(self._bot_changed)
        self._tell_bot()

    def set_endpoint_faults(self, names: list[str], *, off: list[str] | None = None) -> list[str]:
        """Replace the endpoint's standing faults and return them; with `off` only those of these names go.

        Raises LookupError without an endpoint, RefusedError for an unknown name.
        """
        if self.endpoint is None:
            raise LookupError("no endpoint")
        before = self.endpoint.faults.names()
        gone = before if off is None else [name.replace("-", "_") for name in off]
        kept = [name for name in before if name not in gone]
        self.endpoint.set_faults(*kept, *names)
        now = self.endpoint.faults.names()
        if now != before:
            self.note("endpoint_faults" if now else "endpoint_well", names=now)
        self._tell_endpoint()
        return now

    def now(self) -> float:
        """Return the time of all that is told, in Unix seconds."""
        return self._clock()

    def note(self, what: str, turn: str | None = None, **detail: Any) -> None:
        """Put an event into the feed."""
        self.feed.put(EventItem(self._next_id("x"), self._clock(), what, turn=turn, **detail))

    def clear(self) -> None:
        """Forget everything that went on: the world began anew."""
        self._book.clear()
        self._answers.clear()
        self._turn_of.clear()
        self._wrote_at.clear()
        self.feed.clear()
        self.note("world_reset")

    def _next_id(self, letter: str) -> str:
        return f"{letter}{next(self._numbers)}"

    # What the local Discord tells.

    def _requested(self, request: LoggedRequest) -> None:
        call = read_call(request)
        now = self._clock()
        turn = self._book.of_call(call, _reference(request), self._interaction_of(call), request.status, now)
        writes = call.op in WRITES
        since_s = None
        if turn is not None and writes:
            before = self._wrote_at.get(turn.id)
            since_s = None if before is None else max(0.0, request.at - before)
            self._wrote_at[turn.id] = request.at
            self._bound(self._wrote_at)
        self.feed.put(
            DiscordItem(
                self._next_id("d"), request, call, turn=None if turn is None else turn.id, since_s=since_s
            )
        )  # fmt: skip
        if turn is not None and writes and 200 <= request.status < 300:
            self._book.wrote(turn, request.at, now, answers=call.answer not in ("defer", "choices"))

    def _interaction_of(self, call: Call) -> int | None:
        found = self._world.interaction_tokens.get(call.token or "")
        return None if found is None else found.id

    def _gateway_told(self, what: str) -> None:
        self.note(f"gateway_{what}")
        self._tell_gateway()

    def _tell_gateway(self) -> None:
        self.feed.set_state("gateway", lambda: {"connected": self._gateway.connected})

    def _tell_faults(self) -> None:
        self.feed.set_state("discord", lambda: {"faults": self._faults.as_json()})

    # What the endpoint tells.

    def _asked(self, entry: Entry) -> None:
        item = self._answers.get(entry)
        now = self._clock()
        if item is None:
            item = self._opened(entry, now)
        else:
            self.feed.touch(item)
        turn = self._turn_of.get(item.id)
        if turn is not None:
            self._book.refresh(turn, now)
        if not item.open:
            self._answers.pop(entry, None)

    def _opened(self, entry: Entry, now: float) -> EndpointItem:
        item_id = self._next_id("e")
        turn = self._book.of_request(last_words(entry), now)
        item = EndpointItem(item_id, entry, None if turn is None else turn.id, self._clock)
        self._answers[entry] = item
        self._bound(self._answers)
        self.feed.put(item)
        if turn is not None:
            self._turn_of[item_id] = turn
            self._bound(self._turn_of)
            self._book.opened(turn, item, now)
        return item

    def _tell_endpoint(self) -> None:
        endpoint = self.endpoint
        if endpoint is None:
            self.feed.set_state("endpoint", lambda: {"attached": False, "faults": [], "known": []})
            return
        self.feed.set_state(
            "endpoint",
            lambda: {
                "attached": True,
                "answers": endpoint.answerer_name,
                "faults": endpoint.faults.names(),
                "known": list(NAMES),
            },
        )

    # What the supervisor tells.

    def _bot_changed(self) -> None:
        if self.bot is None:
            return
        state = self.bot.state
        was, self._was = self._was, state.status
        if was in (Status.RUNNING, Status.STOPPING) and state.status in _DOWN:
            self._book.cut_off(self._clock())
            self.note("bot_ended", code=state.exit_code)
        if state.status is Status.RUNNING:
            self.note("bot_started", pid=state.pid)
        elif state.status is Status.STOPPING:
            self.note("bot_stopping")
        elif state.status is Status.GIVEN_UP:
            self.note("bot_given_up")
        self._tell_bot()

    def _tell_bot(self) -> None:
        bot = self.bot
        if bot is None:
            self.feed.set_state("bot", lambda: {"supervised": False})
            return
        self.feed.set_state(
            "bot",
            lambda: {
                "supervised": True,
                "status": str(bot.state.status),
                "since": bot.state.since,
                "pid": bot.state.pid,
                "exit_code": bot.state.exit_code,
            },
        )

    @staticmethod
    def _bound(known: dict[Any, Any]) -> None:
        while len(known) > 1_000:
            del known[next(iter(known))]


def _reference(request: LoggedRequest) -> int | None:
    """Return the id of the message that a new one replies to."""
    body = request.body if isinstance(request.body, dict) else {}
    reference = body.get("message_reference")
    named = reference.get("message_id") if isinstance(reference, dict) else None
    digits = named if isinstance(named, str) else str(named) if type(named) is int else ""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 20 else None
