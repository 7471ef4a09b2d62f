"""Pictures in the forms that public servers send them in."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint, Way, ways
from tests.integration.answers.server import BASE, picture_of
from tests.integration.answers.writing import DONE, ROLE, body, ch, deltas, events, fu, message

DATA = base64.b64encode(picture_of(40, 40)).decode()
URL = f"data:image/png;base64,{DATA}"
WRAPPED = "\n".join(DATA[at : at + 76] for at in range(0, len(DATA), 76))
HERE = "Here you are."
USED = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
LEAKS = (DATA[:60], "![", "](", "base64", "sig=", "/pic/")
"""What no reader is to see: base64, markup, signed addresses."""


def said(content: object, **more: Any) -> dict[str, Any]:
    """Write a whole completion with more in its message."""
    return message({"role": "assistant", "content": content, **more})


def shown(name: str, answer: object, *sizes: str, text: str = "") -> list[Case]:
    """Make a case for talk and for ``/draw``."""
    script = answer if isinstance(answer, list) else body(answer)
    case = Case(name=name, answers=(script,), pictures=sizes or ("40x40",), absent=LEAKS)
    return ways(replace(case, shown=(text,) if text else ()), shown=())


def _coded(form: str) -> str:
    return base64.b64encode(picture_of(40, 40, form.upper())).decode()


def _by_threes(text: str) -> list[str]:
    """Cut a text; the server's own address stays whole, since its port is put in piece by piece."""
    before, _, after = text.partition(BASE)
    return [
        *(before[at : at + 3] for at in range(0, len(before), 3)),
        BASE,
        *(after[at : at + 3] for at in range(0, len(after), 3)),
    ]


FIELDS = [
    *shown(
        "image beside the content of a delta",
        events(ch(ROLE), ch({"content": HERE, "image": {"url": URL}}), ch(None, "stop"), DONE),
        text=HERE,
    ),
    *shown("image beside the content of a message", said(HERE, image={"url": URL}), text=HERE),
    *shown("image as a text", said(HERE, image=URL), text=HERE),
    *shown(
        "images as objects with image_url",
        said(HERE, images=[{"type": "image_url", "image_url": {"url": URL}}]),
        text=HERE,
    ),
    *shown("images as texts", said(HERE, images=[URL]), text=HERE),
    *shown("an Images-API body with an address", {"created": 1, "data": [{"url": f"{BASE}/pic/40x40"}]}),
    *shown("an Images-API body with base64 and usage", {"created": 1, "data": [{"b64_json": DATA}], "usage": USED}),
    *shown("a part of type image", said([{"type": "image", "image": URL}])),
    *shown(
        "a part of type image_url",
        said([{"type": "text", "text": HERE}, {"type": "image_url", "image_url": {"url": URL}}]),
        text=HERE,
    ),
    *shown(
        "a part with Anthropic's source",
        said([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}]),
    ),
    *shown("a part with inline_data", said([{"inline_data": {"mime_type": "image/png", "data": DATA}}])),
    *shown("a part with inlineData", said([{"inlineData": {"mimeType": "image/png", "data": DATA}}])),
    *shown("a part of type output_image with a text", said([{"type": "output_image", "image_url": URL}])),
]
MARKUP = [
    *shown("a relative address", said("![image](/pic/40x40)")),
    *shown("a linked thumbnail", said(f"[![image]({BASE}/pic/10x10)]({BASE}/pic/40x40?sig=abc%2F)")),
    *shown(
        "a linked thumbnail in small pieces",
        events(*deltas(*_by_threes(f"Look: [![i]({BASE}/pic/10x10)](/pic/40x40?sig=a)"))),
        text="Look:",
    ),
    *shown(
        "previews, then the picture",
        events(
            *deltas(
                f"> 生成中 25%\n![25%]({BASE}/pic/10x10)\n",
                f"> 生成中 60%\n![60%]({BASE}/pic/20x20)\n",
                f"> 完成 100%\n\n![image]({BASE}/pic/40x40)",
            )
        ),
    ),
    *shown("a data address", said(f"{HERE}\n\n![a]({URL})"), text=HERE),
    *shown("a data address with line breaks", said(f"{HERE}\n\n![a](data:image/png;base64,{WRAPPED})"), text=HERE),
    *shown("a data address with a charset", said(f"![a]({URL.replace(';base64', ';charset=utf-8;base64')})")),
    *(
        case
        for form in ("jpeg", "webp", "gif")
        for case in shown(f"a data address of {form}", said(f"![a](data:image/{form};base64,{_coded(form)})"))
    ),
    *shown("an address that is elsewhere", said(f"![a]({BASE}/pic/40x40?moved)")),
    *shown("base64 alone", said(DATA)),
    *shown("base64 alone, with line breaks", said(WRAPPED)),
    *shown("a blank in the address", said(f"![x]({BASE}/pic/40x40 fox)")),
    *shown("Chinese in the address", said(f"![x]({BASE}/pic/40x40?name=狐狸)")),
    *shown("a host that wants a browser", said(f"![x]({BASE}/pic/40x40?picky)")),
    *shown("a host that offers AVIF to whoever takes any picture", said(f"![x]({BASE}/pic/40x40?offer)")),
    *shown("a title behind the address", said(f'![x]({BASE}/pic/40x40 "a fox")')),
    *shown("an img in HTML", said(f'<img src="{BASE}/pic/40x40" alt="a">')),
    *shown("an img with single quotes", said(f"<img src='{BASE}/pic/40x40'>")),
    *shown("an address in angle brackets", said(f"![x](<{BASE}/pic/40x40>)")),
    *shown("brackets in the address", said(f"![x]({BASE}/pic/40x40?q=(a))")),
]
ALONE = [
    Case(
        name="an address alone",
        way=Way.DRAW,
        answers=(body(said(f"{BASE}/pic/40x40.png")),),
        pictures=("40x40",),
        absent=LEAKS,
    ),
    Case(
        name="a link behind words",
        way=Way.DRAW,
        answers=(body(said(f"Done! [download]({BASE}/pic/40x40.png)")),),
        pictures=("40x40",),
    ),
    *(
        Case(
            name="the address in pieces",
            endpoint=Endpoint.FU,
            way=way,
            answers=(
                events(fu(f"{BASE}/p", picture=True), fu("ic/40x40", picture=True), fu("", "stop", picture=True), DONE),
            ),
            pictures=("40x40",),
            absent=LEAKS,
        )
        for way in Way
    ),
]
NOT_THERE = [
    Case(
        name="a host on this machine that is not allowed",
        way=way,
        answers=(body(said(f"![x](http://127.0.0.1:9/{name})")),),
        kind=ErrorKind.PICTURE_HOST if way is Way.DRAW else ErrorKind.PICTURE_NAMED,
        shown=("IMAGE_FETCH_ALLOW" if way is Way.DRAW else "IMAGE_FETCH_IN_TEXT",),
        absent=("127.0.0.1",),
    )
    for name in ("fox.png",)
    for way in Way
]
PICTURES = [*FIELDS, *MARKUP, *ALONE, *NOT_THERE]
