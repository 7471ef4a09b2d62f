"""Everything that a picture depends on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is painted: sides in pixels (64…6240), seed 0…2**32-1, steps 1…150 (detail), scale 1…20 (contrast).

    `control` is "" or the name of a controlnet model, which changes the finish; `enhance` adds light and detail.
    """

    prompt: str
    model: str = "Artist_V0.1.3"
    width: int = 960
    height: int = 960
    seed: int = 0
    steps: int = 50
    scale: int = 7
    control: str = ""
    enhance: bool = False
