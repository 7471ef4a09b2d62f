"""Charts of usage: what is in the picture, and who gets one when."""

from __future__ import annotations

import asyncio
import io
import itertools
import threading

import pytest
from PIL import Image

from bot.presentation.usage.chart import BACKGROUND, COLOURS, PLOT, ROW, ChartData, Panel, ShareRow, draw, ticks
from bot.presentation.usage.fonts import CHINESE_FONTS, find_fonts, font_folders
from bot.presentation.usage.painter import WAITING, UsageCharts

PNG = b"\x89PNG"


def chart(*labels: str, values: tuple[int, ...] = (1, 2, 3, 0, 0, 9, 4), chinese: bool = False) -> ChartData:
    """Make what is drawn: the requests are ``values``; each label's share is ten times the next one's."""
    return ChartData(
        title="最近 7 天（UTC）" if chinese else "the last 7 days (UTC)",
        plain="the last 7 days (UTC)",
        days=[f"03-{day:02}" for day in range(1, len(values) + 1)],
        panels=[
            Panel(title="请求" if chinese else "Requests", plain="Requests", values=[*values]),
            Panel(title="Tokens", plain="Tokens", values=[value * 400_000 for value in values]),
            Panel(title="图片" if chinese else "Pictures", plain="Pictures", values=[0] * len(values)),
        ],
        shares_title="按成员（Token）" if chinese else "By person (tokens)",
        shares_plain="By person (tokens)",
        shares=[
            ShareRow(label=label, plain=f"#{number}", value=10.0 ** (len(labels) - number))
            for number, label in enumerate(labels, 1)
        ],
    )


def picture(data: ChartData) -> Image.Image:
    """Draw it with Pillow's own font alone, as on a machine without fonts."""
    return Image.open(io.BytesIO(draw(data, fonts=()))).convert("RGB")


def of_colour(strip: Image.Image, colour: str) -> int:
    """Count the pixels of a colour."""
    wanted = tuple(bytes.fromhex(colour.removeprefix("#")))
    return sum(count for count, found in strip.getcolors(strip.width * strip.height) or () if found == wanted)


def bars(image: Image.Image, colour: str) -> list[int]:
    """Measure the heights of the bars of a colour, from the left."""
    axes = 60  # left of them is the colour's key
    heights = [of_colour(image.crop((x, 0, x + 1, image.height)), colour) for x in range(axes, image.width)]
    return [max(bar) for there, bar in itertools.groupby(heights, bool) if there]


@pytest.mark.parametrize("days", [1, 7, 30, 90])
def test_a_chart_is_a_card_of_its_own_colour(days: int) -> None:
    image = picture(chart("Ann", "Bob", values=tuple(range(days))))
    assert image.width == 960
    edges = [image.crop((x, 0, x + 2, image.height)) for x in (0, image.width - 2)]
    assert [of_colour(edge, BACKGROUND) for edge in edges] == [2 * image.height] * 2
    assert len(image.getcolors(1 << 20) or []) > 20


