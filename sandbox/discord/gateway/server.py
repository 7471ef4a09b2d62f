"""The gateway: the sessions of all bots, from IDENTIFY through RESUME to their end, and faults on demand."""

from __future__ import annotations

import secrets
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from sandbox.discord.gateway.codes import CloseCode, Intent, Op
from sandbox.discord.gateway.connection import Connection, GatewayClose
from sandbox.discord.gateway.dispatch import deliver, encode
from sandbox.discord.gateway.holding import Holding
from sandbox.discord.gateway.identify import first_view, parse_identify, parse_resume, ready
from sandbox.discord.gateway.members import member_chunks
from sandbox.discord.gateway.session import Session
from sandbox.discord.objects.guilds import render_guild_create
from sandbox.discord.traffic.buckets import Limits, Rate, Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.state.events import Event
    from sandbox.discord.state.records import Application, Guild
    from sandbox.discord.state.world import WorldState

API_VERSION: Final = "10"
HEARTBEAT_INTERVAL_S: Final = 41.25
RESUME_WINDOW_S: Final = 180.0
"""How long a session waits for its client to come back; Discord states no figure."""
SESSIONS_LIMIT: Final = 64
_REPEATABLE: Final = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "INTERACTION_CREATE")
_LIMITS: Final = Limits()


class Disturbance(StrEnum):
    """What a gateway can be told to do to its clients."""

    DROP = "drop"
    """Cut the connections, without a close frame. Sessions can be resumed."""
    RECONNECT = "reconnect"
    """Ask for a reconnect (opcode 7). Sessions can be resumed."""
    INVALID_SESSION = "invalid_session"
    """Declare the sessions invalid (opcode 9, false): clients must identify anew."""
    STALL = "stall"
    """Go silent on the present connections, heartbeat acknowledgements included."""
    REPLAY = "replay"
    """Deliver the latest events a second time."""


