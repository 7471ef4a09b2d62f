"""What is a drawing request and what is chat."""

from __future__ import annotations

import pytest

from sandbox.endpoint.answers.messages import Message, Utterance, utterances
from sandbox.endpoint.contracts.intent import drawing_intent, drawing_prompt

QUOTED = "[The last message replies to this earlier one by Bob:]\n{}\n[End of the earlier message.]\n"
DRAWINGS = (
    "draw me a fox",
    "Draw a fox",
    "please draw a cat in the snow",
    "Can you draw a fox?",
    "could you paint me the sea?",
    "Hi! draw me a fox",
    "sketch a house",
    "Generate an image of a red fox",
    "make me a picture of a dog",
    "create a logo",
    "don't draw a cat, draw a dog",
    "I'd like a picture of the sea",
    "I would like you to draw a robot",
    "a picture of a cat please",
    "show me a picture of the moon",
    "no, draw a blue one",
    "draw a cat, a dog and a tree",
    "Draw something",
    "draw it",
    "illustrate a poem about rain",
    "let's draw a dragon",
    "画一只狐狸",
    "请帮我画一只狐狸",
    "请画一幅山水画",
    "你能画一只猫吗？",
    "帮我生成一张狐狸的图片",
    "来一张猫图",
    "能不能给我画个房子",
    "我想要一张大海的照片",
    "不要画猫，画狗",
    "你好，画一只在雪地里的狐狸",
    "用水彩风格画一朵花",
    "生成图片：一只狗",
    "给我画一只红色的鸟",
    "绘制一座城堡",
    "一张日落的图片",
    "做一张海报",
)
CHAT = (
    "don't draw",
    "please don't draw anything",
    "how do I draw a fox?",
    "How to draw a cat",
    "what did you draw?",
    "I drew a cat yesterday",
    "can you draw?",
    "do you draw?",
    "draw a conclusion from this",
    "draw attention to the problem",
    "write a python function that draws a fox",
    "draw a fox in ascii",
    "draw a sequence diagram",
    "who painted the Mona Lisa?",
    "the picture of the fox was nice",
    "If you draw a cat, I will cry",
    "should I draw a cat?",
    "explain how to draw a cat",
    "hello",
    "stop drawing foxes",
    "never draw that again",
    "draw the curtains",
    "怎么画狐狸？",
    "如何画一只猫",
    "你会画画吗？",
    "你会画猫吗",
    "别画了",
    "不要画",
    "请不要画猫",
    "你画了什么？",
    "画家是谁？",
    "画蛇添足是什么意思",
    "我画了一只猫",
    "为什么画这个",
    "生成一段代码",
    "写一个画图的python程序",
    "这张图片真好看",
    "能画画吗？",
    "你好",
    "做一个图表",
    "给我讲个故事",
    "what makes a picture of value",
    "I need a picture frame",
)


@pytest.mark.parametrize("text", DRAWINGS)
def test_a_drawing_request_is_recognised(text: str) -> None:
    assert drawing_prompt(text)


@pytest.mark.parametrize("text", CHAT)
def test_chat_is_left_alone(text: str) -> None:
    assert drawing_prompt(text) is None


def test_the_prompt_runs_from_the_request_to_the_end() -> None:
    assert drawing_prompt("Don't draw a cat, draw a dog, a tree. Big ones!") == "draw a dog, a tree. Big ones!"


@pytest.mark.parametrize(
    ("content", "prompt"),
    [
        ("Ann: draw a fox\nBob: hello", None),
        ("draw a fox\nhello", None),
        ("hello\ndraw a fox", "draw a fox"),
        ("Draw whatever people ask for.\n\nhello", None),
        ("Ann: hello\nBob: draw a fox\n  in the snow\n\n  with a hat", "draw a fox\nin the snow\n\nwith a hat"),
        ("Ann: hello\n  Bob: draw a fox", None),
        (QUOTED.format("draw a dog") + "no", None),
        (QUOTED.format("  A red dog\n  in a tub") + "draw this", "draw this\nA red dog\nin a tub"),
        ("[最后一条消息回复的是 Bob 先前的这条消息：]\n  狗\n[先前的消息到此结束。]\n画这个东西", "画这个东西\n狗"),
        (
            QUOTED.format("A dog.") + "Ann: draw this",
            "draw this\nA dog.",
        ),
        ("Ann: hello\nBob: draw a fox\nin the snow", "draw a fox\nin the snow"),
        ("[Ann] draw a fox", "draw a fox"),
        ("小明：画一只狐狸", "画一只狐狸"),
        ("<@123456> draw a fox", "draw a fox"),
        ("You may draw pictures for people.\n\nAnn: hello", None),
        ("生成图片：一只狗", "生成图片：一只狗"),
    ],
)
def test_the_last_speaker_of_the_last_message_decides(content: str, prompt: str | None) -> None:
    before = Message(role="user", content="draw a cat")
    between = Message(role="assistant", content="draw a bird")
    assert drawing_intent([before, between, Message(role="user", content=content)]) == prompt


def test_a_colon_does_not_make_a_speaker() -> None:
    assert utterances("see https://example.org at 12:30") == [
        Utterance(speaker=None, text="see https://example.org at 12:30")
    ]
    assert utterances("draw a fox: a red one")[0].speaker is None
    assert utterances("<@1>") == [Utterance(speaker=None, text="")]
