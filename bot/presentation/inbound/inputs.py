"""The inputs of a form that was sent; untrusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord


def inputs_of(interaction: discord.Interaction) -> Iterator[Mapping[str, Any]]:
    """Go through the inputs of a form that was sent, in labels or in rows."""
    data: Mapping[str, Any] = interaction.data or {}
    return _inputs(data.get("components"))


def _inputs(components: object) -> Iterator[Mapping[str, Any]]:
    for one in components if isinstance(components, list) else ():
        if isinstance(one, dict):
            inner = one.get("component")
            yield from [inner] if isinstance(inner, dict) else _inputs(one.get("components"))
            if "custom_id" in one:
                yield one
