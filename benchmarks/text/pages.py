"""Pages of growing answers: `python -m benchmarks.text.pages --beside PATH [--runs N]`.

Prints the CPU time of one answer from its deltas of four characters to its last page, without and with a preview every
200 characters, which is a second's worth of tokens at 50 a second; here, in another checkout, and as a ratio. Ordinary
answers have 4,500 characters, hostile ones 20,000. Runs of both take turns, each a process of its own; a time is the
fastest of several rounds, and a figure the median over the runs.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from benchmarks.beside import compare

CHARS: Final = 4_500
HOSTILE_CHARS: Final = 20_000
DELTA_CHARS: Final = 4
PREVIEW_CHARS: Final = 200
ROUNDS: Final = 3

_WORDS: Final = ("the", "model", "answers", "a", "question", "about", "foxes", "and", "rivers", "while", "it", "waits")
_IDEOGRAPHS: Final = "狐狸在雪地里奔跑谢谢你的问题我们先看第一个例子然后再讨论更复杂的情况"
_LINES: Final = "".join(f"    value_{at} = compute({at}, other[{at}])  # note\n" for at in range(8))
_CODE: Final = f"```py\n{_LINES}```\n\n"


def english(random: Random) -> Iterator[str]:
    """Write paragraphs, lists and code."""

    def words(count: int) -> str:
        return " ".join(random.choices(_WORDS, k=count)).capitalize() + ". "

    while True:
        yield "".join(words(random.randint(8, 18)) for _ in range(random.randint(4, 12))) + "\n\n"
        yield f"## {words(4)}\n" + "".join(f"- **{words(2).strip()}** {words(12)}\n" for _ in range(5)) + "\n"
        yield "".join(f"{at}. {words(8)}`code_x` {words(3)}\n" for at in range(1, 6)) + "\n"
        yield _CODE


def chinese(random: Random) -> Iterator[str]:
    """Write the same in Chinese."""

    def words(count: int) -> str:
        text = "".join(random.choices(_IDEOGRAPHS, k=2 * count))
        return f"{text[:count]}，{text[count:]}。"

    while True:
        yield "".join(words(random.randint(8, 18)) for _ in range(random.randint(5, 14))) + "\n\n"
        yield f"### {words(3)}\n" + "".join(f"- **{words(3)}**：{words(12)}\n" for _ in range(5)) + "\n"
        yield "".join(f"{at}. {words(8)}`code`{words(3)}\n" for at in range(1, 6)) + "\n"


def marks(random: Random) -> Iterator[str]:
    """Write marks in any order."""
    while True:
        yield random.choice(("`", "``", "```", "||", "**", "*", "_", "\n", "a ", "> ", "- ", "[", "]("))


def again(piece: str) -> Callable[[Random], Iterator[str]]:
    """Write one thing over and over."""

    def pieces(_: Random) -> Iterator[str]:
        while True:
            yield piece

    return pieces


CASES: Final = {
    "English": (CHARS, english),
    "Chinese": (CHARS, chinese),
    "one long paragraph": (CHARS, again("many words of a usual text, ")),
    "backticks": (HOSTILE_CHARS, again("`")),
    "fences": (HOSTILE_CHARS, again("``` ")),
    "bars": (HOSTILE_CHARS, again("||")),
    "stars": (HOSTILE_CHARS, again("*a ")),
    "brackets": (HOSTILE_CHARS, again("[")),
    "emoji that begin": (HOSTILE_CHARS, again("<a:")),
    "quoted backticks": (HOSTILE_CHARS, again("> `a\n")),
    "marks in any order": (HOSTILE_CHARS, marks),
}


def text_of(chars: int, write: Callable[[Random], Iterator[str]]) -> str:
    """Write a text of so many characters."""
    text = ""
    for piece in write(Random(15)):
        text += piece
        if len(text) >= chars:
            break
    return text[:chars]


def lay_out(text: str, *, previews: bool) -> None:
    """Lay a text out as a reply does, in this checkout or in an older one, which mends nothing."""
    pages = importlib.import_module("bot.domain.page.pager").Pager(2000)
    try:
        shown = importlib.import_module("bot.domain.page.display").Display()
    except ImportError:
        shown = importlib.import_module("bot.domain.page.small").ModelLines()
    for at in range(0, len(text), DELTA_CHARS):
        pages.push(shown.push(text[at : at + DELTA_CHARS]))
        if previews and at % PREVIEW_CHARS == 0:
            _ = pages.layout
    if hasattr(pages, "end"):
        pages.push(shown.finish())
        pages.end()
    _ = pages.layout


def measure() -> dict[str, list[float]]:
    """Return the times without previews and with them, in ms, by case."""
    found: dict[str, list[float]] = {}
    for name, (chars, write) in CASES.items():
        text = text_of(chars, write)
        rounds = ROUNDS if chars == CHARS else 1
        found[name] = [min(_timed(text, previews=each) for _ in range(rounds)) for each in (False, True)]
    return found


def _timed(text: str, *, previews: bool) -> float:
    begun = time.process_time()
    lay_out(text, previews=previews)
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    compare(__file__, __doc__, measure, times="without previews, with them")
