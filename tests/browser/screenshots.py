"""Pictures of the page: `python -m tests.browser.screenshots` starts the demo and takes those of docs/images.

With an address it takes them from a demo that is running already; each run writes into its channels. The tests take
pictures by the same function, from the small test bot, into .build/screenshots.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from PIL import Image

from tests.browser.acts import until_loaded
from tests.browser.chromium import open_browser
from tests.browser.demo.process import ROOT, open_demo

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

FOLDER: Final = ROOT / "docs" / "images"
COLOURS: Final = 256
"""A page has few colours: with a palette a picture is a third of its size."""
ANSWER_MS: Final = 120_000
STILL_MS: Final = 2_500
STILL: Final = """([count, still, wanted]) => {
  const rows = document.querySelectorAll("[data-testid=message]");
  const last = rows[rows.length - 1];
  if (rows.length < count || last.matches(".own") || last.querySelector("[data-testid=thinking]")) return false;
  if (wanted && !last.querySelector(wanted)) return false;
  if ([...document.images].some((one) => !one.complete)) return false;
  const now = rows.length + last.textContent;
  if (window.shownBefore !== now) [window.shownBefore, window.shownAt] = [now, performance.now()];
  return performance.now() - window.shownAt > still;
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: who looks, where, and what is said first; a line that begins with "/" uses a command.

    `size` is width × height in CSS pixels, `wanted` a selector of what the newest message must have, `scale` the
    picture's pixels for each of these.
    """

    name: str
    person: str
    guild: str
    channel: str
    locale: str
    theme: Literal["dark", "light"]
    size: tuple[int, int]
    lines: tuple[str, ...]
    panel: bool = False
    wanted: str = ""
    scale: float = 2


WIDE: Final = (1440, 900)
MIDDLE: Final = (1000, 760)
TALL: Final = (1000, 920)
LONG: Final = (1000, 5060)
"""Three full messages, and nothing above them."""
PHONE: Final = (390, 844)
PICTURE: Final = "[data-testid=picture]"
SHOTS: Final = (
    Shot(
        name="demo-dark", person="alice", guild="Fusion Lab", channel="general", locale="en-US", theme="dark",
        lines=("@Fusion hello! Who are you?", "@Fusion draw me a fox in the snow"), panel=True, size=WIDE,
    ),
    Shot(
        name="demo-light", person="bob", guild="Fusion Lab", channel="code", locale="en-US", theme="light",
        lines=("@Fusion draw me a castle at sunset", "@Fusion show me some Python code"), size=WIDE,
    ),
    Shot(
        name="demo-light-zh", person="xiaoming", guild="画室", channel="闲聊", locale="zh-CN", theme="light",
        lines=("@Fusion 你好！", "@Fusion 画一只雪地里的狐狸"), panel=True, size=WIDE,
    ),
    Shot(
        name="answer-light-zh", person="xiaoming", guild="画室", channel="画图", locale="zh-CN", theme="light",
        lines=("@Fusion 给我一个长答案：怎样在阳台上种番茄？",), size=LONG, scale=1,
    ),
    Shot(
        name="demo-phone", person="bob", guild="Fusion Lab", channel="art", locale="en-US", theme="dark",
        lines=("@Fusion draw me a cat at night",), size=PHONE,
    ),
    Shot(
        name="demo-phone-light", person="alice", guild="画室", channel="画图", locale="en-US", theme="light",
        lines=("@Fusion draw me a sailing boat at sunset",), size=PHONE,
    ),
    Shot(
        name="card-dark", person="alice", guild="Fusion Lab", channel="art", locale="en-US", theme="dark",
        lines=("/draw a red fox in the snow",), wanted=PICTURE, size=MIDDLE,
    ),
    Shot(
        name="card-phone-zh", person="xiaoming", guild="画室", channel="画图", locale="zh-CN", theme="light",
        lines=("/draw 雪地里的小屋",), wanted=PICTURE, size=PHONE,
    ),
    Shot(
        name="settings-dark", person="alice", guild="Fusion Lab", channel="staff", locale="en-US", theme="dark",
        lines=("/settings panel",), wanted=".container", size=MIDDLE,
    ),
    Shot(
        name="settings-phone-zh", person="xiaoming", guild="画室", channel="闲聊", locale="zh-CN", theme="light",
        lines=("/settings panel",), wanted=".container", size=PHONE,
    ),
    Shot(
        name="usage-dark", person="alice", guild="Fusion Lab", channel="code", locale="en-US", theme="dark",
        lines=("/usage",), wanted=PICTURE, size=TALL,
    ),
    Shot(
        name="usage-light-zh", person="xiaoming", guild="画室", channel="闲聊", locale="zh-CN", theme="light",
        lines=("/usage",), wanted=PICTURE, size=TALL,
    ),
)  # fmt: skip


async def take(browser: Browser, url: str, shot: Shot, folder: Path, *, still_ms: int = STILL_MS) -> Path:
    """Say the lines, wait until each answer stands still, and take the picture."""
    context = await browser.new_context(
        color_scheme=shot.theme,
        locale=shot.locale,
        viewport={"width": shot.size[0], "height": shot.size[1]},
        device_scale_factor=shot.scale,
    )
    state = "open" if shot.panel else "closed"
    await context.add_init_script(f"localStorage.setItem('fusion-bot-demo.panel', '{state}')")
    page = await context.new_page()
    page.set_default_timeout(ANSWER_MS)
    await page.goto(f"{url}/?as={shot.person}")
    await page.locator("[data-testid=app][data-ready=true]").wait_for()
    await _open(page, shot)
    for line in shot.lines:
        before = await page.get_by_test_id("message").count()
        own = await _say(page, line)
        wanted = shot.wanted if line is shot.lines[-1] else ""
        await page.wait_for_function(STILL, arg=[before + own + 1, still_ms, wanted], polling=200)
    await page.mouse.move(0, 0)
    data = await page.screenshot()
    await context.close()
    path = folder / f"{shot.name}.png"
    await asyncio.to_thread(_save, data, path)
    return path


async def _say(page: Page, line: str) -> int:
    """Write a line, or use its command; returns how many messages of one's own come of it."""
    field = page.get_by_test_id("composer-input")
    if not line.startswith("/"):
        await field.fill(line)
        await field.press("Enter")
        return 1
    await field.fill("/")
    await page.get_by_test_id("completion-item").first.wait_for()
    await field.fill(f"{line} ")
    await page.get_by_test_id("command-run").click()
    return 0


def _save(data: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(data)) as whole:
        whole.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT).save(path, "PNG", optimize=True)


