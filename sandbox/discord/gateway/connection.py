"""One WebSocket of the gateway: the handshake, heartbeats, opcodes and close codes, and the writer with its bounds."""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

from aiohttp import WSMsgType, web

from sandbox.discord.gateway.codes import CloseCode, Op

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.gateway.session import Session

PAYLOAD_LIMIT_BYTES: Final = 4_096
"""Longest payload that a bot may send ("Gateway", Sending Events)."""
PENDING_LIMIT: Final = 4_000
"""Frames that may wait for a slow reader before its connection is cut."""
SEND_LIMIT: Final = 120
SEND_WINDOW_S: Final = 60.0
ACK_AFTER_S: Final = 0.02
"""How long a heartbeat's acknowledgement takes: a fast network's way."""
_CLOSE_WAIT_S: Final = 1.0
_LOG = logging.getLogger(__name__)


class GatewayClose(Exception):  # noqa: N818 - it ends a connection; it is not always an error
    """Ends the connection with a close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class Registry(Protocol):
    """What a connection needs of the gateway. Each raises `GatewayClose` where Discord closes the connection."""

    heartbeat_interval_s: float
    clock: Callable[[], float]

    def identify(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        """Start a session, or send INVALID_SESSION and return None."""

    def resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        """Take up a session, or send INVALID_SESSION and return None."""

    def request_members(self, session: Session, data: dict[str, Any]) -> None:
        """Dispatch GUILD_MEMBERS_CHUNK events."""

    def lost(self, connection: Connection, *, close_code: int | None) -> None:
        """Hear that the connection is gone; `close_code` is the client's."""


