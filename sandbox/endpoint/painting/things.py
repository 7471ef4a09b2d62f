"""Things that stand, float or fly in a scene; `pen` stands at the foot of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sandbox.endpoint.painting.canvas import darker, lighter, mix

if TYPE_CHECKING:
    import random

    from sandbox.endpoint.painting.canvas import Colour, Pen

_INK: Final = (36, 34, 46)
_WHITE: Final = (250, 248, 242)
_LAMP: Final = (255, 216, 122)


def paint_robot(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a friendly robot."""
    metal = colour or rng.choice([(126, 160, 184), (196, 150, 96), (120, 170, 150), (188, 110, 104)])
    dark, light = darker(metal, 0.35), lighter(metal, 0.45)
    glow = rng.choice([(110, 236, 246), (255, 214, 96), (150, 250, 150)])
    pen.shadow(0.34)
    for side in (1, -1):
        pen.line([(side * 0.1, 0.24), (side * 0.11, 0.06)], dark, 0.08)
        pen.blob(
            [(side * 0.03, 0.0), (side * 0.05, 0.08), (side * 0.13, 0.1), (side * 0.2, 0.06), (side * 0.21, 0.0)], metal
        )
        hand = (side * 0.36, 0.28 if side > 0 or rng.random() < 0.5 else 0.62)
        pen.line([(side * 0.19, 0.46), (side * 0.33, 0.42), hand], dark, 0.055)
        pen.ellipse(*hand, 0.055, 0.055, metal)
    pen.blob(
        [(-0.2, 0.52), (0, 0.55), (0.2, 0.52), (0.22, 0.36), (0.18, 0.2), (0, 0.18), (-0.18, 0.2), (-0.22, 0.36)], metal
    )
    pen.blob([(0.06, 0.54), (0.2, 0.52), (0.22, 0.36), (0.18, 0.2), (0.08, 0.19), (0.14, 0.36)], dark, 120)
    pen.blob(
        [(-0.11, 0.45), (0, 0.46), (0.11, 0.45), (0.12, 0.36), (0.1, 0.28), (0, 0.27), (-0.1, 0.28), (-0.12, 0.36)],
        light,
    )
    pen.ellipse(0, 0.365, 0.045, 0.045, glow)
    pen.ellipse(0, 0.365, 0.025, 0.025, _WHITE)
    pen.line([(0, 0.54), (0, 0.62)], dark, 0.09)
    pen.blob(
        [
            (-0.22, 0.8),
            (-0.2, 0.9),
            (0, 0.93),
            (0.2, 0.9),
            (0.22, 0.8),
            (0.22, 0.68),
            (0.19, 0.6),
            (0, 0.58),
            (-0.19, 0.6),
            (-0.22, 0.68),
        ],
        metal,
    )
    pen.both(0.235, 0.75, 0.035, 0.07, dark)
    pen.blob(
        [(-0.17, 0.77), (-0.15, 0.85), (0, 0.87), (0.15, 0.85), (0.17, 0.77), (0.16, 0.68), (0, 0.65), (-0.16, 0.68)],
        _INK,
    )
    pen.both(0.075, 0.78, 0.042, 0.046, glow)
    pen.both(0.087, 0.792, 0.014, 0.014, _WHITE)
    pen.line([(-0.05, 0.705), (0, 0.69), (0.05, 0.705)], glow, 0.014)
    pen.line([(0, 0.92), (0.01, 1.02)], dark, 0.02)
    pen.ellipse(0.01, 1.04, 0.035, 0.035, glow)


