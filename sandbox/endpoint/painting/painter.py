"""Paints a recipe: a scene where the prompt names things that are known here, an abstract composition otherwise."""

from __future__ import annotations

import io
import math
import random
from typing import TYPE_CHECKING, Final

from PIL import ImageChops, ImageEnhance, ImageFilter, ImageOps

from sandbox.endpoint.painting import creatures, things
from sandbox.endpoint.painting.animals import SPECIES, paint_animal
from sandbox.endpoint.painting.backdrop import paint_backdrop, paint_grass, paint_weather
from sandbox.endpoint.painting.canvas import Canvas, Colour, Pen, lighter, mix
from sandbox.endpoint.painting.sky import LIGHTS, Setting
from sandbox.endpoint.painting.subjects import Scene, read_wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from sandbox.endpoint.painting.recipe import Recipe

_PLACES: Final = ("meadow", "mountain", "forest", "sea")
_AUTUMN_LEAVES: Final[tuple[Colour, ...]] = ((222, 128, 50), (206, 84, 50), (232, 176, 66))
_HUES: Final[tuple[tuple[Colour, ...], ...]] = (
    ((22, 30, 66), (52, 94, 160), (236, 120, 96), (252, 206, 128), (244, 240, 230)),
    ((24, 48, 56), (42, 120, 116), (232, 178, 84), (226, 96, 72), (246, 236, 214)),
    ((46, 24, 66), (126, 62, 140), (232, 100, 140), (250, 180, 150), (250, 238, 230)),
    ((20, 44, 40), (62, 124, 84), (170, 196, 104), (244, 226, 150), (250, 246, 228)),
    ((30, 30, 40), (92, 100, 124), (196, 80, 70), (226, 190, 150), (242, 238, 232)),
)


def paint(recipe: Recipe) -> bytes:
    """Return the PNG of a recipe: the same recipe gives the same bytes (with one version of Pillow)."""
    # Steps, scale and control change how the scene is painted, not which one: so they take no part in the choice.
    rng = random.Random(f"{recipe.prompt}\n{recipe.model}\n{recipe.seed}")
    detail = min(1.0, (recipe.steps / 60) ** 0.8) * (1.0 if recipe.enhance else 0.85)
    canvas = Canvas(recipe.width, recipe.height)
    wish = read_wish(recipe.prompt)
    if wish.empty:
        _abstract(canvas, wish, detail, rng)
    else:
        _scene(canvas, wish, detail, rng)
    if recipe.enhance:
        canvas.glow(canvas.w * rng.uniform(0.2, 0.8), 0.0, 0.9, (255, 236, 200), 0.35)
    picture = _finish(canvas.finished(), recipe)
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=4)
    return data.getvalue()


def _scene(canvas: Canvas, wish: Scene, detail: float, rng: random.Random) -> None:
    names = [name for name, _ in wish.subjects]
    place = wish.place or rng.choice(_PLACES)
    if wish.place is None:
        if "fish" in names or "whale" in names:
            place = "underwater"
        elif "boat" in names:
            place = "sea"
        elif "rocket" in names:
            place = "space"
    time = wish.time or rng.choice(("day", "day", "sunset", "dawn", "night"))
    setting = Setting(
        place=place,
        light=LIGHTS["night" if place == "space" else time],
        weather=wish.weather,
        detail=detail,
        horizon=canvas.h * rng.uniform(0.52, 0.64),
        disc=(
            canvas.w * rng.choice((rng.uniform(0.14, 0.3), rng.uniform(0.7, 0.86))),
            canvas.h * rng.uniform(0.14, 0.26),
        ),
    )
    paint_backdrop(canvas, setting, rng)
    paint_grass(canvas, setting, rng)
    count = len(wish.subjects)
    size = (0.62, 0.5, 0.4)[count - 1] if count else 0.0
    for index, (name, colour) in enumerate(wish.subjects):
        x = canvas.w * (index + 1) / (count + 1) + rng.uniform(-0.05, 0.05)
        _subject(canvas, setting, (name, colour), (x, size), rng)
    paint_weather(canvas, setting, rng)