class Gateway:
    """The gateway of one world. `limits` and `clock` (Unix seconds) may be put in by tests."""

    def __init__(
        self,
        world: WorldState,
        *,
        limits: Limits = _LIMITS,
        clock: Callable[[], float] = time.time,
        heartbeat_interval_s: float = HEARTBEAT_INTERVAL_S,
    ) -> None:
        self.heartbeat_interval_s = heartbeat_interval_s
        self.clock = clock
        self._world = world
        self._limits = limits
        self._identifies = Windows(clock)
        self._sessions: dict[str, Session] = {}
        self._connections: dict[Connection, str] = {}
        self._unsubscribe: Callable[[], None] | None = None
        self._listeners: list[Callable[[str], None]] = []
        self._holding = Holding(lambda event: deliver(event, self.sessions, world))

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have `listener` called with "identified", "resumed" or "lost", and with each disturbance (its value).

        It must neither block nor raise. Listeners stay.
        """
        self._listeners.append(listener)

    def _tell(self, what: str) -> None:
        for listener in self._listeners:
            listener(what)

    @property
    def connected(self) -> int:
        """How many sessions have their connection now."""
        return sum(session.outlet is not None for session in self._sessions.values())

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions that are connected or can be resumed."""
        return tuple(self._sessions.values())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve a client's WebSocket."""
        # Per-message deflate is declined: clients that want compression ask for zlib-stream.
        ws = web.WebSocketResponse(compress=False, max_msg_size=65_536, timeout=1.0)
        await ws.prepare(request)
        query = request.query
        if query.get("v") != API_VERSION:
            await ws.close(code=CloseCode.INVALID_API_VERSION, message=b"Invalid API version.")
            return ws
        if query.get("encoding", "json") != "json":
            await ws.close(code=CloseCode.DECODE_ERROR, message=b"Only the JSON encoding is served.")
            return ws
        # Another compression than zlib-stream is answered with plain text frames, which clients accept.
        connection = Connection(self, ws, request, compress=query.get("compress") == "zlib-stream")
        self._connections[connection] = f"ws://{request.host}/gateway"
        await connection.run()
        return ws

    def disturb(self, what: Disturbance, *, resumable: bool = False, count: int = 10) -> int:
        """Do `what` to every session and return how many there were.

        `resumable` is told with INVALID_SESSION; `count` is how many events REPLAY repeats.
        """
        sessions = self.sessions
        self._tell(what)
        for session in sessions:
            outlet = session.outlet
            if what is Disturbance.REPLAY:
                session.repeat(count, _REPEATABLE)
            elif what is Disturbance.INVALID_SESSION and not resumable:
                del self._sessions[session.id]
            if not isinstance(outlet, Connection):
                continue
            if what is Disturbance.DROP:
                outlet.abort()
            elif what is Disturbance.RECONNECT:
                outlet.send_op(Op.RECONNECT)
            elif what is Disturbance.INVALID_SESSION:
                self._detach(session)
                outlet.invalidate(resumable=resumable)
            elif what is Disturbance.STALL:
                outlet.stall()
        return len(sessions)

    def hold(self, *names: str, after: int | None = 1, times: int | None = None) -> None:
        """Hold events of these names back, each until `after` later events went out; None: until `release`.

        `times` is how many events the rule is for; None: all, until `release`.
        """
        self._holding.hold(names, after=after, times=times)

    @property
    def held(self) -> tuple[Event, ...]:
        """The events that are held back."""
        return self._holding.held

    def release(self) -> int:
        """Deliver what is held back and hold nothing any longer; return how many events there were."""
        return self._holding.release()

    def outage(self, guild: Guild, *, over: bool = False) -> None:
        """Make a guild unavailable, or available again: GUILD_DELETE, then GUILD_CREATE ("Gateway Events").

        Nothing else changes: Discord does not say which events still come meanwhile.
        """
        guild.unavailable = not over
        for session in self.sessions:
            if session.bot_id in guild.members and session.shard.has(guild.id) and session.intents & Intent.GUILDS:
                self._show(session, guild)

    def _show(self, session: Session, guild: Guild) -> None:
        if guild.unavailable:
            session.dispatch("GUILD_DELETE", encode({"id": str(guild.id), "unavailable": True}))
            return
        whole = render_guild_create(self._world, guild, session.bot_id)
        session.dispatch("GUILD_CREATE", encode(first_view(whole, session)))

    def open(self) -> None:
        """Listen to the world. A gateway that was closed may be opened again; it knows no sessions then."""
        if self._unsubscribe is None:
            self._unsubscribe = self._world.subscribe(self._on_event)

    def close(self) -> None:
        """Drop every connection and stop listening to the world."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self.reset()

    def reset(self) -> None:
        """End every session, so that all clients identify anew."""
        self._sessions.clear()
        self._holding.clear()
        for connection in tuple(self._connections):
            connection.abort()

    def session_start_limit(self, bot_id: int) -> dict[str, int]:
        """Return the object of that name of `GET /gateway/bot`."""
        state = self._identifies.peek(f"day:{bot_id}", self._limits.identifies)
        return {
            "total": state.limit,
            "remaining": state.remaining,
            "reset_after": round(state.reset_after_s * 1000),
            "max_concurrency": self._limits.max_concurrency,
        }

    # What connections call.

    def identify(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        """Start a session: READY, then a GUILD_CREATE for each guild of the shard."""
        application = self._application(data)
        asked = parse_identify(data, application, guilds=len(self._world.guilds_of(application.bot.id)))
        if not self._may_identify(application, asked.shard.index):
            connection.invalidate(resumable=False)
            return None
        self._prune()
        session = Session(
            id=secrets.token_hex(16),
            bot_id=application.bot.id,
            token=application.token,
            intents=asked.intents,
            large_threshold=asked.large_threshold,
            shard=asked.shard,
            outlet=connection,
        )
        self._sessions[session.id] = session
        application.intents = asked.intents
        guilds = [guild for guild in self._world.guilds_of(application.bot.id) if asked.shard.has(guild.id)]
        url = self._connections[connection]
        session.dispatch("READY", encode(ready(self._world, application, session, url)))
        if asked.intents & Intent.GUILDS:
            for guild in guilds:
                self._show(session, guild)
        self._tell("identified")
        return session

    def resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        """Take up a session: what was missed, then RESUMED. One that is unknown or too far behind is invalid."""
        application = self._application(data)
        session_id, sequence = parse_resume(data)
        self._prune()
        session = self._sessions.get(session_id)
        if session is None or session.token != application.token:
            connection.invalidate(resumable=False)
            return None
        if sequence > session.sequence:
            raise GatewayClose(CloseCode.INVALID_SEQUENCE, "Invalid seq.")
        missed = session.missed_since(sequence)
        if missed is None:
            del self._sessions[session_id]
            connection.invalidate(resumable=False)
            return None
        if session.outlet is not None:
            # The client came back before the old connection was seen to be dead.
            session.outlet.abort()
        session.outlet = connection
        for frame in missed:
            connection.push(frame)
        session.dispatch("RESUMED", '{"_trace":[]}')
        self._tell("resumed")
        return session

    def request_members(self, session: Session, data: dict[str, Any]) -> None:
        """Answer REQUEST_GUILD_MEMBERS in chunks; a guild that the bot is not in, or shard has not, gets no answer."""
        for chunk in member_chunks(self._world, session, data):
            session.dispatch("GUILD_MEMBERS_CHUNK", encode(chunk))

    def lost(self, connection: Connection, *, close_code: int | None) -> None:
        """Keep the session for a resume, unless the client closed with 1000 or 1001."""
        self._connections.pop(connection, None)
        session = connection.session
        if session is None or session.outlet is not connection:
            return
        self._detach(session)
        if close_code in (1000, 1001):
            self._sessions.pop(session.id, None)
        self._tell("lost")

    # Inside.

    def _application(self, data: dict[str, Any]) -> Application:
        token = data.get("token")
        application = self._world.application_for_token(token) if isinstance(token, str) else None
        if application is None:
            raise GatewayClose(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
        return application

    def _may_identify(self, application: Application, shard: int) -> bool:
        limits = self._limits
        if not limits.enabled:
            return True
        bot = application.bot.id
        if limits.identify_every_s > 0:
            pace = Rate(count=1, per_s=limits.identify_every_s)
            if not self._identifies.take(f"pace:{bot}:{shard % limits.max_concurrency}", pace).allowed:
                return False
        return self._identifies.take(f"day:{bot}", limits.identifies).allowed

    def _detach(self, session: Session) -> None:
        session.outlet = None
        session.lost_at = self.clock()

    def _prune(self) -> None:
        """Forget sessions that nobody came back to, and the oldest where there are too many."""
        expired_at = self.clock() - RESUME_WINDOW_S
        for session in self.sessions:
            if session.outlet is None and session.lost_at <= expired_at:
                del self._sessions[session.id]
        while len(self._sessions) >= SESSIONS_LIMIT:
            oldest = self._sessions.pop(next(iter(self._sessions)))
            if oldest.outlet is not None:
                oldest.outlet.abort()

    def _on_event(self, event: Event) -> None:
        self._holding.take(event)
