"""What a user wishes of a drawing."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.picture.parameters import ControlNet, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The card that a drawing came from: a Discord message of the bot's."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWish:
    """What a user asked of a drawing beside its prompt; None is what the place has as its default.

    ``count`` 1…4 pictures. ``private``: only the asker sees the card. ``seed`` 0…9999999 is resolved (never -1) once
    the turn is kept, so that the same turn asked again gives the same picture.
    """

    model: str | None = None
    size: Size | None = None
    steps: int | None = None
    scale: int | None = None
    seed: int | None = None
    enhance: bool | None = None
    control: ControlNet | None = None
    count: int = 1
    spoiler: bool | None = None
    private: bool = False
    origin: Origin | None = None
