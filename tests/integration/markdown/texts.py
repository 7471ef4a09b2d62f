"""Long answers made up at random, of everything that models write: the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

_ENGLISH: Final = [
    "the",
    "model",
    "answers",
    "a",
    "question",
    "about",
    "foxes",
    "snow",
    "rivers",
    "and",
    "light",
    "while",
    "its",
    "reader",
    "waits",
    "for",
    "more",
    "words",
    "which",
    "come",
    "slowly",
    "or",
    "fast",
    "because",
    "nobody",
    "knows",
    "how",
    "long",
    "a",
    "sentence",
    "is",
    "going",
    "to",
    "be",
    "in",
    "the",
    "end",
]
_CHINESE: Final = "狐狸在雪地里奔跑谢谢你的问题我们先看第一个例子然后再讨论更复杂的情况需要注意的是这里有几个关键步骤"
_JAPANESE: Final = "狐は雪の中を走りますこれは例です次の手順を確認してくださいとても大事なことなので覚えておきましょう"
_LONGEST: Final = 6600
_EMOJI: Final = ("🦊", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "✅", "⚠️")
_LANGUAGES: Final = ("py", "bash", "js", "json", "")
_LINES: Final = (
    "x = compute(1, 2)", "for i in range(10):", "    print(i ** 2)", "# a comment", "- not a list", "if (a || b) {",
    "}",
    "echo \"$HOME\"", "* starred", "> redirected", "1. one", "return [a for a in b if a]",
    "    deep = {'key': _value_}",
)  # fmt: skip


class Writer:
    """Writes one answer. ``tongue`` is "en", "zh", "ja" or "mixed"."""

    def __init__(self, random: Random, tongue: str) -> None:
        self._random = random
        self._tongue = tongue

    def answer(self, length: int) -> str:
        """Write blocks until there are so many characters."""
        blocks: tuple[Callable[[], str], ...] = (
            self.paragraph, self.paragraph, self.paragraph, self.heading, self.bullets, self.numbers, self.nested,
            self.steps, self.ones, self.quote, self.quoted_list, self.quoted_code, self.code, self.spoiler,
            self.hidden_code, self.table, self.formula, self.small, self.over_lines, self.deep,
        )  # fmt: skip
        parts: list[str] = []
        while sum(len(part) + 2 for part in parts) < length:
            part = self._random.choice(blocks)()
            if sum(len(each) + 2 for each in (*parts, part)) <= _LONGEST:
                parts.append(part)
        return "\n\n".join(parts)

    def _one(self, of: tuple[str, ...]) -> str:
        return self._random.choice(of)

    def words(self, low: int, high: int) -> str:
        """Write words without marks."""
        random = self._random
        tongue = random.choice(("en", "zh", "ja")) if self._tongue == "mixed" else self._tongue
        count = random.randint(low, high)
        if tongue == "en":
            return " ".join(random.choice(_ENGLISH) for _ in range(count))
        source = _CHINESE if tongue == "zh" else _JAPANESE
        text = "".join(random.choice(source) for _ in range(count * 2))
        return f"{text[:count]}，{text[count:]}" if count > 6 else text

    def span(self) -> str:
        """Write something marked up."""
        inner = self.words(1, 6)
        number = self._random.randint(10**17, 10**18)
        return self._one((
            f"**{inner}**", f"**{inner}**", f"*{inner}*", f"_{inner}_", f"__{inner}__", f"~~{inner}~~", f"||{inner}||",
            f"***{inner}***", f"`{inner}`", f"`{inner}`", f"``a ` {inner}``", f"**{inner} `code` {inner}**",
            f"[{inner}](https://example.org/a_b/c)", f"[a [{inner}] b](https://example.org/x)",
            f"[{inner}](https://example.org/wiki/Fox_(animal))", f'[{inner}](https://example.org "{inner}")',
            "https://example.org/path?q=1&r=_2_ ", f"<@{number}>", f"<#{number}>", f"<:fox:{number}>",
            f"<t:{self._random.randint(10**9, 2 * 10**9)}:R>", f"</settings set:{number}>", "<id:customize>",
            self._one(_EMOJI), "\\*", "\\_", f"**{inner} *{inner}* {inner}**", "2024.", "- ", "# ",
        ))  # fmt: skip

    def sentence(self, *, spans: float = 0.5) -> str:
        """Write a sentence, maybe with something marked up, which stands behind letters as often as not."""
        random = self._random
        parts = [self.words(3, 14)]
        while random.random() < spans:
            glue = "" if self._tongue in ("zh", "ja") and random.random() < 0.7 else " "
            parts.append(glue + self.span() + glue + self.words(2, 8))
        return "".join(parts) + ("。" if self._tongue in ("zh", "ja") else ". ")

    def paragraph(self) -> str:
        """Write some sentences."""
        return "".join(self.sentence() for _ in range(self._random.randint(1, 6))).strip()

    def heading(self) -> str:
        """Write a heading and what it heads."""
        return f"{'#' * self._random.randint(1, 3)} {self.words(2, 6)}\n{self._one(('', chr(10)))}{self.paragraph()}"

    def _item(self) -> str:
        return self.sentence(spans=0.35).strip()

    def bullets(self) -> str:
        """Write a list of bullets."""
        mark = self._one(("-", "*"))
        return "\n".join(f"{mark} {self._item()}" for _ in range(self._random.randint(2, 9)))

    def numbers(self) -> str:
        """Write a numbered list."""
        first = self._one(("1", "1", "3", "98"))
        return "\n".join(f"{int(first) + n}. {self._item()}" for n in range(self._random.randint(2, 12)))

    def ones(self) -> str:
        """Write a list that says 1 throughout."""
        return "\n".join(f"1. {self._item()}" for _ in range(self._random.randint(2, 10)))

    def nested(self) -> str:
        """Write numbers with bullets below them, or numbers below bullets."""
        random = self._random
        outer, inner = random.choice((("{}.", "-"), ("-", "{}."), ("-", "*"), ("{}.", "{}.")))
        indent = random.choice((2, 3, 4)) if outer == "-" else 3
        lines: list[str] = []
        for n in range(random.randint(2, 6)):
            lines.append(f"{outer.format(n + 1)} {self._item()}")
            lines += (f"{' ' * indent}{inner.format(m + 1)} {self._item()}" for m in range(random.randint(0, 5)))
        return "\n".join(lines)

    def deep(self) -> str:
        """Write a list in a list in a list, with text that goes on below an item."""
        lines: list[str] = []
        for n in range(self._random.randint(2, 4)):
            lines.append(f"{n + 1}. {self._item()}")
            for _ in range(self._random.randint(1, 3)):
                lines += (f"   - {self._item()}", f"     {self._item()}")
                lines += (f"     {m + 1}. {self._item()}" for m in range(self._random.randint(0, 4)))
        return "\n".join(lines)

    def _code_lines(self, low: int, high: int) -> list[str]:
        return [self._one(_LINES) for _ in range(self._random.randint(low, high))]

    def code(self) -> str:
        """Write a block of code, maybe with blank lines."""
        lines = self._code_lines(1, 30)
        if self._random.random() < 0.5:
            lines = [each for line in lines for each in ((line, "") if self._random.random() < 0.2 else (line,))]
        return "\n".join((f"```{self._one(_LANGUAGES)}", *lines, "```"))

    def steps(self) -> str:
        """Write numbered steps with commands in them."""
        parts: list[str] = []
        for n in range(self._random.randint(2, 5)):
            code = "\n".join(f"   {line}" for line in self._code_lines(1, 9))
            parts.append(f"{n + 1}. {self._item()}\n   ```{self._one(_LANGUAGES)}\n{code}\n   ```")
        return "\n".join(parts)

    def quote(self) -> str:
        """Write quoted lines."""
        return "\n".join(f"> {self.sentence().strip()}" for _ in range(self._random.randint(1, 6)))

    def quoted_list(self) -> str:
        """Write a quoted list."""
        return "\n".join(f"> {line}" for line in self._one((self.nested(), self.numbers(), self.bullets())).split("\n"))

    def quoted_code(self) -> str:
        """Write quoted code."""
        lines = ("```" + self._one(_LANGUAGES), *self._code_lines(2, 20), "```", self.words(3, 9))
        return "\n".join(f"> {line}" for line in (self.words(3, 9), *lines))

    def spoiler(self) -> str:
        """Hide a sentence or two paragraphs."""
        inner = self.words(8, 60)
        return self._one((f"答案是A||{inner}||。", f"||{inner}\n\n{self.words(5, 30)}||", f"It is ||**{inner}**||."))

    def hidden_code(self) -> str:
        """Hide code and what is around it."""
        code = "\n".join(f"x_{n} = {n}" for n in range(self._random.randint(1, 25)))
        return f"||{self.words(3, 9)}\n```py\n{code}\n```\n{self.words(3, 9)}||"

    def table(self) -> str:
        """Write a table as models do; Discord knows none."""
        rows = [f"| {self.words(1, 3)} | {self.words(1, 4)} |" for _ in range(self._random.randint(2, 8))]
        return "\n".join(("| a | b |", "|---|---|", *rows))

    def formula(self) -> str:
        """Write formulas."""
        return f"{self.words(2, 6)} $x^2 + y^2 = z^2$, \\(a \\cdot b\\)\n$$\n\\frac{{a}}{{b}} \\sum i\n$$"

    def small(self) -> str:
        """Write small print."""
        return f"-# {self.words(3, 20)}"

    def over_lines(self) -> str:
        """Mark up more than a line."""
        mark = self._one(("**", "~~", "__", "*"))
        lines = [self.words(4, 16) for _ in range(self._random.randint(2, 6))]
        before = self._one(("", "> "))
        return "\n".join(before + line for line in (mark + lines[0], *lines[1:-1], lines[-1] + mark))


def answers(count: int, *, seed: int) -> list[str]:
    """Write answers of 2,500 to 6,600 characters, in English, Chinese, Japanese and all of them in turn."""
    found: list[str] = []
    for number in range(count):
        random = Random(f"{seed}-{number}")
        writer = Writer(random, ("en", "zh", "ja", "mixed")[number % 4])
        found.append(writer.answer(random.randint(2500, 6500)))
    return found
