"""The documented answers of the fusion endpoint (endpoints.md, section 1), and the events that each must give."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.domain.model.events import (
    DrawingIntent,
    Finish,
    FinishReason,
    ModelEvent,
    PictureUrl,
    Retraction,
    TextDelta,
    Usage,
)
from bot.domain.model.request import Mode, ModelRequest
from bot.errors import ErrorKind
from bot.providers.answer.gates import SENTINEL
from tests.unit.providers.servers import ask

SIGNED = "https://files.example/a/b.png?Expires=17&Signature=a%2Bb%2Fc%3D&k=%E7%94%BB"
SENSITIVE = "我们检测到您的提示词中有敏感词语。请勿使用违反社区条约的提示词。"
UNKNOWN_MODEL = "不支持的模型: Artist_V0.3.0 Beta"
WRITTEN_USAGE = {"prompt_tokens": "11", "completion_tokens": "5", "total_tokens": "16", "picture": "false"}
NO_USAGE: dict[str, object] = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "picture": False}


def usage(*, picture: bool = False) -> dict[str, object]:
    return {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16, "picture": picture}


def envelope(choice: object, used: object, *, code: object = 0, status: object = 0) -> dict[str, object]:
    data = {"id": "abc", "choices": [choice], "usage": used, "status": status}
    return {"code": code, "msg": "success", "data": data}


def delta(text: str, reason: str = "", *, picture: bool = False) -> dict[str, object]:
    choice = {"delta": text, "finish_reason": reason}
    return envelope(choice, usage(picture=picture) if reason else NO_USAGE)


def thinking(text: str) -> dict[str, object]:
    return envelope({"delta": "", "reasoning_content": text, "finish_reason": ""}, NO_USAGE)


def whole(text: str, *, code: object = 200, picture: bool = False) -> dict[str, object]:
    return envelope({"content": text, "finish_reason": "stop"}, usage(picture=picture), code=code)


def lines(*objects: object) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects)


def events_of(*objects: object, done: bool = True) -> str:
    text = "".join(f"data: {json.dumps(item, ensure_ascii=False)}\n\n" for item in objects)
    return text + ("data: [DONE]\n\n" if done else "")


def text_of(events: list[ModelEvent]) -> str:
    """Return what is left of the text in the end."""
    retracted = max((at for at, event in enumerate(events) if isinstance(event, Retraction)), default=0)
    return "".join(event.text for event in events[retracted:] if isinstance(event, TextDelta))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An answer; ``text`` and ``rest`` (the events but text) or the ``error`` that it must give."""

    name: str
    body: str
    request: ModelRequest
    text: str = ""
    rest: tuple[ModelEvent, ...] = ()
    error: ErrorKind | None = None
    sentence: str = ""


USED = Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16)
DREW = Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1)
STOP = Finish(reason=FinishReason.STOP)
HELLO = (delta("你好"), delta("，"), delta("Discord! 🦊\n"), delta("", "stop"))
CHECK = ask(draw=False)
DRAW = ask(mode=Mode.DRAW)
ANY = ask()

