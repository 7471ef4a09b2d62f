"""The catalogue of settings as documentation: the tables of docs/ and the part of .env.example that names them.

``python -m bot.presentation.settings.docs`` (what ``make docs`` runs, in a checkout) writes them between their marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.bounds import MODEL_LISTS, ceiling_name
from bot.config import default_name
from bot.domain.settings.catalogue import CATALOGUE, Setting, Topic
from bot.domain.settings.scopes import Authority, Ceiling, Scope
from bot.presentation.words.languages import Say, WordId, mark, speaker
from bot.presentation.words.settings import SettingWords

ROOT = Path(__file__).parents[3]
LINE_CHARS = 118

_HEADS = (
    mark("docs.head.setting"),
    mark("docs.head.help"),
    mark("docs.head.range"),
    mark("docs.head.default"),
    mark("docs.head.scopes"),
    mark("docs.head.field"),
)
_PLACES: Mapping[Scope, WordId] = {
    Scope.GUILD: mark("docs.place.guild"),
    Scope.CATEGORY: mark("docs.place.category"),
    Scope.CHANNEL: mark("docs.place.channel"),
    Scope.PERSON: mark("docs.place.person"),
}
_WHO: Mapping[Authority, WordId] = {
    Authority.MANAGE_SERVER: mark("docs.only.manage_server"),
    Authority.OPERATOR: mark("docs.only.operator"),
}
_AT_MOST = mark("docs.at_most")
_ONE_OF = mark("docs.one_of")
_SEPARATOR = mark("list.separator")


def render_tables(locale: str) -> str:
    """Write a table for each topic, in Markdown."""
    words = SettingWords(locale)
    say = speaker(locale)
    parts: list[str] = []
    for topic in Topic:
        entries = [entry for entry in CATALOGUE.values() if entry.topic is topic]
        rows = [_row([say(head) for head in _HEADS]), _row(["---"] * len(_HEADS))]
        for entry in entries:
            places = [say(_PLACES[scope]) for scope in _PLACES if scope in entry.scopes]
            who = _WHO.get(entry.authority)
            rows.append(
                _row(
                    [
                        f"`{entry.key}`",
                        f"**{words.title(entry.key)}**: {words.help(entry.key)}",
                        words.range(entry.key),
                        _code(entry.write(entry.default)),
                        " ".join(
                            filter(None, (say(_SEPARATOR).join(places), say(who) if who else "", _bound(entry, say)))
                        ),
                        _fields(entry),
                    ]
                )
            )
        parts.append(f"### {words.topic(topic)}\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def render_environment() -> str:
    """Write the lines of .env.example: every setting with its built-in value, and what it does."""
    words = SettingWords("en-US")
    lines: list[str] = []
    for topic in Topic:
        lines.append(f"# {words.topic(topic)}")
        for entry in CATALOGUE.values():
            if entry.topic is topic:
                lines.append(_wrapped(f"#   {words.help(entry.key)} Takes {words.range(entry.key)}."))
                lines.append(f"#{default_name(entry.key)}={entry.write(entry.default)}")
    return "\n".join(lines)


def written_files() -> Mapping[Path, str]:
    """Return the files with their parts as they should be, by path. Raises ``ValueError`` where a mark is missing."""
    parts = {
        ROOT / "docs" / "settings.md": ("<!-- ", " -->", render_tables("en-US")),
        ROOT / "docs" / "settings.zh-CN.md": ("<!-- ", " -->", render_tables("zh-CN")),
        ROOT / ".env.example": ("# ", "", render_environment()),
    }
    return {path: _between(path.read_text(encoding="utf-8"), *part) for path, part in parts.items()}


def _between(text: str, before: str, behind: str, part: str) -> str:
    begin, end = (f"{before}{name} of what make docs writes{behind}\n" for name in ("begin", "end"))
    head, middle, rest = text.partition(begin)
    _, last, tail = rest.partition(end)
    if not middle or not last:
        raise ValueError("the marks are missing")
    gap = "\n" if behind else ""
    return f"{head}{begin}{gap}{part}\n{gap}{end}{tail}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _bound(entry: Setting, say: Say) -> str:
    """Say which name of the environment bounds what may be set."""
    if entry.key in MODEL_LISTS:
        return say(_ONE_OF, name=_code(MODEL_LISTS[entry.key]))
    match entry.ceiling:
        case Ceiling.NONE:
            return ""
        case Ceiling.DEFAULT:
            return say(_AT_MOST, name=_code(default_name(entry.key)))
        case Ceiling.APART:
            return say(_AT_MOST, name=_code(ceiling_name(entry.key)))


def _fields(entry: Setting) -> str:
    if entry.fusion == entry.chat_completions:
        return _code(entry.fusion)
    named = (("fusion", entry.fusion), ("chat completions", entry.chat_completions))
    return "; ".join(f"{endpoint} {_code(name)}" for endpoint, name in named if name)


def _wrapped(line: str) -> str:
    """Break a comment where it gets too long."""
    lines = [""]
    for word in line.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > LINE_CHARS:
            lines.append(f"#   {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\n".join(lines)


def main() -> None:
    """Write what has changed."""
    for path, text in written_files().items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
