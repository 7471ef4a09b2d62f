"""The rules of a place: who may talk to the bot, where, and about what."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.model.request import Mode
from bot.domain.people import Place
from bot.domain.settings.catalogue import Settings
from bot.domain.settings.choices import Listening
from bot.domain.settings.in_force import InForce
from bot.domain.turn.ask import Ask
from bot.domain.turn.forbidden import has_forbidden_word
from bot.errors import Refusal


def refused_place(place: Place, settings: Settings) -> bool:
    """Whether the bot is not to talk in a place.

    A refusal of the channel, of its category or of a thread's channel wins over an allowance; where some are allowed,
    all others are refused. Where no guild rules there is nobody's channel. Of a channel that is not known any rule may
    refuse it.
    """
    if place.ruling_guild_id is None:
        return False
    if not place.certain and (settings.channels_refused or settings.channels_allowed):
        return True
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
