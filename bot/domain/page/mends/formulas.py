r"""Formulas in LaTeX, which Discord does not know, as text that can be read: ``\frac{a}{b} \le x^2`` → ``a/b ≤ x²``."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.page.mends.symbols import (
    ACCENTS,
    AROUND,
    DOUBLE,
    FUNCTIONS,
    HIGH,
    LINES,
    LOW,
    ROOTS,
    SIGNS,
    SILENT,
    SPACES,
    STYLES,
    WORDS,
)

MOST_INLINE: Final = 200
"""The longest formula between single dollars, in characters; there are sums of money, too."""
_MATHEMATICAL: Final = re.compile(
    r"[\\^_={}<>]|\S\s*[+*/-]\s*\S|\A[A-Za-z]['′]?\Z|\A[A-Za-z]\([A-Za-z](?:, ?[A-Za-z])*\)\Z"
)
_PROSE: Final = re.compile(r"[\u3000-\uffef]|[A-Za-z]{3,} [A-Za-z]{2,}|\d [A-Za-z]{2,}")
_ACTED_ON: Final = re.compile(r"([\\*_~|`<])")
_BEGINS_LINE: Final = re.compile(r"\A(?=[-+#>])")
_TOKEN: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&~]|\s+|[^\\{}^_&~\s]", re.DOTALL)
_MOST_DEPTH: Final = 12
"""Braces within braces that are followed; a formula that is deeper stays as it is."""


_SIMPLE: Final = re.compile(r"[^\W\d_]+[⁰¹²³⁴-⁹₀-₉ᵃ-ᶻⁿ′]*|[0-9.]+|\([^()]*\)|√\w+")
_IN_BRACKETS: Final = re.compile(r"(?<=[(\[])\s+|\s+(?=[)\]])")


def may_be_formula(inside: str) -> bool:
    """Whether what follows a dollar may be a formula up to the next one, which may not have come yet."""
    if inside[:1].isspace() or "\n" in inside:
        return False
    return "\\" in inside or _PROSE.search(inside) is None


def is_formula(inside: str, behind: str) -> bool:
    """Whether what is between two dollars is one; ``behind`` is the character that follows. Else it may be money."""
    if not inside or inside[-1].isspace() or (behind.isascii() and behind.isalnum()):
        return False
    return _MATHEMATICAL.search(inside) is not None


def written(latex: str) -> str:
    """Write a formula in Markdown: readable, with nothing that Discord acts on; or as it is, as code."""
    told = readable(latex)
    if told is not None:
        lines = (_ACTED_ON.sub(r"\\\1", line) for line in told.split("\n"))
        return "\n".join(_BEGINS_LINE.sub(r"\\", line) for line in lines)
    code = " ".join(latex.split())
    return f"``{code} ``" if "`" in code else f"`{code}`"


def readable(latex: str) -> str | None:
    """Write a formula as plain text, its lines apart; None if it has what can't be told so, such as a matrix."""
    try:
        reader = _Reader(_TOKEN.findall(latex))
        written = reader.read()
    except ValueError:
        return None
    lines = (_IN_BRACKETS.sub("", " ".join(line.split())) for line in written.split("\n"))
    return "\n".join(line for line in lines if line) or None