class Connection:
    """A client's WebSocket from HELLO until it closes. `push` never blocks; a writer task sends."""

    def __init__(self, registry: Registry, ws: web.WebSocketResponse, request: web.Request, *, compress: bool) -> None:
        self.session: Session | None = None
        self._registry = registry
        self._ws = ws
        self._request = request
        self.compressed = compress
        self._zlib = zlib.compressobj(level=1) if compress else None
        self._pending: deque[str] = deque()
        self._wake = asyncio.Event()
        self._stalled = False
        self._received: deque[float] = deque(maxlen=SEND_LIMIT)
        self._watchdog: asyncio.TimerHandle | None = None
        self._timing_out: asyncio.Task[None] | None = None
        self._closed_here = False

    def push(self, frame: str) -> None:
        """Queue one frame of JSON text; a connection that reads too slowly is cut (its session can be resumed)."""
        if self._stalled:
            return
        if len(self._pending) >= PENDING_LIMIT:
            self.abort()
            return
        self._pending.append(frame)
        self._wake.set()

    def send_op(self, op: Op, data: object = None) -> None:
        """Queue a frame that is not a dispatch."""
        self.push(json.dumps({"t": None, "s": None, "op": int(op), "d": data}))

    def invalidate(self, *, resumable: bool) -> None:
        """Send INVALID_SESSION; the client may then identify, or where `resumable` resume, on this connection."""
        self.session = None
        self.send_op(Op.INVALID_SESSION, resumable)

    def abort(self) -> None:
        """Drop the connection without a close frame, as a broken network does."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def stall(self) -> None:
        """Go silent: neither events nor heartbeat acknowledgements go out any more."""
        self._stalled = True
        self._pending.clear()

    async def run(self) -> None:
        """Serve the connection until it closes."""
        self._rearm()
        self.send_op(Op.HELLO, {"heartbeat_interval": round(self._registry.heartbeat_interval_s * 1000), "_trace": []})
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        except GatewayClose as closing:
            await self.close(closing.code, closing.reason)
        finally:
            # First, since whatever is awaited here may be cancelled. A client that merely confirms a close has not
            # given up its session, whatever code it confirms with.
            self._registry.lost(self, close_code=None if self._closed_here else self._ws.close_code)
            if self._watchdog is not None:
                self._watchdog.cancel()
            tasks = [task for task in (writer, self._timing_out) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, code: int, reason: str) -> None:
        """Send what is queued, then close with `code`; waits a bounded time."""
        self._closed_here = True
        await self._flush()
        await self._ws.close(code=code, message=reason.encode())

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(_CLOSE_WAIT_S):
                while self._pending and not self._ws.closed:
                    await self._send(self._pending.popleft())
        except (TimeoutError, ConnectionError):
            self.abort()

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._pending:
                    await self._send(self._pending.popleft())
        except ConnectionError:
            self.abort()

    async def _send(self, frame: str) -> None:
        if self._zlib is None:
            await self._ws.send_str(frame)
        else:
            # Nothing is awaited between compressing and handing over: frames must leave in the order of compression.
            data = self._zlib.compress(frame.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
            await self._ws.send_bytes(data)

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
            self._handle(message.data)

    def _handle(self, raw: str | bytes) -> None:
        now = self._registry.clock()
        if len(self._received) == SEND_LIMIT and now - self._received[0] < SEND_WINDOW_S:
            raise GatewayClose(CloseCode.RATE_LIMITED, "You are being rate limited.")
        self._received.append(now)
        payload = decode_payload(raw)
        op: int = payload["op"]
        data: Any = payload.get("d")
        if op == Op.HEARTBEAT:
            if data is not None and (not isinstance(data, int) or isinstance(data, bool)):
                raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
            self._rearm()
            # Clients note when they have sent a heartbeat only afterwards, some in a thread; over a network the answer
            # never overtakes that.
            asyncio.get_running_loop().call_later(ACK_AFTER_S, self.send_op, Op.HEARTBEAT_ACK)
            return
        if op not in _FROM_CLIENT:
            raise GatewayClose(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")
        if op != Op.REQUEST_SOUNDBOARD_SOUNDS and not isinstance(data, dict):
            raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
        if op in (Op.IDENTIFY, Op.RESUME):
            if self.session is not None:
                raise GatewayClose(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
            enter = self._registry.identify if op == Op.IDENTIFY else self._registry.resume
            self.session = enter(self, data)
            return
        if self.session is None:
            raise GatewayClose(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
        if op == Op.REQUEST_GUILD_MEMBERS:
            self._registry.request_members(self.session, data)
        elif op == Op.PRESENCE_UPDATE:
            check_presence(data)
        # Voice states and soundboard sounds are accepted and have no effect: the sandbox has no voice.

    def _rearm(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        # Half an interval of grace: a client's first heartbeat comes after interval × jitter, later ones each interval.
        delay_s = self._registry.heartbeat_interval_s * 1.5
        self._watchdog = asyncio.get_running_loop().call_later(delay_s, self._time_out)

    def _time_out(self) -> None:
        _LOG.info("a gateway client sent no heartbeat in time")
        self._timing_out = asyncio.create_task(self.close(CloseCode.SESSION_TIMED_OUT, "Session timed out."))


_FROM_CLIENT: Final = frozenset(
    {
        Op.IDENTIFY,
        Op.PRESENCE_UPDATE,
        Op.VOICE_STATE_UPDATE,
        Op.RESUME,
        Op.REQUEST_GUILD_MEMBERS,
        Op.REQUEST_SOUNDBOARD_SOUNDS,
    }
)
_STATUSES: Final = frozenset({"online", "dnd", "idle", "invisible", "offline"})


def decode_payload(raw: str | bytes) -> dict[str, Any]:
    """Return the payload, an object with a whole number `op`; raises `GatewayClose` (4002) for anything else."""
    try:
        if len(raw if isinstance(raw, bytes) else raw.encode()) > PAYLOAD_LIMIT_BYTES:
            raise GatewayClose(CloseCode.DECODE_ERROR, "Payload too large.")
        payload = json.loads(raw)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict) or type(payload.get("op")) is not int:
        raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    return payload


def check_presence(data: dict[str, Any]) -> None:
    """Raise `GatewayClose` (4002) where a presence is malformed."""
    activities, status = data.get("activities") or [], data.get("status", "online")
    well_formed = (
        isinstance(status, str)
        and status in _STATUSES
        and isinstance(activities, list)
        and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in activities)
    )
    if not well_formed:
        raise GatewayClose(CloseCode.DECODE_ERROR, "Error while decoding payload.")
