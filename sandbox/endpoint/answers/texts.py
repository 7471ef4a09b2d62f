"""The longer texts of the scripted answers: code, stories, lists, in English and Chinese."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["en", "zh"]

CODE: Final[dict[str, str]] = {
    "prime": '''def primes(limit: int) -> list[int]:
    """Return all primes below limit, by the sieve of Eratosthenes."""
    sieve = bytearray([1]) * max(limit, 2)
    sieve[:2] = b"\\0\\0"
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, len(sieve), number)))
    return [number for number in range(limit) if sieve[number]]''',
    "sort": '''def merge_sort(items: list[int]) -> list[int]:
    """Return the items in ascending order; equal items keep their order."""
    if len(items) < 2:
        return items[:]
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    merged = []
    while left and right:
        merged.append(left.pop(0) if left[0] <= right[0] else right.pop(0))
    return merged + left + right''',
    "fibonacci": '''def fibonacci(count: int) -> list[int]:
    """Return the first count numbers of the Fibonacci sequence."""
    numbers = []
    current, following = 0, 1
    for _ in range(count):
        numbers.append(current)
        current, following = following, current + following
    return numbers''',
    "reverse": '''def reverse_words(line: str) -> str:
    """Return the line with its words in reverse order."""
    return " ".join(reversed(line.split()))''',
    "greet": '''def greet(name: str) -> str:
    """Return a greeting for somebody."""
    return f"Hello, {name}!"


print(greet("world"))''',
}
CODE_WORDS: Final = {
    "prime": ("prime", "素数", "质数"),
    "sort": ("sort", "排序"),
    "fibonacci": ("fibonacci", "斐波那契"),
    "reverse": ("reverse", "反转", "倒序"),
}

_STATIONS: Final = (
    ("lighthouse", "灯塔", "counts the ships that come home"),
    ("orchard", "果园", "waters the youngest trees first"),
    ("bridge", "石桥", "oils the hinges of the gate"),
    ("library", "图书馆", "puts the atlases back in order"),
    ("harbour", "码头", "ties the loose boats to the quay"),
    ("mill", "磨坊", "listens for the wheel to slow down"),
    ("square", "广场", "sweeps the leaves from under the lamps"),
    ("garden", "花园", "closes the glasshouse before the frost"),
    ("tower", "钟楼", "winds the clock a quarter turn"),
    ("station", "车站", "waves to the last train of the day"),
)
_TURNS: Final = (
    ("the fog was so thick that the lanterns looked like oranges", "雾很浓，灯笼看起来像一个个橙子"),
    ("a letter without a sender lay on the doorstep", "门口放着一封没有寄信人的信"),
    ("the wind had turned in the night and smelt of salt", "夜里风向变了，带着海盐的味道"),
    ("somebody had drawn a small fox in the dust of the window", "有人在窗上的灰尘里画了一只小狐狸"),
    ("the bells rang one stroke too many", "钟多敲了一下"),
)


def story(language: Language) -> str:
    """Return a story in ten chapters: over 4,000 characters in English, about 1,500 in Chinese."""
    chapters: list[str] = []
    for number, (place, place_zh, duty) in enumerate(_STATIONS, 1):
        turn, turn_zh = _TURNS[number % len(_TURNS)]
        following, following_zh, _ = _STATIONS[number % len(_STATIONS)]
        if language == "zh":
            chapters.append(
                f"**第{number}章：{place_zh}**\n"
                f"第{number}天，小狐狸来到了{place_zh}。那天早上，{turn_zh}。守夜人说：“要是你肯帮忙，我就告诉你下一条路。”"
                f"小狐狸点点头，从黄昏一直忙到星星出来。它没有抱怨，只是把每件小事都做好。天亮的时候，"
                f"守夜人递给它一张旧地图，"
                f"上面用红线标着去{following_zh}的路。小狐狸把地图折好，又上路了，路上的露水打湿了它的爪子。"
            )
            continue
        chapters.append(
            f"**Chapter {number}: The {place}**\n"
            f"On day {number} the fox came to the {place}. That morning {turn}, and nobody in the street had a word to "
            f"say about it. The keeper of the {place}, who every evening {duty}, looked at the visitor a long time. "
            f'"If you help me until the stars are out," the keeper said, "I will tell you how to go on." The fox did '
            f"not ask what the work was worth. It carried, it counted, it waited, and when the light came back the "
            f"keeper unrolled an old map, drew a red line to the {following}, and wished it dry paws."
        )
    ending = "故事讲完了。" if language == "zh" else "And that is where the story ends, for now."
    return "\n\n".join([*chapters, ending])


def long_code(language: Language) -> str:
    """Return a fenced block of about 4,000 characters, with a line before and after it."""
    functions = []
    for number, (place, _, duty) in enumerate(_STATIONS, 1):
        functions.append(
            f"def visit_{place}(fox: Fox, day: int = {number}) -> list[str]:\n"
            f'    """Tell of the day at the {place}; the keeper {duty}."""\n'
            f'    diary = [f"Day {{day}}: the {place}"]\n'
            f"    for hour in range({5 + number}, 22):\n"
            f"        if fox.tired(hour):\n"
            f'            diary.append(f"{{hour:02}}:00 rests near the {place}")\n'
            f"        else:\n"
            f'            diary.append(f"{{hour:02}}:00 {duty}")\n'
            f"    return diary\n"
        )
    head = "class Fox:\n    def tired(self, hour: int) -> bool:\n        return hour % 7 == 0\n"
    before, after = (
        ("下面是完整的程序：", "每个函数对应一个地方。")
        if language == "zh"
        else ("Here is the whole program:", "Each function stands for one place.")
    )
    program = "\n\n".join([head, *functions])
    return f"{before}\n\n```python\n{program}```\n\n{after}"


LISTS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "Take a walk before breakfast",
        "Write down one good thing a day",
        "Cook something you have never cooked",
        "Call a friend without a reason",
        "Learn the names of three birds",
        "Tidy one drawer",
        "Read ten pages of an old book",
        "Draw what you see from the window",
        "Plant something in a pot",
        "Go to bed half an hour earlier",
    ),
    "zh": (
        "早饭前散散步",
        "每天记下一件好事",
        "做一道从没做过的菜",
        "没事也给朋友打个电话",
        "认识三种鸟",
        "整理一个抽屉",
        "读十页旧书",
        "把窗外的风景画下来",
        "种一盆植物",
        "早睡半小时",
    ),
}
JOKES: Final[dict[Language, str]] = {
    "en": "Why do programmers confuse Halloween with Christmas? Because oct 31 equals dec 25.",
    "zh": "程序员去买菜：“买一斤西红柿，如果看到鸡蛋就买两斤。”结果他带回来两斤西红柿。",
}
POEMS: Final[dict[Language, str]] = {
    "en": "> A fox in the snow\n> leaves one line across the page;\n> the moon reads it twice.",
    "zh": "> 小狐踏雪来，\n> 一行写到苔；\n> 月亮读两遍，\n> 梅花自己开。",
}
SHOWCASE: Final[dict[Language, str]] = {
    "en": (
        "## Markdown, as it is shown\n**Bold**, *italic*, ~~struck out~~, `code`, ||a spoiler||.\n"
        "> A quote of one line\n\n- one\n- two\n  - two and a half\n\n1. first\n2. second\n\n"
        '```json\n{"fox": true, "seed": 42}\n```'
    ),
    "zh": (
        "## Markdown 的样子\n**粗体**、*斜体*、~~删除线~~、`代码`、||剧透||。\n> 一行引用\n\n- 一\n- 二\n  - 二点五\n\n"
        '1. 第一\n2. 第二\n\n```json\n{"fox": true, "seed": 42}\n```'
    ),
}
