"""Small oddities of streams, errors that say that all is well, and usage in odd places."""

from __future__ import annotations

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint
from tests.integration.answers.writing import DONE, END, body, ch, deltas, events, fu, message
from tests.unit.providers.servers import chunk, opening

HELLO = "Hello there"
USED = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
STOP = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'


def piece(text: str) -> str:
    """Write a chunk as text."""
    return f'{{"choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}'


FRAMES = [
    Case(
        name="data twice",
        answers=(events(f"data: {piece('Hello')}", f"data: {piece(' there')}", f"data: {STOP}", "data: [DONE]"),),
        text=HELLO,
    ),
    Case(name="two objects on a line", answers=(events(piece("Hello") + piece(" there"), STOP, DONE),), text=HELLO),
    Case(name="all objects on a line", answers=(events(piece("Hello") + piece(" there") + STOP, DONE),), text=HELLO),
    Case(
        name="an event cut in the middle",
        answers=(
            events(ch("Hello"), b'data: {"choices":[{"index":0,"delta":{"content":" the\n\n', ch(None, "stop"), DONE),
        ),
        text="Hello",
        broken=True,
    ),
    Case(
        name="the last event cut in the middle",
        answers=(events(ch("Hello"), b'data: {"choices":[{"index":0,"del'),),
        text="Hello",
        broken=True,
    ),
    Case(
        name="index 1 alone",
        answers=(
            events(
                *({"choices": [{"index": 1, "delta": {"content": each}}]} for each in ("Hello", " there")),
                {"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]},
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="events without blank lines",
        answers=(
            [
                opening(),
                chunk("".join(f"data: {each}\n" for each in (piece("Hello"), piece(" there"), STOP, DONE))),
                END,
            ],
        ),
        text=HELLO,
    ),
    Case(
        name="line ends of Windows",
        answers=(
            events(*(f"data: {each}\r\n\r\n".encode() for each in (piece("Hello"), piece(" there"), STOP, DONE))),
        ),
        text=HELLO,
    ),
    Case(
        name="events with names and ids",
        answers=(
            events(
                *(
                    f"event: message\nid: {at}\ndata: {each}\n\n".encode()
                    for at, each in enumerate((piece("Hello"), piece(" there"), STOP, DONE))
                )
            ),
        ),
        text=HELLO,
    ),
    Case(name="a byte order mark first", answers=(events(b"\xef\xbb\xbf", *deltas("Hello", " there")),), text=HELLO),
    Case(
        name="a letter cut between two chunks",
        answers=(
            [opening(), *(chunk(bytes([byte])) for byte in f"data: {piece('世界')}\n\ndata: {STOP}\n\n".encode()), END],
        ),
        text="世界",
    ),
]
NOTHING = [
    Case(name="a head of events and no body", answers=([opening(), END],), kind=ErrorKind.EMPTY),
    Case(name="an end marker alone", answers=(events(DONE),), kind=ErrorKind.EMPTY),
    Case(name="usage alone", answers=(events({"choices": [], "usage": USED}),), kind=ErrorKind.EMPTY),
    Case(
        name="usage alone, and an end marker",
        answers=(events({"choices": [], "usage": USED}, DONE),),
        kind=ErrorKind.EMPTY,
    ),
    Case(
        name="a role and nothing else",
        answers=(events(ch({"role": "assistant", "content": ""}), ch(None, "stop"), DONE),),
        kind=ErrorKind.EMPTY,
    ),
    Case(
        name="nothing but blanks",
        answers=(events(ch(" \n"), ch("\n"), ch(None, "stop"), DONE),),
        kind=ErrorKind.EMPTY,
        text="",
    ),
]
WELL = [
    Case(
        name="an error that says ok, in each piece",
        endpoint=Endpoint.FU,
        answers=(
            events(
                *(
                    fu(each, end, error={"code": 0, "message": "ok"})
                    for each, end in (("Hello", ""), (" there", "stop"))
                ),
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="an error that says ok, at the top",
        endpoint=Endpoint.FU,
        answers=(
            events(
                *(
                    {**fu(each, end), "error": {"code": 0, "message": "ok"}}
                    for each, end in (("Hello", ""), (" there", "stop"))
                ),
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="an error that says success",
        endpoint=Endpoint.FU,
        answers=(
            events(
                *(
                    fu(each, end, error={"code": "0", "message": "success"})
                    for each, end in (("Hello", ""), (" there", "stop"))
                ),
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="an error with empty fields beside good choices",
        answers=(
            events(
                *(
                    ch(each, end, error={"message": "", "type": "", "param": "", "code": None})
                    for each, end in (("Hello", None), (" there", "stop"))
                ),
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="an error with empty fields in a whole answer",
        answers=(body(message(HELLO, error={"message": "", "type": "", "param": "", "code": None})),),
        text=HELLO,
    ),
    Case(
        name="a status that says ok",
        endpoint=Endpoint.FU,
        answers=(
            events(
                *(
                    fu(each, end, status={"code": 0, "message": "ok"})
                    for each, end in (("Hello", ""), (" there", "stop"))
                ),
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="base_resp that says success",
        answers=(
            events(
                *deltas("Hello", " there")[:-1],
                {"choices": [], "base_resp": {"status_code": 0, "status_msg": ""}},
                DONE,
            ),
        ),
        text=HELLO,
    ),
    Case(
        name="a status object instead of data",
        endpoint=Endpoint.FU,
        answers=(body({"data": None, "status": {"code": 8, "message": "resource exhausted"}}),),
        kind=(ErrorKind.RATE_LIMITED, ErrorKind.QUOTA),
        calls=3,
    ),
    Case(
        name="a status object after text",
        endpoint=Endpoint.FU,
        answers=(events(fu("Hello"), {"data": None, "status": {"code": 8, "message": "resource exhausted"}}),),
        text="Hello",
        kind=(ErrorKind.RATE_LIMITED, ErrorKind.QUOTA),
        broken=True,
    ),
    Case(
        name="a status object with a fault beside text",
        endpoint=Endpoint.FU,
        answers=(events(fu("Hello"), fu("", status={"code": 18, "message": "sensitive content"}), DONE),),
        text="Hello",
        kind=ErrorKind.CONTENT_FILTERED,
        noted=True,
    ),
]
USAGE = [
    Case(name=f"usage {where}", answers=(events(ch("Hello"), *rest, DONE),), text="Hello", tokens=16)
    for where, rest in (
        ("in a chunk without choices", (ch(None, "stop"), {"choices": [], "usage": USED})),
        (
            "in a chunk with an empty choice",
            (ch(None, "stop"), {"choices": [{"index": 0, "delta": {}}], "usage": USED}),
        ),
        ("with the finish reason", (ch(None, "stop", usage=USED),)),
        ("inside the choice", ({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USED}]},)),
        ("as x_groq", (ch(None, "stop", x_groq={"id": "req_1", "usage": USED}),)),
        ("null before the end", (ch(" ", None, usage=None), ch(None, "stop", usage=USED))),
        (
            "in every chunk, growing",
            (ch(None, None, usage={**USED, "completion_tokens": 1, "total_tokens": 12}), ch(None, "stop", usage=USED)),
        ),
    )
]
ODD = [*FRAMES, *NOTHING, *WELL, *USAGE]
