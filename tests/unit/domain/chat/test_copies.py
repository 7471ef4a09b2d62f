"""What a model has copied of the prompt's notes does not get into its answer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.chat.copies import MAX_NOTE_CHARS, CopyFilter, told_in
from bot.domain.model.messages import PromptMessage, Role

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OLD = "(I drew a picture on 2026-01-01 and sent it: a fox (model A, seed 5))"
NEW = "[A picture was drawn for this and sent on 2026-01-01: a [red] fox (seed 5)]"
END = "[End of the earlier message.]"
CHINESE = "[已为此画图，于 2026-01-01 发出：一只狐狸]"
CASES = {
    "the old note alone": (OLD, ""),
    "the old note without a recipe": ("(I drew a picture on 2026-01-01 and sent it.)", ""),
    "the new note alone": (NEW, ""),
    "the Chinese note alone": (CHINESE, ""),
    "a note behind words": (f"Here it is.\n{NEW}", "Here it is.\n"),
    "a note before words": (f"{OLD}\nWhat else?", "\nWhat else?"),
    "a note in the middle of a line": (f"Well {NEW} then", "Well  then"),
    "two notes": (f"{NEW}{OLD}.", "."),
    "that nothing was answered": ("[no answer was given]", ""),
    "that nothing was answered, in Chinese": ("[未作回答]\n好的", "\n好的"),
    "a note that breaks off": ("Yes.\n[Answered on 2026-01-01 with a pic", "Yes.\n[Answered on 2026-01-01 with a pic"),
    "a recipe that breaks off": ("Yes.\n[A picture was drawn for this and sent on 2026-01-01: a fox", "Yes.\n"),
    "a note whose bracket is not closed": (f"{NEW[:-1]}\nWell", "\nWell"),
    "the words for a picture alone": ("Here you are!\n", ""),
    "the words for a picture alone, in Chinese": ("画好了！", ""),
    "the words for a picture and more": ("Here you are! A list:", "Here you are! A list:"),
    "less than the words for a picture": ("Here", "Here"),
    "a story": ("(I drew a picture on the wall and sent it home.)", "(I drew a picture on the wall and sent it home.)"),
    "a link": ("[A picture](https://h/1) and a[0] and f(x)", "[A picture](https://h/1) and a[0] and f(x)"),
    "a recipe with brackets that do not match": (
        r"Yes. [A picture was drawn for this and sent on 2026-01-01: a \] fox \[ \\]!",
        "Yes. !",
    ),
    "a recipe that ends in a backslash": (
        "[A picture was drawn for this and sent on 2026-01-01: a fox\\\\] Well",
        " Well",
    ),
    "a quotation": (
        "[The last message replies to this earlier one by Bob (2):]\nA zebra.\n[End of the earlier message.]\nIt is.",
        "\nA zebra.\n\nIt is.",
    ),
    "a quotation in Chinese": ("[最后一条消息回复的是你（助手）先前的这条消息：]好。[先前的消息到此结束。]", "好。"),
    "brackets before a note": (f"[[{NEW}", "[["),
    "an opening bracket at the end": ("a [", "a ["),
}


def filtered(*pieces: str) -> str:
    copies = CopyFilter()
    return "".join([*(copies.feed(piece) for piece in pieces), copies.end()])


@pytest.mark.parametrize(("answer", "expected"), CASES.values(), ids=CASES.keys())
def test_at_every_split(answer: str, expected: str) -> None:
    assert filtered(answer) == expected
    assert filtered(*answer) == expected
    for split in range(len(answer)):
        assert filtered(answer[:split], answer[split:]) == expected


@untimed
@given(st.lists(st.text(alphabet="([)] Ida\n", max_size=6), max_size=12))
def test_other_text_comes_through_unchanged(pieces: list[str]) -> None:
    assert filtered(*pieces) == "".join(pieces)


def test_plain_text_is_not_held_back() -> None:
    copies = CopyFilter()
    assert [copies.feed(piece) for piece in ("Hello", " (I d", "id)", " x")] == ["Hello", " ", "(I did)", " x"]


def test_a_note_that_never_ends_does_not_swallow_all() -> None:
    pieces = ["[A picture was drawn for this and sent on 2026-01-01: ", *["word " * 20] * 40, "the end"]
    assert filtered(*pieces).endswith("the end")
    assert len(filtered(*pieces)) >= 4000 - MAX_NOTE_CHARS - 200


def prompt(*, user: str = "Hi", assistant: str = "Hello") -> list[PromptMessage]:
    return [PromptMessage(role=Role.USER, content=user), PromptMessage(role=Role.ASSISTANT, content=assistant)]


@pytest.mark.parametrize(
    ("messages", "answer", "expected"),
    [
        pytest.param(prompt(), "Here you are!", "Here you are!", id="no picture was told"),
        pytest.param(prompt(assistant="Here you are!"), "Here you are!", "", id="a picture was told"),
        pytest.param(prompt(assistant="Here you are! It is long."), "Here you are!", "Here you are!", id="more words"),
        pytest.param(prompt(user=f"Draw\n{NEW}"), f"Yes. {NEW}", "Yes. ", id="a drawing was told"),
        pytest.param(prompt(user=f"Draw\n{NEW}"), "[未作回答]", "[未作回答]", id="another note was told"),
        pytest.param(prompt(user=f"What is {NEW}?"), NEW, NEW, id="a user asks what it means"),
        pytest.param(
            prompt(assistant="[no answer was given]\nHi"), "[no answer was given]", "", id="nothing was answered"
        ),
        pytest.param(
            prompt(user="What does [no answer was given] mean?"),
            'It says "[no answer was given]".',
            'It says "[no answer was given]".',
            id="a user asks about a note",
        ),
        pytest.param(
            prompt(user=f"[The last message replies to this earlier one by Bob:]\n  x\n{END}\nHm?"),
            f"[The last message replies to this earlier one by Ann:] y {END}{NEW}",
            f" y {NEW}",
            id="a quotation was told",
        ),
        pytest.param(
            prompt(user=f"What does\n\\{END}\nmean?"),
            f"{END} ends it.",
            f"{END} ends it.",
            id="a user asks about an end",
        ),
        pytest.param(prompt(assistant=f"Look. {OLD}, I say"), f"Look. {OLD}", "Look. ", id="an old note in an answer"),
    ],
)
def test_only_what_the_prompt_tells_is_a_copy(messages: list[PromptMessage], answer: str, expected: str) -> None:
    copies = CopyFilter(told_in(messages))
    assert "".join([*map(copies.feed, answer), copies.end()]) == expected


def test_a_prompt_without_notes_needs_no_filter() -> None:
    assert not told_in(prompt(user="[no answer was given]", assistant="[A picture]"))
