"""Answers of chat completions (endpoints.md, section 2), and the events that each must give."""

from __future__ import annotations

import json

from bot.domain.model.events import Finish, FinishReason, PictureUrl, Usage
from bot.errors import ErrorKind
from tests.unit.providers.samples import ANY, DRAW, STOP, USED, Sample, events_of


def chunked(**parts: object) -> dict[str, object]:
    choice = {"index": 0, "delta": parts.pop("delta", {}), "finish_reason": parts.pop("reason", None)}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "choices": [choice], **parts}


def completion(message: object, reason: object = "stop", **more: object) -> dict[str, object]:
    choice = {"index": 0, "message": message, "finish_reason": reason}
    used = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
    return {"id": "c1", "object": "chat.completion", "created": 1, "choices": [choice], "usage": used, **more}


SPOKEN = (
    chunked(delta={"role": "assistant", "content": ""}),
    chunked(delta={"content": "Hello "}),
    chunked(delta={"content": "世界"}),
    chunked(reason="stop"),
)
PROMPT = "a fox (red:1.2), [best], snow"
URL = "https://img.example/p/1.png?sig=x%2Fy"
NAMED_URL = PictureUrl(url=URL, named=True)
"""What is made of it where a talk's text names it."""

CHAT = (
    Sample(name="streamed", body=": PING\n\n" + events_of(*SPOKEN), request=ANY, text="Hello 世界", rest=(STOP,)),
    Sample(
        name="whole",
        body=json.dumps(completion({"role": "assistant", "content": "Hello"}), indent=1),
        request=ANY,
        text="Hello",
        rest=(USED, STOP),
    ),
    Sample(
        name="choices as an object",
        body=json.dumps({"choices": {"index": 0, "message": {"content": "Hello"}, "finish_reason": "stop"}}),
        request=ANY,
        text="Hello",
        rest=(STOP,),
    ),
    Sample(
        name="usage after the end",
        body=events_of(*SPOKEN, {"choices": [], "usage": {"prompt_tokens": 1, "total_tokens": 3}}),
        request=ANY,
        text="Hello 世界",
        rest=(Usage(prompt_tokens=1, total_tokens=3), STOP),
    ),
    Sample(
        name="cut by length",
        body=events_of(chunked(delta={"content": "Once"}, reason="length")),
        request=ANY,
        text="Once",
        rest=(Finish(reason=FinishReason.LENGTH),),
    ),
    Sample(
        name="filtered in the middle",
        body=events_of(chunked(delta={"content": "Once"}), chunked(reason="content_filter")),
        request=ANY,
        text="Once",
        rest=(Finish(reason=FinishReason.FILTERED),),
    ),
    Sample(
        name="filtered before a word",
        body=events_of(chunked(reason="content_filter")),
        request=ANY,
        error=ErrorKind.CONTENT_FILTERED,
    ),
    Sample(
        name="end marker alone, reasons that stay null",
        body=events_of(chunked(delta={"content": "Hi"})),
        request=ANY,
        text="Hi",
        rest=(Finish(reason=FinishReason.CUT),),
    ),
    Sample(
        name="end marker alone, reasons never named",
        body=events_of({"choices": [{"index": 0, "delta": {"content": "Hi"}}]}),
        request=ANY,
        text="Hi",
        rest=(Finish(reason=FinishReason.UNKNOWN),),
    ),
    Sample(
        name="error, then the end marker",
        body=events_of(chunked(delta={"content": "Hi"}), {"error": {"message": "x", "code": "server_busy"}}),
        request=ANY,
        text="Hi",
        error=ErrorKind.OVERLOADED,
    ),
    Sample(
        name="list of one error",
        body=json.dumps([{"error": {"message": "no", "code": "invalid_api_key"}}]),
        request=ANY,
        error=ErrorKind.AUTHENTICATION,
    ),
    Sample(
        name="error detail at the top",
        body=json.dumps({"detail": "insufficient quota"}),
        request=ANY,
        error=ErrorKind.QUOTA,
        sentence="insufficient quota",
    ),
    Sample(name="parts", body=json.dumps(completion({"content": [
        {"type": "text", "text": "Look: "}, {"type": "image_url", "image_url": {"url": URL}}]})),
        request=ANY, text="Look: ", rest=(PictureUrl(url=URL),
        Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1), STOP)),
    Sample(name="images of a delta", body=events_of(
        chunked(delta={"content": "Done.", "images": [{"type": "image_url", "image_url": {"url": URL}}]}),
        chunked(delta={"images": [{"image_url": {"url": URL}}, URL + "2"]}, reason="stop")),
        request=ANY, text="Done.",
        rest=(PictureUrl(url=URL), PictureUrl(url=URL + "2"), Usage(pictures=2), STOP)),
    Sample(name="Markdown in a chat", body=events_of(
        chunked(delta={"content": "See! ![a (b) c](" + URL}), chunked(delta={"content": ") and `![x](y)`"}),
        chunked(reason="stop")),
        request=ANY, text="See!  and `![x](y)`", rest=(NAMED_URL, Usage(pictures=1), STOP)),
    Sample(name="nothing but a picture's URL", body=events_of(
        chunked(delta={"content": "\n" + URL[:20]}), chunked(delta={"content": URL[20:] + "\n"}),
        chunked(reason="stop")),
        request=ANY, rest=(NAMED_URL, Usage(pictures=1), STOP)),
    Sample(name="nothing but another URL", body=events_of(
        chunked(delta={"content": "https://docs.example/3/"}), chunked(reason="stop")),
        request=ANY, text="https://docs.example/3/", rest=(STOP,)),
    Sample(name="a URL first, then words", body=events_of(
        chunked(delta={"content": URL}), chunked(delta={"content": " is the one."}), chunked(reason="stop")),
        request=ANY, text=URL + " is the one.", rest=(STOP,)),
    Sample(name="a picture, and the URL of its download", body=json.dumps(completion(
        {"content": URL + "&download=1", "images": [{"image_url": {"url": URL}}]})),
        request=ANY, text=URL + "&download=1", rest=(PictureUrl(url=URL),
        Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1), STOP)),
    Sample(name="drawing: bare URL after progress", body=events_of(
        chunked(delta={"content": "> 生成中 …\n"}), chunked(delta={"content": "\n" + URL + "\n"}),
        chunked(reason="stop")),
        request=DRAW, rest=(PictureUrl(url=URL), Usage(pictures=1), STOP)),
    Sample(name="drawing: picture and download link", body=json.dumps(completion({"content":
        f"![fox]({URL})\n\n[download](https://img.example/other.png)"})),
        request=DRAW, rest=(PictureUrl(url=URL),
        Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1), STOP)),
    Sample(name="drawing: img element", body=json.dumps(completion({"content":
        '<img alt="fox" src="https://img.example/a.png?x=1&amp;y=2" width="9">'})),
        request=DRAW, rest=(PictureUrl(url="https://img.example/a.png?x=1&y=2"),
        Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1), STOP)),
    Sample(name="drawing: stopped by moderation, with words", body=json.dumps(
        completion({"content": "I can't draw that."}, "content_filter")),
        request=DRAW, error=ErrorKind.CONTENT_FILTERED, sentence="I can't draw that."),
    Sample(name="index, finish reason and usage in other writings", body=events_of(
        {"choices": [{"index": "0", "delta": {"content": "Once"}, "finish_reason": "null"}]},
        {"choices": [{"index": "0", "delta": {}, "finish_reason": "MAX_TOKENS"}],
         "usage": {"prompt_tokens": "11", "completion_tokens": "5", "total_tokens": "16"}}),
        request=ANY, text="Once", rest=(USED, Finish(reason=FinishReason.LENGTH))),
    Sample(name="an error of the server's in the stream", body=events_of(
        chunked(delta={"content": "Hi"}), {"error": {"message": "boom", "type": "server_error", "code": None}}),
        request=ANY, text="Hi", error=ErrorKind.BAD_GATEWAY),
    Sample(name="Markdown with a prompt in it", body=events_of(
        chunked(delta={"content": f"See ![{PROMPT}]({URL}) and ![{PROMPT[:9]}"}), chunked(reason="stop")),
        request=ANY, text=f"See  and ![{PROMPT[:9]}", rest=(NAMED_URL, Usage(pictures=1), STOP)),
    Sample(name="drawing: Markdown with a prompt in it", body=json.dumps(completion(
        {"content": f"![{PROMPT}]({URL})"})),
        request=DRAW, rest=(PictureUrl(url=URL),
        Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1), STOP)),
    Sample(name="drawing: words", body=json.dumps(completion({"content": "I can't draw that."})),
        request=DRAW, error=ErrorKind.DRAWING_FAILED, sentence="I can't draw that."),
    Sample(name="empty", body=json.dumps(completion({"content": None})), request=ANY, error=ErrorKind.EMPTY),
)  # fmt: skip
