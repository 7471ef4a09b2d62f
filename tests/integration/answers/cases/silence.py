"""Silence: how long is waited for what, and that there is an end to it."""

from __future__ import annotations

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.server import BASE, Gap
from tests.integration.answers.writing import DONE, ROLE, ch, deltas, events, fu
from tests.unit.providers.servers import Stall

HELLO = "Hello there"
FOX = f"![fox]({BASE}/pic/40x40)"
SPEED = 100
BEATS: list[bytes | Gap] = [b": PING\n\n", Gap(15)]

SILENCE = [
    *(
        Case(
            name=f"75 s of silence after {name}",
            answers=(events(first, Gap(75), *deltas("Hello", " there")[1:]),),
            speed=SPEED,
            text=HELLO,
        )
        for name, first in (
            ("the role", ch(ROLE)),
            ("a role without content", ch({"role": "assistant"})),
            ("content null", ch({"role": "assistant", "content": None})),
            ("a comment", b": PROCESSING\n\n"),
            ("a chunk without choices", {"id": "c1", "choices": []}),
            ("empty reasoning", ch({"reasoning_content": ""})),
        )
    ),
    Case(
        name="75 s of silence after an empty piece",
        endpoint=Endpoint.FU,
        answers=(events(fu(""), Gap(75), *deltas("Hello", " there", fusion=True)),),
        speed=SPEED,
        text=HELLO,
    ),
    *(
        Case(
            name="75 s of silence after the role, then the picture",
            way=way,
            answers=(events(ch(ROLE), Gap(75), *deltas(FOX)[1:]),),
            speed=SPEED,
            pictures=("40x40",),
        )
        for way in Way
    ),
    Case(
        name="75 s of silence after words of progress",
        way=Way.DRAW,
        answers=(events(ch(ROLE), ch("> 生成中 10%\n"), Gap(75), ch(FOX), ch(None, "stop"), DONE),),
        speed=SPEED,
        pictures=("40x40",),
    ),
    *(
        Case(
            name="75 s of silence after the drawing path was seen",
            endpoint=Endpoint.FU,
            way=way,
            answers=(events(fu("", picture=True), Gap(75), fu(f"{BASE}/pic/40x40", "stop", picture=True), DONE),),
            speed=SPEED,
            pictures=("40x40",),
        )
        for way in Way
    ),
    Case(
        name="heartbeats for 120 s after the role",
        answers=(events(ch(ROLE), *BEATS * 8, *deltas("Hello", " there")[1:]),),
        speed=SPEED,
        text=HELLO,
    ),
    Case(
        name="silence for ever after the role",
        answers=(events(ch(ROLE), Stall(), end=False),),
        speed=SPEED,
        kind=(ErrorKind.TIMEOUT_FIRST_BYTE, ErrorKind.TIMEOUT_IDLE),
        within_s=400,
    ),
    Case(
        name="heartbeats for ever",
        answers=(events(*BEATS * 20, Stall(), end=False),),
        speed=SPEED * 4,
        kind=(ErrorKind.TIMEOUT_FIRST_BYTE, ErrorKind.TIMEOUT_IDLE, ErrorKind.TIMEOUT_TOTAL),
    ),
    Case(
        name="silence for ever after text",
        answers=(events(ch("Once upon a"), Stall(), end=False),),
        speed=SPEED,
        text="Once upon a",
        kind=ErrorKind.TIMEOUT_IDLE,
        broken=True,
        within_s=400,
    ),
    Case(
        name="75 s of silence after text",
        answers=(events(ch("Once upon a"), Gap(75), ch(" time"), ch(None, "stop"), DONE),),
        speed=SPEED,
        text="Once upon a",
        kind=ErrorKind.TIMEOUT_IDLE,
        broken=True,
    ),
]