class _Reader:
    """Reads tokens one by one. ``depth`` counts the braces around."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def read(self) -> str:
        """Read all; raises ``ValueError`` if something is not known here."""
        written = self._until("")
        if self._at < len(self._tokens):
            raise ValueError
        return written

    def _until(self, end: str) -> str:
        parts: list[str] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token == end:
                break
            if token == "}":  # noqa: S105  # a brace, no secret
                raise ValueError
            self._at += 1
            parts.append(self._one(token))
        return "".join(parts)

    def _one(self, token: str) -> str:
        if token.startswith("\\"):
            return self._command(token[1:])
        match token:
            case "{":
                return self._rest_of_group()
            case "^":
                return _raised(self._argument(), HIGH, "^")
            case "_":
                return _raised(self._argument(), LOW, "_")
            case "&":
                return " "
            case "~":
                return " "
            case "-":
                return "−"
            case "'":
                return "′"
            case _:
                return " " if token.isspace() else token

    def _rest_of_group(self) -> str:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise ValueError
        inside = self._until("}")
        if self._at == len(self._tokens):
            raise ValueError
        self._at += 1
        self._depth -= 1
        return inside

    def _argument(self) -> str:
        """Read what a command or a script mark acts on: a group, or one token."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at == len(self._tokens):
            raise ValueError
        token = self._tokens[self._at]
        if token in ("}", "&", "^", "_"):
            raise ValueError
        self._at += 1
        return self._one(token).strip()

    def _option(self) -> str:
        """Read ``[…]``, if it is there."""
        if self._at == len(self._tokens) or self._tokens[self._at] != "[":
            return ""
        self._at += 1
        inside = self._until("]")
        self._at += 1
        return inside.strip()

    def _command(self, name: str) -> str:
        if (sign := SIGNS.get(name)) is not None:
            return f" {sign} " if sign in AROUND else sign
        if name in FUNCTIONS:
            return self._named(name)
        if name in SILENT:
            return ""
        if name in SPACES:
            return " "
        if name == "\\":
            return "\n"
        if len(name) == 1 and not name.isalnum():
            return "‖" if name == "|" else name
        return self._with_arguments(name)

    def _named(self, name: str) -> str:
        """Write a function's name, apart from what would be read as part of it."""
        before = self._tokens[self._at - 2] if self._at >= 2 else ""
        after = self._tokens[self._at] if self._at < len(self._tokens) else ""
        return f"{' ' if before.isalnum() else ''}{name}{' ' if after.isalnum() or after.startswith(chr(92)) else ''}"

    def _with_arguments(self, name: str) -> str:
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
        if name == "binom":
            return f"C({self._argument()}, {self._argument()})"
        if name == "sqrt":
            return _root(self._option(), self._argument())
        if name in WORDS:
            return self._words()
        if name in STYLES:
            return self._argument()
        if name == "mathbb":
            letter = self._argument()
            return DOUBLE.get(letter, letter)
        if name in ACCENTS:
            letter = self._argument()
            return f"{letter}{ACCENTS[name]}" if len(letter) == 1 else letter
        if name in ("begin", "end") and self._argument() in LINES:
            return "\n"
        if name == "tag":
            return f" ({self._argument()})"
        if name in ("pmod", "bmod"):
            return f" (mod {self._argument()})" if name == "pmod" else " mod "
        raise ValueError

    def _words(self) -> str:
        """Read words, which are no formula: spaces and dashes stay."""
        if self._at == len(self._tokens) or self._tokens[self._at] != "{":
            return self._argument()
        start = self._at + 1
        try:
            end = self._tokens.index("}", start)
        except ValueError:
            raise ValueError from None
        self._at = end + 1
        words = self._tokens[start:end]
        if any((word.startswith("\\") and word[1:].isalpha()) or word == "{" for word in words):
            raise ValueError
        return "".join(word.removeprefix("\\") for word in words)


def _raised(text: str, letters: dict[str, str], mark: str) -> str:
    """Set a text higher or lower, as far as there are letters for that; else ``mark`` says so."""
    if text in ("∘", "°"):
        return "°"
    if text and all(char in letters for char in text):
        return "".join(letters[char] for char in text)
    if not text:
        return ""
    return f"{mark}{text}" if len(text) == 1 or text.isdigit() else f"{mark}({text})"


def _grouped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _root(degree: str, inside: str) -> str:
    sign = ROOTS.get(degree)
    if sign is None:
        sign = f"{_raised(degree, HIGH, '^')}√"
    return f"{sign}{inside}" if _SIMPLE.fullmatch(inside) else f"{sign}({inside})"
