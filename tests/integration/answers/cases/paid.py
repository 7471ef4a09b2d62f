"""What may have been paid for is asked for once: how calls that may be billed fail, and how often they are made.

Faults seen at gateways and relays: a picture was counted on the account although the answer said 504 or 524.
"""

from __future__ import annotations

from dataclasses import replace

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.server import BASE, Gap, Script
from tests.integration.answers.writing import body, ch, events, fu
from tests.unit.providers.servers import Reset

AWAY = (ErrorKind.BAD_GATEWAY, ErrorKind.NETWORK, ErrorKind.OVERLOADED, ErrorKind.TRUNCATED)
"""Any of them says the right thing: no picture came, and it is not the question's fault."""
NOTED = {"code": 0, "data": {"choices": [{"delta": "", "finish_reason": ""}], "usage": {"picture": True}, "status": 0}}
BEAT = b": heartbeat\n\n"


def refused(code: int, **more: object) -> dict[str, object]:
    """Write an error object with a code."""
    return {"error": {"code": code, "message": "upstream did not answer", **more}}


DONE_PERHAPS: dict[str, Script] = {
    "504": body("<html><h1>504 Gateway Time-out</h1></html>", status=504, content_type="text/html"),
    "408": body("", status=408),
    "520": body("error code: 520", status=520, content_type="text/plain"),
    "521": body("error code: 521", status=521, content_type="text/plain"),
    "522": body("error code: 522", status=522, content_type="text/plain"),
    "523": body("error code: 523", status=523, content_type="text/plain"),
    "524": body("error code: 524", status=524, content_type="text/plain"),
    "524 as the words of Cloudflare's page": body(
        "<!DOCTYPE html><title>host | 524: A timeout occurred</title>", status=524, content_type="text/html"
    ),
    "a reset before the head": [Reset()],
    "closed before the head": [],
    "a reset 0.3 s after the head": events(Gap(0.3), Reset(), end=False),
    "500 that names a deadline": body(
        {"error": {"message": "context deadline exceeded", "type": "new_api_error", "code": "do_request_failed"}},
        status=500,
    ),
    "500 that names a timeout": body({"error": {"message": "Request timed out.", "type": "server_error"}}, status=500),
    "500 that names a timeout in Chinese": body(
        {"error": {"message": "上游请求超时", "type": "api_error"}}, status=500
    ),
    "504 as a code in a stream": events(refused(504)),
    "524 as a text in a stream": events({"error": {"code": "524", "message": "A timeout occurred"}}),
    "504 as a code in a stream after heartbeats": events(BEAT, Gap(1), BEAT, Gap(1), refused(504)),
    "504 as a code in one body at 200": body(refused(504)),
    "408 as a code in one body at 200": body(refused(408)),
}
NOT_DONE: dict[str, Script] = {
    "502": body("<html><h1>502 Bad Gateway</h1></html>", status=502, content_type="text/html"),
    "500": body({"error": {"message": "something went wrong", "type": "server_error"}}, status=500),
    "503": body({"error": {"message": "try later"}}, status=503),
    "529": body({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, status=529),
    "429": body({"error": {"message": "slow down"}}, status=429),
}

BY_DRAW = [
    Case(name=name, way=Way.DRAW, endpoint=endpoint, answers=(script,), kind=AWAY, calls=1, speed=20)
    for endpoint in Endpoint
    for name, script in DONE_PERHAPS.items()
]
BY_TALK = [replace(case, way=Way.MENTION) for case in BY_DRAW if case.endpoint is Endpoint.FU]
"""Fusion makes the picture in the same call, wherever one is wanted: each may be billed."""
PLAIN_TALK = [replace(case, way=Way.MENTION, calls=3) for case in BY_DRAW if case.endpoint is Endpoint.CC]
"""A chat that only may offer a picture is asked again."""
ASKED_AGAIN = [
    Case(
        name=f"{name} is asked again",
        way=way,
        endpoint=endpoint,
        answers=(script,),
        kind=(*AWAY, ErrorKind.RATE_LIMITED),
        calls=3,
    )
    for endpoint in Endpoint
    for way in Way
    for name, script in NOT_DONE.items()
]
OF_FUSION = [
    Case(
        name=name,
        endpoint=Endpoint.FU,
        way=way,
        answers=(script,),
        kind=(*AWAY, ErrorKind.DRAWING_FAILED, ErrorKind.TIMEOUT_IDLE),
        calls=1,
        speed=20,
    )
    for way in Way
    for name, script in (
        ("a reset after the drawing path was seen", events(NOTED, Gap(0.4), Reset(), end=False)),
        ("a reset after half the address", events(NOTED, fu("http://127", picture=True), Gap(0.4), Reset(), end=False)),
        ("503 in the stream after the drawing path was seen", events(NOTED, {"code": 503, "msg": "busy"})),
        ("429 in the stream after the drawing path was seen", events(NOTED, {"code": 429, "msg": "busy"})),
        ("504 as the envelope's code at 200", body({"code": 504, "msg": "timeout"})),
        ("504 as the envelope's status", events({"code": 0, "data": {"choices": [], "status": 504}})),
        ("a clean end after the drawing path was seen", events(NOTED)),
    )
]
OF_CHAT = [
    *(
        Case(
            name=f"a reset in a drawing after its picture came {name}",
            answers=(events(ch(delta), Gap(0.4), Reset(), end=False),),
            way=Way.DRAW,
            pictures=("40x40",),
            speed=20,
        )
        for name, delta in (
            ("beside the words", {"images": [{"image_url": {"url": f"{BASE}/pic/40x40"}}]}),
            ("in the words", {"content": f"![25%]({BASE}/pic/10x10)\n![x]({BASE}/pic/40x40) and"}),
        )
    ),
    Case(
        name="a reset in a chat after its picture came",
        answers=(events(ch({"images": [{"image_url": {"url": f"{BASE}/pic/40x40"}}]}), Gap(0.4), Reset(), end=False),),
        pictures=("40x40",),
        kind=AWAY,
        calls=1,
        speed=20,
    ),
]

PAID = [*BY_DRAW, *BY_TALK, *PLAIN_TALK, *ASKED_AGAIN, *OF_FUSION, *OF_CHAT]
