"""The fusion endpoint: chat and drawing in one call (endpoints.md, section 1)."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import aclosing
from hmac import compare_digest
from typing import TYPE_CHECKING

from sandbox.endpoint.answers.pace import shreds
from sandbox.endpoint.checks import Problem, RefusedError, parse_object
from sandbox.endpoint.contracts.fusion_request import FusionRequest, parse_fusion
from sandbox.endpoint.contracts.intent import drawing_intent
from sandbox.endpoint.painting.recipe import Recipe
from sandbox.endpoint.script import samples
from sandbox.endpoint.serving.context import bearer, count_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import web

    from sandbox.endpoint.serving.context import Context
    from sandbox.endpoint.serving.wire import Wire

SEED_RANGE = 10_000_000  # seeds seen in the documents are 0…9999999


def check_fusion(context: Context, authorization: str, raw: bytes, content_type: str) -> FusionRequest:
    """Check key, body and Miaohua token, in this order. Raises RefusedError (401, 400 or 415, 403)."""
    scheme, token = context.behaviour.auth, bearer(authorization)
    given = [token] if token else []
    if scheme == "raw" or (scheme == "either" and token is None):
        given = [authorization]
    if not any(compare_digest(one.encode(), context.fusion_key.encode()) for one in given):
        raise RefusedError(Problem(status=401, message="Authentication failed: the API secret key is not valid."))
    request = parse_fusion(parse_object(raw, content_type), late=context.behaviour.late)
    if not compare_digest(request.mh_key.encode(), context.miaohua_token.encode()):
        raise RefusedError(Problem(status=403, message="Permission denied: mh_key is not valid.", param="mh_key"))
    return request


async def answer_fusion(context: Context, request: FusionRequest, wire: Wire) -> web.StreamResponse:
    """Answer a checked request: text, the drawing sentinel, or the address of a picture."""
    await wire.wait_to_begin()
    prompt = drawing_intent(request.messages)
    if prompt is None:
        context.admit()
    prompt_tokens = count_tokens(request.messages)
    answer_id = secrets.token_hex(16)
    if prompt is not None and request.output_img:
        wire.note_drawing()
        text = await _drawn(context, request, prompt)
        usage = (prompt_tokens, 0)
        if request.stream and context.behaviour.drawing_form == "stream":
            events = _events(context, answer_id, [text], "stop", usage, picture=True)
            return await _send(context, wire, events)
        return await wire.json(_whole(context, answer_id, text, "stop", usage, picture=True))
    if not request.stream:
        text, finish, usage = samples.SENTINEL, "stop", (prompt_tokens, 8)
        if prompt is None:
            text, finish, usage = await _said(context, request, prompt_tokens)
        return await wire.json(_whole(context, answer_id, text, finish, usage, picture=False))
    if prompt is not None:
        whole = context.behaviour.sentinel == "whole"
        parts = [samples.SENTINEL] if whole else shreds(samples.SENTINEL, context.rng)
        events = _events(context, answer_id, parts, "stop", (prompt_tokens, len(parts)), picture=False)
    else:
        events = _chat_events(context, answer_id, request, prompt_tokens)
    return await _send(context, wire, events)


async def _drawn(context: Context, request: FusionRequest, prompt: str) -> str:
    """Return the address of the picture, or the sentence that refuses it."""
    if context.forbidden(prompt):
        return samples.SENSITIVE_PROMPT
    if request.model not in context.behaviour.known_models:
        return samples.UNKNOWN_MODEL.format(model=request.model)
    if context.behaviour.drawing_s:
        await asyncio.sleep(context.behaviour.drawing_s)
    path = await context.pictures.add(
        Recipe(
            prompt=prompt,
            model=request.model,
            width=request.width,
            height=request.height,
            seed=context.rng.randrange(SEED_RANGE) if request.seed == -1 else request.seed,
            steps=request.steps,
            scale=request.scale,
            control=request.controlnet,
            enhance=request.enhance,
        )
    )
    return context.base_url + path


async def _said(context: Context, request: FusionRequest, prompt_tokens: int) -> tuple[str, str, tuple[int, int]]:
    """Return the whole chat answer, its finish reason and the tokens of prompt and answer."""
    text, finish, spent = [], "stop", 0
    async with aclosing(context.pieces(request.messages, request.sampling)) as pieces:
        async for piece in pieces:
            text.append(piece.text)
            spent += piece.tokens
            finish = piece.finish or finish
            prompt_tokens = piece.prompt_tokens or prompt_tokens
    return "".join(text), finish, (prompt_tokens, spent)


def _whole(
    context: Context, answer_id: str, text: str, finish: str, usage: tuple[int, int], *, picture: bool
) -> dict[str, object]:
    code = context.behaviour.code
    return samples.envelope(
        text, answer_id=answer_id, finish=finish, key="content", code=code, usage=usage, picture=picture
    )


async def _send(context: Context, wire: Wire, events: AsyncGenerator[bytes]) -> web.StreamResponse:
    async with aclosing(events):
        return await wire.stream(events, samples.CONTENT_TYPES[context.behaviour.form])


async def _events(
    context: Context,
    answer_id: str,
    pieces: list[str],
    finish: str,
    usage: tuple[int, int],
    *,
    picture: bool,
) -> AsyncGenerator[bytes]:
    """Encode known pieces; the last event carries finish reason and usage."""
    shown = ""
    for index, text in enumerate(pieces):
        shown += text
        ends = index == len(pieces) - 1
        yield _event(
            context, answer_id, text, shown, finish if ends else "", usage if ends else (0, 0), ends and picture
        )
    for event in _done(context):
        yield event


async def _chat_events(
    context: Context, answer_id: str, request: FusionRequest, prompt_tokens: int
) -> AsyncGenerator[bytes]:
    shown, spent = "", 0
    # The document has no field for reasoning: its models write it into the text.
    async with aclosing(context.thoughts()) as thoughts:
        async for thought in thoughts:
            text = thought if shown else f"<think>{thought}"
            shown += text
            yield _event(context, answer_id, text, shown, "", (0, 0), picture=False)
    if shown:
        shown += "</think>"
        yield _event(context, answer_id, "</think>", shown, "", (0, 0), picture=False)
    async with aclosing(context.pieces(request.messages, request.sampling)) as pieces:
        async for piece in pieces:
            shown += piece.text
            spent += piece.tokens
            usage = (piece.prompt_tokens or prompt_tokens, spent) if piece.finish else (0, 0)
            yield _event(context, answer_id, piece.text, shown, piece.finish, usage, picture=False)
    for event in _done(context):
        yield event


def _event(
    context: Context, answer_id: str, text: str, shown: str, finish: str, usage: tuple[int, int], picture: bool
) -> bytes:
    key = context.behaviour.text_key
    made = samples.envelope(
        text if key == "delta" else shown,
        answer_id=answer_id,
        finish=finish,
        key=key,
        code=context.behaviour.code,
        usage=usage,
        picture=picture,
    )
    return samples.encode_event(made, context.behaviour.form)


def _done(context: Context) -> list[bytes]:
    return [samples.DONE] if context.behaviour.done and context.behaviour.form == "sse" else []
