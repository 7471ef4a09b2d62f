"""Whether one of a place's forbidden words is in a text, however it is written.

A list is any manager's and a text is anybody's, so neither may make this slow. Nothing is compiled: the words are
folded and sorted, and wherever one of them may begin in the folded text, the only candidates are found by bisection.
What would be slow in folding is done another way, or not at all: a text that would take too long counts as one with a
forbidden word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.errors import BotError

MOST_CHARS: Final = 20_000
"""Of a text. A message and the one that it replies to have 8,000, with the names of what is attached some more."""
MOST_GROWTH: Final = 4_000
"""By so many characters a text may grow when it is folded: one ligature may become 18."""
MOST_KEPT_CHARS: Final = 200_000
"""Of the folded lists that are kept: some hundred of the usual ones, or the largest there can be."""

_WITHOUT_SPACES = (
    "\u0e00-\u0eff"  # Thai and Lao
    "\u1100-\u11ff"  # Hangul parts
    "\u2e80-\u9fff"  # radicals, kana, ideographs
    "\ua960-\ua97f\uac00-\ud7ff"  # Hangul syllables
    "\uf900-\ufaff"  # compatibility ideographs
    "\U00020000-\U0003ffff"  # rare ideographs
)
"""Scripts whose words are not set apart by spaces (Hangul's take endings): a word of theirs is found anywhere."""
_DENSE = re.compile(f"[{_WITHOUT_SPACES}]")
_LETTERS = re.compile(rf"[^\W{_WITHOUT_SPACES}]+")
"""Letters, digits and underscores that may be parts of a word with spaces around it."""
_UNSEEN = re.compile(
    # What shows as nothing without being a format character (Unicode, Default_Ignorable_Code_Point) …
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    # … and marks set over or through letters, as far as they are part of none.
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_HIDDEN = frozenset({"Cf", "Cc", "Cn"})
"""Format characters (zero-width ones, directions, soft hyphen), control, unassigned."""
_RUNS = re.compile(rb"[^\0]{2,}")
"""Of marks, in the classes of a text's characters."""
_MARKS_INSIDE = ("\u0344", "\u0f73", "\u0f75", "\u0f81", "\uff9e", "\uff9f")
"""The only characters that become marks of another class than their own, or several (Unicode, UnicodeData.txt)."""
_HEAD = 3
"""How much of a word decides whether it may begin somewhere."""
_MOST_KNOWN = 64
"""Of the windows of a text, what is known that they begin with."""


class _TooLongError(BotError):
    """A text would take too long to be folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A list of words, folded and in order.

    ``within`` tells of each word with which of the list it begins, shortest first, itself last; ``ends`` has a byte of
    1 for the length of each of those, the first byte being the lowest. ``heads`` are the first ``head`` characters.
    """

    words: tuple[str, ...]
    within: tuple[tuple[int, ...], ...]
    ends: tuple[int, ...]
    dense: tuple[bool, ...]
    heads: frozenset[str]
    head: int
    longest: int

    @property
    def chars(self) -> int:
        """How much is kept of it."""
        return sum(map(len, self.words)) + len(self.words)

    def are_in(self, text: str) -> bool:
        """Whether one of the words is in a folded text."""
        heads, head, longest = self.heads, self.head, self.longest
        inside: bytearray | None = None
        known: dict[str, int] = {}
        for start in [at for at in range(len(text) - head + 1) if text[at : at + head] in heads]:
            window = text[start : start + longest]
            found = known.get(window)
            if found is None:
                found = self._beginning(window)
                if len(known) < _MOST_KNOWN:  # what is slow to compare repeats itself
                    known[window] = found
            if found < 0:
                continue
            if self.dense[found]:
                return True
            if inside is None:
                inside = _inside(text)
            if not inside[start]:
                ends = self.ends[found]
                if int.from_bytes(inside[start : start + len(self.words[found]) + 1], "little") & ends != ends:
                    return True
        return False

    def _beginning(self, window: str) -> int:
        """Find the longest word that a text begins with, which begins with all others that it does; -1 if none is."""
        # Whatever the text begins with is the last word before it in order, or one that this begins with.
        last = bisect_right(self.words, window) - 1
        if last < 0 or window.startswith(self.words[last]):
            return last
        found = self.within[last]
        low, high = 0, len(found) - 1
        while low < high:
            middle = (low + high) // 2
            if window.startswith(self.words[found[middle]]):
                low = middle + 1
            else:
                high = middle
        return found[low - 1] if low else -1


def has_forbidden_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words is in a text, however it is written, or the text takes too long to be read.

    Width, compatibility forms, case, accents set by combining marks, marks struck through letters and invisible
    characters make no difference. Where a word begins or ends with a letter of a script that has spaces between words,
    no such letter may stand next to it; others count anywhere.
    """
    if not words:
        return False
    listed = _LISTS.listed(words)
    if not listed.words:
        return False
    try:
        return listed.are_in(_plain(text))
    except _TooLongError:
        return True


class _Lists:
    """The lists that were asked for last, folded: as many as have ``MOST_KEPT_CHARS`` together, and the newest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], _Listed] = OrderedDict()
        self._chars = 0

    def listed(self, words: tuple[str, ...]) -> _Listed:
        known = self._kept.get(words)
        if known is not None:
            self._kept.move_to_end(words)
            return known
        listed = self._kept[words] = _list_of(words)
        self._chars += listed.chars
        while self._chars > MOST_KEPT_CHARS and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._chars -= dropped.chars
        return listed