FUSION = (
    Sample(name="streamed", body=events_of(*HELLO), request=ANY, text="你好，Discord! 🦊\n", rest=(USED, STOP)),
    Sample(
        name="streamed without end marker",
        body=events_of(*HELLO, done=False),
        request=ANY,
        text="你好，Discord! 🦊\n",
        rest=(USED, STOP),
    ),
    Sample(name="JSON lines", body=lines(*HELLO), request=ANY, text="你好，Discord! 🦊\n", rest=(USED, STOP)),
    Sample(
        name="JSON lines with end marker",
        body=lines(*HELLO) + "[DONE]\n",
        request=ANY,
        text="你好，Discord! 🦊\n",
        rest=(USED, STOP),
    ),
    Sample(
        name="single line ends",
        body=events_of(*HELLO).replace("\n\n", "\n"),
        request=ANY,
        text="你好，Discord! 🦊\n",
        rest=(USED, STOP),
    ),
    Sample(
        name="not streamed, printed over lines",
        body=json.dumps(whole("你好 {\"}"), indent=2, ensure_ascii=False),
        request=ANY,
        text='你好 {"}',
        rest=(USED, STOP),
    ),
    Sample(
        name="codes as strings",
        body=lines(whole("hi", code="200")),
        request=ANY,
        text="hi",
        rest=(USED, STOP),
    ),
    Sample(
        name="increments, then the complete text",
        body=events_of(delta("Hel"), delta("lo"), whole("Hello there")),
        request=ANY,
        text="Hello there",
        rest=(USED, STOP),
    ),
    Sample(
        name="picture", body=lines(whole(SIGNED, picture=True)), request=ANY, rest=(PictureUrl(url=SIGNED), DREW, STOP)
    ),
    Sample(
        name="picture, drawing asked",
        body=lines(whole(SIGNED, picture=True)),
        request=DRAW,
        rest=(PictureUrl(url=SIGNED), DREW, STOP),
    ),
    Sample(
        name="picture as Markdown, streamed",
        body=events_of(delta("![fox]("), delta(SIGNED), delta(")"), delta("", "stop", picture=True)),
        request=ANY,
        rest=(PictureUrl(url=SIGNED), DREW, STOP),
    ),
    Sample(
        name="a bare URL of a chat",
        body=events_of(delta(SIGNED), delta("", "stop")),
        request=ANY,
        text=SIGNED,
        rest=(USED, STOP),
    ),
    Sample(
        name="sensitive prompt",
        body=lines(whole(SENSITIVE, code=0, picture=True)),
        request=ANY,
        error=ErrorKind.CONTENT_FILTERED,
        sentence=SENSITIVE,
    ),
    Sample(
        name="sensitive prompt, drawing asked, streamed",
        body=events_of(delta(SENSITIVE[:9]), delta(SENSITIVE[9:]), delta("", "stop", picture=True)),
        request=DRAW,
        error=ErrorKind.CONTENT_FILTERED,
        sentence=SENSITIVE,
    ),
    Sample(
        name="unknown model",
        body=lines(whole(UNKNOWN_MODEL, code=0, picture=True)),
        request=ANY,
        error=ErrorKind.UNKNOWN_MODEL,
        sentence=UNKNOWN_MODEL,
    ),
    Sample(
        name="drawing failed in other words",
        body=lines(whole("服务繁忙 see https://x.example/?k=secret", picture=True)),
        request=DRAW,
        error=ErrorKind.DRAWING_FAILED,
        sentence="服务繁忙 see https://x.example/",
    ),
    Sample(
        name="drawing asked, words came",
        body=events_of(delta("I can only talk."), delta("", "stop")),
        request=DRAW,
        error=ErrorKind.DRAWING_FAILED,
        sentence="I can only talk.",
    ),
    Sample(name="intent", body=lines(whole(SENTINEL)), request=CHECK, rest=(DrawingIntent(), USED, STOP)),
    Sample(
        name="intent in pieces",
        body=events_of(delta("\nThis is a dra"), delta("wing request*&"), delta("^**#"), delta("\n", "stop")),
        request=CHECK,
        rest=(DrawingIntent(), USED, STOP),
    ),
    Sample(
        name="chat to an intent check",
        body=events_of(delta("This is a dra"), delta("gon. This is"), delta("", "stop")),
        request=CHECK,
        text="This is a dragon. This is",
        rest=(USED, STOP),
    ),
    Sample(name="sentinel although drawing", body=lines(whole(SENTINEL)), request=ANY, error=ErrorKind.DRAWING_FAILED),
    Sample(
        name="error by code",
        body=lines({"code": 429, "msg": "too many requests"}),
        request=ANY,
        error=ErrorKind.RATE_LIMITED,
    ),
    Sample(name="error by status", body=lines(envelope({"delta": "x"}, {}, status=5)), request=ANY,
           error=ErrorKind.INVALID_REQUEST),
    Sample(
        name="platform error in the stream",
        body=events_of({"error": {"code": 16, "message": "no"}}),
        request=ANY,
        error=ErrorKind.AUTHENTICATION,
    ),
    Sample(
        name="error by a code that nobody knows",
        body=lines({"code": 10003, "msg": "参数有误", "data": None}),
        request=ANY,
        error=ErrorKind.INVALID_REQUEST,
        sentence="参数有误",
    ),
    Sample(
        name="drawing stopped by moderation, with words",
        body=events_of(delta("这张画不了。"), delta("", "sensitive", picture=True)),
        request=DRAW,
        error=ErrorKind.CONTENT_FILTERED,
        sentence="这张画不了。",
    ),
    Sample(
        name="a word for no finish reason, figures as words",
        body=events_of(
            delta("Hel", "null"),
            {"code": 0, "data": {"choices": [{"delta": "lo", "finish_reason": "STOP"}]}, "usage": WRITTEN_USAGE},
        ),
        request=ANY,
        text="Hello",
        rest=(USED, STOP),
    ),
    Sample(
        name="an error object that says all is well",
        body=events_of(*({**each, "error": {"code": 0, "message": "", "details": []}} for each in HELLO)),
        request=ANY,
        text="你好，Discord! 🦊\n",
        rest=(USED, STOP),
    ),
    Sample(name="empty", body=lines(whole("")), request=ANY, error=ErrorKind.EMPTY),
)  # fmt: skip
