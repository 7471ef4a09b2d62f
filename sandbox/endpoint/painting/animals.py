"""Animals, each sitting and facing the viewer, from one figure with different ears, tails and markings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sandbox.endpoint.painting.canvas import darker, lighter, mix
from sandbox.endpoint.painting.sky import fork

if TYPE_CHECKING:
    import random

    from sandbox.endpoint.painting.canvas import Colour, Pen

_INK: Final = (34, 28, 34)
_WHITE: Final = (252, 250, 244)


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """How an animal differs from the others."""

    coat: Colour
    front: Colour
    ears: Literal["pointed", "floppy", "long", "round"]
    tail: Literal["brush", "slim", "short", "tuft"]
    paws: Colour | None = None
    marks: Literal["", "cheeks", "stripes", "mane", "patches", "muzzle"] = ""
    whiskers: bool = False


SPECIES: Final[dict[str, Species]] = {
    "fox": Species(coat=(226, 112, 44), front=_WHITE, ears="pointed", tail="brush", paws=(70, 44, 40), marks="cheeks"),
    "wolf": Species(coat=(132, 138, 152), front=(226, 228, 232), ears="pointed", tail="brush", marks="cheeks"),
    "cat": Species(coat=(146, 140, 150), front=(238, 234, 232), ears="pointed", tail="slim", whiskers=True),
    "tiger": Species(coat=(236, 148, 52), front=_WHITE, ears="round", tail="slim", marks="stripes", whiskers=True),
    "lion": Species(coat=(222, 170, 92), front=(244, 222, 178), ears="round", tail="tuft", marks="mane"),
    "dog": Species(coat=(190, 138, 90), front=(246, 230, 206), ears="floppy", tail="short", marks="muzzle"),
    "rabbit": Species(coat=(222, 206, 194), front=_WHITE, ears="long", tail="short", marks="muzzle", whiskers=True),
    "bear": Species(coat=(134, 92, 62), front=(196, 154, 112), ears="round", tail="short", marks="muzzle"),
    "panda": Species(
        coat=(244, 244, 246), front=_WHITE, ears="round", tail="short", paws=(46, 44, 54), marks="patches"
    ),
}


def paint_animal(pen: Pen, name: str, colour: Colour | None, rng: random.Random, detail: float) -> None:
    """Paint one animal; `colour` replaces the coat's, `detail` (0…1) adds strokes of fur."""
    species = SPECIES[name]
    coat = colour or species.coat
    pen.shadow()
    _tail(pen, species, coat)
    _body(pen, species, coat, fork(rng), detail)
    lean = rng.uniform(-0.02, 0.02)
    if species.marks == "mane":
        mane = darker(mix(coat, (150, 70, 20), 0.5), 0.15)
        pen.blob(
            [
                (lean, 0.98),
                (0.25, 0.92),
                (0.35, 0.7),
                (0.27, 0.47),
                (lean, 0.4),
                (-0.27, 0.47),
                (-0.35, 0.7),
                (-0.25, 0.92),
            ],
            mane,
        )
    _ears(pen, species, coat, lean)
    _head(pen, species, coat, lean)
    _face(pen, species, coat, lean, rng)


def _tail(pen: Pen, species: Species, coat: Colour) -> None:
    if species.tail == "brush":
        pen.blob(
            [(0.14, 0.06), (0.36, 0.02), (0.5, 0.14), (0.5, 0.34), (0.42, 0.48), (0.36, 0.34), (0.3, 0.2)],
            darker(coat, 0.1),
        )
        pen.blob([(0.42, 0.49), (0.5, 0.36), (0.485, 0.29), (0.43, 0.33), (0.375, 0.34)], species.front)
    elif species.tail in {"slim", "tuft"}:
        path = [(0.16, 0.07), (0.34, 0.04), (0.42, 0.16), (0.37, 0.3), (0.42, 0.42)]
        pen.line(path, darker(coat, 0.12), 0.055)
        if species.tail == "tuft":
            pen.blob([(0.38, 0.4), (0.46, 0.4), (0.47, 0.5), (0.42, 0.55), (0.37, 0.48)], darker(coat, 0.5))
        if species.marks == "stripes":
            for x, y in ((0.36, 0.055), (0.415, 0.16), (0.38, 0.27), (0.4, 0.37)):
                pen.ellipse(x, y, 0.03, 0.017, _INK)
    else:
        pen.ellipse(0.22, 0.1, 0.075, 0.07, lighter(coat, 0.3))


