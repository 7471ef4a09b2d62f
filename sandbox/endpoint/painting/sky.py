"""The setting of a scene and its sky: light, stars, sun or moon, planets, clouds."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.endpoint.painting.canvas import darker, lighter, mix

if TYPE_CHECKING:
    from sandbox.endpoint.painting.canvas import Canvas, Colour, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The colours of a time of day: the sky from top to horizon, the sun or moon, land from far to near."""

    sky: tuple[Colour, ...]
    disc: Colour
    far: Colour
    near: Colour
    ground: Colour
    night: bool = False


LIGHTS: Final[dict[str, Light]] = {
    "day": Light(
        sky=((66, 140, 214), (142, 196, 238), (232, 242, 246)),
        disc=(255, 246, 206),
        far=(150, 180, 206),
        near=(92, 146, 116),
        ground=(126, 178, 92),
    ),
    "sunset": Light(
        sky=((62, 48, 106), (196, 84, 108), (250, 160, 98), (255, 214, 142)),
        disc=(255, 232, 170),
        far=(140, 84, 124),
        near=(86, 56, 96),
        ground=(96, 70, 80),
    ),
    "dawn": Light(
        sky=((116, 142, 204), (224, 176, 196), (255, 220, 186)),
        disc=(255, 240, 206),
        far=(170, 152, 190),
        near=(112, 130, 140),
        ground=(142, 166, 128),
    ),
    "night": Light(
        sky=((10, 14, 42), (24, 36, 84), (70, 84, 142)),
        disc=(246, 240, 214),
        far=(44, 56, 104),
        near=(28, 42, 76),
        ground=(30, 56, 66),
        night=True,
    ),
}
SNOW: Final = (236, 242, 250)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is behind the subjects; `detail` is 0…1, `horizon` and `disc` are places on the canvas."""

    place: str
    light: Light
    weather: str | None
    detail: float
    horizon: float
    disc: Point

    @property
    def ground(self) -> Colour:
        """The colour underfoot."""
        if self.weather == "snow":
            return mix(SNOW, self.light.ground, 0.45 if self.light.night else 0.08)
        if self.weather == "autumn" and self.place not in {"desert", "sea", "city"}:
            return mix((190, 140, 70), self.light.ground, 0.5 if self.light.night else 0.15)
        special = {"desert": (226, 182, 120), "sea": (232, 210, 164), "city": (108, 112, 122)}.get(self.place)
        return mix(special, self.light.ground, 0.5 if self.light.night else 0.25) if special else self.light.ground


def fork(rng: random.Random) -> random.Random:
    """Return a generator of its own for what there is more of with more detail: the rest then stays where it is."""
    return random.Random(rng.random())


def paint_stars(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    """Paint stars over the whole canvas; land covers what is not sky."""
    rng = fork(rng)
    for _ in range(round(canvas.span * min(canvas.h, 4) * (70 + 230 * setting.detail))):
        radius = rng.choice((0.0008, 0.0011, 0.0016, 0.0026))
        canvas.ellipse(
            rng.uniform(0, canvas.w), rng.uniform(0, canvas.h), radius, radius, (255, 250, 236), rng.randint(90, 250)
        )


def paint_disc(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    """Paint the sun or the moon, and its glow."""
    x, y = setting.disc
    radius = 0.075 if setting.light.night else 0.085
    canvas.glow(x, y, radius * 5, setting.light.disc, 0.45 if setting.light.night else 0.75)
    canvas.ellipse(x, y, radius, radius, setting.light.disc)
    if setting.light.night:
        for _ in range(5):
            angle, far, size = rng.uniform(0, 6.28), rng.uniform(0, 0.6) * radius, rng.uniform(0.1, 0.22) * radius
            canvas.ellipse(
                x + far * math.cos(angle), y + far * math.sin(angle), size, size, darker(setting.light.disc, 0.1)
            )


def paint_planets(canvas: Canvas, rng: random.Random) -> None:
    """Paint nebulas and a ringed planet."""
    for _ in range(2):
        canvas.glow(
            rng.uniform(0, canvas.w),
            rng.uniform(0, canvas.h),
            rng.uniform(0.4, 0.7),
            rng.choice([(120, 60, 160), (40, 90, 160), (170, 70, 110)]),
            0.5,
        )
    x, y, radius = rng.uniform(0.1, 0.3) * canvas.w, rng.uniform(0.62, 0.85) * canvas.h, rng.uniform(0.1, 0.17)
    tint = rng.choice([(214, 150, 100), (110, 160, 200), (190, 120, 170)])
    canvas.ellipse(x, y, radius, radius, tint)
    for band in range(-3, 4):
        half = math.sqrt(max(0.0, 1 - (band / 4) ** 2)) * radius
        canvas.line(
            [(x - half, y + band * radius / 4), (x + half, y + band * radius / 4)],
            lighter(tint, 0.3),
            radius * 0.05,
            110,
        )
    canvas.ellipse(x + radius * 0.3, y + radius * 0.15, radius * 0.72, radius * 0.8, darker(tint, 0.6), 50)
    canvas.line(
        [(x - radius * 1.7, y + radius * 0.4), (x, y + radius * 0.25), (x + radius * 1.7, y - radius * 0.4)],
        (240, 226, 200),
        radius * 0.06,
    )


def paint_clouds(canvas: Canvas, setting: Setting, rng: random.Random) -> None:
    """Paint clouds, more of them in bad weather."""
    count = {"clouds": 7, "rain": 9, "snow": 5}.get(setting.weather or "", rng.randint(2, 4))
    tint = mix(
        (255, 255, 255),
        setting.light.sky[-1 if not setting.light.night else 1],
        0.35 if not setting.light.night else 0.8,
    )
    for _ in range(count):
        x, y, size = (
            rng.uniform(0, canvas.w),
            rng.uniform(0.06, max(0.1, setting.horizon * 0.6)),
            rng.uniform(0.05, 0.1),
        )
        for puff in range(7):
            offset = (puff - 3) / 3
            tall = size * (0.5 - 0.25 * abs(offset)) * rng.uniform(0.8, 1.2)
            canvas.ellipse(x + offset * size * 1.5, y - tall * 0.4, size * 0.55, tall, tint)
        canvas.ellipse(x, y + size * 0.12, size * 1.9, size * 0.16, tint)
