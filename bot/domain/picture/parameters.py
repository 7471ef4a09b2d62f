"""How a picture is made: its parameters, their ranges and its recipe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ControlNet(StrEnum):
    """What guides a picture: Miaohua's names (endpoints.md, section 1)."""

    OFF = ""
    OPENPOSE = "openpose"
    CANNY = "canny"
    DEPTH = "depth"
    FAKE_SCRIBBLE = "fake_scribble"
    SCRIBBLE = "scribble"
    HED = "hed"
    HOUGH = "hough"
    NORMAL = "normal"
    SEG = "seg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A picture's measure in pixels, width × height; each side 64…6240."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.width * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCeiling:
    """How large a picture may be: no side beyond that of ``sides``, and no more than ``pixels`` in all."""

    sides: Size
    pixels: int

    def allows(self, size: Size) -> bool:
        """Whether a picture may be so large."""
        within = size.width <= self.sides.width and size.height <= self.sides.height
        return within and size.pixels <= self.pixels


DEFAULT_SIZE = Size(width=960, height=960)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingParameters:
    """How a picture is made; the defaults are the fusion document's (endpoints.md, section 1).

    ``model`` is passed on verbatim; ``seed`` -1 is random, else 0 or more; ``scale`` 1…``SCALE_MAX``;
    ``steps`` 1…``STEPS_MAX``.
    """

    model: str = "Artist_V0.1.3"
    size: Size = DEFAULT_SIZE
    steps: int = 50
    scale: int = 7
    seed: int = -1
    enhance: bool = False
    control: ControlNet = ControlNet.OFF


PARAMETER_FIELDS = frozenset(DrawingParameters.__dataclass_fields__)
"""The names of what a recipe says beside its prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that is needed to make a picture again."""

    prompt: str
    parameters: DrawingParameters


MAX_COUNT = 4
"""Pictures of one drawing."""
MAX_PICTURES = 10
"""Pictures of one answer: Discord takes no more files in one message."""
STEPS_MAX = 150
SCALE_MAX = 20
"""The ranges of steps and scale end there (endpoints.md, section 1); both begin with 1."""
SEED_MAX = 9_999_999
"""The largest seed seen (endpoints.md, section 1)."""