_LISTS = _Lists()


def _list_of(words: Iterable[str]) -> _Listed:
    plain = sorted(set(filter(None, map(_plain, words))))
    within: list[tuple[int, ...]] = []
    beginnings: list[int] = []
    for number, word in enumerate(plain):
        while beginnings and not word.startswith(plain[beginnings[-1]]):
            beginnings.pop()
        beginnings.append(number)
        within.append(tuple(beginnings))
    head = min((_HEAD, *map(len, plain)))
    return _Listed(
        words=tuple(plain),
        within=tuple(within),
        ends=tuple(sum(1 << 8 * len(plain[each]) for each in found) for found in within),
        dense=tuple(_DENSE.search(word) is not None for word in plain),
        heads=frozenset(word[:head] for word in plain),
        head=head,
        longest=max(map(len, plain), default=0),
    )


def _inside(text: str) -> bytearray:
    """Tell of each place between two characters whether both are letters of one word; of the text's ends as well."""
    inside = bytearray(len(text) + 1)
    for run in _LETTERS.finditer(text):
        start, end = run.span()
        inside[start + 1 : end] = b"\1" * (end - start - 1)
    return inside


def _plain(text: str) -> str:
    """Fold what looks the same: NFKC, case, accents as NFKC composes them; formatting and control characters go.

    Raises ``_TooLongError``.
    """
    if len(text) > MOST_CHARS:
        raise _TooLongError
    composed = _composed(text)
    folded = composed.casefold()
    if len(folded) > len(text) + MOST_GROWTH:
        raise _TooLongError
    visible = _visible(folded)
    return " ".join((visible if visible == composed else _composed(visible)).split())


def _composed(text: str) -> str:
    """Bring a text into the form NFKC, in a time that grows no faster than the text. Raises ``_TooLongError``."""
    if text.isascii():
        return text
    each = list(set(text) - {"\n"})
    lone = "\n".join(each)
    pieces = unicodedata.normalize("NFKC", lone)
    if len(pieces) > len(lone):
        folded = {"\n": "\n"} | dict(zip(each, pieces.split("\n"), strict=True))
        if sum((len(folded[one]) - 1) * count for one, count in Counter(text).items()) > MOST_GROWTH:
            raise _TooLongError
        # Far faster than normalising does it, which then has nothing to do where there are no marks.
        text = text.translate({ord(one): piece for one, piece in folded.items()})
    if len(set(map(unicodedata.combining, pieces))) > 2:
        text = _in_order(text)
    return unicodedata.normalize("NFKC", text)


def _in_order(text: str) -> str:
    """Put marks in the order in which normalising puts them, which moves each past all others before it."""
    for mark in _MARKS_INSIDE:
        text = text.replace(mark, unicodedata.normalize("NFKD", mark))
    classes = bytes(map(unicodedata.combining, text))
    ordered: list[str] = []
    done = 0
    for run in _RUNS.finditer(classes):
        start, end = run.span()
        ordered += (text[done:start], *sorted(text[start:end], key=unicodedata.combining))
        done = end
    return "".join((*ordered, text[done:]))


def _visible(text: str) -> str:
    """Leave out what does not show. Whitespace does, whatever its category is."""
    each = "".join(set(text))
    gone = set(_UNSEEN.findall(each))
    if not each.isprintable():
        gone.update(
            one for one in each if not one.isprintable() and not one.isspace() and unicodedata.category(one) in _HIDDEN
        )
    return "".join([one for one in text if one not in gone]) if gone else text