def paint_house(pen: Pen, colour: Colour | None, rng: random.Random, *, lit: bool) -> None:
    """Paint a small house; its windows shine if `lit`."""
    wall = colour or rng.choice([(236, 220, 190), (214, 160, 128), (180, 200, 206), (232, 196, 150)])
    roof = rng.choice([(164, 72, 58), (86, 92, 120), (120, 82, 62)])
    glass = _LAMP if lit else (152, 196, 220)
    pen.shadow(0.56)
    pen.polygon([(-0.4, 0.0), (-0.4, 0.46), (0.4, 0.46), (0.4, 0.0)], wall)
    pen.polygon([(0.14, 0.0), (0.14, 0.46), (0.4, 0.46), (0.4, 0.0)], darker(wall, 0.12))
    pen.polygon([(-0.4, 0.46), (-0.13, 0.8), (0.14, 0.46)], wall)
    pen.polygon([(0.2, 0.7), (0.2, 0.96), (0.3, 0.96), (0.3, 0.62)], darker(roof, 0.3))
    pen.polygon([(-0.13, 0.86), (0.3, 0.82), (0.5, 0.42), (0.12, 0.42)], roof)
    pen.polygon(
        [(-0.13, 0.86), (-0.48, 0.42), (-0.4, 0.4), (-0.13, 0.75), (0.12, 0.41), (0.17, 0.42)], darker(roof, 0.25)
    )
    for row in range(1, 5):
        y = 0.86 - row * 0.088
        pen.line([(-0.13 + row * 0.055, y), (0.3 + row * 0.04, y - 0.02)], darker(roof, 0.18), 0.008)
    pen.polygon([(-0.2, 0.0), (-0.2, 0.26), (-0.06, 0.26), (-0.06, 0.0)], (112, 70, 52))
    pen.ellipse(-0.085, 0.12, 0.012, 0.012, _LAMP)
    for x, y, half in ((-0.3, 0.3, 0.05), (0.27, 0.24, 0.075), (-0.13, 0.56, 0.05)):
        pen.polygon([(x - half, y - half), (x - half, y + half), (x + half, y + half), (x + half, y - half)], _WHITE)
        inner = half * 0.8
        pen.polygon(
            [(x - inner, y - inner), (x - inner, y + inner), (x + inner, y + inner), (x + inner, y - inner)], glass
        )
        pen.line([(x, y - half), (x, y + half)], _WHITE, 0.012)
        pen.line([(x - half, y), (x + half, y)], _WHITE, 0.012)
    for step in range(4):
        pen.ellipse(
            0.25 + 0.05 * step,
            1.04 + 0.1 * step,
            0.04 + 0.018 * step,
            0.035 + 0.012 * step,
            (244, 244, 248),
            150 - 30 * step,
        )


def paint_castle(pen: Pen, colour: Colour | None, rng: random.Random, *, lit: bool) -> None:
    """Paint a castle with towers."""
    stone = colour or rng.choice([(186, 178, 186), (204, 188, 166), (168, 176, 196)])
    roof = rng.choice([(84, 92, 156), (160, 74, 74), (70, 120, 124)])
    pen.shadow(0.6)
    for x, half, top in ((-0.42, 0.1, 0.62), (0.42, 0.1, 0.56), (0.14, 0.09, 0.88), (-0.14, 0.11, 0.76)):
        pen.polygon([(x - half, 0), (x - half, top), (x + half, top), (x + half, 0)], stone)
        pen.polygon([(x + half * 0.2, 0), (x + half * 0.2, top), (x + half, top), (x + half, 0)], darker(stone, 0.16))
        pen.polygon([(x - half * 1.3, top), (x, top + half * 2.8), (x + half * 1.3, top)], roof)
        pen.polygon([(x + half * 0.2, top), (x, top + half * 2.8), (x + half * 1.3, top)], darker(roof, 0.25))
        pen.line([(x, top + half * 2.8), (x, top + half * 3.7)], _INK, 0.01)
        pen.polygon([(x, top + half * 3.7), (x + 0.09, top + half * 3.4), (x, top + half * 3.1)], (222, 84, 76))
        pen.ellipse(x, top - 0.12, 0.024, 0.04, _LAMP if lit else _INK)
    pen.polygon([(-0.4, 0), (-0.4, 0.34), (0.4, 0.34), (0.4, 0)], lighter(stone, 0.12))
    for index in range(9):
        x = -0.4 + index * 0.092
        pen.polygon([(x, 0.33), (x, 0.39), (x + 0.05, 0.39), (x + 0.05, 0.33)], lighter(stone, 0.12))
    pen.blob([(-0.1, 0), (-0.1, 0.14), (0, 0.24), (0.1, 0.14), (0.1, 0)], (88, 60, 50))
    for x in (-0.27, 0.27):
        pen.ellipse(x, 0.2, 0.024, 0.04, _LAMP if lit else _INK)


