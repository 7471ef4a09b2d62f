"""Creatures that fly and swim; `pen` stands in the middle of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.endpoint.painting.canvas import darker, lighter, mix

if TYPE_CHECKING:
    import random

    from sandbox.endpoint.painting.canvas import Colour, Pen

_INK: Final = (30, 28, 38)
_WHITE: Final = (252, 250, 244)


def paint_bird(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a bird on a twig, seen from the side."""
    coat = colour or rng.choice([(72, 128, 204), (214, 84, 64), (86, 160, 110), (240, 176, 62)])
    front = mix(coat, _WHITE, 0.75)
    pen.line([(-0.55, 0.02), (-0.1, 0.05), (0.3, 0.0), (0.62, 0.07)], (92, 66, 52), 0.05)
    for x, side in ((-0.38, 1), (0.48, -1), (0.4, 1)):
        pen.blob(
            [(x, 0.03), (x + 0.05, 0.03 + 0.09 * side), (x + 0.15, 0.03 + 0.12 * side), (x + 0.09, 0.03 + 0.03 * side)],
            (104, 158, 82),
        )
    pen.blob([(-0.2, 0.2), (-0.52, -0.02), (-0.6, -0.14), (-0.46, -0.1), (-0.2, 0.07)], darker(coat, 0.3))
    pen.blob(
        [
            (0.22, 0.78),
            (0.36, 0.66),
            (0.34, 0.5),
            (0.3, 0.28),
            (0.12, 0.08),
            (-0.12, 0.06),
            (-0.26, 0.18),
            (-0.18, 0.4),
            (0.0, 0.56),
            (0.06, 0.72),
        ],
        coat,
    )
    pen.blob([(0.33, 0.52), (0.3, 0.28), (0.14, 0.1), (-0.02, 0.09), (0.1, 0.26), (0.2, 0.44)], front)
    pen.blob([(0.06, 0.5), (0.14, 0.34), (0.0, 0.16), (-0.32, 0.06), (-0.24, 0.28), (-0.1, 0.42)], darker(coat, 0.18))
    for step in range(3):
        y = 0.34 - 0.08 * step
        pen.line(
            [(0.06 - 0.05 * step, y), (-0.08 - 0.05 * step, y - 0.07), (-0.2 - 0.02 * step, y - 0.12)],
            lighter(coat, 0.3),
            0.014,
        )
    pen.polygon([(0.35, 0.67), (0.5, 0.62), (0.345, 0.58)], (240, 168, 60))
    pen.ellipse(0.25, 0.66, 0.036, 0.038, _INK)
    pen.ellipse(0.262, 0.672, 0.012, 0.012, _WHITE)
    for x in (0.04, 0.12):
        pen.line([(x, 0.1), (x + 0.01, 0.04)], (200, 130, 60), 0.02)


