"""Pictures in the forms that public servers give them to a chat (endpoints.md, section 2), and what comes of each."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

from bot.domain.model.events import PictureBytes, PictureUrl, Usage
from bot.domain.model.request import ModelRequest
from bot.errors import ErrorKind
from tests.unit.providers.chat_samples import NAMED_URL, URL, chunked, completion
from tests.unit.providers.samples import ANY, DRAW, STOP, USED, Sample, events_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(160))
BASE64 = base64.b64encode(PNG).decode()
DATA = f"data:image/png;base64,{BASE64}"
WRAPPED = "\n".join(BASE64[at : at + 76] for at in range(0, len(BASE64), 76))
AT_URL, AS_BYTES = PictureUrl(url=URL), PictureBytes(data=PNG)
ONE = Usage(pictures=1)
USED_ONE = Usage(prompt_tokens=11, completion_tokens=5, total_tokens=16, pictures=1)

BESIDE: dict[str, tuple[dict[str, object], PictureUrl | PictureBytes]] = {
    "image with a URL": ({"image": {"url": URL}}, AT_URL),
    "image with a data URL": ({"image": {"url": DATA}}, AS_BYTES),
    "image as a string": ({"image": URL}, AT_URL),
    "image as a data URL": ({"image": DATA}, AS_BYTES),
    "image as base64": ({"image": BASE64}, AS_BYTES),
    "images as an object": ({"images": {"url": URL}}, AT_URL),
    "images of b64_json": ({"images": [{"b64_json": BASE64}]}, AS_BYTES),
    "b64_json that is a data URL": ({"images": [{"b64_json": DATA}]}, AS_BYTES),
    "images of base64": ({"images": [BASE64]}, AS_BYTES),
    "images of a path": ({"images": [{"url": "/img/1"}]}, PictureUrl(url="http://x/img/1")),
    "images of jpeg": ({"images": [{"mime_type": "image/jpeg", "data": BASE64}]}, AS_BYTES),
    "image_url beside content": ({"image_url": {"url": URL}}, AT_URL),
    "attachments": ({"attachments": [{"type": "image", "url": URL}, {"url": "https://a/b.pdf"}]}, AT_URL),
    "media": ({"media": [{"content_type": "image/webp", "url": URL}, {"type": "audio", "data": "AAAA"}]}, AT_URL),
}
PARTS: dict[str, tuple[dict[str, object], PictureUrl | PictureBytes]] = {
    "image": ({"type": "image", "image": URL}, AT_URL),
    "image of base64": ({"type": "image", "image": BASE64}, AS_BYTES),
    "image of a source": (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": BASE64}}, AS_BYTES),
    "image of a source with a URL": ({"type": "image", "source": {"type": "url", "url": URL}}, AT_URL),
    "image of data": ({"type": "image", "data": BASE64, "mimeType": "image/png"}, AS_BYTES),
    "inline_data": ({"inline_data": {"mime_type": "image/png", "data": BASE64}}, AS_BYTES),
    "inlineData": ({"inlineData": {"mimeType": "image/png", "data": BASE64}}, AS_BYTES),
    "image_url": ({"type": "image_url", "image_url": {"url": DATA, "detail": "auto"}}, AS_BYTES),
    "output_image": ({"type": "output_image", "image_url": URL}, AT_URL),
    "image_generation_call": ({"type": "image_generation_call", "result": BASE64}, AS_BYTES),
}  # fmt: skip
NONE: dict[str, object] = {
    "audio": {"type": "input_audio", "data": BASE64},
    "video": {"type": "video", "url": "https://a.example/b.mp4"},
    "thinking": {"type": "redacted_thinking", "data": "c2VjcmV0IHdvcmRz"},
    "file": {"type": "file", "file": {"url": "https://a.example/b.pdf"}},
    "words": {"type": "image", "image": "a fox"},
    "deep": {"image": {"image": {"image": {"image": URL}}}},
}
TEXTS: dict[str, tuple[str, str, PictureUrl | PictureBytes]] = {
    "path": ("See ![image](/img/b) there", "See  there", PictureUrl(url="http://x/img/b")),
    "linked thumbnail": (
        f"See [![image](https://img.example/t.png)]({URL})!", "See !",
        PictureUrl(url=URL, thumbnail="https://img.example/t.png")),
    "thumbnail that is the picture": (f"See [![image]({URL})]({URL})!", "See !", PictureUrl(url=URL)),
    "linked img": (
        f"See <a href='{URL}'><img src='https://img.example/t.png'></a>!", "See !",
        PictureUrl(url=URL, thumbnail="https://img.example/t.png")),
    "blanks": ("See ![x](http://host/my red fox)!", "See !", PictureUrl(url="http://host/my%20red%20fox")),
    "previews": (
        f"> 进度 25%\n![image]({URL}1)\n> 进度 60%\n![image]({URL}2)\n> 100%\n![image]({URL})",
        "> 进度 25%\n\n> 进度 60%\n\n> 100%\n", AT_URL),
    "previews by their names": (
        f"Here: ![Preview 25%](https://img.example/1)![60 %](https://img.example/2)![fox]({URL})", "Here: ", AT_URL),
    "preview alone": (f"Here: ![25%]({URL})", "Here: ", AT_URL),
    "wrapped data URL in Markdown": (f"Here: ![x](data:image/png;base64,{WRAPPED})!", "Here: !", AS_BYTES),
    "wrapped data URL": (f"Here: data:image/png;base64,{WRAPPED}\n\nBye", "Here: \n\nBye", AS_BYTES),
    "base64 alone": (f"Here: {BASE64}", "Here: ", AS_BYTES),
    "wrapped base64 alone": (f"Here:\n{WRAPPED}\nA fox.", "Here:\n\nA fox.", AS_BYTES),
}  # fmt: skip


def in_text(event: PictureUrl | PictureBytes, request: ModelRequest) -> PictureUrl | PictureBytes:
    """Return what comes of a picture in the text: of a talk anybody may have named it, a drawing was ordered."""
    return replace(event, named=True) if isinstance(event, PictureUrl) and request is ANY else event


PICTURES = (
    *(
        Sample(name=f"beside the words: {name}", body=events_of(
            chunked(delta={"role": "assistant", "content": "Done."}), chunked(delta=given, reason="stop")),
            request=request, text="Done." if request is ANY else "", rest=(event, ONE, STOP))
        for name, (given, event) in BESIDE.items() for request in (ANY, DRAW)
    ),
    *(
        Sample(name=f"part: {name}", body=json.dumps(completion({"content": [{"type": "text", "text": "Hi"}, part]})),
            request=ANY, text="Hi", rest=(event, USED_ONE, STOP))
        for name, (part, event) in PARTS.items()
    ),
    *(
        Sample(name=f"part that is no picture: {name}", body=json.dumps(
            completion({"content": [{"type": "text", "text": "Hi"}, part]})), request=ANY, text="Hi", rest=(USED, STOP))
        for name, part in NONE.items()
    ),
    *(
        Sample(name=f"in the words: {name}", body=events_of(
            *(chunked(delta={"content": text[at : at + 40]}) for at in range(0, len(text), 40)),
            chunked(reason="stop")), request=request, text=shown if request is ANY else "",
            rest=(in_text(event, request), ONE, STOP))
        for name, (text, shown, event) in TEXTS.items() for request in (ANY, DRAW)
    ),
    Sample(name="content that is one part", body=json.dumps(completion({"content": {"image_url": {"url": URL}}})),
        request=ANY, rest=(AT_URL, USED_ONE, STOP)),
    Sample(name="two pictures", body=events_of(
        chunked(delta={"content": f"![a]({URL}) and ![b]({URL}2)"}, reason="stop")), request=ANY, text=" and ",
        rest=(NAMED_URL, PictureUrl(url=URL + "2", named=True), Usage(pictures=2), STOP)),
    *(
        Sample(name=f"Images API: {name}", body=json.dumps({"created": 1, **body}), request=request, rest=rest)
        for name, body, rest in (
            ("url", {"data": [{"url": URL, "revised_prompt": "a fox"}]}, (AT_URL, ONE, STOP)),
            ("b64_json", {"data": [{"b64_json": BASE64}], "output_format": "jpeg", "usage": {"total_tokens": 9}},
             (AS_BYTES, Usage(total_tokens=9, pictures=1), STOP)),
            ("both", {"data": [{"url": None, "b64_json": BASE64}]}, (AS_BYTES, ONE, STOP)),
            ("several", {"data": [{"url": URL}, {"url": URL + "2"}]},
             (AT_URL, PictureUrl(url=URL + "2"), Usage(pictures=2), STOP)),
            ("images", {"images": [{"url": URL}], "seed": 1}, (AT_URL, ONE, STOP)),
            ("a path", {"data": [{"url": "/files/1.png"}]}, (PictureUrl(url="http://x/files/1.png"), ONE, STOP)),
        )
        for request in (ANY, DRAW)
    ),
    Sample(name="Images API as events", body=events_of({"created": 1, "data": [{"url": URL}]}), request=ANY,
        rest=(AT_URL, ONE, STOP)),
    Sample(name="drawing: address given elsewhere", body=json.dumps(
        completion({"content": f"![fox][1]\n\n[1]: {URL}"})), request=DRAW, rest=(AT_URL, USED_ONE, STOP)),
    Sample(name="drawing: in a fence", body=json.dumps(completion({"content": f"```\n![fox]({URL})\n```"})),
        request=DRAW, rest=(AT_URL, USED_ONE, STOP)),
    Sample(name="drawing: words around damaged base64", body=json.dumps(
        completion({"content": f"Sorry: data:image/png;base64,{BASE64}A"})), request=DRAW,
        error=ErrorKind.DRAWING_FAILED, sentence="Sorry:"),
)  # fmt: skip