def _subject(
    canvas: Canvas, setting: Setting, wanted: tuple[str, Colour | None], spot: tuple[float, float], rng: random.Random
) -> None:
    """Paint one subject at (x, size): on the ground, in the air or in the water, as it is its nature."""
    name, colour = wanted
    x, size = spot
    floor = setting.horizon + (canvas.h - setting.horizon) * rng.uniform(0.68, 0.8)
    floats = setting.place in {"space", "underwater"}
    middle = canvas.h * 0.5 + size * 0.5
    if floats:
        floor = middle + rng.uniform(-0.04, 0.04)
    flip = rng.random() < 0.5
    lit = setting.light.night
    if name in SPECIES:
        pen = Pen(canvas=canvas, x=x, y=floor, size=size * 0.92, flip=flip)
        paint_animal(pen, name, colour, rng, setting.detail)
        return
    if name in {"tree", "flower"}:
        _grove(canvas, setting, wanted, (x, size), floor, rng)
        return
    in_air = Pen(canvas=canvas, x=x, y=middle - 0.05, size=size * (0.7 if name == "whale" else 1), flip=flip)
    aloft = Pen(canvas=canvas, x=x, y=max(size * 1.1, middle - 0.2), size=size, flip=flip)
    ground = Pen(canvas=canvas, x=x, y=floor, size=size, flip=flip)
    surface = setting.horizon + 0.3 * (canvas.h - setting.horizon)
    water = Pen(canvas=canvas, x=x, y=surface, size=in_air.size, flip=flip)
    at_sea = setting.place == "sea"
    painters: dict[str, Callable[[], None]] = {
        "bird": lambda: creatures.paint_bird(in_air, colour, rng),
        "fish": lambda: creatures.paint_fish(in_air, colour, rng),
        "whale": lambda: creatures.paint_whale(water if at_sea else in_air, colour, rng),
        "butterfly": lambda: creatures.paint_butterfly(in_air, colour, rng),
        "robot": lambda: things.paint_robot(ground, colour, rng),
        "house": lambda: things.paint_house(ground, colour, rng, lit=lit),
        "castle": lambda: things.paint_castle(ground, colour, rng, lit=lit),
        "boat": lambda: things.paint_boat(water if at_sea else ground, colour, rng),
        "balloon": lambda: things.paint_balloon(aloft, colour, rng),
        "rocket": lambda: things.paint_rocket(in_air, colour, rng),
    }
    painters[name]()


def _grove(
    canvas: Canvas,
    setting: Setting,
    wanted: tuple[str, Colour | None],
    spot: tuple[float, float],
    floor: float,
    rng: random.Random,
) -> None:
    """Paint a tree with smaller ones behind it, or a bunch of flowers."""
    name, colour = wanted
    x, size = spot
    if name == "tree":
        for offset, share in ((-0.34, 0.5), (0.36, 0.44), (0.0, 1.0)):
            pen = Pen(canvas=canvas, x=x + offset * size * 1.6, y=floor - (1 - share) * 0.12, size=size * 1.15 * share)
            leaves = rng.choice(_AUTUMN_LEAVES) if setting.weather == "autumn" and colour is None else colour
            things.paint_tree(pen, leaves, rng, snowy=setting.weather == "snow")
        return
    for index in range(7):
        offset = (index - 3) * 0.15 * size * 1.6 + rng.uniform(-0.02, 0.02)
        tall = size * rng.uniform(0.55, 0.95) * (1 - 0.05 * abs(index - 3))
        things.paint_flower(Pen(canvas=canvas, x=x + offset, y=floor + rng.uniform(0, 0.08), size=tall), colour, rng)