def _body(pen: Pen, species: Species, coat: Colour, rng: random.Random, detail: float) -> None:
    dark = species.paws if species.marks == "patches" else None
    pen.blob(
        [
            (0, 0.58),
            (0.14, 0.5),
            (0.2, 0.3),
            (0.24, 0.12),
            (0.2, 0.0),
            (0, -0.01),
            (-0.2, 0.0),
            (-0.24, 0.12),
            (-0.2, 0.3),
            (-0.14, 0.5),
        ],
        coat,
    )
    pen.blob(
        [(0.03, 0.56), (0.14, 0.5), (0.2, 0.3), (0.24, 0.12), (0.2, 0.0), (0.1, 0.03), (0.13, 0.28)],
        darker(coat, 0.14),
        150,
    )
    pen.both_blobs([(0.1, 0.02), (0.13, 0.16), (0.22, 0.19), (0.27, 0.09), (0.23, 0.0)], dark or darker(coat, 0.07))
    if species.marks == "patches":
        pen.blob([(0, 0.56), (0.16, 0.5), (0.19, 0.37), (0, 0.33), (-0.19, 0.37), (-0.16, 0.5)], species.paws or _INK)
    else:
        pen.blob(
            [(0, 0.52), (0.1, 0.46), (0.1, 0.3), (0.05, 0.14), (0, 0.1), (-0.05, 0.14), (-0.1, 0.3), (-0.1, 0.46)],
            species.front,
        )
    for _ in range(round(30 * detail)):
        x, y = rng.uniform(-0.19, 0.19), rng.uniform(0.06, 0.44)
        if abs(x) > 0.11 and abs(x) < 0.24 - 0.3 * max(0.0, y - 0.15):
            pen.line([(x, y), (x + 0.012 * (1 if x > 0 else -1), y - 0.035)], darker(coat, 0.25), 0.006, 120)
    leg = species.paws or coat
    pen.both_blobs([(0.03, 0.3), (0.1, 0.3), (0.105, 0.1), (0.12, 0.01), (0.03, 0.0), (0.03, 0.12)], dark or coat)
    pen.both(0.075, 0.025, 0.058, 0.035, leg if species.paws else lighter(coat, 0.3))
    if species.marks == "stripes":
        for y in (0.14, 0.22, 0.3, 0.38):
            for side in (1, -1):
                pen.polygon([(side * 0.235, y + 0.02), (side * 0.11, y + 0.01), (side * 0.22, y - 0.015)], _INK, 230)


def _ears(pen: Pen, species: Species, coat: Colour, lean: float) -> None:
    inner = mix(coat, (250, 190, 180), 0.55)
    if species.ears == "pointed":
        for side in (1, -1):
            tip = (side * 0.2 + lean, 1.02)
            pen.polygon([(side * 0.05 + lean, 0.84), tip, (side * 0.245, 0.72)], coat)
            pen.polygon([(side * 0.09 + lean, 0.84), (side * 0.188 + lean, 0.965), (side * 0.21, 0.76)], inner)
            if species.paws:
                pen.polygon([(side * 0.155 + lean, 0.965), tip, (side * 0.212 + lean, 0.94)], species.paws)
    elif species.ears == "round":
        pen.both(0.17, 0.86, 0.08, 0.08, (species.paws or coat) if species.marks == "patches" else darker(coat, 0.1))
        pen.both(0.17, 0.86, 0.045, 0.045, inner if species.marks != "patches" else darker(species.paws or coat, 0.4))
    elif species.ears == "long":
        pen.both_blobs([(0.04, 0.84), (0.05, 1.05), (0.1, 1.2), (0.15, 1.18), (0.16, 1.02), (0.13, 0.84)], coat)
        pen.both_blobs([(0.07, 0.88), (0.08, 1.04), (0.11, 1.14), (0.13, 1.02), (0.11, 0.88)], inner)