def test_bars_are_as_high_as_their_values() -> None:
    image = picture(chart(values=(5, 10, 0, 1, 0, 0, 0)))
    assert bars(image, COLOURS[0]) == bars(image, COLOURS[1]) == [PLOT // 2, PLOT, round(PLOT / 10)]
    assert bars(image, COLOURS[2]) == []


def test_a_value_that_is_almost_nothing_is_seen() -> None:
    small, large = bars(picture(chart(values=(1, 10**15))), COLOURS[0])
    assert small >= 2
    assert large == PLOT


def test_shares_are_as_long_as_their_values() -> None:
    image = picture(chart("Ann", "Bob"))
    rows = [image.crop((0, y, image.width, y + 1)) for y in range(image.height - 2 * ROW - 20, image.height)]
    lengths = [of_colour(row, COLOURS[1]) for row in rows]
    first, second = (max(bar) for there, bar in itertools.groupby(lengths, bool) if there)
    assert first > 500
    assert second == pytest.approx(first / 10, abs=1)


def test_without_a_font_for_them_chinese_titles_are_in_english() -> None:
    assert draw(chart("小明", "Bob", chinese=True), fonts=()) == draw(chart("#1", "Bob"), fonts=())


@pytest.mark.skipif(
    not any(path.name in CHINESE_FONTS for path in find_fonts(font_folders())),
    reason="this machine has no font with Chinese characters",
)
def test_with_one_they_are_in_chinese() -> None:
    assert draw(chart("#1", chinese=True)) != draw(chart("#1"))


HOSTILE = {
    "long": "W" * 5000,
    "stacked": "Z" + "\u0300\u0301\u0323" * 300,
    "control": "\u202eevil\u2066 \x00\x1b[0m\r\n\ttext",
    "emoji": "👨‍👩‍👧‍👦🎨",
    "surrogate": "\ud800",
    "empty": "",
    "invisible": "\u3164",
    "right_to_left": "שלום abc 小明",
    "hieroglyph": "\U000133f6",
    "markup": "$x^2$ \\frac %s {0} <b>",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_no_name_breaks_the_picture(name: str) -> None:
    data = chart("Ann", name, "Bob")
    for fonts in ((), None):
        image = Image.open(io.BytesIO(draw(data, fonts))).convert("RGB")
        usual = Image.open(io.BytesIO(draw(chart("Ann", "#2", "Bob"), fonts))).convert("RGB")
        assert image.size == usual.size
        # Above the shares and beside their rows is what always is there.
        last = image.height - 3 * ROW - 20
        assert image.crop((0, 0, image.width, last)).tobytes() == usual.crop((0, 0, image.width, last)).tobytes()
        assert of_colour(image.crop((0, 0, 30, image.height)), BACKGROUND) == 30 * image.height
        assert of_colour(image.crop((0, last, image.width, image.height)), COLOURS[1]) > 5000


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 2, 4]),
        (7, [0, 2, 4, 6]),
        (51, [0, 20, 40]),
        (168_300, [0, 50_000, 100_000, 150_000]),
    ],
)
def test_an_axis_has_few_round_numbers(top: float, expected: list[float]) -> None:
    assert ticks(top) == expected


class Brush:
    """Draws when it is let; ``most`` is how many were ever drawn at once."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.drawn = self.now = self.most = 0

    def draw(self, _: ChartData) -> bytes:
        self.now += 1
        self.most = max(self.most, self.now)
        self.begun.release()
        self.go.acquire()
        self.now -= 1
        self.drawn += 1
        return PNG


async def begun(brush: Brush) -> None:
    """Wait until a drawing is under way, on a loop that goes on meanwhile."""
    async with asyncio.timeout(30):
        await asyncio.to_thread(brush.begun.acquire)


async def test_one_chart_is_drawn_at_a_time_and_the_loop_goes_on() -> None:
    brush = Brush()
    charts = UsageCharts(brush.draw)
    waiting = [asyncio.create_task(charts.draw(chart())) for _ in range(3)]
    for _ in waiting:
        await begun(brush)
        brush.go.release()
    assert await asyncio.gather(*waiting) == [PNG] * 3
    assert (brush.drawn, brush.most) == (3, 1)


async def test_a_chart_that_nobody_waits_for_any_more_is_finished_before_the_next() -> None:
    brush = Brush()
    charts = UsageCharts(brush.draw)
    left = asyncio.create_task(charts.draw(chart()))
    await begun(brush)
    left.cancel()
    following = asyncio.create_task(charts.draw(chart()))
    for _ in range(5):
        await asyncio.sleep(0)
    assert brush.now == 1
    brush.go.release(2)
    assert await following == PNG
    assert left.cancelled()
    assert brush.most == 1


async def test_who_comes_when_too_many_wait_gets_the_table(caplog: pytest.LogCaptureFixture) -> None:
    brush = Brush()
    charts = UsageCharts(brush.draw)
    waiting = [asyncio.create_task(charts.draw(chart())) for _ in range(WAITING)]
    await begun(brush)
    assert await charts.draw(chart()) is None
    assert "too many charts" in caplog.text
    brush.go.release(WAITING)
    assert await asyncio.gather(*waiting) == [PNG] * WAITING


async def test_a_chart_that_can_not_be_drawn_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    def fail(data: ChartData) -> bytes:
        raise ValueError(data["shares"][0]["label"])

    charts = UsageCharts(fail)
    assert await charts.draw(chart("secret")) is None
    assert "no chart was drawn: ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert await UsageCharts().draw(chart()) is not None
