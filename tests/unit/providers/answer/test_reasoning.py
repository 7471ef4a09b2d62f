"""Reasoning that servers leave in the text: taken out in every mark, at every split."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.providers.answer.reasoning import ThinkGate
from tests.unit.providers.answer.test_gates import pieces_of
from tests.unit.providers.servers import FUZZ_FACTOR


def through(pieces: list[str]) -> tuple[str, str]:
    """Return the reasoning and what the answer is in the end."""
    gate = ThinkGate()
    reasoning = answer = ""
    for step in (*(lambda piece=piece: gate.feed(piece) for piece in pieces), gate.end):
        thought, text = step()
        if gate.retracts:
            gate.retracts = False
            reasoning, answer = reasoning + answer, ""
        reasoning += thought
        answer += text
    return reasoning, answer


CASES = [
    pytest.param("<think>a<b</think>\n\nanswer", "a<b", "answer", id="at the start"),
    pytest.param("\n<think></think>answer", "", "answer", id="empty"),
    pytest.param("<think>never ends</thi", "never ends</thi", "", id="never closed"),
    pytest.param("<thi", "", "<thi", id="half a mark"),
    pytest.param("", "", "", id="nothing"),
    pytest.param("  indented", "", "  indented", id="blanks at the start"),
    pytest.param("<thinking>hm</thinking>Hi", "hm", "Hi", id="thinking"),
    pytest.param("<Thinking>hm</think>Hi", "hm", "Hi", id="another closing mark, capital letter"),
    pytest.param("<thought>hm</thought>Hi", "hm", "Hi", id="thought"),
    pytest.param("<reasoning>hm</reasoning>\nHi", "hm", "Hi", id="reasoning"),
    pytest.param("◁think▷hm◁/think▷Hi", "hm", "Hi", id="triangles"),
    pytest.param("[THINK]hm[/THINK]Hi", "hm", "Hi", id="brackets"),
    pytest.param("[Think] of a number", "", "[Think] of a number", id="brackets around a word"),
    pytest.param("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>Hi<|END_RESPONSE|>", "hm", "Hi", id="bars"),
    pytest.param("hm, so\n</think>\n\nHello!", "hm, so\n", "Hello!", id="unopened"),
    pytest.param("hm.</thinking>Hello!", "hm.", "Hello!", id="unopened, nothing between"),
    pytest.param("\n</think>\n\nHello!", "", "Hello!", id="the closing mark first"),
    pytest.param("hm `a` and ```\ncode\n```\n</think>\nHi", "hm `a` and ```\ncode\n```\n", "Hi", id="unopened, code"),
    pytest.param("hm\n</think>\nHi\n</think>\nthere", "hm\n", "Hi\nthere", id="unopened twice"),
    pytest.param("It ends with </think> as a tag.", "", "It ends with </think> as a tag.", id="words about the mark"),
    pytest.param('It ends with "</think>".', "", 'It ends with "</think>".', id="words about the mark, quoted"),
    pytest.param("Not closed by </think>", "", "Not closed by </think>", id="words about the mark, at the end"),
    pytest.param("A\n<think>b</think>\n\nC", "b", "A\nC", id="later, on its own line"),
    pytest.param("<think>a</think>B\n\n  <think>c</think>\nD", "ac", "B\n\n  D", id="twice"),
    pytest.param("Searching … <think>So, b.</think>C", "So, b.", "Searching … C", id="within a line"),
    pytest.param("Put it in <think> and </think>, so.", "", "Put it in <think> and </think>, so.", id="both marks"),
    pytest.param("用<think>和</think>标签。", "", "用<think>和</think>标签。", id="both marks, Chinese"),
    pytest.param("以</think>标签结束。", "", "以</think>标签结束。", id="words about the mark, Chinese"),
    pytest.param("想好了。</think>你好", "想好了。", "你好", id="unopened, Chinese"),
    pytest.param("<think>a</think>B <think>c d</think>E", "ac d", "B E", id="few words, after a block"),
    pytest.param(
        "<think>a</think>Put it in <think> and </think>, so.", "a", "Put it in <think> and </think>, so.",
        id="both marks, after a block",
    ),
    pytest.param("<think>a</think>用<think>和</think>。", "a", "用<think>和</think>。", id="the same, Chinese"),
    pytest.param("a\n</think>B <think>c</think>D", "a\nc", "B D", id="few words, after an end"),
    pytest.param("The <think> tag\n\nis one.", "", "The <think> tag\n\nis one.", id="within a line, never closed"),
    pytest.param("Use <think> so.\nThen\n</think>", "Use <think> so.\nThen\n", "", id="within a sentence, over lines"),
    pytest.param("It <think> `a` </think> b", "", "It <think> `a` </think> b", id="within a sentence, code"),
    pytest.param(
        "A <think> tag.\n```\n<think>a</think>\n```\nB", "", "A <think> tag.\n```\n<think>a</think>\n```\nB",
        id="within a sentence, then code",
    ),
    pytest.param("Well <think>\nhm\n</think>\nHi", "\nhm\n", "Well \nHi", id="within a sentence, lines of its own"),
    pytest.param("List<Thought> a;\nb", "", "List<Thought> a;\nb", id="a type"),
    pytest.param("- <think>: a\n- </think>: b", "", "- <think>: a\n- </think>: b", id="a list of the marks"),
    pytest.param("A. <think>, b\n</think> c", "A. <think>, b\n", "c", id="a comma behind it"),
    pytest.param("`<think>` and `</think>`\n", "", "`<think>` and `</think>`\n", id="inline code"),
    pytest.param("```xml\n<think>\na</think>\n```\nB", "", "```xml\n<think>\na</think>\n```\nB", id="fenced code"),
    pytest.param("it`s\n<think>a</think>B", "a", "it`s\nB", id="a lone backtick"),
    pytest.param("<answer>Hi</answer>", "", "Hi", id="answer"),
    pytest.param("<think>a</think>\n<answer>\nHi\n</answer>", "a", "Hi\n", id="reasoning, then answer"),
    pytest.param("The <answer> tag and </answer>", "", "The <answer> tag and </answer>", id="words about answer"),
    pytest.param("<|begin_of_box|>42<|end_of_box|>", "", "42", id="box"),
    pytest.param("Hi!<|im_end|>", "", "Hi!", id="end mark"),
    pytest.param("Hi!<｜end▁of▁sentence｜>", "", "Hi!", id="end mark, wide"),
    pytest.param("1 < 2, a <b> and <i>c</i> [1] [x](y)", "", "1 < 2, a <b> and <i>c</i> [1] [x](y)", id="no marks"),
    pytest.param(
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        "hm", "Hi", id="harmony",
    ),
    pytest.param(
        "<|start|>assistant<|channel|>commentary to=x <|constrain|>json<|message|>{}<|call|>"
        "<|start|>assistant<|channel|>final<|message|>Hi",
        "{}", "Hi", id="harmony, a call",
    ),
    pytest.param("<|channel|>analysis<|message|>hm", "hm", "", id="harmony, cut off"),
    pytest.param("<|start|>assistant<|message|>Hi<|end|>", "", "Hi", id="harmony without a channel"),
    pytest.param("See <|start|>, then more", "", "See <|start|>, then more", id="words about harmony"),
    pytest.param("The <|channel|> token names it", "", "The <|channel|> token names it", id="words, at the end"),
    pytest.param("Hi <|start|>\nthere", "", "Hi <|start|>\nthere", id="harmony, no header"),
    pytest.param("Hi<|end|><|start|>assist", "", "Hi", id="harmony, cut off in a header"),
    pytest.param("<|channel|>" + "x" * 400, "", "<|channel|>" + "x" * 400, id="no header"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "thought", "answer"), CASES)
def test_reasoning_at_every_split(text: str, thought: str, answer: str) -> None:
    for cuts in [set(), set(range(1, len(text))), *({at} for at in range(1, len(text)))]:
        assert through(pieces_of(text, cuts)) == (thought, answer), sorted(cuts)


BITS = st.sampled_from(
    ["<think>", "</think>", "<thinking>", "</thought>", "[THINK]", "◁think▷", "◁/think▷", "<answer>", "</answer>",
     "<|channel|>", "<|start|>", "<|message|>", "<|end|>", "<|im_end|>", "final", "analysis", "assistant", "`", "```",
     "\n", " ", "a", "<", "<|", "[", '"', "x" * 120, ":", ". ", ",",
     "\r\n", "x."]
)  # fmt: skip


@settings(max_examples=1000 * FUZZ_FACTOR, deadline=None)
@given(st.lists(BITS, max_size=16).map("".join), st.sets(st.integers(1, 300), max_size=8))
def test_reasoning_does_not_depend_on_splits(text: str, cuts: set[int]) -> None:
    whole, split, single = through([text]), through(pieces_of(text, cuts)), through(list(text))
    assert whole == split == single


@given(st.text(alphabet=st.characters(exclude_characters="<[◁"), max_size=200), st.sets(st.integers(1, 200)))
def test_text_without_marks_goes_through(text: str, cuts: set[int]) -> None:
    assert through(pieces_of(text, cuts)) == ("", text)


def test_text_is_let_through_at_once() -> None:
    gate = ThinkGate()
    assert gate.feed("Hello") == ("", "Hello")
    assert gate.feed(" <b") == ("", " <b")
    assert gate.feed("r> <th") == ("", "r> ")
    assert gate.feed("e end") == ("", "<the end")
    assert gate.feed(" of <think> here") == ("", " of ")
    assert gate.feed(".\nSo") == ("", "<think> here.\nSo")
    assert gate.feed(" <|start|> with a") == ("", " <|start|> with a")


@pytest.mark.parametrize("start", ["", "<think>", "a <think>", "```\n", "<|channel|>analysis<|message|>", "a"])
@pytest.mark.parametrize("piece", ["x<", " ", "`", "<th", "a\n", "<think>"])
def test_long_text_takes_linear_time(start: str, piece: str) -> None:
    def seconds(count: int) -> float:
        gate = ThinkGate()
        begun = time.process_time()
        gate.feed(start)
        for _ in range(count):
            gate.feed(piece)
        gate.end()
        return time.process_time() - begun

    seconds(1000)
    short = min(seconds(2000) for _ in range(3))
    assert seconds(20_000) < 40 * short + 0.05