def _head(pen: Pen, species: Species, coat: Colour, lean: float) -> None:
    narrow = 0.0 if species.ears == "pointed" and species.marks == "cheeks" else 0.04
    pen.blob(
        [
            (lean, 0.89),
            (0.16, 0.85),
            (0.24, 0.72),
            (0.2 + narrow / 2, 0.59),
            (0.06 + narrow, 0.48),
            (0, 0.465),
            (-0.06 - narrow, 0.48),
            (-0.2 - narrow / 2, 0.59),
            (-0.24, 0.72),
            (-0.16, 0.85),
        ],
        coat,
    )
    if species.marks == "cheeks":
        pen.both_blobs(
            [(0, 0.465), (0.07, 0.49), (0.2, 0.585), (0.25, 0.7), (0.14, 0.66), (0.05, 0.64), (0.0, 0.6)], species.front
        )
    elif species.marks in {"muzzle", "mane", "stripes", "patches"} or species.whiskers:
        pen.both(0.055, 0.565, 0.085, 0.065, species.front)
        pen.ellipse(0, 0.53, 0.07, 0.055, species.front)
    if species.marks == "stripes":
        for side in (1, -1):
            for y in (0.74, 0.66):
                pen.polygon([(side * 0.245, y + 0.025), (side * 0.14, y), (side * 0.235, y - 0.02)], _INK)
            pen.polygon([(side * 0.03, 0.885), (side * 0.055, 0.8), (side * 0.075, 0.875)], _INK)
        pen.polygon([(-0.015, 0.89), (0, 0.78), (0.015, 0.89)], _INK)
    if species.ears == "floppy":
        pen.both_blobs(
            [(0.12, 0.87), (0.24, 0.84), (0.31, 0.68), (0.28, 0.54), (0.22, 0.58), (0.2, 0.74)], darker(coat, 0.3)
        )


def _face(pen: Pen, species: Species, coat: Colour, lean: float, rng: random.Random) -> None:
    look = rng.uniform(-0.012, 0.012) + lean / 2
    if species.marks == "patches":
        pen.both_blobs([(0.06, 0.72), (0.12, 0.77), (0.17, 0.7), (0.15, 0.62), (0.08, 0.64)], species.paws or _INK)
    if species.whiskers and species.marks != "muzzle":
        pen.both(0.105, 0.69, 0.043, 0.05, (236, 206, 96) if species.marks else (166, 206, 120))
    pen.both(0.105, 0.69, 0.031, 0.041, _INK)
    for side in (1, -1):
        pen.ellipse(side * 0.105 + 0.01 + look, 0.705, 0.011, 0.012, _WHITE)
    pen.blob([(-0.04, 0.585), (0, 0.595), (0.04, 0.585), (0.022, 0.555), (0, 0.545), (-0.022, 0.555)], _INK)
    pen.line([(0, 0.55), (0, 0.525)], _INK, 0.009)
    pen.line([(-0.05, 0.522), (-0.02, 0.507), (0, 0.525)], _INK, 0.009)
    pen.line([(0, 0.525), (0.02, 0.507), (0.05, 0.522)], _INK, 0.009)
    if species.ears == "floppy":
        pen.blob([(-0.025, 0.512), (0.025, 0.512), (0.022, 0.46), (0, 0.445), (-0.022, 0.46)], (232, 110, 120))
    if species.whiskers:
        for side in (1, -1):
            for rise in (-0.02, 0.005, 0.03):
                pen.line([(side * 0.1, 0.56), (side * 0.28, 0.56 + rise)], lighter(coat, 0.7), 0.006, 210)
