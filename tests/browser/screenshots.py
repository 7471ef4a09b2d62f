"""Take the README's pictures from a demo that is running: `python -m tests.browser.screenshots [URL]`.

Start `make demo` first; each run of this writes into its channels.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.chromium import open_browser

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
ANSWER_MS = 60_000
STILL_MS = 2_500
STILL = """([count, still]) => {
  const rows = document.querySelectorAll("[data-testid=message]");
  const last = rows[rows.length - 1];
  if (rows.length < count || last.matches(".own") || last.querySelector("[data-testid=thinking]")) return false;
  if ([...document.images].some((one) => !one.complete)) return false;
  const now = rows.length + last.textContent;
  if (window.shownBefore !== now) [window.shownBefore, window.shownAt] = [now, performance.now()];
  return performance.now() - window.shownAt > still;
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: who looks, where, and what is said first."""

    name: str
    person: str
    guild: str
    channel: str
    locale: str
    theme: str
    width: int
    height: int
    lines: tuple[str, ...]


SHOTS = (
    Shot(
        name="demo-dark", person="alice", guild="Fusion Lab", channel="general", locale="en-US", theme="dark",
        width=1280, height=916,
        lines=("@Fusion hello! Who are you?", "@Fusion draw me a fox in the snow"),
    ),
    Shot(
        name="demo-light-zh", person="xiaoming", guild="画室", channel="闲聊", locale="zh-CN", theme="light",
        width=1280, height=916,
        lines=("@Fusion 你好！", "@Fusion 画一只雪地里的狐狸"),
    ),
    Shot(
        name="demo-phone", person="bob", guild="Fusion Lab", channel="art", locale="en-US", theme="dark",
        width=390, height=844,
        lines=("@Fusion draw me a cat at night",),
    ),
)  # fmt: skip


async def take(browser: Browser, url: str, shot: Shot) -> Path:
    """Say the lines, wait for the answers to stand still, and take the picture."""
    context = await browser.new_context(
        color_scheme="dark" if shot.theme == "dark" else "light",
        locale=shot.locale,
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=2,
    )
    page = await context.new_page()
    page.set_default_timeout(ANSWER_MS)
    await page.goto(f"{url}/?as={shot.person}")
    await page.locator("[data-testid=app][data-ready=true]").wait_for()
    await _open(page, shot)
    for line in shot.lines:
        before = await page.get_by_test_id("message").count()
        await page.get_by_test_id("composer-input").fill(line)
        await page.get_by_test_id("composer-input").press("Enter")
        await page.wait_for_function(STILL, arg=[before + 2, STILL_MS], polling=200)
    await page.mouse.move(0, 0)
    path = FOLDER / f"{shot.name}.png"
    await page.screenshot(path=path)
    await context.close()
    return path


async def _open(page: Page, shot: Shot) -> None:
    drawer = page.get_by_test_id("drawer")
    if await drawer.is_visible():
        await drawer.click()
    await page.get_by_role("navigation").get_by_label(shot.guild).first.click()
    await page.get_by_test_id("channel").filter(has_text=shot.channel).click()
    await page.get_by_role("heading", level=1, name=shot.channel).wait_for()


async def main() -> None:
    """Take all pictures, one after the other."""
    parser = argparse.ArgumentParser(description="Take the README's pictures from a running demo.")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8787", help="the page (default: %(default)s)")
    url = parser.parse_args().url.rstrip("/")
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    async with open_browser() as browser:
        for shot in SHOTS:
            sys.stdout.write(f"{await take(browser, url, shot)}\n")


if __name__ == "__main__":
    asyncio.run(main())
