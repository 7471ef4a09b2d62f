"""The answer's text on its way to the reader: what is new of it, fit to be stored, without what must not be shown."""

from __future__ import annotations

import hashlib
import re
from typing import Final

SENTINEL: Final = "This is a drawing request*&^**#"
"""What the fusion endpoint answers instead of drawing when ``output_img`` is false (endpoints.md, section 1)."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BLANK_CHARS: Final = 256
_SURE_CHARS: Final = 24
"""No increment repeats so much of an answer's beginning by chance."""
_TELLING_CHARS: Final = 8
"""An increment of this length that comes twice, and begins with all before it, is the text so far."""
_FEW_CHARS: Final = 2
"""Text of no more different characters ("====", "hahaha", "100") grows like this by itself, too."""
_MOST_HELD: Final = 32


def held_suffix(text: str, target: str) -> int:
    """Return where the longest suffix of ``text`` begins that is a proper prefix of ``target``; its length if none."""
    for at in range(max(0, len(text) - len(target) + 1), len(text)):
        if target.startswith(text[at:]):
            return at
    return len(text)


class Unseen:
    """Tells what of a text is new, whether it comes as increments, as all of it so far, or complete.

    Of what was seen, only the length and a digest are kept, and a few short increments: memory stays flat, however
    long the answer gets.

    Some servers send all of the text so far as an increment. One increment that begins with all before it may be
    chance ("1", "10"), two in a row are not, unless they are one thing repeated ("ha", "haha", "hahaha"): they are held
    until the next one decides, and what they repeat is never let through. One that repeats ``_SURE_CHARS`` decides at
    once. At the end a single one that is undecided counts as an increment.
    """

    def __init__(self) -> None:
        self._chars = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._increments = False
        self._held: list[str] = []
        self._grows = False  # increments are all of the text so far

    def piece(self, text: str) -> str:
        """Take an increment; return what of it is new."""
        if self._held:
            return self._decide(text)
        self._increments = self._increments or bool(text)
        if len(text) < self._chars or not self._chars or (len(text) == self._chars and not self._grows):
            return self._take(text)
        if not self._repeats(text):
            # A contradiction of a text that came as a whole each time adds nothing, as with complete text.
            return "" if self._grows else self._take(text)
        if self._grows or self._chars >= _SURE_CHARS:
            self._grows = True
            return self._take(text[self._chars :])
        self._held.append(text)
        return ""

    def _decide(self, text: str) -> str:
        """Say what the held increments were, now that the next one is known."""
        if not text:
            return ""
        last = self._held[-1]
        if not text.startswith(last) or (len(text) == len(last) and len(last) < _TELLING_CHARS):
            return self._let_go() + self._take(text)
        if len(text) < _SURE_CHARS and len(set(text)) <= _FEW_CHARS and len(self._held) < _MOST_HELD:
            self._held.append(text)
            return ""
        self._held.clear()
        self._grows = True
        return self._take(text[self._chars :])

    def _let_go(self) -> str:
        """Take the held increments as such."""
        held = "".join(self._held)
        self._held.clear()
        return self._take(held)

    def whole(self, text: str) -> str:
        """Take complete text; return the rest that was not seen.

        Text that contradicts the increments adds nothing. Where there were none, "complete" texts that don't repeat
        what came before were increments after all.
        """
        before = ""
        if self._held and not text.startswith(self._held[-1]):
            before = self._let_go()
        self._held.clear()
        if self._repeats(text):
            return before + self._take(text[self._chars :])
        return before if self._increments else self._take(text)

    def end(self) -> str:
        """Return the increments that were held, if any."""
        if len(self._held) > 1:
            return self._take(self._held.pop()[self._chars :])
        return self._let_go()

    def _repeats(self, text: str) -> bool:
        """Whether a text begins with all that was seen."""
        begun = text[: self._chars].encode("utf-8", "surrogatepass")
        return hashlib.blake2b(begun, digest_size=16).digest() == self._digest.digest()

    def _take(self, text: str) -> str:
        self._chars += len(text)
        self._digest.update(text.encode("utf-8", "surrogatepass"))
        return text


class Cleaner:
    """Makes text storable: no NUL, no half of a surrogate pair; pairs that were cut apart are joined."""

    def __init__(self) -> None:
        self._high = ""

    def feed(self, text: str) -> str:
        """Take the next text; half a pair at its end waits for the other half."""
        if self._high and text:
            text, self._high = self._high + text, ""
        if not text.isascii() and _SURROGATE.search(text):
            if "\ud800" <= text[-1] <= "\udbff":
                text, self._high = text[:-1], text[-1]
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text.replace("\0", "")

    def end(self) -> str:
        """Return what stands for a half whose other half never came."""
        rest, self._high = self._high, ""
        return "\N{REPLACEMENT CHARACTER}" if rest else ""


class SentinelGate:
    """Lets text through, but never the sentinel nor a beginning of it that may become one."""

    def __init__(self) -> None:
        self._held = ""
        self._passed = False
        self.met = False
        """Whether the sentinel was taken out somewhere."""

    def feed(self, text: str) -> str:
        """Take the next text; return what is certainly no part of the sentinel."""
        text, self._held = self._held + text, ""
        if SENTINEL in text:
            if not self._passed and text.strip() == SENTINEL:
                self._held = text
                return ""
            self.met = True
            text = text.replace(SENTINEL, "")
        if not self._passed and not text.strip() and len(text) < _BLANK_CHARS:
            self._held = text
            return ""
        at = held_suffix(text, SENTINEL)
        # What is blank so far stays with the suffix: an intent comes without any text.
        if not self._passed and not text[:at].strip() and at < _BLANK_CHARS:
            at = 0
        text, self._held = text[:at], text[at:]
        self._passed = self._passed or bool(text)
        return text

    @property
    def intent(self) -> bool:
        """Whether the whole text so far is the sentinel."""
        return not self._passed and self._held.strip() == SENTINEL

    def end(self) -> str:
        """Let the rest go when the answer ended well: it did not become the sentinel."""
        rest, self._held = self._held, ""
        if SENTINEL in rest:
            self.met = True
            rest = rest.replace(SENTINEL, "")
        return rest if self._passed or rest.strip() else ""
