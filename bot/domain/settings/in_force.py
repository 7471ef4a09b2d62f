"""The settings of one turn, looked up once when it begins and carried from there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.settings.catalogue import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What holds in a ``place`` for everybody, and for the ``user`` who asks there.

    A user's own preferences are their language and how their commands draw. A drawing that comes of talk has the
    place's defaults, so talk goes by ``place``, a command by ``user``.
    """

    place: Settings
    user: Settings