def _abstract(canvas: Canvas, wish: Scene, detail: float, rng: random.Random) -> None:
    """Paint flowing bands, discs and lines in one palette."""
    hues = list(rng.choice(_HUES))
    if wish.accent:
        hues[2] = wish.accent
        hues[1] = mix(hues[1], wish.accent, 0.4)
    night, deep, accent, warm, pale = hues if rng.random() < 0.6 else hues[::-1]
    canvas.gradient((night, mix(night, deep, 0.6), deep))
    canvas.glow(canvas.w * rng.uniform(0.2, 0.8), canvas.h * rng.uniform(0.15, 0.5), 0.7, warm, 0.7)
    x, y, radius = canvas.w * rng.uniform(0.3, 0.7), canvas.h * rng.uniform(0.25, 0.45), rng.uniform(0.13, 0.24)
    canvas.ellipse(x, y, radius, radius, accent)
    canvas.ellipse(x - radius * 0.16, y - radius * 0.18, radius * 0.76, radius * 0.74, lighter(accent, 0.3), 110)
    bands = 5 + round(7 * detail)
    pitch, phase = rng.uniform(2.0, 5.0), rng.uniform(0, 6.28)
    for band in range(bands):
        share = band / (bands - 1)
        base, swing = canvas.h * (0.42 + 0.55 * share), rng.uniform(0.03, 0.09)
        tint = mix(mix(pale, accent, min(1.0, share * 2)), night, max(0.0, share * 1.6 - 0.6))
        crest = [
            (canvas.w * step / 60, base + swing * math.sin(pitch * canvas.w * step / 60 + phase + band * 0.55))
            for step in range(61)
        ]
        canvas.polygon([(0, canvas.h), *crest, (canvas.w, canvas.h)], tint, 225)
        canvas.line(crest, lighter(tint, 0.5), 0.003, 150)
    for _ in range(round(14 + 60 * detail)):
        size = rng.uniform(0.002, 0.012)
        spot = (rng.uniform(0, canvas.w), rng.uniform(0, canvas.h * 0.8))
        canvas.ellipse(*spot, size, size, rng.choice((pale, warm, accent)), rng.randint(110, 230))
    for ring in range(3):
        turn = [rng.uniform(0, 6.28), radius * (1.25 + 0.22 * ring)]
        arc = [(x + turn[1] * math.cos(turn[0] + t / 8), y + turn[1] * math.sin(turn[0] + t / 8)) for t in range(26)]
        canvas.line(arc, pale, 0.004, 200)


def _finish(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """Apply contrast (scale), the look of the control model, and a vignette."""
    picture = ImageEnhance.Color(picture).enhance(0.8 + recipe.scale * 0.03)
    picture = ImageEnhance.Contrast(picture).enhance(0.88 + recipe.scale * 0.017)
    control = recipe.control
    if control in {"canny", "hough", "hed", "scribble", "fake_scribble"}:
        edges = ImageOps.invert(
            ImageOps.autocontrast(picture.convert("L").filter(ImageFilter.FIND_EDGES), cutoff=(0, 2))
        )
        if control in {"hed", "scribble", "fake_scribble"}:
            edges = edges.filter(ImageFilter.GaussianBlur(1))
            picture = ImageChops.blend(
                picture, ImageOps.colorize(picture.convert("L"), (60, 56, 60), (250, 246, 236)), 0.7
            )
        picture = ImageChops.multiply(picture, ImageOps.colorize(edges, (40, 36, 48), (255, 255, 255)))
    elif control in {"depth", "normal"}:
        tints: tuple[Colour, Colour] = (
            ((24, 26, 60), (255, 240, 214)) if control == "depth" else ((70, 70, 190), (240, 160, 220))
        )
        picture = ImageChops.blend(picture, ImageOps.colorize(picture.convert("L"), *tints), 0.6)
    elif control in {"seg", "openpose"}:
        picture = ImageOps.posterize(picture, 3 if control == "seg" else 4)
    return picture
