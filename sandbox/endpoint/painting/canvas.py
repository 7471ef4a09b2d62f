"""A picture under the brush: smooth shapes in units that do not depend on its size in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour = tuple[int, int, int]
Point = tuple[float, float]

# Painting happens at up to twice the wanted sides, within this many pixels: that smooths edges and bounds the work.
_WORK_PIXELS: Final = 3_700_000
_MAX_SPAN: Final = 4.0
_SMOOTH: Final = 8  # straight pieces between two points of a smooth shape


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour on the way from one (share 0) to the other (share 1)."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(one, other, strict=True))
    return (r, g, b)


def lighter(colour: Colour, share: float = 0.25) -> Colour:
    """Return a colour nearer to white."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """Return a colour nearer to a bluish black, as shadows are."""
    return mix(colour, (16, 14, 32), share)


class Canvas:
    """Width × height pixels; positions in units of the shorter side, so that x is in 0…`w` and y in 0…`h`."""

    def __init__(self, width: int, height: int) -> None:
        self._target = (width, height)
        factor = min(2.0, math.sqrt(_WORK_PIXELS / (width * height)))
        self.pixels = (max(8, round(width * factor)), max(8, round(height * factor)))
        self.unit = min(self.pixels)
        self.w = self.pixels[0] / self.unit
        self.h = self.pixels[1] / self.unit
        # How much there is to paint grows with the width, but not for ever: a strip of 100:1 is not a hundred scenes.
        self.span = min(self.w, _MAX_SPAN)
        self.image = Image.new("RGB", self.pixels)
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self) -> Image.Image:
        """Return the picture at its wanted size."""
        if self.pixels == self._target:
            return self.image
        if self.pixels == (2 * self._target[0], 2 * self._target[1]):
            return self.image.reduce(2)
        return self.image.resize(self._target, Image.Resampling.BICUBIC)

    def gradient(self, stops: Sequence[Colour], top: float = 0.0, bottom: float | None = None) -> None:
        """Fill a band from `top` to `bottom` (the whole height by default) with colours that flow into each other."""
        bottom = self.h if bottom is None else bottom
        box = (0, round(top * self.unit), self.pixels[0], round(bottom * self.unit))
        if box[3] <= box[1]:
            return
        strip = Image.new("RGB", (1, 256))
        for row in range(256):
            place = row / 255 * (len(stops) - 1)
            index = min(int(place), len(stops) - 2)
            strip.putpixel((0, row), mix(stops[index], stops[index + 1], place - index))
        self.image.paste(strip.resize((box[2], box[3] - box[1]), Image.Resampling.BICUBIC), box[:2])

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        """Fill a shape with straight sides."""
        self._draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=(*colour, alpha))

    def blob(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        """Fill a smooth closed shape through the points (a Catmull-Rom spline)."""
        self.polygon(_spline(points, closed=True), colour, alpha)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """Fill an ellipse around (x, y)."""
        box = ((x - rx) * self.unit, (y - ry) * self.unit, (x + rx) * self.unit, (y + ry) * self.unit)
        self._draw.ellipse(box, fill=(*colour, alpha))

    def line(self, points: Sequence[Point], colour: Colour, width: float, alpha: int = 255) -> None:
        """Draw a smooth line through the points; round at its ends where it is opaque."""
        path = _spline(points, closed=False) if len(points) > 2 else list(points)
        pixels = max(1, round(width * self.unit))
        self._draw.line([(x * self.unit, y * self.unit) for x, y in path], (*colour, alpha), pixels, "curve")
        if alpha == 255 and pixels > 3:
            for x, y in (path[0], path[-1]):
                self.ellipse(x, y, width / 2, width / 2, colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Add light around (x, y) that fades out at the radius."""
        side = max(4, round(2 * radius * self.unit))
        # Pillow's gradient is 0 in the middle and 181 at the middle of a side: there the light ends.
        fade = Image.radial_gradient("L").point(lambda value: round(max(0.0, 1 - value / 181) ** 2 * 255 * strength))
        light = Image.new("RGB", self.pixels)
        corner = (round(x * self.unit - side / 2), round(y * self.unit - side / 2))
        light.paste(Image.new("RGB", (side, side), colour), corner, fade.resize((side, side), Image.Resampling.BICUBIC))
        self.repaint(ImageChops.screen(self.image, light))

    def repaint(self, image: Image.Image) -> None:
        """Go on with another image of the same size in place of what was painted."""
        self.image = image
        self._draw = ImageDraw.Draw(self.image, "RGBA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """Paints in a figure's own units: origin where it stands, y upwards, 1 is its height; mirrored by `flip`."""

    canvas: Canvas
    x: float
    y: float
    size: float
    flip: bool = False

    def at(self, x: float, y: float) -> Point:
        """Return the place on the canvas."""
        return (self.x + (-x if self.flip else x) * self.size, self.y - y * self.size)

    def blob(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        """Fill a smooth closed shape."""
        self.canvas.blob([self.at(*point) for point in points], colour, alpha)

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        """Fill a shape with straight sides."""
        self.canvas.polygon([self.at(*point) for point in points], colour, alpha)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """Fill an ellipse."""
        self.canvas.ellipse(*self.at(x, y), rx * self.size, ry * self.size, colour, alpha)

    def both(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """Fill an ellipse and its mirror image."""
        self.ellipse(x, y, rx, ry, colour, alpha)
        self.ellipse(-x, y, rx, ry, colour, alpha)

    def both_blobs(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        """Fill a smooth shape and its mirror image."""
        self.blob(points, colour, alpha)
        self.blob([(-x, y) for x, y in points], colour, alpha)

    def line(self, points: Sequence[Point], colour: Colour, width: float, alpha: int = 255) -> None:
        """Draw a smooth line."""
        self.canvas.line([self.at(*point) for point in points], colour, width * self.size, alpha)

    def shadow(self, width: float = 0.4) -> None:
        """Put a soft shadow under the figure."""
        for step in range(4):
            self.ellipse(0.05, 0, width * (1 - step * 0.15), 0.07 * (1 - step * 0.15), (8, 10, 24), 34)


def _spline(points: Sequence[Point], *, closed: bool) -> list[Point]:
    count = len(points)
    path: list[Point] = []
    for index in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(index + offset) % count] for offset in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[min(max(index + offset, 0), count - 1)] for offset in (-1, 0, 1, 2))
        for step in range(_SMOOTH):
            t = step / _SMOOTH
            path.append((_between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)))
    if not closed:
        path.append(points[-1])
    return path


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
