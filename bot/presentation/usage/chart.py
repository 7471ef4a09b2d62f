"""The chart of a usage, drawn with Pillow, which is imported with the first one. Drawing belongs in a thread."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

from bot.presentation.usage.fonts import Lettering, find_fonts, font_folders

if TYPE_CHECKING:
    from PIL.Image import Image

BACKGROUND: Final = "#2b2d31"
"""A card of its own, which is as legible on Discord's light theme as on its dark one."""
TEXT: Final = "#f2f3f5"
FAINT: Final = "#b5bac1"
LINES: Final = "#3f4147"
BASELINE: Final = "#6d6f78"
COLOURS: Final = ("#7aa2ff", "#f0b132", "#4fd1a5")

# In pixels from here on. A phone shows the chart at about a third of its size.
WIDTH: Final = 960
MARGIN: Final = 36
TITLE: Final = 34
HEADING: Final = 28
SMALL: Final = 23
"""The three sizes of letters."""
KEY: Final = 18
"""Side of the square of a panel's colour beside its title."""
PLOT: Final = 114
"""Height of the highest bar."""
PANEL: Final = 254
"""Height of a panel, with its heading and its days."""
ROW: Final = 40
SHARE: Final = 26
"""Height of a bar of the shares, in its row."""
LABEL: Final = 290
"""How long a label of the shares may be."""
WIDEST_BAR: Final = 110
ROUND: Final = 6

DAYS_WITH_NUMBERS: Final = 10
"""Where there are more, the highest bar alone has its number."""
INTERVALS: Final = 3.5
"""As many steps as this has an axis at most."""
_SMOOTHING: Final = 4


class Panel(TypedDict):
    """Bars over the days; ``plain`` is the title in English, for where no font has the title's characters."""

    title: str
    plain: str
    values: list[float]


class ShareRow(TypedDict):
    """One bar of the shares; ``plain`` as in ``Panel``."""

    label: str
    plain: str
    value: float


class ChartData(TypedDict):
    """What is drawn."""

    title: str
    plain: str
    days: list[str]
    panels: list[Panel]
    shares_title: str
    shares_plain: str
    shares: list[ShareRow]


def draw(data: ChartData, fonts: Sequence[Path] | None = None) -> bytes:
    """Draw the chart with Pillow's own font and these, or the machine's where None; returns a PNG."""
    from PIL import Image

    letters = Lettering(find_fonts(font_folders()) if fonts is None else fonts)
    shares = data["shares"]
    height = MARGIN + TITLE + 12 + PANEL * len(data["panels"]) + (78 + ROW * len(shares) if shares else 0)
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    y = MARGIN + TITLE - 10
    title = letters.readable(data["title"], data["plain"])
    letters.write(picture, title[:1].upper() + title[1:], TITLE, TEXT, (MARGIN, y))
    y += 22
    scales = [ticks(max(panel["values"])) for panel in data["panels"]]
    left = MARGIN + 14 + round(max(letters.width(short(tick), SMALL) for scale in scales for tick in scale))
    for panel, scale, colour in zip(data["panels"], scales, COLOURS, strict=False):
        _heading(picture, letters, letters.readable(panel["title"], panel["plain"]), colour, y)
        _bars_by_day(picture, letters, data["days"], panel["values"], scale, colour, (left, y + PANEL - 52))
        y += PANEL
    if shares:
        _heading(picture, letters, letters.readable(data["shares_title"], data["shares_plain"]), COLOURS[1], y)
        _bars_by_share(picture, letters, shares, COLOURS[1], y + 66)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _heading(picture: Image, letters: Lettering, title: str, colour: str, y: int) -> None:
    base = y + 18 + HEADING
    _bar(picture, (MARGIN, base - KEY - 1, KEY, KEY), colour, (True, True, True, True))
    letters.write(picture, title, HEADING, TEXT, (MARGIN + KEY + 14, base))


