"""Finish reasons where they are no end, where they are missing, and what they say."""

from __future__ import annotations

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint, Way
from tests.integration.answers.server import BASE, Gap
from tests.integration.answers.writing import DONE, ROLE, body, ch, events, fu, message
from tests.unit.providers.servers import Stall

STORY = "Once upon a"
FOX = {"images": [{"image_url": {"url": f"{BASE}/pic/40x40"}}]}

IN_EVERY_CHUNK = [
    Case(
        name="stop in every chunk",
        answers=(events(ch("One ", "stop"), Gap(1.5), ch("two ", "stop"), Gap(1.5), ch("three.", "stop"), DONE),),
        speed=5,
        text="One two three.",
    ),
    Case(
        name="stop in every chunk",
        endpoint=Endpoint.FU,
        answers=(events(fu("One ", "stop"), Gap(1.5), fu("two ", "stop"), Gap(1.5), fu("three.", "stop"), DONE),),
        speed=5,
        text="One two three.",
    ),
    Case(
        name="stop in every chunk, no end marker",
        answers=(events(ch("One ", "stop"), Gap(1.5), ch("two ", "stop"), Gap(1.5), ch("three.", "stop")),),
        speed=5,
        text="One two three.",
    ),
    Case(
        name="stop with the reasoning",
        answers=(events(ch({"reasoning_content": "hidden"}, "stop"), Gap(1.8), ch("Hello.", "stop"), DONE),),
        speed=5,
        text="Hello.",
        absent=("hidden",),
    ),
    Case(
        name="stop with the text, then a picture",
        answers=(events(ch("Here is your fox.", "stop"), Gap(2), ch(FOX, "stop"), DONE),),
        speed=5,
        text="Here is your fox.",
        pictures=("40x40",),
    ),
    Case(
        name="stop with the text, then a picture",
        way=Way.DRAW,
        answers=(events(ch("Here is your fox.", "stop"), Gap(2), ch(FOX, "stop"), DONE),),
        speed=5,
        pictures=("40x40",),
    ),
    Case(
        name="stop with the last words, and the connection is left open",
        answers=(events(ch("Hello "), ch("there.", "stop"), Stall(), end=False),),
        speed=10,
        text="Hello there.",
        within_s=40,
    ),
]
_FILTERED = ("content_filter", "sensitive", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION")
_CUT = ("network_error", "insufficient_system_resource", "error", "abort")
_LENGTH = ("length", "max_tokens", "MAX_TOKENS", "model_context_window_exceeded")
_FINE = ("stop", "STOP", "eos", "end_turn", "stop_sequence")
REASONS = [
    *(
        Case(
            name=f"{reason} after text",
            answers=(events(ch(STORY), ch(None, reason), DONE),),
            text=STORY,
            broken=reason in _CUT,
            cut=reason in _LENGTH,
        )
        for reason in (*_CUT, *_LENGTH, *_FINE)
    ),
    *(
        Case(
            name=f"{reason} {when}",
            answers=(events(*([ch(STORY)] if when == "after text" else [ch(ROLE)]), ch(None, reason), DONE),),
            text=STORY if when == "after text" else None,
            kind=ErrorKind.CONTENT_FILTERED,
        )
        for reason in _FILTERED
        for when in ("after text", "without text")
    ),
    *(
        Case(
            name=f"{reason} after text",
            endpoint=Endpoint.FU,
            answers=(events(fu(STORY), fu("", reason), DONE),),
            text=STORY,
            kind=ErrorKind.CONTENT_FILTERED if reason == "sensitive" else None,
            cut=reason in ("context", "max_tokens", "length"),
        )
        for reason in ("sensitive", "context", "max_tokens", "length", "stop")
    ),
    Case(
        name="network_error in a whole answer",
        answers=(body(message(STORY, "network_error")),),
        text=STORY,
        broken=True,
    ),
    *(
        Case(
            name=f"{reason} without text",
            answers=(events(ch(ROLE), ch(None, reason), DONE),),
            kind=(ErrorKind.EMPTY, ErrorKind.TRUNCATED, ErrorKind.NETWORK, ErrorKind.BAD_GATEWAY),
            calls=(1, 3),
        )
        for reason in _CUT
    ),
    Case(
        name="a reason that nobody knows",
        answers=(events(ch(STORY), ch(None, "tired_of_it"), DONE),),
        text=STORY,
    ),
    Case(
        name="tool calls nobody asked for, after text",
        answers=(events(ch(STORY), ch({"tool_calls": [{"index": 0, "id": "x"}]}), ch(None, "tool_calls"), DONE),),
        text=STORY,
    ),
    Case(
        name="tool calls nobody asked for, alone",
        answers=(events(ch({"tool_calls": [{"index": 0, "id": "x"}]}), ch(None, "tool_calls"), DONE),),
        kind=ErrorKind.EMPTY,
    ),
]
MISSING = [
    Case(
        name="an end marker, and the reason was null in every chunk",
        answers=(events(ch(ROLE), ch("Once "), ch("upon a"), DONE),),
        text=STORY,
        broken=True,
    ),
    Case(
        name="neither reason nor end marker",
        answers=(events(ch(ROLE), ch("Once "), ch("upon a")),),
        text=STORY,
        broken=True,
    ),
    Case(
        name="neither reason nor end marker",
        endpoint=Endpoint.FU,
        answers=(events(fu("Once "), fu("upon a")),),
        text=STORY,
        broken=True,
    ),
]
STOPS = [*IN_EVERY_CHUNK, *REASONS, *MISSING]
