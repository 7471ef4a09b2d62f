"""The scene behind the subjects: sky, sun or moon, land or water, weather."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from sandbox.endpoint.painting.canvas import Pen, darker, lighter, mix
from sandbox.endpoint.painting.sky import SNOW, Setting, fork, paint_clouds, paint_disc, paint_planets, paint_stars
from sandbox.endpoint.painting.things import paint_tree

if TYPE_CHECKING:
    import random

    from sandbox.endpoint.painting.canvas import Canvas, Colour, Point


def paint_backdrop(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    """Paint everything behind the subjects."""
    if setting.place == "underwater":
        _underwater(canvas, setting, rng)
        return
    space = setting.place == "space"
    canvas.gradient(
        ((8, 8, 26), (26, 18, 60), (58, 34, 96)) if space else setting.light.sky,
        0,
        canvas.h if space else setting.horizon + 0.05,
    )
    if setting.light.night or space:
        paint_stars(canvas, setting, rng)
    paint_disc(canvas, setting, rng)
    if space:
        paint_planets(canvas, rng)
        return
    paint_clouds(canvas, setting, rng)
    painters = {"sea": _sea, "city": _city, "forest": _forest, "desert": _dunes}
    painters.get(setting.place, _mountains)(canvas, setting, rng)


def paint_weather(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    """Paint what falls or drifts in front of the subjects."""
    count = round(canvas.span * min(canvas.h, 4) * (60 + 140 * setting.detail))
    if setting.weather == "snow":
        for _ in range(count):
            radius = rng.uniform(0.0015, 0.007)
            canvas.ellipse(
                rng.uniform(0, canvas.w),
                rng.uniform(0, canvas.h),
                radius,
                radius,
                (255, 255, 255),
                rng.randint(120, 230),
            )
    elif setting.weather == "rain":
        for _ in range(count):
            x, y, length = rng.uniform(0, canvas.w), rng.uniform(0, canvas.h), rng.uniform(0.02, 0.05)
            canvas.line([(x, y), (x - length * 0.25, y + length)], (214, 228, 244), 0.002, 120)
    elif setting.weather == "fog":
        for index in range(6):
            y = setting.horizon + 0.08 * (index - 2)
            canvas.ellipse(rng.uniform(0, canvas.w), y, canvas.w * 0.7, 0.07, (236, 238, 242), 60)


def paint_grass(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    """Paint blades and small flowers on the ground, where there is grass."""
    rng = fork(rng)
    if setting.place in {"sea", "city", "desert", "underwater", "space"} or setting.weather == "snow":
        return
    for _ in range(round(canvas.span * (40 + 220 * setting.detail))):
        x, y = rng.uniform(0, canvas.w), canvas.h - (canvas.h - setting.horizon - 0.1) * rng.random() ** 1.6
        near = (y - setting.horizon) / (canvas.h - setting.horizon)
        tip = (x + rng.uniform(-0.012, 0.012), y - 0.012 - 0.04 * near)
        tint = mix(darker(setting.ground, 0.35), lighter(setting.ground, 0.2), rng.random())
        canvas.polygon([(x - 0.002 - 0.002 * near, y), tip, (x + 0.002 + 0.002 * near, y)], tint)
        if rng.random() < 0.06:
            petal = rng.choice([(250, 240, 240), (246, 200, 90), (236, 130, 150), (170, 150, 230)])
            canvas.ellipse(
                *tip,
                0.003 + 0.006 * near,
                0.003 + 0.006 * near,
                mix(petal, setting.ground, 0.45 if setting.light.night else 0),
            )


def _ridge(canvas: Canvas, base: float, height: float, rough: float, rng: random.Random) -> list[Point]:
    waves = [(rng.uniform(0.6, 1.4) * 2.2 * 1.9**octave, rng.uniform(0, 6.28), rough**octave) for octave in range(5)]
    total = sum(weight for *_, weight in waves)
    points: list[Point] = []
    steps = max(60, round(90 * canvas.span))
    for step in range(steps + 1):
        x = canvas.w * step / steps
        lift = sum(weight * (1 - abs(math.sin(x * pitch + phase))) for pitch, phase, weight in waves) / total
        points.append((x, base - height * lift))
    return points


def _land(canvas: Canvas, ridge: list[Point], colour: Colour) -> None:
    canvas.polygon([(0, canvas.h), *ridge, (canvas.w, canvas.h)], colour)


def _mountains(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    high = setting.place == "mountain"
    layers = 4 if high else 3
    for layer in range(layers):
        share = layer / (layers - 1)
        tint = mix(setting.light.far, setting.light.near, share)
        if layer == 0:
            tint = mix(tint, setting.light.sky[-1], 0.35)
        base = setting.horizon + 0.03 * layer
        height = (0.5 if high else 0.22) * (1 - 0.5 * share)
        ridge = _ridge(canvas, base, height, 0.42 + 0.12 * setting.detail, rng)
        _land(canvas, ridge, tint)
        if high and layer < 2:
            cap = base - height * 0.6
            for (x, y), (x2, y2) in pairwise(ridge):
                if y < cap:
                    deep = (cap - y) * rng.uniform(0.35, 0.75)
                    canvas.polygon(
                        [(x, y), (x2, y2), (x2, y2 + deep), (x, y + deep * 0.8)], mix(SNOW, tint, 0.12 + 0.3 * layer)
                    )
    _ground(canvas, setting, rng)


def _ground(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    for layer in range(3):
        base = setting.horizon + 0.05 + layer * 0.3 * (canvas.h - setting.horizon)
        tint = mix(mix(setting.ground, setting.light.sky[-1], 0.25), darker(setting.ground, 0.12), layer / 2)
        bend, phase = rng.uniform(0.5, 1.3), rng.uniform(0, 6.28)
        _land(
            canvas,
            [(canvas.w * step / 24, base + 0.025 * math.sin(bend * 3 * step / 24 + phase)) for step in range(25)],
            tint,
        )


def _dunes(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    for layer in range(4):
        base = setting.horizon + layer * 0.22 * (canvas.h - setting.horizon)
        crest = rng.uniform(0.2, 0.8) * canvas.w
        tint = mix(lighter(setting.ground, 0.2), darker(setting.ground, 0.15), layer / 3)
        canvas.blob(
            [
                (-0.3, canvas.h + 0.5),
                (-0.3, base + 0.02),
                (crest * 0.5, base),
                (crest, base - 0.09),
                (crest + 0.3, base + 0.01),
                (canvas.w + 0.3, base - 0.02),
                (canvas.w + 0.3, canvas.h + 0.5),
            ],
            tint,
        )
        canvas.blob(
            [(crest, base - 0.09), (crest + 0.3, base + 0.01), (crest + 0.6, base + 0.12), (crest + 0.2, base + 0.1)],
            darker(tint, 0.14),
            150,
        )


def _sea(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    rng = fork(rng)
    deep = mix((24, 84, 134), setting.light.sky[0], 0.45)
    shore = setting.horizon + (canvas.h - setting.horizon) * 0.72
    canvas.gradient(
        (mix(deep, setting.light.sky[-1], 0.45), deep, mix(deep, (60, 170, 180), 0.45)), setting.horizon, canvas.h
    )
    for _ in range(round(canvas.span * (90 + 240 * setting.detail))):
        near = rng.random() ** 1.5
        y, x = setting.horizon + 0.006 + near * (shore - setting.horizon), rng.uniform(-0.1, canvas.w)
        length = 0.02 + 0.1 * near
        bright = abs(x + length / 2 - setting.disc[0]) < 0.07 + 0.12 * near
        tint = setting.light.disc if bright else lighter(deep, 0.35)
        canvas.line(
            [(x, y), (x + length / 2, y - 0.004 * near), (x + length, y)],
            tint,
            0.0015 + 0.003 * near,
            150 if bright else 70,
        )
    waves = [(canvas.w * step / 20, shore + 0.015 * math.sin(step * 0.9 + setting.disc[0] * 9)) for step in range(21)]
    _land(canvas, [(x, y - 0.012) for x, y in waves], (240, 248, 250))
    _land(canvas, waves, setting.ground)


def _city(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    rng = fork(rng)
    for layer in range(3):
        tint = mix(setting.light.far, darker(setting.light.near, 0.25), layer / 2)
        x = -0.05
        while x < canvas.w:
            wide, tall = rng.uniform(0.05, 0.12) * canvas.w / canvas.span, rng.uniform(0.12, 0.5 - 0.1 * layer)
            top, low = setting.horizon + 0.05 - tall, canvas.h
            canvas.polygon([(x, low), (x, top), (x + wide, top), (x + wide, low)], tint)
            for row in range(round(tall / 0.03 * (0.4 + 0.6 * setting.detail))):
                for column in range(3):
                    if rng.random() < (0.6 if setting.light.night else 0.35):
                        left, up = x + wide * (0.14 + 0.28 * column), top + 0.02 + row * 0.03
                        pane = (255, 214, 128) if setting.light.night else lighter(tint, 0.45)
                        canvas.polygon(
                            [
                                (left, up),
                                (left + wide * 0.16, up),
                                (left + wide * 0.16, up + 0.014),
                                (left, up + 0.014),
                            ],
                            pane,
                            210,
                        )
            x += wide + rng.uniform(0.0, 0.02)
    _ground(canvas, setting, rng)


def _forest(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    rng = fork(rng)
    _mountains(canvas, setting, rng)
    for layer in range(3):
        share = layer / 2
        green = mix(setting.light.far, mix((46, 96, 66), setting.light.near, 0.45), 0.4 + 0.6 * share)
        count = round((8 + 10 * setting.detail) * canvas.span)
        for _ in range(count):
            x, y = rng.uniform(0, canvas.w), setting.horizon + 0.06 + 0.05 * layer
            if layer == 2 and abs(x - canvas.w / 2) < 0.3:
                continue
            pen = Pen(canvas=canvas, x=x, y=y + rng.uniform(0, 0.03), size=rng.uniform(0.22, 0.36) + 0.12 * share)
            paint_tree(pen, green, rng, snowy=setting.weather == "snow", pine=True)


def _underwater(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    rng = fork(rng)
    canvas.gradient(((118, 206, 220), (32, 128, 178), (14, 62, 118), (10, 36, 78)))
    for _ in range(6):
        x, wide = rng.uniform(-0.1, canvas.w), rng.uniform(0.03, 0.1)
        canvas.polygon([(x, 0), (x + wide, 0), (x + wide + 0.35, canvas.h), (x + 0.15, canvas.h)], (220, 246, 250), 22)
    floor = [
        (canvas.w * step / 20, canvas.h - 0.1 + 0.03 * math.sin(step * 0.7 + setting.disc[0] * 7)) for step in range(21)
    ]
    for _ in range(round(10 * canvas.span * (0.6 + setting.detail))):
        x, tall = rng.uniform(0, canvas.w), rng.uniform(0.1, 0.32)
        tint = rng.choice([(38, 120, 96), (70, 150, 90), (206, 92, 110), (226, 140, 80), (130, 84, 160)])
        sway = rng.uniform(-0.05, 0.05)
        canvas.line(
            [(x, canvas.h), (x + sway, canvas.h - 0.08 - tall / 2), (x - sway, canvas.h - 0.08 - tall)],
            tint,
            rng.uniform(0.012, 0.026),
        )
    _land(canvas, floor, (196, 178, 140))
    for _ in range(round(50 * setting.detail) + 12):
        x, y, radius = rng.uniform(0, canvas.w), rng.uniform(0, canvas.h * 0.85), rng.uniform(0.004, 0.016)
        canvas.ellipse(x, y, radius, radius, (226, 246, 252), 90)
        canvas.ellipse(x - radius * 0.3, y - radius * 0.3, radius * 0.3, radius * 0.3, (255, 255, 255), 200)
