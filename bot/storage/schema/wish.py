"""What was asked of a drawing, as text in the database."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.picture.parameters import ControlNet, Size
from bot.storage.schema.text import storable


class WishColumn(TypeDecorator[DrawWish]):
    """A ``DrawWish`` as a JSON object of what differs from "nothing asked"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: DrawWish | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Write the wish."""
        return None if value is None else storable(json.dumps(_written(value), ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Dialect) -> DrawWish | None:  # noqa: ARG002  # as above
        """Read it again."""
        return None if value is None else _read(json.loads(value))


def _written(wish: DrawWish) -> dict[str, Any]:
    size, control, origin = wish.size, wish.control, wish.origin
    written = {
        "model": wish.model,
        "size": None if size is None else [size.width, size.height],
        "steps": wish.steps,
        "scale": wish.scale,
        "seed": wish.seed,
        "enhance": wish.enhance,
        "control": None if control is None else control.value,
        "count": wish.count,
        "spoiler": wish.spoiler,
        "private": wish.private,
        "origin": None if origin is None else [origin.channel_id, origin.message_id],
    }
    return {key: value for key, value in written.items() if value is not None}


def _read(found: dict[str, Any]) -> DrawWish:
    size, control, origin = (found.pop(key, None) for key in ("size", "control", "origin"))
    return DrawWish(
        **found,
        size=None if size is None else Size(width=size[0], height=size[1]),
        control=None if control is None else ControlNet(control),
        origin=None if origin is None else Origin(channel_id=origin[0], message_id=origin[1]),
    )
