"""What was said: messages of a request, and the utterances of people inside one message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["system", "user", "assistant"]

_SPEAKER: Final = re.compile(
    r"""^(?:\[(?P<square>[^\]\n.:]{1,40})\]:?|<(?P<angle>[^>\n@#:]{1,40})>:?|
        (?P<plain>[^\s\[\]:：,，.。!！?？`][^\n:：,，.。!！?？`]{0,39})(?::[ \t]|：))
        [ \t]*(?=\S)""",
    re.MULTILINE | re.VERBOSE,
)
# An earlier message that a client quotes because the last one replies to it.
_QUOTED: Final = re.compile(
    r"^\[[^\]\n]+[:：]\]\n(?P<text>.*?)\n\[(?:End of |先前的)[^\]\n]+\]\n?", re.DOTALL | re.MULTILINE
)
_MENTION: Final = re.compile(r"<@[!&]?\d+>|(?<!\S)@[\w.-]+")
# The first word of a sentence that merely has a colon in it: it is no speaker's name.
_NOT_A_NAME: Final = re.compile(
    r"^(?:please|draw|paint|sketch|write|list|translate|explain|note|remember|question|answer|code|my|the|an?|how|what|"
    r"why|who|can|could|create|generate|make|show|give|design|画|绘|生成|制作|做|来|给|用|请|帮|写|列|翻译|解释|问|答|注意|我)(?:\b|(?<=[\u4e00-\u9fff]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation, as the request has it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one person said; `speaker` is None where the text names nobody."""

    speaker: str | None
    text: str


def utterances(content: str) -> list[Utterance]:
    """Split a user message into what its speakers said, oldest first; never empty.

    Clients put several people's lines into one user turn, each as `Name: text` or `[Name] text`, and may put a
    persona before them; text before the first name has no speaker. Further lines of one may be indented. Mentions and
    quoted messages are taken out.
    """
    content = _QUOTED.sub("", content)
    heads = [found for found in _SPEAKER.finditer(content) if not _NOT_A_NAME.match(_name(found))]
    said = [Utterance(speaker=None, text=_clean(content[: heads[0].start()] if heads else content))]
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(content)
        said.append(Utterance(speaker=_name(head), text=_clean(_dedented(content[head.end() : end]))))
    return [one for one in said if one.text] or [Utterance(speaker=None, text="")]


def quoted(content: str) -> str:
    """Return the earlier message that a user message quotes as what it replies to, or ""."""
    found = _QUOTED.search(content)
    return _dedented(f"\n{found['text']}").strip() if found else ""


def _name(found: re.Match[str]) -> str:
    return (found["square"] or found["angle"] or found["plain"] or "").strip()


def _dedented(text: str) -> str:
    """Take the two blanks off that a client puts before all further lines."""
    first, *further = text.split("\n")
    if all(not line or line.startswith("  ") for line in further):
        further = [line[2:] for line in further]
    return "\n".join((first, *further))


def _clean(text: str) -> str:
    return _MENTION.sub("", text).strip()
