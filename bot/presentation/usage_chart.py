"""The chart of a usage, drawn in a process of its own: the library for it is larger than the rest of the bot.

``python -m bot.presentation.usage_chart`` reads a ``ChartData`` as JSON and writes a PNG.
"""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, Final, TypedDict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ft2font import FT2Font

BACKGROUND: Final = "#2b2d31"
"""A card of its own, which is as legible on Discord's light theme as on its dark one."""
TEXT: Final = "#f2f3f5"
FAINT: Final = "#b5bac1"
LINES: Final = "#4e5058"
COLOURS: Final = ("#7aa2ff", "#f0b132", "#4fd1a5")
WIDTH_IN, DPI = 8.0, 120
CHINESE_FONTS: Final = (
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK TC",
    "Source Han Sans",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
"""Fonts with Chinese characters, those made for simplified ones first. Of a collection of fonts the first is taken."""


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


def draw(data: ChartData) -> bytes:
    """Draw the chart; returns a PNG."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    families, fonts = _fonts()
    mpl.rcParams.update({"font.family": families, "axes.unicode_minus": False, "text.parse_math": False})

    def readable(text: str, plain: str) -> str:
        # A letter that no font has would be a box; an emoji can be done without.
        known = "".join(c for c in text if _known(c, fonts)).strip()
        lost = any(unicodedata.category(c).startswith("L") and not _known(c, fonts) for c in text)
        return plain if lost or not known else known

    shares = data["shares"]
    heights = [1.5] * len(data["panels"]) + ([0.5 + 0.32 * len(shares)] if shares else [])
    figure = Figure(
        figsize=(WIDTH_IN, sum(heights) + 1.0),
        dpi=DPI,
        facecolor=BACKGROUND,
        layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.1),
    )
    figure.suptitle(readable(data["title"], data["plain"]), color=TEXT, fontsize=15, fontweight="normal")
    all_axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes in all_axes:
        _style(axes)
    for axes, panel, colour in zip(all_axes, data["panels"], COLOURS, strict=False):
        axes.set_title(readable(panel["title"], panel["plain"]), color=TEXT, fontsize=11, loc="left")
        _bars_by_day(axes, data["days"], panel["values"], colour)
    if shares:
        axes = all_axes[-1]
        axes.set_title(readable(data["shares_title"], data["shares_plain"]), color=TEXT, fontsize=11, loc="left")
        labels = [readable(row["label"], row["plain"]) for row in shares]
        _bars_by_share(axes, labels, [row["value"] for row in shares])
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=BACKGROUND)
    return out.getvalue()


def _bars_by_day(axes: Axes, days: list[str], values: list[float], colour: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    places = range(len(days))
    axes.bar(places, values, color=colour, width=min(0.75, 0.12 * len(days)))
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.set_ylim(0, max(*values, 1) * 1.2)
    step = max(1, -(-len(days) // 10))
    axes.set_xticks(places[::-1][::step][::-1], days[::-1][::step][::-1])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axes.grid(axis="y", color=LINES, linewidth=0.6)
    if len(days) <= 10:
        for place, value in zip(places, values, strict=True):
            if value:
                axes.annotate(
                    short(value),
                    (place, value),
                    (0, 2),
                    textcoords="offset points",
                    ha="center",
                    color=TEXT,
                    fontsize=9,
                )


def _bars_by_share(axes: Axes, labels: list[str], values: list[float]) -> None:
    places = range(len(labels))
    axes.barh(places, values, color=COLOURS[1], height=0.6)
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, max(*values, 1) * 1.12)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            short(value), (value, place), (4, 0), textcoords="offset points", va="center", color=TEXT, fontsize=9
        )


def _style(axes: Axes) -> None:
    axes.set_facecolor(BACKGROUND)
    axes.set_axisbelow(True)
    axes.tick_params(colors=FAINT, labelsize=9, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(LINES)


def short(value: float) -> str:
    """Write a number in little room: 950, 1.5k, 12k, 3.4M."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.99995:  # what rounds to 1000 of a unit is 1 of the next
            return f"{value / size:.1f}".removesuffix(".0") + unit
    return f"{value:.10g}"


def _fonts() -> tuple[list[str], list[FT2Font]]:
    """Find the fonts to write with: their families, and themselves, to be asked for characters."""
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in CHINESE_FONTS if name in there)][:3]
    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families]
    return families, [font_manager.get_font(path) for path in paths]


def _known(character: str, fonts: list[FT2Font]) -> bool:
    return any(font.get_char_index(ord(character)) for font in fonts)


def main() -> None:
    """Draw what comes on standard input."""
    data: Any = json.load(sys.stdin)
    sys.stdout.buffer.write(draw(data))


if __name__ == "__main__":
    main()
