"""The recipe inside a PNG: one iTXt chunk with JSON in it, written and read without decoding the picture.

Chunks are of the PNG specification (third edition, sections 5 and 11.3.3.4): length, type, data, CRC-32.
"""

from __future__ import annotations

import json
import zlib
from struct import error as struct_error
from struct import pack, unpack_from
from typing import Any, Final

from bot.domain.page.graphemes import clip
from bot.domain.picture.parameters import SEED_MAX, ControlNet, Recipe
from bot.domain.picture.parameters import DrawingParameters as Parameters
from bot.domain.settings.catalogue import parse_setting

KEYWORD: Final = "fusion-bot"
VERSION: Final = 1
PROMPT_MAX_CHARS: Final = 4_000
CHUNK_MAX_BYTES: Final = 32 * 1024
"""A prompt of the greatest length in the longest characters, and room for the rest."""
AFTER_HEADER: Final = 33
"""Where the chunk goes: behind the signature and IHDR, which is always 13 bytes long."""

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = KEYWORD.encode() + b"\0" + b"\0\0" + b"\0" + b"\0"
"""Keyword, not compressed, no language, no translated keyword."""


def recipe_chunk(recipe: Recipe) -> bytes:
    """Write a recipe as a chunk of a PNG, at most 32 KiB long; a longer prompt than 4000 characters is cut."""
    made = recipe.parameters
    text = json.dumps(
        {
            "v": VERSION,
            "prompt": clip(recipe.prompt, PROMPT_MAX_CHARS),
            "model": made.model,
            "size": str(made.size),
            "seed": made.seed,
            "steps": made.steps,
            "scale": made.scale,
            "enhance": made.enhance,
            "control": made.control.value,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    # What is no text (half of a surrogate pair) has no bytes; a database would not have taken it either.
    data = _HEAD + text.encode("utf-8", "ignore")
    return pack(">I", len(data)) + b"iTXt" + data + pack(">I", zlib.crc32(b"iTXt" + data))


def read_recipe(data: bytes) -> Recipe | None:
    """Read the recipe out of a PNG, of which nothing is believed; None where there is none that could be drawn."""
    if not data.startswith(_MAGIC):
        return None
    at = len(_MAGIC)
    try:
        while True:
            length, name = unpack_from(">I4s", data, at)
            end = at + 12 + length
            if name == b"IEND" or end > len(data):
                return None
            if name == b"iTXt" and len(_HEAD) < length <= CHUNK_MAX_BYTES:
                body = data[at + 8 : end - 4]
                (crc,) = unpack_from(">I", data, end - 4)
                # The head says "not compressed": what a few bytes might swell to is not looked at.
                if body.startswith(_HEAD) and crc == zlib.crc32(b"iTXt" + body):
                    return _recipe(body[len(_HEAD) :])
            at = end
    except struct_error:
        return None


def _recipe(text: bytes) -> Recipe | None:
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("v") != VERSION:
            return None
        prompt = _text(found["prompt"])
        if not prompt.strip() or len(prompt) > PROMPT_MAX_CHARS:
            return None
        model = _text(found["model"])
        if not model.isprintable():
            return None
        enhance = found["enhance"]
        seed = int(_whole(found["seed"]))
        if not isinstance(enhance, bool) or not 0 <= seed <= SEED_MAX:
            return None
        return Recipe(
            prompt=prompt,
            parameters=Parameters(
                model=parse_setting("drawing_model", model),
                size=parse_setting("size", _text(found["size"])),
                steps=parse_setting("steps", _whole(found["steps"])),
                scale=parse_setting("scale", _whole(found["scale"])),
                seed=seed,
                enhance=enhance,
                control=ControlNet(_text(found["control"])),
            ),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(value: Any) -> str:
    """Take a text; ``ValueError`` or ``TypeError`` for anything else, and for what no UTF-8 can be made of."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    if "\0" in value:
        raise ValueError("a text that no database takes")
    value.encode()
    return value


def _whole(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return str(value)