def _bars_by_day(
    picture: Image,
    letters: Lettering,
    days: Sequence[str],
    values: Sequence[float],
    scale: Sequence[float],
    colour: str,
    origin: tuple[int, int],
) -> None:
    """Draw a bar for each day; ``origin`` is where the axes meet."""
    (left, base), right, top = origin, WIDTH - MARGIN, max(*values, 1)
    for tick in scale:
        line = base - round(PLOT * tick / top)
        picture.paste(LINES if tick else BASELINE, (left, line, right, line + 2))
        letters.write(picture, short(tick), SMALL, FAINT, (left - 14, _centred(line + 1)), "right")
    slot = (right - left) / len(days)
    middles = [left + slot * (place + 0.5) for place in range(len(days))]
    width = max(2, round(min(slot * 0.7, WIDEST_BAR)))
    numbered = range(len(days)) if len(days) <= DAYS_WITH_NUMBERS else (values.index(max(values)),)
    for place, (middle, value) in enumerate(zip(middles, values, strict=True)):
        if not value:
            continue
        height = max(3, round(PLOT * value / top))
        _bar(picture, (round(middle - width / 2), base - height, width, height), colour, (True, True, False, False))
        if place in numbered:
            letters.write(picture, short(value), SMALL, TEXT, (middle, base - height - 9), "middle")
    widest = max(letters.width(day, SMALL) for day in days)
    for place in range(len(days) - 1, -1, -math.ceil((widest + 14) / slot)):
        letters.write(picture, days[place], SMALL, FAINT, (middles[place], base + SMALL + 12), "middle")


def _bars_by_share(picture: Image, letters: Lettering, shares: Sequence[ShareRow], colour: str, y: int) -> None:
    labels = [letters.fitted(letters.readable(row["label"], row["plain"]), SMALL, LABEL) for row in shares]
    numbers = [short(row["value"]) for row in shares]
    left = MARGIN + 14 + round(max(letters.width(label, SMALL) for label in labels))
    room = WIDTH - MARGIN - left - 12 - max(letters.width(number, SMALL) for number in numbers)
    top = max(1, *(row["value"] for row in shares))
    for row, label, number in zip(shares, labels, numbers, strict=True):
        base, length = _centred(y + ROW / 2), max(3, round(room * row["value"] / top)) if row["value"] else 0
        letters.write(picture, label, SMALL, FAINT, (left - 14, base), "right")
        if length:
            _bar(picture, (left, y + (ROW - SHARE) // 2, length, SHARE), colour, (False, True, True, False))
        letters.write(picture, number, SMALL, TEXT, (left + length + (12 if length else 0), base))
        y += ROW


def _centred(y: float) -> float:
    """Say where small letters stand, so that their middle is there."""
    return y + SMALL * 0.36


def _bar(picture: Image, box: tuple[int, int, int, int], colour: str, rounded: tuple[bool, bool, bool, bool]) -> None:
    """Draw a bar (left, upper, width, height) with smooth corners: those rounded, clockwise from the upper left."""
    from PIL import Image, ImageDraw

    left, upper, width, height = box
    mask = Image.new("L", (width * _SMOOTHING, height * _SMOOTHING))
    radius = min(ROUND, width // 2, height // 2) * _SMOOTHING
    ends = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(ends, radius, 255, corners=rounded)
    picture.paste(colour, (left, upper), mask.reduce(_SMOOTHING))


def ticks(top: float) -> list[float]:
    """Choose round numbers from 0 to ``top``, whole and in equal steps."""
    step = 1
    while top / step > INTERVALS:
        # 1, 2, 4, 5, 10, 20, 40, 50, 100, …
        step = step * 5 // 4 if str(step)[0] == "4" else step * 2
    return [float(number) for number in range(0, max(1, math.floor(top)) + 1, step)]


def short(value: float) -> str:
    """Write a number in little room: 950, 1.5k, 12k, 3.4M."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.99995:  # what rounds to 1000 of a unit is 1 of the next
            return f"{value / size:.1f}".removesuffix(".0") + unit
    return f"{value:.10g}"