def paint_fish(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a fish, seen from the side."""
    coat = colour or rng.choice([(240, 132, 48), (240, 190, 60), (226, 84, 96), (70, 150, 210)])
    fin = mix(coat, (255, 224, 160), 0.4)
    pen.blob([(-0.36, 0.5), (-0.6, 0.74), (-0.7, 0.72), (-0.6, 0.5), (-0.7, 0.28), (-0.6, 0.26)], fin)
    pen.blob([(-0.2, 0.66), (-0.06, 0.92), (0.16, 0.84), (0.26, 0.7)], fin)
    pen.blob([(-0.1, 0.34), (-0.1, 0.14), (0.06, 0.2), (0.1, 0.32)], fin)
    pen.blob(
        [
            (0.52, 0.5),
            (0.42, 0.66),
            (0.14, 0.78),
            (-0.18, 0.7),
            (-0.44, 0.52),
            (-0.44, 0.48),
            (-0.18, 0.3),
            (0.14, 0.22),
            (0.42, 0.34),
        ],
        coat,
    )
    pen.blob(
        [(0.5, 0.46), (0.2, 0.36), (-0.2, 0.4), (-0.4, 0.48), (-0.18, 0.3), (0.14, 0.22), (0.42, 0.34)],
        lighter(coat, 0.45),
        170,
    )
    for x in (0.16, -0.08):
        half = 0.27 if x > 0 else 0.22
        pen.blob(
            [
                (x, 0.5 + half),
                (x + 0.07, 0.5 + half * 0.96),
                (x + 0.1, 0.5),
                (x + 0.07, 0.5 - half * 0.96),
                (x, 0.5 - half),
                (x + 0.02, 0.5),
            ],
            _WHITE,
            225,
        )
    pen.blob([(0.1, 0.5), (-0.02, 0.56), (-0.12, 0.46), (-0.02, 0.4)], darker(fin, 0.12))
    pen.ellipse(0.36, 0.56, 0.055, 0.055, _WHITE)
    pen.ellipse(0.37, 0.56, 0.033, 0.035, _INK)
    pen.line([(0.5, 0.45), (0.45, 0.42), (0.41, 0.43)], darker(coat, 0.4), 0.012)


def paint_whale(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a whale, seen from the side."""
    coat = colour or (70, 108, 160)
    pen.blob(
        [(-0.56, 0.4), (-0.78, 0.66), (-0.95, 0.68), (-0.84, 0.5), (-0.98, 0.36), (-0.8, 0.34)], darker(coat, 0.12)
    )
    pen.blob(
        [
            (0.66, 0.42),
            (0.6, 0.62),
            (0.3, 0.74),
            (-0.1, 0.68),
            (-0.5, 0.5),
            (-0.74, 0.46),
            (-0.5, 0.32),
            (-0.1, 0.18),
            (0.36, 0.16),
            (0.6, 0.26),
        ],
        coat,
    )
    pen.blob(
        [(0.64, 0.36), (0.3, 0.36), (-0.1, 0.28), (-0.4, 0.31), (-0.1, 0.18), (0.36, 0.16), (0.58, 0.24)],
        mix(coat, _WHITE, 0.75),
    )
    for step in range(5):
        pen.line(
            [(0.58 - step * 0.03, 0.32 - step * 0.03), (0.3, 0.31 - step * 0.03), (0.05, 0.28 - step * 0.022)],
            mix(coat, _WHITE, 0.4),
            0.008,
        )
    pen.blob([(0.16, 0.3), (0.02, 0.08), (-0.12, 0.04), (-0.04, 0.2), (0.04, 0.32)], darker(coat, 0.2))
    pen.ellipse(0.44, 0.44, 0.026, 0.028, _INK)
    pen.ellipse(0.447, 0.448, 0.009, 0.009, _WHITE)
    for side in (1, -1):
        pen.line(
            [(0.24, 0.76), (0.24 + 0.03 * side, 0.92), (0.24 + 0.15 * side, 0.96)],
            (214, 236, 250),
            0.025 + rng.uniform(0, 0.008),
        )


def paint_butterfly(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a butterfly with open wings."""
    coat = colour or rng.choice([(236, 138, 44), (78, 126, 214), (196, 88, 172)])
    edge = darker(coat, 0.75)
    for shrink, fill in ((1.0, edge), (0.86, coat), (0.55, lighter(coat, 0.35))):
        pen.both_blobs(
            [
                _towards(point, (0.24, 0.66), shrink)
                for point in ((0.02, 0.52), (0.16, 0.86), (0.42, 0.98), (0.52, 0.8), (0.4, 0.56), (0.14, 0.48))
            ],
            fill,
        )
        pen.both_blobs(
            [
                _towards(point, (0.2, 0.34), shrink)
                for point in ((0.02, 0.48), (0.28, 0.5), (0.4, 0.34), (0.3, 0.12), (0.14, 0.18))
            ],
            fill,
        )
    for x, y in ((0.44, 0.88), (0.46, 0.77), (0.4, 0.66), (0.33, 0.2), (0.36, 0.3)):
        pen.both(x, y, 0.018, 0.018, _WHITE)
    pen.blob([(0, 0.64), (0.03, 0.52), (0.02, 0.24), (0, 0.16), (-0.02, 0.24), (-0.03, 0.52)], _INK)
    for side in (1, -1):
        pen.line([(0, 0.62), (0.06 * side, 0.78), (0.13 * side, 0.84)], _INK, 0.012)


def _towards(point: tuple[float, float], centre: tuple[float, float], share: float) -> tuple[float, float]:
    return (centre[0] + (point[0] - centre[0]) * share, centre[1] + (point[1] - centre[1]) * share)
