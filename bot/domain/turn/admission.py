"""The rules of a place: who may talk to the bot, where, and about what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from bot.domain.model.request import Mode
from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.settings.choices import Listening
from bot.domain.settings.in_force import InForce
from bot.domain.turn.ask import Ask
from bot.errors import Refusal

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
_LETTER = rf"[^\W{_WITHOUT_SPACES}]"
"""A letter, digit or underscore that may be part of a word with spaces around it."""
_UNSEEN = re.compile(
    # What shows as nothing without being a format character (Unicode, Default_Ignorable_Code_Point) …
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    # … and marks set over or through letters, as far as they are part of none.
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)


def refused_place(place: Place, settings: Settings) -> bool:
    """Whether the bot is not to talk in a place.

    A refusal of the channel, of its category or of a thread's channel wins over an allowance; where some are allowed,
    all others are refused. Where no guild rules there is nobody's channel.
    """
    if place.ruling_guild_id is None:
        return False
    around = {place.channel_id, place.parent_id, place.category_id}
    if around.intersection(settings.channels_refused):
        return True
    return bool(settings.channels_allowed) and not around.intersection(settings.channels_allowed)


def refused_roles(place: Place, role_ids: Iterable[int], settings: Settings) -> bool:
    """Whether a user's roles keep them from talking to the bot.

    A refused role wins over an allowed one. The guild's own id stands for everyone in it, as with Discord's
    ``@everyone`` role. Whoever manages the server is bound by this too when talking; the commands for settings are not.
    """
    if place.ruling_guild_id is None:
        return False
    roles = {place.ruling_guild_id, *role_ids}
    if roles.intersection(settings.roles_refused):
        return True
    return bool(settings.roles_allowed) and not roles.intersection(settings.roles_allowed)


def has_forbidden_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words is in a text, however it is written.

    Width, compatibility forms, case, accents set by combining marks, marks struck through letters and invisible
    characters make no difference. Where a word begins or ends with a letter of a script that has spaces between words,
    no such letter may stand next to it; others count anywhere.
    """
    pattern = _pattern(words)
    return pattern is not None and pattern.search(_plain(text)) is not None


def asked_words(ask: Ask) -> str:
    """Tell what people have written of a question: its words, and those of the message that it replies to.

    What the bot itself has said is nobody's.
    """
    reference = ask.reference
    return ask.text if reference is None or reference.from_bot else f"{ask.text}\n{reference.text}"


def written_words(ask: Ask, settings: InForce) -> str:
    """Return what people have written of a question, the model's name included: a card shows it, and it is any text.

    The place's model is not of the user's choosing; their own default is.
    """
    model = ask.wish.model if ask.wish is not None else None
    if model is None and ask.mode is Mode.DRAW and settings.user.drawing_model != settings.place.drawing_model:
        model = settings.user.drawing_model
    words = asked_words(ask)
    return f"{words}\n{model}" if model else words


def listens(place: Place, settings: Settings) -> bool:
    """Whether everything that is said in a place is answered, not only what is said to the bot."""
    return settings.listening is Listening.ALL and not refused_place(place, settings)


def refusal(text: str, place: Place, role_ids: Iterable[int] | None, settings: Settings) -> Refusal | None:
    """Say why a question is not taken up; None where nothing speaks against it. Roles of None are not known."""
    if refused_place(place, settings):
        return Refusal.CHANNEL
    if role_ids is not None and refused_roles(place, role_ids, settings):
        return Refusal.ROLE
    if has_forbidden_word(text, settings.forbidden_words):
        return Refusal.FORBIDDEN_WORD
    return None


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    plain = filter(None, (_plain(word) for word in words))
    parts = [re.escape(word) if _DENSE.search(word) else _whole(word) for word in plain]
    return re.compile("|".join(parts)) if parts else None


def _whole(word: str) -> str:
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, word) else ""
    after = rf"(?!{_LETTER})" if re.match(_LETTER, word[-1]) else ""
    return f"{before}{re.escape(word)}{after}"


def _plain(text: str) -> str:
    """Fold what looks the same: NFKC, case, accents as NFKC composes them; formatting and control characters go."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(c if not c.isspace() else " " for c in folded if not _invisible(c))
    return " ".join(unicodedata.normalize("NFKC", visible).split())


def _invisible(character: str) -> bool:
    if character.isspace():
        return False
    # Format characters (zero-width ones, directions, soft hyphen), control, unassigned.
    return unicodedata.category(character) in {"Cf", "Cc", "Cn"} or _UNSEEN.match(character) is not None
