"""What went well before and must stay so: other servers' dialects, each as its server writes it."""

from __future__ import annotations

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.server import BASE, Gap
from tests.integration.answers.writing import DONE, body, ch, deltas, events, fu, message
from tests.unit.providers.servers import Reset, Stall

HELLO = "Hello there"
USED = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}

PASSES = [
    Case(name="in pieces", answers=(events(*deltas("Hello", " there")),), text=HELLO),
    Case(
        name="in pieces", endpoint=Endpoint.FU, answers=(events(*deltas("Hello", " there", fusion=True)),), text=HELLO
    ),
    Case(name="whole", answers=(body(message(HELLO)),), text=HELLO),
    Case(
        name="SenseNova's reasoning, empty finish reasons, usage in a chunk without choices",
        answers=(
            events(
                ch({"role": "assistant", "reasoning": "hidden thoughts"}, ""),
                ch({"reasoning": " and more"}, ""),
                ch("Hello", ""),
                ch(" there", ""),
                ch({}, "stop"),
                {"id": "c1", "choices": [], "usage": USED},
                DONE,
            ),
        ),
        text=HELLO,
        absent=("hidden",),
        tokens=16,
    ),
    Case(
        name="data without a blank",
        answers=(
            events(b'data:{"choices":[{"index":0,"delta":{"content":"Hello there"}}]}\n\n', ch(None, "stop"), DONE),
        ),
        text=HELLO,
    ),
    Case(
        name="comments wrapped as data",
        answers=(events(b"data: : PROCESSING\n\n", ch("Hello"), b"data: : PROCESSING\n\n", *deltas(" there")),),
        text=HELLO,
    ),
    Case(
        name="an error in a stream with empty choices is asked again",
        answers=(
            events({"choices": [], "error": {"code": 502, "message": "Provider returned error"}}),
            events(*deltas("Hello", " there")),
        ),
        text=HELLO,
        calls=2,
    ),
    Case(
        name="Gemini without a finish reason",
        answers=(
            events(*({"choices": [{"index": 0, "delta": {"content": each}}]} for each in ("Hello", " there")), DONE),
        ),
        text=HELLO,
    ),
    Case(
        name="last words come with the finish reason",
        answers=(events(ch("Hello"), ch(" there", "stop"), DONE),),
        text=HELLO,
    ),
    Case(
        name="plain words after a stream that had no end",
        answers=(events(ch("Hello"), ch(" there"), b"upstream error: connection closed\n"),),
        text=HELLO,
        broken=True,
    ),
    Case(
        name="a picture stream of nothing",
        answers=(events(ch({"role": "assistant", "content": None}), ch({}, "stop"), DONE),),
        kind=ErrorKind.EMPTY,
    ),
    Case(
        name="content null and images",
        answers=(
            body(
                message({"role": "assistant", "content": None, "images": [{"image_url": {"url": f"{BASE}/pic/64x32"}}]})
            ),
        ),
        pictures=("64x32",),
    ),
    Case(
        name="a delta and the message so far in one chunk",
        answers=(
            events(
                {"choices": [{"index": 0, "delta": {"content": "Hello"}, "message": {"content": "Hello"}}]},
                {
                    "choices": [
                        {
                            "index": 0,
                            "delta": {"content": " there"},
                            "message": {"content": HELLO},
                            "finish_reason": "stop",
                        }
                    ]
                },
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="Azure's chunks that hold a filter alone",
        answers=(
            events(
                {"id": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]},
                *deltas("Hello", " there")[:-1],
                {
                    "choices": [
                        {"index": 0, "finish_reason": None, "content_filter_results": {}, "content_filter_offsets": {}}
                    ]
                },
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="llama.cpp's error field in the middle",
        answers=(events(ch("Hello"), b'error: {"code":500,"message":"slot is gone","type":"server_error"}\n\n'),),
        text="Hello",
        broken=True,
    ),
    Case(
        name="Ollama's runner dies in the middle",
        answers=(
            events(ch("Hello"), {"error": {"message": "llama runner process no longer running", "type": "api_error"}}),
        ),
        text="Hello",
        kind=ErrorKind.BAD_GATEWAY,
        broken=True,
    ),
    Case(
        name="deltas of a refusal",
        answers=(events(ch({"refusal": "I can't "}), ch({"refusal": "do that."}), ch(None, "stop"), DONE),),
        text="I can't do that.",
    ),
    *(
        Case(
            name=f"{name} for 75 s before the answer",
            answers=(events(*[beat, Gap(15)] * 5, *deltas("Hello", " there")),),
            speed=100,
            text=HELLO,
        )
        for name, beat in (("comments", b": PING\n\n"), ("blank lines", b"\n\n"), ("no bytes", Gap(0)))
    ),
    Case(
        name="stop, no end marker, and the connection is left open",
        answers=(events(ch("Hello there"), ch({}, "stop"), Stall(), end=False),),
        speed=5,
        text=HELLO,
        within_s=9,
    ),
    Case(
        name="a message as an object",
        endpoint=Endpoint.FU,
        answers=(body({"code": 200, "data": {"choices": [{"message": {"content": HELLO}, "finish_reason": "stop"}]}}),),
        text=HELLO,
    ),
    Case(
        name="two choices",
        endpoint=Endpoint.FU,
        answers=(
            body({"code": 0, "data": {"choices": [{"content": HELLO, "finish_reason": "stop"}, {"content": "other"}]}}),
        ),
        text=HELLO,
        absent=("other",),
    ),
    Case(
        name="reasoning beside deltas",
        endpoint=Endpoint.FU,
        answers=(
            events(
                {"code": 0, "data": {"choices": [{"delta": "", "reasoning_content": "hidden", "finish_reason": ""}]}},
                *deltas("Hello", " there", fusion=True),
            ),
        ),
        text=HELLO,
        absent=("hidden",),
    ),
    Case(
        name="a sentence that refuses after the drawing path was seen",
        endpoint=Endpoint.FU,
        answers=(events(fu("", picture=True), fu("提示词中有敏感词语", "stop", picture=True), DONE),),
        kind=ErrorKind.CONTENT_FILTERED,
    ),
    Case(
        name="progress, then a picture, in talk",
        answers=(events(*deltas("> 生成中 10%\n", "> 生成中 90%\n", f"![fox]({BASE}/pic/48x48)")),),
        pictures=("48x48",),
    ),
    Case(
        name="progress, then a picture",
        way=Way.DRAW,
        answers=(events(*deltas("> 生成中 10%\n", "> 生成中 90%\n", f"![fox]({BASE}/pic/48x48)")),),
        pictures=("48x48",),
    ),
    Case(
        name="a picture in a fence",
        way=Way.DRAW,
        answers=(body(message(f"```\n![fox]({BASE}/pic/48x48)\n```")),),
        pictures=("48x48",),
    ),
    Case(
        name="the same picture twice",
        answers=(body(message(f"![a]({BASE}/pic/40x40)\n\n![b]({BASE}/pic/40x40)")),),
        pictures=("40x40",),
    ),
    Case(
        name="words and pictures in turn",
        answers=(body(message(f"One\n\n![a]({BASE}/pic/40x40)\n\ntwo\n\n![b]({BASE}/pic/41x41)\n\nthree")),),
        shown=("One", "two", "three"),
        absent=("pic/",),
        pictures=("40x40", "41x41"),
    ),
    Case(
        name="the connection breaks before anything came and is asked again",
        answers=([Reset()], events(*deltas("Hello", " there"))),
        text=HELLO,
        calls=2,
    ),
]
