"""Content that is a number in JSON: shown with the digits as they were written."""

from __future__ import annotations

from tests.integration.answers.case import Case, Endpoint
from tests.integration.answers.writing import DONE, body, ch, events, fu, message


def content(written: str) -> str:
    """Write a chunk whose content is JSON as it is given."""
    return f'{{"choices":[{{"index":0,"delta":{{"content":{written}}},"finish_reason":null}}]}}'


def piece(written: str) -> str:
    """Write an envelope whose delta is JSON as it is given."""
    return f'{{"code":0,"data":{{"choices":[{{"delta":{written},"finish_reason":""}}],"status":0}}}}'


WRITTEN = ("0.005", "0.10", "1", "2024", "3e50", "1E+2", "-0", "12345678901234567890123", "1.0")
NUMBERS = [
    Case(
        name="a price and marks",
        answers=(
            events(
                ch("The price is $"),
                content("0.005"),
                ch(" and see ["),
                content("1"),
                ch("] of "),
                content("2024"),
                ch(None, "stop"),
                DONE,
            ),
        ),
        text="The price is $0.005 and see [1] of 2024",
    ),
    *(
        Case(
            name=f"{written} among text",
            answers=(events(ch("It is "), content(written), ch("."), ch(None, "stop"), DONE),),
            text=f"It is {written}.",
        )
        for written in WRITTEN
    ),
    *(
        Case(
            name=f"{written} among text",
            endpoint=Endpoint.FU,
            answers=(events(fu("It is "), piece(written), fu(".", "stop"), DONE),),
            text=f"It is {written}.",
        )
        for written in WRITTEN
    ),
    Case(name="true", answers=(events(ch("x="), content("true"), ch(None, "stop"), DONE),), text="x=true"),
    Case(name="false", answers=(events(ch("x="), content("false"), ch(None, "stop"), DONE),), text="x=false"),
    Case(name="a whole message", answers=(body(message(42)),), text="42"),
    Case(
        name="a whole message with its digits",
        answers=(body('{"choices":[{"index":0,"message":{"content":0.10},"finish_reason":"stop"}]}'),),
        text="0.10",
    ),
    Case(
        name="a part",
        answers=(body(message([{"type": "text", "text": 42}, {"type": "text", "text": "!"}])),),
        text="42!",
    ),
    Case(
        name="numbers as usage and index stay what they are",
        answers=(
            events(
                ch("Hi"),
                ch(None, "stop"),
                {"choices": [], "usage": {"prompt_tokens": 11.0, "completion_tokens": 5, "total_tokens": 16}},
                DONE,
            ),
        ),
        text="Hi",
        tokens=16,
    ),
]
