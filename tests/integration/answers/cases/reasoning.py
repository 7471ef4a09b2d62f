"""Reasoning in every mark that servers use: never shown, never remembered."""

from __future__ import annotations

from bot.errors import ErrorKind
from tests.integration.answers.case import Case, Endpoint, both
from tests.integration.answers.writing import DONE, ROLE, body, ch, deltas, events, fu, message

HELLO = "Hello there!"
HIDDEN = ("secret", "think", "thought", "channel", "analysis", "◁", "<|")
CODE = "Use it so:\n\n```html\n<think>not this</think>\n```\n\nand `</think>` too."


def pieces(text: str, size: int = 5) -> list[str]:
    """Cut a text so that marks are split."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def told(name: str, text: str, *, shown: str = HELLO) -> list[Case]:
    """Make a case for both endpoints, in small pieces, and one of it whole."""
    in_pieces = both(
        Case(name=name, answers=(events(*deltas(*pieces(text))),), text=shown, absent=HIDDEN),
        events(*deltas(*pieces(text), fusion=True)),
    )
    whole = Case(name=f"{name}, whole", answers=(body(message(text)),), text=shown, absent=HIDDEN)
    return [*in_pieces, whole]


MARKS = [
    *told("a leading block", "<think>\nsecret\n</think>\n\nHello there!"),
    *told("a leading block of another name", "<thinking>\nsecret\n</thinking>\n\nHello there!"),
    *told("a thought", "<thought>secret</thought>Hello there!"),
    *told("reasoning by its name", "<reasoning>secret</reasoning>\nHello there!"),
    *told("marks of Kimi", "◁think▷secret◁/think▷Hello there!"),
    *told("the end alone", "I ponder a secret\n</think>\n\nHello there!"),
    *told("the end alone, by another name", "I ponder a secret\n</thinking>\n\nHello there!"),
    *told("the end alone and first", "</think>\n\nHello there!"),
    *told("a second block after text", "<think>secret</think>Hello <think>secret two</think>there!"),
    *told(
        "a block after a line of progress",
        "> ok\n\n<think>secret</think>\n\nHello there!",
        shown="> ok\n\nHello there!",
    ),
    *told(
        "harmony's channels",
        "<|channel|>analysis<|message|>secret<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Hello there!<|return|>",
    ),
    *told(
        "harmony with a role in front and a comment between",
        "<|start|>assistant<|channel|>analysis<|message|>secret<|end|><|start|>assistant<|channel|>commentary<|message|>"
        "secret call<|end|><|start|>assistant<|channel|>final<|message|>Hello there!<|end|>",
    ),
    *told("an answer in marks", "<answer>Hello there!</answer>"),
    *told("reasoning, then an answer in marks", "<think>secret</think><answer>Hello there!</answer>"),
    *told("a box of GLM", "<|begin_of_box|>Hello there!<|end_of_box|>"),
    *told("an end mark", "Hello there!<|im_end|>"),
    *told("an end mark of Llama", "Hello there!<|eot_id|>"),
]
CODE_STAYS = both(
    Case(name="marks in code are code", answers=(events(*deltas(*pieces(CODE))),), text=CODE),
    events(*deltas(*pieces(CODE), fusion=True)),
)
PARTS = [
    Case(
        name="a typed part",
        answers=(body(message([{"type": "reasoning", "text": "secret"}, {"type": "text", "text": HELLO}])),),
        text=HELLO,
        absent=HIDDEN,
    ),
    Case(
        name="a typed part in a delta",
        answers=(
            events(
                ch(ROLE),
                ch({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "secret"}]}]}),
                ch({"content": [{"type": "text", "text": HELLO}]}),
                ch(None, "stop"),
                DONE,
            ),
        ),
        text=HELLO,
        absent=HIDDEN,
    ),
    Case(
        name="both fields and a block at once",
        answers=(
            events(
                ch({"reasoning_content": "secret", "reasoning": "secret", "content": "<think>secret"}),
                ch("</think>"),
                *deltas(HELLO),
            ),
        ),
        text=HELLO,
        absent=HIDDEN,
    ),
    Case(
        name="fields of a whole message",
        answers=(body(message({"role": "assistant", "content": HELLO, "reasoning_content": "secret"})),),
        text=HELLO,
        absent=HIDDEN,
    ),
]
ALONE = [
    Case(
        name=f"nothing but reasoning as {name}, then {reason}",
        answers=(events(ch(ROLE), first, ch(None, reason), DONE),),
        kind=kind,
        absent=("secret",),
        text="",
    )
    for reason, kind in (("stop", ErrorKind.ONLY_THOUGHT), ("length", ErrorKind.THOUGHT_TOO_LONG))
    for name, first in (
        ("a field", ch({"reasoning_content": "secret"})),
        ("a field of OpenRouter", ch({"reasoning": "secret"})),
        ("an open block", ch("<think>secret")),
        ("a closed block", ch("<think>secret</think>\n")),
    )
] + [
    Case(
        name="nothing but reasoning",
        endpoint=Endpoint.FU,
        answers=(events(fu("<think>secret</think>", "stop"), DONE),),
        kind=ErrorKind.ONLY_THOUGHT,
        absent=("secret",),
        text="",
    )
]
REASONING = [*MARKS, *CODE_STAYS, *PARTS, *ALONE]
