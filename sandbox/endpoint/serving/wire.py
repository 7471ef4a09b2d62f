"""One answer on its way to the client, with the standing faults applied and the log kept."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.endpoint.script import replay
from sandbox.endpoint.script.samples import DONE
from sandbox.endpoint.serving.faults import BREAK_AFTER_EVENTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sandbox.endpoint.serving.context import Context
    from sandbox.endpoint.serving.record import Entry


class Wire:
    """Sends the answer to one request."""

    def __init__(self, context: Context, request: web.Request, entry: Entry) -> None:
        self._context = context
        self._request = request
        self._entry = entry

    def note_drawing(self) -> None:
        """Note that what is answered is a drawing."""
        self._context.log.draw(self._entry)

    async def wait_to_begin(self) -> None:
        """Let the time pass that the endpoint takes before its first byte."""
        wait_s = self._context.behaviour.first_token_s + self._context.faults.start_s
        if wait_s:
            await asyncio.sleep(wait_s)

    async def json(
        self, value: object, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> web.StreamResponse:
        """Send one JSON body; when truncating, half of it."""
        body = json.dumps(value, ensure_ascii=False).encode()
        response = web.StreamResponse(status=status, headers=headers)
        response.content_type = "application/json"
        response.content_length = len(body)
        self._entry.status = status
        await response.prepare(self._request)
        if self._context.faults.truncating and status == 200:
            half = body[: len(body) // 2]
            await response.write(half)
            self._context.log.event(self._entry, half)
            return self._break_off(response)
        self._context.log.event(self._entry, body)
        await response.write(body)
        await response.write_eof()
        self._context.log.close(self._entry, "complete" if status == 200 else "refused")
        return response

    async def stream(self, events: AsyncIterator[bytes], content_type: str) -> web.StreamResponse:
        """Send events as they come; when truncating or cutting, the first few of them."""
        response = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-cache"})
        response.enable_chunked_encoding()
        self._entry.status = 200
        await response.prepare(self._request)
        async for event in events:
            await response.write(event)
            self._context.log.event(self._entry, event)
            if self._entry.events >= BREAK_AFTER_EVENTS:
                if self._context.faults.stalling:
                    await asyncio.Event().wait()  # cancelled when the client goes or the server stops
                if self._context.faults.truncating:
                    return self._break_off(response)
                if self._context.faults.cutting:
                    await response.write(DONE)
                    self._context.log.event(self._entry, DONE)
                    break
        if self._context.faults.truncating:
            return self._break_off(response)
        await response.write_eof()
        self._context.log.close(self._entry, "complete")
        return response

    def _break_off(self, response: web.StreamResponse) -> web.StreamResponse:
        replay.close(self._request)
        self._context.log.close(self._entry, "truncated")
        return response
