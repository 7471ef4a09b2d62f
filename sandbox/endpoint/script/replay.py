"""Sends a scripted reply over a real connection, faults included."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.endpoint.script.replies import Reply


async def replay(
    script: Reply, request: web.Request, note: Callable[[bytes], None] = lambda _data: None
) -> web.StreamResponse:
    """Send the reply; returns when it has ended, and is cancelled when the client goes.

    `note` is called with each chunk that was sent.
    """
    if script.before_s:
        await asyncio.sleep(script.before_s)
    if script.before is not None:
        await script.before.wait()
    # A Content-Length of the script's own may be a lie; otherwise the body is chunked, so that its end is marked.
    response = web.StreamResponse(status=script.status)
    response.content_type = ""
    response.headers[hdrs.CONTENT_TYPE] = script.content_type
    response.headers.update(script.headers)
    sends_head = script.head and not script.raw
    if sends_head:
        if hdrs.CONTENT_LENGTH not in response.headers:
            response.enable_chunked_encoding()
        await response.prepare(request)
    for chunk in script.chunks:
        if chunk.delay_s:
            await asyncio.sleep(chunk.delay_s)
        if chunk.after is not None:
            await chunk.after.wait()
        if not chunk.data:
            continue
        if sends_head:
            await response.write(chunk.data)
        elif request.transport is not None:
            request.transport.write(chunk.data)
        note(chunk.data)
    if script.ending == "stall":
        await asyncio.Event().wait()  # cancelled when the client goes or the server stops
    elif script.ending == "reset":
        await reset(request)
    elif script.ending == "truncate" or not sends_head:
        close(request)
    else:
        await response.write_eof()
    return response


async def reset(request: web.Request) -> None:
    """Drop the connection so that the client sees ECONNRESET instead of an end of file."""
    transport = request.transport
    if transport is None:
        return
    # What was written must leave first: a reset throws away the rest of the buffers on both sides, so give
    # the client's loop a turn to read it.
    await asyncio.sleep(0.05)
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def close(request: web.Request) -> None:
    """Close the connection where it stands, without the end of the body."""
    if request.transport is not None:
        request.transport.close()
