"""From a fresh clone to the first streamed answer in the page: `python -m benchmarks.first_answer [--runs N]`.

Clones this repository's last commit into a folder of its own, runs `make demo` there in an environment that has HOME
and PATH (and pip's own settings) alone, opens the page in a Chromium and asks the bot something. The clock starts with
the clone. Downloads should be cached: one run before the measured ones sees to that. Seconds; the answer's beginning is
when the first word of the reply stands in the page, its end when the reply has no Stop button any more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright, expect

if TYPE_CHECKING:
    from playwright.async_api import Page

ROOT = Path(__file__).parents[1]
BUDGET_S = 90.0
START_S = 300
ANSWER_MS = 60_000
STEPS = ("clone", "installed", "connected", "page", "first word", "whole answer")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


async def main(arguments: Sequence[str] | None = None) -> int:
    """Print the steps of each run; 1 where one took longer than the budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_answer", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="measured runs after one that warms caches (default: 3)")
    options = parser.parse_args(arguments)
    late = False
    async with open_page() as page:
        for run in range(options.runs + 1):
            with tempfile.TemporaryDirectory(prefix="first-answer-") as folder:
                times = await one_run(Path(folder) / "clone", page)
            told = "   ".join(f"{step} {times[step]:5.1f}" for step in STEPS)
            print(f"{f'run {run}' if run else 'warm '}  {told}", flush=True)
            late = late or (run > 0 and times["first word"] > BUDGET_S)
    print(f"budget: first word within {BUDGET_S:.0f} s: {'missed' if late else 'kept'}")
    return int(late)


async def one_run(clone: Path, page: Page) -> dict[str, float]:
    """Clone, start, ask; seconds since the beginning for each step."""
    began = time.monotonic()
    times: dict[str, float] = {}
    told: list[str] = []

    def done(step: str) -> None:
        times[step] = time.monotonic() - began

    await asyncio.to_thread(subprocess.run, ["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    done("clone")
    kept = {name: value for name, value in os.environ.items() if name in {"HOME", "PATH"} or name.startswith("PIP_")}
    demo = await asyncio.create_subprocess_exec(
        "make", "demo", cwd=clone, env=kept, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        assert demo.stdout is not None
        async with asyncio.timeout(START_S):
            address = ""
            async for line in demo.stdout:
                if b"Starting the bot" in line:
                    done("installed")
                told.append(line.decode("utf-8", "replace").rstrip())
                if found := re.search(rb"Open\s+(http://\S+)", line):
                    address = found[1].decode()
                    done("connected")
                    break
        if not address:
            raise SystemExit("\n".join(("the demo did not start:", *told)))
        await page.goto(f"{address}?as=alice")
        await page.locator('[data-ready="true"]').wait_for(timeout=ANSWER_MS)
        done("page")
        await page.get_by_test_id("composer-input").fill("@Fusion Why is the sky blue?")
        await page.get_by_test_id("composer-input").press("Enter")
        by_bot = page.get_by_test_id("author").filter(has_text="Fusion")
        answer = page.get_by_test_id("message").filter(has=by_bot).last
        await expect(answer.get_by_test_id("message-content")).to_contain_text(re.compile(r"\w"), timeout=ANSWER_MS)
        done("first word")
        await expect(answer.get_by_role("button", name="Stop")).to_have_count(0, timeout=ANSWER_MS)
        done("whole answer")
    finally:
        # make passes the signal on to none: the whole group is told, as a terminal's Ctrl-C would.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(demo.pid, signal.SIGINT)
        await demo.wait()
    return times


@asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """Give a page of a headless Chromium: the environment's CHROMIUM, else the system's."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        raise SystemExit("no Chromium: install Debian's package chromium, or name one with CHROMIUM")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox"])
        try:
            yield await browser.new_page(locale="en-US")
        finally:
            await browser.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
