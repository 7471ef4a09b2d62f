"""Messages that a proxy says again for a person: PluralKit, Tupperbox and their like.

A proxy posts a person's message once more, through a webhook and under another name, without the tag that chose the
name, and deletes the person's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

MOST_TAG_CHARS: Final = 120
"""What a proxy takes off a message at both ends together: a tag is a few characters, and seldom a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a message says, as it was typed: its text, and the names of its files.

    ``by`` is the application that said it, if one did. ``hidden_again``: said once more by a webhook, it would come
    without its text, as it reaches the bot for replying to it alone, which a webhook can't.
    """

    id: int
    channel_id: int
    text: str
    files: tuple[str, ...] = ()
    by: int | None = None
    hidden_again: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of it is to be seen."""
        return not self.text and not self.files


def repeats(repeat: Said, original: Said, proxies: Container[int] = ()) -> bool:
    """Whether a message may be another one said again: the same, without a tag at either end.

    Files may be missing, since a webhook can't send as large ones, but none is added. Where nothing of it is to be
    seen, it has to be by one of the ``proxies``, the applications that are known to say people's messages again.
    """
    if repeat.is_hidden:
        return original.hidden_again and repeat.channel_id == original.channel_id and repeat.by in proxies
    if repeat.channel_id != original.channel_id or Counter(repeat.files) - Counter(original.files):
        return False
    said, typed = _normal(repeat.text), _normal(original.text)
    if not said:
        return bool(repeat.files) and len(typed) <= MOST_TAG_CHARS
    return said in typed and len(typed) - len(said) <= MOST_TAG_CHARS


def _normal(text: str) -> str:
    return " ".join(text.replace("<@!", "<@").split())