async def _open(page: Page, shot: Shot) -> None:
    drawer = page.get_by_test_id("drawer")
    if await drawer.is_visible():
        await drawer.click()
    await page.get_by_role("navigation").get_by_label(shot.guild).first.click()
    await page.get_by_test_id("channel").filter(has_text=shot.channel).click()
    await page.get_by_role("heading", level=1, name=shot.channel).wait_for()
    await until_loaded(page)


@asynccontextmanager
async def _demo(url: str | None) -> AsyncIterator[str]:
    if url is not None:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        async with open_demo(Path(folder) / "data") as started:
            yield started


async def main() -> None:
    """Take all pictures, one after the other."""
    parser = argparse.ArgumentParser(description="Take the pictures of docs/images from the demo.")
    parser.add_argument("url", nargs="?", help="the page of a demo that is running (default: one is started)")
    parser.add_argument(
        "--only", nargs="+", choices=[shot.name for shot in SHOTS], help="names of those to take (default: all)"
    )
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder of the pictures (default: docs/images)")
    arguments = parser.parse_args()
    async with _demo(arguments.url) as url, open_browser() as browser:
        for shot in (one for one in SHOTS if arguments.only is None or one.name in arguments.only):
            sys.stdout.write(f"{await take(browser, url, shot, arguments.into)}\n")


if __name__ == "__main__":
    asyncio.run(main())
