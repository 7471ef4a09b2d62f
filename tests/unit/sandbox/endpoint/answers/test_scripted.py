"""The scripted conversationalist."""

from __future__ import annotations

import re

import pytest

from bot.domain.page.display import Display
from bot.domain.page.pager import Pager
from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.messages import Message
from sandbox.endpoint.answers.scripted import ScriptedAnswerer, compose


def talk(*contents: str) -> list[Message]:
    """Make a conversation that alternates, the person first."""
    return [
        Message(role="assistant" if index % 2 else "user", content=content) for index, content in enumerate(contents)
    ]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (("hello",), "Hello"),
        (("你好",), "你好"),
        (("my name is Ann", "Hi", "what is my name?"), "Your name is Ann."),
        (("my name is Ann\nwhat is my name?",), "Your name is Ann."),
        (("我叫小明", "好", "我叫什么？"), "你叫小明。"),
        (("what is my name?",), "not told me"),
        (("Bea: hello", "Hi", "Bea: what's my name?"), "Bea"),
        (("Ann: my name is Annabel\nBob: my name is Robert", "Hi", "Ann: what is my name?"), "Annabel"),
        (("my favourite colour is dark green", "ok", "what's my favourite colour?"), "dark green"),
        (("我的生日是五月一日", "好", "我的生日是什么？"), "五月一日"),
        (("I like tea", "ok", "what did I just say?"), "I like tea"),
        (("who are you?",), "no language model is installed"),
        (("你是谁？",), "没有安装语言模型"),
        (("what is 12 * 12?",), "144"),
        (("write a Python function that finds primes",), "```python\ndef primes"),
        (("写一个排序的函数",), "```python\ndef merge_sort"),
        (("list 3 ideas",), "3. "),
        (("列出三个建议",), "1. "),
        (("thanks!",), "welcome"),
        (("can you draw?",), "draw a fox in the snow"),
        (("count to 40",), "39 40"),
        (("Xyzzy plugh",), "Xyzzy plugh"),
        (("   ",), "ou"),
    ],
)
def test_an_answer_fits_its_question(said: tuple[str, ...], answer: str) -> None:
    assert answer in compose(talk(*said))


@pytest.mark.parametrize("question", ["tell me a long story", "a long answer with code, please"])
def test_a_long_answer_is_over_4000_characters(question: str) -> None:
    text = compose(talk(question))
    assert len(text) > 4000
    assert text.count("```") % 2 == 0


def test_a_long_answer_with_code_has_a_long_block() -> None:
    for question in ("a long answer with code", "写一个很长的回答，带代码"):
        block = re.search(r"```python\n(.*?)```", compose(talk(question)), re.DOTALL)
        assert block is not None
        assert len(block[1]) > 2000
        compile(block[1], "answer", "exec")


def test_a_long_chinese_answer_takes_three_messages_with_all_that_is_hard_to_cut() -> None:
    display, pager = Display(), Pager()
    pager.push(display.push(compose(talk("给我一个长答案"))) + display.finish())
    pager.end()
    first, second, third = pager.pages
    assert first.endswith("   ```")  # code in an item is cut
    assert second.startswith("```python\n")
    assert "\n5. " in second  # and the numbers go on
    assert "\n12. " in second
    assert second.count("||") == 2
    assert "/番茄 ，" in third


def test_the_code_that_is_given_is_python() -> None:
    for topic in ("primes", "sorting", "fibonacci", "reversing words", "greeting"):
        block = re.search(r"```python\n(.*?)```", compose(talk(f"write a python function for {topic}")), re.DOTALL)
        assert block is not None
        compile(block[1], "answer", "exec")


def test_an_answer_that_was_cut_is_continued_where_it_ended() -> None:
    whole = compose(talk("tell me a long story"))
    assert compose(talk("tell me a long story", whole[:700], "continue")) == whole[700:]
    assert compose(talk("tell me a long story", whole, "继续")) != ""


async def test_the_answerer_yields_what_is_composed() -> None:
    messages = talk("hello")
    assert [part async for part in ScriptedAnswerer().answer(messages, Sampling())] == [compose(messages)]
