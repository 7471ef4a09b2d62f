"""Charts of usage, drawn by a process of their own."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image

from bot.presentation.usage_chart import BACKGROUND, ChartData, Panel, ShareRow
from bot.presentation.usage_drawing import UsageCharts

DATA = ChartData(
    title="最近 7 天（UTC）",
    plain="the last 7 days (UTC)",
    days=[f"03-0{day}" for day in range(1, 8)],
    panels=[
        Panel(title="请求", plain="Requests", values=[1, 2, 3, 0, 0, 9, 4]),
        Panel(title="Token", plain="Tokens", values=[1000, 2000, 3_000_000, 0, 0, 9, 4]),
        Panel(title="图片", plain="Pictures", values=[0] * 7),
    ],
    shares_title="按成员（token）",
    shares_plain="By person (tokens)",
    shares=[
        ShareRow(label="小明 🎨", plain="#1", value=9.0),
        ShareRow(label="$x^2$ \\frac", plain="#2", value=3.0),
        ShareRow(label="\U000133f6", plain="#3", value=0.0),
    ],
)


async def test_a_chart_is_drawn_by_a_process_of_its_own() -> None:
    charts = UsageCharts()
    try:
        png = await charts.draw(DATA)
    finally:
        charts.close()
    assert png is not None
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size[0] == 960
    # A card of its own colour, whatever is behind it.
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((2, 2))) == BACKGROUND  # type: ignore[misc]  # three bands
    assert len(image.getcolors(1 << 20) or []) > 20
    assert "matplotlib" not in sys.modules


@pytest.mark.parametrize(
    "code", ["import sys; sys.exit(3)", "print('no picture')", "import time; time.sleep(60)", "raise ValueError"]
)
async def test_a_chart_that_can_not_be_drawn_is_done_without(code: str, caplog: pytest.LogCaptureFixture) -> None:
    charts = UsageCharts(timeout_s=0.5 if "sleep" in code else 30.0, command=(sys.executable, "-c", code))
    assert await charts.draw(DATA) is None
    charts.close()
    assert "chart" in caplog.text


async def test_a_program_that_is_not_there_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    charts = UsageCharts(command=("/nowhere/python",))
    assert await charts.draw(DATA) is None
    charts.close()


@pytest.mark.parametrize("fonts", ["c.CHINESE_FONTS", "()"], ids=["what_there_is", "no_chinese_font"])
async def test_no_character_is_drawn_as_a_box(fonts: str) -> None:
    code = f"import bot.presentation.usage_chart as c; c.CHINESE_FONTS = {fonts}; c.main()"
    # The library warns of each character that no font has; here that would end the process.
    charts = UsageCharts(command=(sys.executable, "-W", "error::UserWarning", "-c", code))
    try:
        assert await charts.draw(DATA) is not None
    finally:
        charts.close()
