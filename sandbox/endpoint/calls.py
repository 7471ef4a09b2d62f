"""The routes that clients call: both endpoints, the model list, the pictures; scripts and faults come first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from aiohttp import web

from sandbox.endpoint.checks import Problem, RefusedError
from sandbox.endpoint.contracts.chat import answer_chat, check_chat, check_key, model_list
from sandbox.endpoint.contracts.fusion import answer_fusion, check_fusion
from sandbox.endpoint.script import replay
from sandbox.endpoint.script.samples import SAMPLES
from sandbox.endpoint.serving.context import problem_body
from sandbox.endpoint.serving.faults import RETRY_AFTER_S
from sandbox.endpoint.serving.record import RecordedRequest
from sandbox.endpoint.serving.wire import Wire

if TYPE_CHECKING:
    from sandbox.endpoint.script.replies import Reply, Target
    from sandbox.endpoint.serving.context import Context
    from sandbox.endpoint.serving.record import Entry

FUSION_PATH: Final = "/v1/fusion/chat-with-image"
CHAT_PATH: Final = "/v1/chat/completions"

_Answer = Callable[[Wire], Awaitable[web.StreamResponse]]
# Takes the Authorization header, the body and its content type; raises RefusedError.
_Check = Callable[[str, bytes, str], _Answer]


class Calls:
    """Handlers of the routes that clients call."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post(FUSION_PATH, self._fusion),
            web.post(CHAT_PATH, self._chat),
            web.get("/v1/models", self._models),
            web.get("/pictures/{name}", self._picture),
        ]

    async def _fusion(self, request: web.Request) -> web.StreamResponse:
        def check(authorization: str, raw: bytes, content_type: str) -> _Answer:
            checked = check_fusion(self._context, authorization, raw, content_type)
            return lambda wire: answer_fusion(self._context, checked, wire)

        return await self._call("fusion", request, check)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        def check(authorization: str, raw: bytes, content_type: str) -> _Answer:
            checked = check_chat(self._context, authorization, raw, content_type)
            return lambda wire: answer_chat(self._context, checked, wire)

        return await self._call("chat", request, check)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        scripted = self._context.scripts.peek("models")
        if scripted is not None:
            self._context.scripts.use(scripted)
            return await replay.replay(scripted, request)
        try:
            check_key(self._context, request.headers.get("Authorization", ""))
        except RefusedError as error:
            return web.json_response(problem_body(error.problem, openai=True), status=error.problem.status)
        return web.json_response(model_list(self._context))

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        scripted = self._context.scripts.peek("picture")
        if scripted is not None:
            self._context.scripts.use(scripted)
            return await replay.replay(scripted, request)
        if self._context.faults.no_images:
            return web.Response(status=503, text="Service unavailable")
        return await self._context.pictures.serve(request)

    async def _call(self, kind: Target, request: web.Request, check: _Check) -> web.StreamResponse:
        """Serve one model call: its script, a standing fault, or the endpoint's own answer."""
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raw, check = b"", _refuse_size
        entry = self._context.log.open(kind, RecordedRequest(request.path, request.headers, _readable(raw)))
        wire = Wire(self._context, request, entry)
        try:
            scripted = self._context.scripts.peek(kind)
            if scripted is not None and not scripted.checked:
                return await self._scripted(scripted, request, entry)
            if self._context.faults.down:
                await replay.reset(request)
                self._context.log.close(entry, "reset")
                return web.Response()
            self._context.faults.refuse_early()
            answer = check(request.headers.get("Authorization", ""), raw, request.content_type)
            if scripted is not None:
                return await self._scripted(scripted, request, entry)
            self._context.faults.refuse_late()
            if self._context.faults.garbage:
                return await self._scripted(SAMPLES["garbage"](), request, entry)
            return await answer(wire)
        except RefusedError as error:
            headers = {"Retry-After": str(RETRY_AFTER_S)} if error.problem.status == 429 else None
            body = problem_body(error.problem, openai=kind == "chat")
            return await wire.json(body, status=error.problem.status, headers=headers)
        except (asyncio.CancelledError, ConnectionError):
            self._context.log.close(entry, "disconnected")
            raise
        finally:
            self._context.log.close(entry, "failed")

    async def _scripted(self, scripted: Reply, request: web.Request, entry: Entry) -> web.StreamResponse:
        self._context.scripts.use(scripted)
        entry.status = scripted.status
        response = await replay.replay(scripted, request, lambda data: self._context.log.event(entry, data))
        outcome = {"end": "scripted", "truncate": "truncated", "reset": "reset", "stall": "disconnected"}
        self._context.log.close(entry, outcome[scripted.ending])
        return response


def _refuse_size(_authorization: str, _raw: bytes, _content_type: str) -> _Answer:
    raise RefusedError(Problem(status=413, message="The request is too large."))


def _readable(raw: bytes) -> object:
    """Return the JSON of a body, or its text where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")