def paint_boat(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a sailing boat."""
    hull = colour or rng.choice([(150, 76, 62), (54, 88, 130), (110, 78, 58)])
    sail = rng.choice([_WHITE, (246, 226, 188), (238, 190, 170)])
    pen.line([(0.0, 0.16), (0.0, 0.98)], (100, 74, 58), 0.025)
    pen.blob([(0.03, 0.94), (0.16, 0.7), (0.4, 0.28), (0.2, 0.24), (0.03, 0.26)], sail)
    pen.blob([(0.03, 0.94), (0.16, 0.6), (0.22, 0.25), (0.03, 0.26)], darker(sail, 0.08))
    pen.blob([(-0.03, 0.86), (-0.16, 0.56), (-0.3, 0.28), (-0.03, 0.25)], darker(sail, 0.06))
    pen.polygon([(0, 0.98), (0.14, 0.945), (0, 0.91)], (220, 80, 70))
    pen.blob([(-0.46, 0.2), (0, 0.165), (0.5, 0.22), (0.4, 0.06), (0.3, -0.01), (-0.28, -0.01), (-0.38, 0.06)], hull)
    pen.line([(-0.42, 0.145), (0, 0.115), (0.45, 0.16)], _WHITE, 0.02)
    for step in range(4):
        pen.line(
            [(-0.5 + 0.06 * step, -0.05 * step), (0, -0.02 - 0.05 * step), (0.5 - 0.06 * step, -0.05 * step)],
            (236, 246, 250),
            0.016,
            130 - 25 * step,
        )


def paint_balloon(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a hot-air balloon."""
    cloth = colour or rng.choice([(222, 84, 72), (240, 172, 60), (82, 134, 204)])
    stripe = lighter(cloth, 0.72)
    for side in (1, -1):
        pen.line([(side * 0.2, 0.42), (side * 0.07, 0.14)], (90, 74, 64), 0.01)
    for index, half in enumerate((0.36, 0.25, 0.12)):
        pen.blob(
            [
                (0, 0.99),
                (half * 0.8, 0.92),
                (half, 0.7),
                (half * 0.66, 0.48),
                (half * 0.3, 0.34),
                (-half * 0.3, 0.34),
                (-half * 0.66, 0.48),
                (-half, 0.7),
                (-half * 0.8, 0.92),
            ],
            stripe if index % 2 else cloth,
        )
    pen.blob(
        [(0.2, 0.94), (0.33, 0.82), (0.36, 0.68), (0.25, 0.48), (0.12, 0.35), (0.24, 0.62)], darker(cloth, 0.4), 90
    )
    pen.polygon([(-0.075, 0.15), (-0.06, 0.02), (0.06, 0.02), (0.075, 0.15)], (150, 104, 64))
    pen.line([(-0.075, 0.15), (0.075, 0.15)], (112, 74, 48), 0.022)


def paint_rocket(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint a rocket in flight."""
    skin, trim = (234, 236, 242), colour or rng.choice([(214, 66, 62), (64, 112, 204), (240, 150, 50)])
    for half, low, fill in ((0.13, -0.2, (255, 132, 48)), (0.08, -0.1, (255, 206, 90)), (0.04, -0.02, _WHITE)):
        pen.blob([(-half, 0.16), (half, 0.16), (half * 0.7, 0.02), (0, low), (-half * 0.7, 0.02)], fill, 230)
    pen.both_blobs([(0.12, 0.42), (0.3, 0.24), (0.3, 0.08), (0.13, 0.18)], trim)
    pen.blob(
        [
            (0, 1.0),
            (0.13, 0.8),
            (0.18, 0.54),
            (0.15, 0.28),
            (0.1, 0.15),
            (-0.1, 0.15),
            (-0.15, 0.28),
            (-0.18, 0.54),
            (-0.13, 0.8),
        ],
        skin,
    )
    pen.blob(
        [(0.02, 0.98), (0.13, 0.8), (0.18, 0.54), (0.15, 0.28), (0.1, 0.15), (0.04, 0.15), (0.1, 0.5)],
        darker(skin, 0.2),
        150,
    )
    pen.blob([(0, 1.0), (0.075, 0.91), (0.125, 0.8), (0, 0.775), (-0.125, 0.8), (-0.075, 0.91)], trim)
    pen.ellipse(0, 0.6, 0.085, 0.085, trim)
    pen.ellipse(0, 0.6, 0.06, 0.06, (126, 196, 232))
    pen.ellipse(-0.02, 0.625, 0.02, 0.016, _WHITE)


def paint_flower(pen: Pen, colour: Colour | None, rng: random.Random) -> None:
    """Paint one flower on its stem."""
    petal = colour or rng.choice([(232, 92, 110), (246, 196, 70), (150, 110, 210), (244, 150, 176), (240, 240, 246)])
    bend = rng.uniform(-0.08, 0.08)
    pen.line([(0, 0), (bend, 0.3), (bend / 2, 0.72)], (74, 130, 72), 0.03)
    pen.blob([(bend * 0.7, 0.2), (0.13, 0.36), (0.26, 0.38), (0.16, 0.22)], (92, 152, 84))
    pen.blob([(bend * 0.7, 0.3), (-0.12, 0.44), (-0.24, 0.44), (-0.14, 0.3)], (80, 140, 78))
    x, y = bend / 2, 0.76
    petals = rng.choice((6, 7, 8, 10))
    for ring, length in ((petal, 0.25), (lighter(petal, 0.28), 0.18)):
        for index in range(petals):
            angle = 2 * math.pi * (index + (0.5 if length < 0.2 else 0)) / petals
            along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
            wide = length * 2.2 / petals
            pen.blob(
                [
                    (
                        x + along[0] * far * length + across[0] * side * wide,
                        y + along[1] * far * length + across[1] * side * wide,
                    )
                    for far, side in ((0.1, 0), (0.6, 1), (1, 0.45), (1, -0.45), (0.6, -1))
                ],
                mix(ring, darker(ring), 0.25 * (index % 2)),
            )
    pen.ellipse(x, y, 0.07, 0.07, (214, 150, 50))
    pen.ellipse(x - 0.01, y + 0.012, 0.045, 0.045, (244, 196, 84))


def paint_tree(pen: Pen, colour: Colour | None, rng: random.Random, *, snowy: bool = False, pine: bool = False) -> None:
    """Paint a tree; a pine, or one with a round crown."""
    green = colour or rng.choice([(78, 138, 76), (62, 120, 84), (104, 150, 70)])
    trunk = (104, 76, 58)
    if pine:
        pen.polygon([(-0.04, 0), (-0.035, 0.2), (0.035, 0.2), (0.04, 0)], mix(trunk, darker(green, 0.5), 0.7))
        for index in range(4):
            low, half = 0.12 + index * 0.2, 0.26 - index * 0.052
            pen.blob(
                [
                    (0, low + 0.36),
                    (half * 0.5, low + 0.14),
                    (half, low),
                    (0, low - 0.02),
                    (-half, low),
                    (-half * 0.5, low + 0.14),
                ],
                mix(green, lighter(green), index / 4),
            )
            if snowy:
                pen.blob(
                    [(0, low + 0.35), (half * 0.42, low + 0.15), (0.02, low + 0.17), (-half * 0.42, low + 0.14)],
                    (244, 248, 252),
                )
        return
    pen.shadow(0.26)
    pen.blob([(-0.06, 0), (-0.04, 0.3), (-0.05, 0.5), (0.05, 0.5), (0.04, 0.3), (0.07, 0)], trunk)
    pen.line([(0.02, 0.3), (0.1, 0.42), (0.16, 0.5)], trunk, 0.03)
    for shade, spots, reach, rise in (
        (darker(green, 0.22), 13, 0.24, 0.0),
        (green, 11, 0.19, 0.03),
        (lighter(green, 0.18), 6, 0.11, 0.08),
    ):
        for spot in range(spots):
            angle = 2 * math.pi * spot / spots + rng.uniform(-0.2, 0.2)
            far = reach * (0.55 + 0.45 * (spot % 2)) * rng.uniform(0.85, 1.1)
            pen.ellipse(far * 1.15 * math.cos(angle) - rise, 0.7 + rise + far * math.sin(angle), 0.1, 0.095, shade)
        pen.ellipse(-rise, 0.7 + rise, reach, reach * 0.9, shade)
    if snowy:
        for x in (-0.16, 0.0, 0.15):
            pen.ellipse(x, 0.88 - abs(x) * 0.6, 0.12, 0.05, (244, 248, 252))
