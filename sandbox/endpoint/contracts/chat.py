"""The chat-completions endpoint, with a model that draws (endpoints.md, section 2)."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from contextlib import aclosing
from hmac import compare_digest
from typing import TYPE_CHECKING

from sandbox.endpoint.answers.messages import utterances
from sandbox.endpoint.answers.pace import tokens
from sandbox.endpoint.checks import Problem, RefusedError, parse_object
from sandbox.endpoint.contracts.chat_request import ChatRequest, parse_chat
from sandbox.endpoint.contracts.fusion import SEED_RANGE
from sandbox.endpoint.contracts.intent import drawing_prompt
from sandbox.endpoint.painting.recipe import Recipe
from sandbox.endpoint.script import samples
from sandbox.endpoint.serving.context import IMAGE_MODEL, bearer, count_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import web

    from sandbox.endpoint.answers.pace import Piece
    from sandbox.endpoint.serving.context import Context
    from sandbox.endpoint.serving.wire import Wire

_FILTERED = "Your request was rejected as a result of our safety system."


def check_key(context: Context, authorization: str) -> None:
    """Check the bearer token. Raises RefusedError (401)."""
    token = bearer(authorization)
    if token is None or not compare_digest(token.encode(), context.openai_key.encode()):
        problem = Problem(status=401, message="Incorrect API key provided.", code="invalid_api_key")
        raise RefusedError(problem)


def check_chat(context: Context, authorization: str, raw: bytes, content_type: str) -> ChatRequest:
    """Check key, body and model, in this order. Raises RefusedError (401, 400 or 415, 404)."""
    check_key(context, authorization)
    request = parse_chat(parse_object(raw, content_type))
    if request.model not in models(context):
        message = f"The model '{request.model}' does not exist."
        raise RefusedError(Problem(status=404, message=message, param="model", code="model_not_found"))
    return request


def models(context: Context) -> tuple[str, ...]:
    """Return the names of the models served."""
    return (context.behaviour.chat_model, IMAGE_MODEL)


def model_list(context: Context) -> dict[str, object]:
    """Return the body of `GET /v1/models`."""
    data = [
        {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "sandbox"} for name in models(context)
    ]
    return {"object": "list", "data": data}


async def answer_chat(context: Context, request: ChatRequest, wire: Wire) -> web.StreamResponse:
    """Answer a checked request: text, or pictures where the image model was asked."""
    await wire.wait_to_begin()
    head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": request.model}
    drawn: list[dict[str, object]] = []
    if request.model == IMAGE_MODEL:
        wire.note_drawing()
        prompt = _image_prompt(request)
        if context.forbidden(prompt):
            raise RefusedError(Problem(status=400, message=_FILTERED, code="content_policy_violation"))
        if context.behaviour.drawing_s:
            await asyncio.sleep(context.behaviour.drawing_s)
        drawn = [await _drawn(context, prompt) for _ in range(request.choices)]
    else:
        context.admit()
    if request.stream:
        events = _events(context, request, head, drawn)
        async with aclosing(events):
            return await wire.stream(events, "text/event-stream")
    choices: list[dict[str, object]] = []
    spent, prompt_tokens = 0, count_tokens(request.messages)
    for index in range(request.choices):
        if drawn:
            message, finish = drawn[index], "stop"
        else:
            text, finish, (prompt_tokens, count) = await _said(context, request, prompt_tokens)
            message, spent = {"content": text}, spent + count
        choices.append({"index": index, "message": {"role": "assistant", **message}, "finish_reason": finish})
    usage = _usage(prompt_tokens, spent or _length(drawn))
    return await wire.json({**head, "object": "chat.completion", "choices": choices, "usage": usage})


def _pieces(context: Context, request: ChatRequest) -> AsyncGenerator[Piece]:
    return context.pieces(request.messages, request.sampling)


async def _said(context: Context, request: ChatRequest, prompt_tokens: int) -> tuple[str, str, tuple[int, int]]:
    """Return the whole chat answer, its finish reason and the tokens of prompt and answer."""
    text, finish, spent = "", "stop", 0
    async with aclosing(_pieces(context, request)) as pieces:
        async for piece in pieces:
            text += piece.text
            spent += piece.tokens
            finish = piece.finish or finish
            prompt_tokens = piece.prompt_tokens or prompt_tokens
    return text, finish, (prompt_tokens, spent)


async def _events(
    context: Context, request: ChatRequest, head: dict[str, object], drawn: list[dict[str, object]]
) -> AsyncGenerator[bytes]:
    def chunk(index: int, delta: dict[str, object], finish: str | None = None) -> bytes:
        choices = [{"index": index, "delta": delta, "finish_reason": finish}]
        body = {**head, "object": "chat.completion.chunk", "choices": choices}
        return samples.encode_event({**body, "usage": None} if request.include_usage else body, "sse")

    spent, prompt_tokens = _length(drawn), count_tokens(request.messages)
    for index in range(request.choices):
        yield chunk(index, {"role": "assistant", "content": ""})
        if drawn:
            content = drawn[index].get("content")
            lines = content.splitlines(keepends=True) if isinstance(content, str) else []
            for line in lines:
                yield chunk(index, {"content": line})
            if not lines or "images" in drawn[index]:
                yield chunk(index, {key: value for key, value in drawn[index].items() if key != "content" or not lines})
            yield chunk(index, {}, "stop")
            continue
        async with aclosing(context.thoughts()) as thoughts:
            async for thought in thoughts:
                yield chunk(index, {"reasoning_content": thought})
        async with aclosing(_pieces(context, request)) as pieces:
            async for piece in pieces:
                spent += piece.tokens
                prompt_tokens = piece.prompt_tokens or prompt_tokens
                if piece.text:
                    yield chunk(index, {"content": piece.text})
                if piece.finish:
                    yield chunk(index, {}, piece.finish)
    if request.include_usage:
        usage = _usage(prompt_tokens, spent)
        yield samples.encode_event({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage}, "sse")
    yield samples.DONE


def _usage(prompt_tokens: int, spent: int) -> dict[str, int]:
    return {"prompt_tokens": prompt_tokens, "completion_tokens": spent, "total_tokens": prompt_tokens + spent}


def _length(drawn: list[dict[str, object]]) -> int:
    return sum(len(tokens(text)) for one in drawn if isinstance(text := one.get("content"), str) and len(text) < 1000)


def _image_prompt(request: ChatRequest) -> str:
    """Return what to draw: the image model draws whatever the last user message says."""
    last = next(message for message in reversed(request.messages) if message.role == "user")
    said = utterances(last.content)[-1].text or last.content
    return drawing_prompt(said) or said


async def _drawn(context: Context, prompt: str) -> dict[str, object]:
    """Paint a picture and return the fields of the message that brings it, in the form that is set."""
    recipe = Recipe(prompt=prompt, model=IMAGE_MODEL, width=768, height=768, seed=context.rng.randrange(SEED_RANGE))
    url = context.base_url + await context.pictures.add(recipe)
    form = context.behaviour.picture_form
    if form == "url":
        return {"content": url}
    if form == "img":
        return {"content": f'<img src="{url.replace("&", "&amp;")}" alt="picture">'}
    if form == "data_url":
        data = base64.b64encode(await context.pictures.render(recipe)).decode()
        return {"content": f"![picture](data:image/png;base64,{data})"}
    image = {"type": "image_url", "image_url": {"url": url}}
    if form == "images":
        return {"content": "Here is your picture.", "images": [image]}
    if form == "parts":
        return {"content": [{"type": "text", "text": "Here is your picture."}, image]}
    if form == "markdown":
        return {"content": f"![picture]({url})"}
    return {"content": f"> 生成中 …\n\n![picture]({url})\n\n[下载图片]({url})"}
